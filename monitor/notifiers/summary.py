"""Writes one mail about several alerts: what waited together for somebody, or the digest of a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.config.schema import RecipientConfig
from monitor.domain import AlertState, Message, SendReason, Urgency
from monitor.notifiers.inert import one_line, web_link
from monitor.notifiers.names import URGENCY_NAMES, kind_headline
from monitor.notifiers.papers import templates
from monitor.notifiers.render import Links, alert_facts
from monitor.notifiers.views import Reader, due_line
from monitor.store.rows import AlertRow, DeliveryRow, MentionRow

_MOST_LISTED = 25


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that is told of, and its posts; `told_until` is when the newest was found that is known."""

    alert: AlertRow
    told_until: datetime | None = None
    conversation: Sequence[MentionRow] = ()


def render_summary(
    told: Sequence[Told],
    delivery: DeliveryRow,
    recipient: RecipientConfig,
    shops: Mapping[str, str],
    reader: Reader,
    links: Links,
) -> Message:
    """Write one mail about several alerts, the gravest and then the most pressing first.

    Each alert is listed once, however many messages about it waited.
    """
    once = {one.alert.id: one for one in told}
    ordered = sorted(once.values(), key=lambda one: (-one.alert.urgency.rank, one.alert.due_at))
    headline = _headline(len(ordered), delivery, reader)
    shown = {
        "say": reader.wording.say,
        "say_many": reader.wording.say_many,
        "language": reader.wording.language,
        "headline": headline,
        "lead": _lead(delivery, reader),
        "alerts": [_view(one, shops, reader, links) for one in ordered[:_MOST_LISTED]],
        "left_out": max(len(ordered) - _MOST_LISTED, 0),
        "inbox": links.base_url,
        "recipient": recipient.name,
    }
    return Message(
        to=recipient.address,
        subject=_subject(headline, ordered, shops),
        text=templates().get_template("summary.txt.jinja").render(shown),
        html=templates().get_template("summary.html.jinja").render(shown),
        message_id=delivery.message_id,
        thread_id=delivery.message_id,
        facts={
            "type": "digest" if delivery.reason is SendReason.DIGEST else "summary",
            "inbox_url": links.base_url,
            "settings_url": links.settings,
            "alerts": [alert_facts(one.alert, "listed", links) for one in ordered],
        },
    )


def _subject(headline: str, told: Sequence[Told], shops: Mapping[str, str]) -> str:
    """The headline with the shop's name before it, where it is about one shop."""
    names = {shops.get(one.alert.shop, one.alert.shop) for one in told}
    return f"{names.pop()}: {headline}" if len(names) == 1 else headline


def _headline(n: int, delivery: DeliveryRow, reader: Reader) -> str:
    say_many = reader.wording.say_many
    if delivery.reason is SendReason.DIGEST:
        return say_many(
            "Of the last day: {n} conversation waits", "Of the last day: {n} conversations wait", n
        )
    return say_many("{n} conversation waits for an answer", "{n} conversations wait for an answer", n)


def _lead(delivery: DeliveryRow, reader: Reader) -> str:
    if delivery.reason is SendReason.DIGEST:
        return reader.wording.say("You were not written to about these at once.")
    return reader.wording.say("They came together, so you get one mail instead of many.")


def _view(told: Told, shops: Mapping[str, str], reader: Reader, links: Links) -> dict[str, Any]:
    alert, say = told.alert, reader.wording.say
    return {
        "urgency": alert.urgency.value,
        "urgency_name": say(URGENCY_NAMES[alert.urgency]),
        "is_grave": alert.urgency.rank >= Urgency.HIGH.rank,
        "what": say(kind_headline(alert.reasons[0])) if alert.reasons else "",
        "where": f"{shops.get(alert.shop, alert.shop)} · {one_line(alert.source, 60)}",
        "when": reader.when(alert.first.spoken_at),
        "author": one_line(alert.first.author, 60),
        "line": one_line(alert.first.text or alert.first.title, 220),
        "more": _more(told, reader),
        "due": _due(alert, reader),
        "is_late": alert.due_at <= reader.now,
        "url": links.alert(alert.id),
        "go_to": web_link(alert.first.url),
    }


def _more(told: Told, reader: Reader) -> str:
    """How many further posts there are that the reader does not know of."""
    since = told.told_until
    n = sum(since is None or post.found_at > since for post in told.conversation) - (since is None)
    if n <= 0:
        return ""
    return reader.wording.say_many("{n} more post in this thread", "{n} more posts in this thread", n)


def _due(alert: AlertRow, reader: Reader) -> str:
    if alert.state is AlertState.TAKEN and alert.taken_by:
        return reader.wording.say("{who} has taken it.", who=one_line(alert.taken_by, 60))
    return due_line(alert, reader)
