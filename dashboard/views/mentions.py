"""Everything that was said: search, filters in the address, pages, and the table to take along."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import parse_qs, urlencode

import streamlit as st

from dashboard import auth, cards, choices, data, downloads, judging, widgets
from dashboard.language import language_name, name, say, say_many
from dashboard.language import number as decimal
from monitor import trends
from monitor.domain import Handled, Sentiment, Topic
from monitor.people import Deed
from monitor.quality import Answer
from monitor.store.reads import MentionFilter
from monitor.store.rows import MentionRow
from monitor.store.searches import SearchRow
from monitor.text import stems
from monitor.wording import N_

_PAGE = 20
_CORRECTING = "correcting"
_LANGUAGES = ("fi", "sv", "en", trends.NO_LANGUAGE)
_FILTERS = ("shop", "source", "stance", "topic", "spoken", "handled", "author", "from", "to")
_HANDLED = {
    Handled.WAITING: N_("In an alert that waits"),
    Handled.DONE: N_("In an alert that is done"),
    Handled.UNALERTED: N_("In no alert"),
}
# What several mentions can be called at once.
_CALLED = (Answer.NEGATIVE, Answer.NEUTRAL, Answer.POSITIVE, Answer.NOT_ABOUT)


def _wanted() -> MentionFilter:
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=False, key="mention-tools"):
        words = choices.text(say("Search"), "q", say("Words of the text, the title or the author"))
        number = sum(len(st.query_params.get_all(key)) for key in _FILTERS)
        label = say("Filter ({n})", n=number) if number else say("Filter")
        with st.popover(label, icon=":material/filter_list:", key="filter", width="content"):
            wanted = _filter(words)
        _searches()
    return wanted


def _filter(words: str) -> MentionFilter:
    config, zone = data.config(), data.config().zone
    shops = choices.many(say("Shop"), "shop", [shop.slug for shop in config.shops], cards.shop_name)
    sources = choices.many(
        say("Source"), "source", [source.slug for source in config.sources], cards.source_name
    )
    labels = choices.many(say("Stance"), "stance", list(Sentiment), lambda one: name(Sentiment(one)))
    topics = choices.many(say("Topic"), "topic", list(Topic), lambda one: name(Topic(one)))
    spoken = choices.many(say("Language of the post"), "spoken", _LANGUAGES, language_name)
    handled = choices.many(
        say("Handled or not"), "handled", list(Handled), lambda one: say(_HANDLED[Handled(one)])
    )
    author = choices.text(say("Author"), "author", say("The author's name, whole"))
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
        handled=tuple(Handled(one) for one in handled),
        author=author,
    )


def _searches() -> None:
    """The searches that people come back to, and the one that stands, to be saved."""
    saved = judging.saved()
    query = urlencode([(key, one) for key in ("q", *_FILTERS) for one in st.query_params.get_all(key)])
    if not saved and not query:
        return
    with st.popover(say("Saved searches"), icon=":material/bookmark:", type="tertiary", key="saved"):
        for search in saved:
            _search(search)
        if query:
            with st.form("save-search", clear_on_submit=True, border=False):
                name = st.text_input(say("Name of this search"), max_chars=60, key="search-name")
                if (
                    st.form_submit_button(say("Save"), disabled=not auth.allows(Deed.CORRECT))
                    and name.strip()
                ):
                    judging.save_search(name.strip(), query)
                    st.rerun()


def _search(search: SearchRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        label = widgets.markdown_safe(search.name)
        st.button(label, key=f"open-{search.id}", on_click=_reopen, args=(search.query,), type="tertiary")
        st.button(
            say("Forget it"),
            key=f"forget-{search.id}",
            on_click=judging.forget_search,
            args=(search.id,),
            type="tertiary",
            icon=":material/close:",
            disabled=not auth.allows(Deed.CORRECT),
        )


def _reopen(query: str) -> None:
    """Put a saved filter in the address, from which the widgets take it again."""
    wanted = parse_qs(query)
    for key in ("q", *_FILTERS):
        choices.forget(key)
        st.query_params.pop(key, None)
        if key in wanted:
            st.query_params[key] = wanted[key]


def _listed(wanted: MentionFilter, number: int) -> None:
    pages = max(1, math.ceil(min(number, data.MOST_COUNTED) / _PAGE))
    # A key of its own for each filter: another search begins on its first page.
    key = f"page_{hash(wanted)}"
    page = min(st.session_state.get(key, 1), pages)
    found = data.mentions(wanted, _PAGE, (page - 1) * _PAGE)
    if st.session_state.get(_CORRECTING):
        _picked(found, wanted.words)
    else:
        said = judging.said_of([one.id for one in found])
        widgets.draw(*(_mention(mention, wanted.words, said) for mention in found))
    if pages > 1:
        st.pagination(pages, key=key)


def _picked(found: Sequence[MentionRow], words: str) -> None:
    """The mentions with a box beside each, and what those that are picked can be called."""
    chosen = [one.id for one in found if st.session_state.get(f"pick_{one.id}")]
    with st.container(horizontal=True, vertical_alignment="center", key="correct-tools"):
        widgets.draw(widgets.line(f"<span>{say_many('{n} chosen', '{n} chosen', len(chosen))}</span>"))
        for answer in _CALLED:
            st.button(
                judging.named(answer),
                key=f"correct-{answer.value}",
                on_click=_correct,
                args=(chosen, answer),
                disabled=not chosen,
            )
    said = judging.said_of([one.id for one in found])
    for mention in found:
        with st.container(horizontal=True, key=f"mention-{mention.id}", wrap=False):
            st.checkbox(say("Choose"), key=f"pick_{mention.id}", label_visibility="collapsed")
            widgets.draw(_mention(mention, words, said))


def _correct(chosen: Sequence[int], answer: Answer) -> None:
    judging.correct(chosen, answer)
    for mention_id in chosen:
        st.session_state[f"pick_{mention_id}"] = False
    st.toast(say_many("{n} mention corrected.", "{n} mentions corrected.", len(chosen)))


def _mention(mention: MentionRow, search: str, said: Mapping[int, str]) -> str:
    place = f"{cards.shop_name(mention.shop)} · {cards.source_name(mention.source)}"
    found = stems.hits(f"{mention.title} {mention.text}", search)
    words = [*mention.words, *found]
    return cards.post(mention, words, place=place, corrected=said.get(mention.id, ""))


def _told(number: int) -> str:
    if number > data.MOST_COUNTED:
        return say("More than {n} mentions", n=decimal(data.MOST_COUNTED))
    return say_many("{n} mention", "{n} mentions", number)


def _page() -> None:
    widgets.heading(say("Mentions"), say("Everything that was said about your shop and its rivals."))
    wanted = _wanted()
    number = data.count_mentions(wanted)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        widgets.draw(widgets.line(f"<span>{_told(number)}</span>"))
        if number and auth.allows(Deed.CORRECT):
            st.toggle(say("Correct several"), key=_CORRECTING)
        if number:
            downloads.offer(downloads.mentions(wanted))
    if number:
        _listed(wanted, number)
    else:
        widgets.empty(say("Nothing fits."), say("Take away a filter, or search for fewer words."))


if __name__ == "__main__":
    _page()
