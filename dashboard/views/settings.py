"""What the service runs with: a view of config.toml without secrets, to read and not to change."""

from html import escape

import streamlit as st

from dashboard import cards, data, widgets
from dashboard.language import LANGUAGES, duration, language_name, name, say
from monitor.config import Config, ShopConfig
from monitor.domain import Urgency


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
    _deadlines(config)
    _rest(config)


if __name__ == "__main__":
    _page()
