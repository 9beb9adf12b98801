"""Everything that was said: search, filters in the address, pages, and the table to take along."""

import math
from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from dashboard import cards, choices, data, tables, widgets
from dashboard.language import language_name, name, say, say_many
from monitor import trends
from monitor.domain import Sentiment, Topic
from monitor.store.reads import MentionFilter
from monitor.store.rows import MentionRow

_PAGE = 20
_MOST_ROWS = 20_000
_LANGUAGES = ("fi", "sv", "en")
_FILTERS = ("shop", "source", "stance", "topic", "spoken", "from", "to")


def _wanted() -> MentionFilter:
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=False, key="mention-tools"):
        words = choices.text(say("Search"), "q", say("Words of the text, the title or the author"))
        number = sum(len(st.query_params.get_all(key)) for key in _FILTERS)
        label = say("Filter ({n})", n=number) if number else say("Filter")
        with st.popover(label, icon=":material/filter_list:", key="filter", width="content"):
            return _filter(words)


def _filter(words: str) -> MentionFilter:
    config, zone = data.config(), data.config().zone
    shops = choices.many(say("Shop"), "shop", [shop.slug for shop in config.shops], cards.shop_name)
    sources = choices.many(
        say("Source"), "source", [source.slug for source in config.sources], cards.source_name
    )
    labels = choices.many(say("Stance"), "stance", list(Sentiment), lambda one: name(Sentiment(one)))
    topics = choices.many(say("Topic"), "topic", list(Topic), lambda one: name(Topic(one)))
    spoken = choices.many(say("Language of the post"), "spoken", _LANGUAGES, language_name)
    since, until = choices.day(say("From"), "from"), choices.day(say("To"), "to")
    return MentionFilter(
        shops=shops,
        sources=sources,
        labels=tuple(Sentiment(label) for label in labels),
        topics=tuple(Topic(topic) for topic in topics),
        languages=spoken,
        since=trends.midnight(since, zone) if since else None,
        until=trends.midnight(until + timedelta(days=1), zone) if until else None,
        words=words,
    )


def _listed(wanted: MentionFilter, number: int) -> None:
    pages = max(1, math.ceil(number / _PAGE))
    # A key of its own for each filter: another search begins on its first page.
    key = f"page_{hash(wanted)}"
    page = min(st.session_state.get(key, 1), pages)
    found = data.mentions(wanted, _PAGE, (page - 1) * _PAGE)
    widgets.draw(*(_mention(mention, wanted.words.split()) for mention in found))
    if pages > 1:
        st.pagination(pages, key=key)


def _mention(mention: MentionRow, searched: Sequence[str]) -> str:
    place = f"{cards.shop_name(mention.shop)} · {cards.source_name(mention.source)}"
    return cards.post(mention, [*mention.words, *searched], place=place)


def _page() -> None:
    widgets.heading(say("Mentions"), say("Everything that was said about your shop and its rivals."))
    wanted = _wanted()
    number = data.count_mentions(wanted)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        widgets.draw(widgets.line(f"<span>{say_many('{n} mention', '{n} mentions', number)}</span>"))
        if number:
            st.download_button(
                say("Download as CSV"),
                data=lambda: tables.mentions(data.mentions(wanted, _MOST_ROWS, 0)),
                file_name="mentions.csv",
                mime="text/csv",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
                help=say("What the filter shows, without the names of authors."),
            )
    if number:
        _listed(wanted, number)
    else:
        widgets.empty(say("Nothing fits."), say("Take away a filter, or search for fewer words."))


if __name__ == "__main__":
    _page()
