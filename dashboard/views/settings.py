"""What the service runs with: a view of config.toml without secrets, to read and not to change."""

from html import escape

import streamlit as st

from dashboard import auth, cards, data, widgets
from dashboard.gate import Ways
from dashboard.language import LANGUAGES, duration, language_name, name, say
from monitor.config import Config, ShopConfig
from monitor.domain import Urgency
from monitor.people import Deed, Role
from monitor.store.people import PersonRow
from monitor.wording import N_

_ROLES = {
    Role.OWNER: N_("Everything."),
    Role.STAFF: N_("Reads, exports, acts on alerts, corrects the model, and arranges silences and replies."),
    Role.ANALYST: N_("Reads and exports, and changes nothing."),
    Role.OPERATOR: N_("Reads, pauses and hurries sources, and sees who may log in."),
}


def _shop(shop: ShopConfig) -> str:
    rows = [
        (say("Also called"), _list(shop.aliases)),
        (say("Domains"), _list(shop.domains)),
        (say("Handles"), _list(shop.handles)),
        (say("Not when beside"), _list(shop.not_words)),
        (say("Languages"), _list(tuple(language_name(code) for code in shop.languages))),
    ]
    kind = widgets.tag(say("Rival"), "plain") if shop.rival else ""
    return widgets.row(f'<span class="mv-strong">{escape(shop.name)}</span>', kind) + widgets.pairs(rows)


def _list(words: tuple[str, ...]) -> str:
    return widgets.escaped(", ".join(words)) if words else ""


def _shops(config: Config) -> None:
    widgets.subheading(say("Shops"))
    for shop in config.shops:
        with st.container(border=True):
            widgets.draw(_shop(shop))


def _people(config: Config) -> None:
    widgets.subheading(say("Who gets mail"))
    if not config.recipients:
        widgets.draw(
            widgets.paragraph(escape(say("Nobody. Add people under [[recipients]] in config.toml.")), "note")
        )
    rows = [
        (
            one.name,
            escape(
                f"{one.email or one.channel} · "
                f"{say('from {urgency} on', urgency=name(one.urgency_at_least).lower())}"
            ),
        )
        for one in config.recipients
    ]
    widgets.draw(widgets.pairs(rows))


def _login(config: Config) -> None:
    """How people get in, and who they are; the second only for those who look after that."""
    widgets.subheading(say("Who may log in"))
    told = _ways(auth.ways())
    widgets.draw(widgets.paragraph(escape(told), "note"))
    if not auth.is_open():
        widgets.draw(
            widgets.pairs(
                [
                    (say("Without a press a visit ends after"), escape(duration(config.login.idle))),
                    (say("Every visit ends after"), escape(duration(config.login.longest))),
                ]
            )
        )
    accounts = data.accounts()
    if accounts and auth.allows(Deed.SEE_PEOPLE):
        widgets.draw(widgets.pairs([(one.name, _account(one)) for one in accounts]))
    _roles()


def _ways(ways: Ways) -> str:
    if ways.is_open:
        return say("Nobody is asked: without a login these pages answer on this machine only (127.0.0.1). "
                   "mainevahti people add lets the first person in.")  # fmt: skip
    if ways.shared:
        return say("One password for all, everybody as owner. With the first mainevahti people add everybody "
                   "gets their own.")  # fmt: skip
    if not ways.provider:
        return say("By name and password. mainevahti people adds, changes and removes them.")
    told = say("Through {name}: config.toml says whom it lets in.", name=ways.provider)
    return f"{told} {say('Some by name and password too.')}" if ways.passwords else told


def _account(one: PersonRow) -> str:
    how = say("own password") if one.has_password else say("through the provider")
    if not one.has_password and not auth.ways().provider:
        how = say("cannot log in yet: mainevahti people passwd")
    return widgets.escaped(" · ".join(part for part in (name(one.role), one.email or "", how) if part))


def _roles() -> None:
    """What each role is for, so that nobody needs to look it up elsewhere."""
    with st.expander(say("What the roles may do")):
        widgets.draw(widgets.pairs([(name(role), escape(say(told))) for role, told in _ROLES.items()]))


def _deadlines(config: Config) -> None:
    widgets.subheading(say("How soon an answer is due, in opening hours"))
    rows = [(name(level), escape(duration(config.deadlines.allowed(level)))) for level in reversed(Urgency)]
    widgets.draw(widgets.pairs(rows))


def _rest(config: Config) -> None:
    widgets.subheading(say("The rest"))
    rows = [
        (say("Language"), escape(LANGUAGES[config.language])),
        (say("Time zone"), escape(config.timezone)),
        (say("Texts are kept for"), escape(duration(config.retention.posts))),
        (say("Mail leaves through"), escape(config.mail.host or str(config.mail.folder))),
        (say("Sources"), _list(tuple(cards.source_name(source.slug) for source in config.sources))),
    ]
    widgets.draw(widgets.pairs(rows))


def _page() -> None:
    config = data.config()
    widgets.heading(
        say("Settings"), say("What the service runs with. It is changed in config.toml, then started again.")
    )
    _shops(config)
    _people(config)
    _login(config)
    _deadlines(config)
    _rest(config)


if __name__ == "__main__":
    _page()
