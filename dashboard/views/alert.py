"""One alert: the whole conversation, why it was flagged, what was done, and which mails went out."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

import streamlit as st

from dashboard import actions, answering, auth, cards, controls, data, listing, parts, stories, widgets
from dashboard.data import Conversation
from dashboard.language import address, moment, number, say, say_many
from monitor.people import Deed
from monitor.store.notes import LONGEST
from monitor.store.rows import AlertRow, MentionRow

_REFRESH = 30
_INBOX = "views/inbox.py"
_FOLD_BEFORE = 12


def _asked() -> int | None:
    written = st.query_params.get("id", "")
    return int(written) if written.isdecimal() and len(written) < 16 else None


@parts.refreshing(_REFRESH)
def _shown(alert_id: int) -> None:
    controls.call_for_name()
    found = data.conversation(alert_id)
    if found is None:
        widgets.empty(
            say("There is no such alert."),
            say("It may have been removed. Look at the Inbox for the open ones."),
        )
        return
    now = data.now()
    _head(found.alert, now)
    talk, about = st.columns([5, 3], gap="medium")
    with talk:
        _talk(found)
    with about:
        _about(found, now)


def _head(row: AlertRow, now: datetime) -> None:
    widgets.draw(
        f'<h1 class="mv-title">{widgets.marked(cards.title(row.first), row.first.words)}</h1>',
        widgets.row(
            cards.urgency(row.urgency), cards.time_left(row, now), *cards.origin(row, now), cards.holder(row)
        ),
    )
    controls.problem(row)
    with st.container(horizontal=True, vertical_alignment="center"):
        controls.buttons(row, opens=False)
        controls.answer_with_link(row)
        controls.give(row)
        controls.right_topics(row)
        if auth.allows(Deed.ARRANGE):
            answering.mute(row)


def _talk(found: Conversation) -> None:
    widgets.subheading(say("The conversation"))
    words = cards.marks(found.alert)
    first = found.alert.first
    earlier, later = _split(found.mentions)
    if first.parent_text:
        widgets.draw(cards.quoted(first.parent_text))
    if earlier:
        with st.expander(say_many("{n} earlier post", "{n} earlier posts", len(earlier))):
            _posts(earlier, first, words)
    _posts(later, first, words)
    if found.also_at:
        widgets.subheading(say("Also at"))
        widgets.draw(*(cards.post(mention, mention.words, place=mention.source) for mention in found.also_at))
    _similar(found)
    _notes(found)
    _writer(found)


def _similar(found: Conversation) -> None:
    """What others wrote about the same matter; copies stand under "Also at" already."""
    known = {mention.id for mention in (*found.also_at, *found.by_author, *found.mentions)}
    posts = [mention for mention in data.similar_posts(found.alert.id) if mention.id not in known]
    if not posts:
        return
    with st.expander(say_many("{n} similar post", "{n} similar posts", len(posts))):
        widgets.draw(*(cards.post(mention, mention.words, place=mention.source) for mention in posts))


def _split(mentions: Sequence[MentionRow]) -> tuple[Sequence[MentionRow], Sequence[MentionRow]]:
    """A long conversation opens at its end; what came before is one press away."""
    cut = max(0, len(mentions) - _FOLD_BEFORE)
    return mentions[:cut], mentions[cut:]


def _posts(mentions: Sequence[MentionRow], first: MentionRow, words: Sequence[str]) -> None:
    widgets.draw(
        *(
            cards.post(
                mention,
                [*mention.words, *words],
                known=cards.title(first),
                is_flagged=mention.id == first.id and len(mentions) > 1,
            )
            for mention in mentions
        )
    )


def _about(found: Conversation, now: datetime) -> None:
    row = found.alert
    answering.panel(row)
    widgets.subheading(say("Why it is here"))
    told = "".join(f"<li>{widgets.escaped(cards.sentence(reason))}</li>" for reason in row.reasons)
    widgets.draw(f'<ul class="mv-reasons">{told}</ul>')
    widgets.subheading(say("The facts"))
    widgets.draw(widgets.pairs(_facts(row, now)))
    widgets.subheading(say("What was done"))
    widgets.draw(stories.history(found.events, found.notes))
    widgets.subheading(say("Mails"))
    widgets.draw(stories.deliveries(found.deliveries, data.recipients_of(found.deliveries)))


def _notes(found: Conversation) -> None:
    """What colleagues wrote down, and a place to write."""
    widgets.subheading(say("Notes"))
    if found.notes:
        widgets.draw(*(stories.note(one) for one in found.notes))
    if not auth.allows(Deed.ACT):
        return
    row = found.alert
    with st.form(f"note-{row.id}", clear_on_submit=True, border=False):
        st.text_area(
            say("A note for colleagues"),
            key=f"note-text-{row.id}",
            max_chars=LONGEST,
            height=80,
            placeholder=say("A note for colleagues"),
            label_visibility="collapsed",
        )
        st.form_submit_button(say("Write it down"), on_click=_noted, args=(row.id,))


def _noted(alert_id: int) -> None:
    actions.note(alert_id, str(st.session_state.get(f"note-text-{alert_id}") or ""))


def _writer(found: Conversation) -> None:
    """The author's history with the shop."""
    history = found.writer
    if history is None:
        return
    widgets.subheading(say("The writer and us"))
    widgets.draw(
        widgets.pairs(
            [
                (say("Posts about us"), escape(number(history.posts))),
                (say("Since"), escape(moment(history.first_at)) if history.first_at else ""),
                (say("Alerts"), escape(number(history.alerts))),
                (say("Answered"), escape(number(history.answered))),
            ]
        )
    )
    if found.by_author:
        label = say_many(
            "{n} earlier post by this author", "{n} earlier posts by this author", len(found.by_author)
        )
        with st.expander(label):
            widgets.draw(*(cards.post(mention, mention.words) for mention in found.by_author))


def _facts(row: AlertRow, now: datetime) -> list[tuple[str, str]]:
    return [
        (say("State"), escape(cards.standing(row, now) if row.state.is_open else cards.outcome(row))),
        (say("Answer by"), escape(moment(row.due_at))),
        (say("On the way"), escape(cards.delay(row))),
        (say("Shop"), escape(cards.shop_name(row.shop))),
        (say("Source"), widgets.escaped(cards.source_name(row.source))),
        (say("Answer"), widgets.link(row.answer_url, say("Open the answer")) if row.answer_url else ""),
    ]


def _neighbours(alert_id: int) -> None:
    """The way back to the list, and to the alerts before and after this one."""
    before, after = listing.neighbours(alert_id, data.now())
    back = listing.way_back()
    with st.container(horizontal=True, vertical_alignment="center", key="neighbours"):
        st.page_link(
            _INBOX, label=say("Inbox"), icon=":material/arrow_back:", query_params={**back, **address()}
        )
        _neighbour(before, "before", say("Previous"), ":material/chevron_left:")
        _neighbour(after, "after", say("Next"), ":material/chevron_right:")


def _neighbour(alert_id: int | None, key: str, label: str, icon: str) -> None:
    # A link to the page one is on would leave the old number in the address.
    st.button(
        label, key=key, icon=icon, disabled=alert_id is None, on_click=_go, args=(alert_id,), type="tertiary"
    )


def _go(alert_id: int) -> None:
    st.query_params["id"] = str(alert_id)


def _page() -> None:
    alert_id = _asked()
    if alert_id is None:
        widgets.empty(say("No alert is chosen."), say("Open one from the Inbox."))
        st.page_link(_INBOX, label=say("Inbox"), icon=":material/arrow_back:", query_params=address())
        return
    _neighbours(alert_id)
    _shown(alert_id)


if __name__ == "__main__":
    _page()
