"""The page behind a mail's button: the alert's essence, how it stands, and the one button that does."""

import secrets
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from monitor.config.schema import RecipientConfig
from monitor.links import ButtonLink, LinkAction
from monitor.notifiers.inert import one_line, web_link
from monitor.notifiers.names import URGENCY_NAMES
from monitor.notifiers.views import Reader, due_line, flagged_words, post_view, reason_views
from monitor.web import words
from monitor.web.deeds import Outcome, Standing
from monitor.web.parts import WebParts
from monitor.wording import N_

_HERE = Path(__file__).parent
_STATUS = {Outcome.BEATEN: 409, Outcome.CHANGED: 409}
_POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
GONE = N_("This alert does not exist any more.")
EXPIRED = N_("This link has expired: the buttons of a mail work for two weeks.")
UNKNOWN = N_("This link is not complete, or was changed on its way. Open it from the mail once more.")
NOT_YOURS = N_("This link was written for somebody who no longer gets these mails.")
TROUBLE = N_("This could not be saved just now; nothing was changed. Wait a moment, then press once more.")
NO_ADDRESS = N_("This is no web address. Copy it whole from the browser, or leave it empty.")


def alert_page(
    parts: WebParts,
    link: ButtonLink,
    person: RecipientConfig,
    now: Standing,
    outcome: Outcome,
    reader: Reader,
    problem: str = "",
) -> HTMLResponse:
    """The page of one button, before or after a press; `problem` is a sentence about what was written."""
    alert, shop = now.alert, _shop_name(parts, now.alert.shop)
    flagged = flagged_words(alert.reasons)
    can_press = outcome in (Outcome.ASKED, Outcome.CHANGED)
    shown = {
        "headline": words.headline(outcome, link.action, shop, now, person.name, reader),
        "told": problem or words.told(outcome, reader),
        "tone": "good" if outcome is Outcome.DONE else "bad" if problem or outcome in _STATUS else "",
        "shop": shop,
        "urgency": alert.urgency.value,
        "urgency_name": reader.wording.say(URGENCY_NAMES[alert.urgency]),
        "post": post_view(alert.first, flagged, reader),
        "thread_title": one_line(alert.first.thread_title, 120),
        "posts": alert.mentions,
        "reasons": reason_views(alert.reasons, reader.wording),
        "stands": words.stands(now, reader),
        "due": due_line(alert, reader) if alert.state.is_open else "",
        "press": reader.wording.say(words.PRESSES[link.action]) if can_press else "",
        "explained": reader.wording.say(words.EXPLAINED[link.action]) if can_press else "",
        "version": alert.version,
        "asks_url": can_press and link.action is LinkAction.ANSWER,
        "who": person.name,
        "go_to": web_link(alert.first.url),
    }
    dashboard = f"{parts.config.dashboard.base_url}/alert?id={alert.id}"
    status = 400 if problem else _STATUS.get(outcome, 200)
    return _html(reader, dashboard, status, shown)


def sorry_page(parts: WebParts, sentence: str, status: int, reader: Reader) -> HTMLResponse:
    """A page that only says why nothing can be done from here."""
    return _html(reader, parts.config.dashboard.base_url, status, {"sorry": reader.wording.say(sentence)})


def _shop_name(parts: WebParts, slug: str) -> str:
    return next((shop.name for shop in parts.config.shops if shop.slug == slug), slug)


def _html(reader: Reader, dashboard: str, status: int, shown: dict[str, Any]) -> HTMLResponse:
    nonce = secrets.token_urlsafe(16)
    page = _templates().get_template("button.html.jinja")
    text = page.render(
        say=reader.wording.say,
        say_many=reader.wording.say_many,
        language=reader.wording.language,
        dashboard=dashboard,
        nonce=nonce,
        style=_style(),
        **{"sorry": "", **shown},
    )
    return HTMLResponse(text, status, {"Content-Security-Policy": f"style-src 'nonce-{nonce}'; {_POLICY}"})


@cache
def _style() -> str:
    return (_HERE / "templates" / "button.css").read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
