"""The buttons that act on alerts, the same in the Inbox and on the page of an alert."""

from collections.abc import Sequence

import streamlit as st

from dashboard import actions, auth, data, listing
from dashboard.actions import Act, Wish
from dashboard.language import address, name, say
from dashboard.widgets import host_of
from monitor.domain import AlertState, DismissReason, Topic
from monitor.people import LONGEST_NAME, Deed
from monitor.store.rows import AlertRow
from monitor.text import clean_line
from monitor.wording import N_

_ASKED = "asked_who"
_LET_GO, _WAKE = "let-go", "wake"
ALERT_PAGE = "views/alert.py"

_SNOOZES = {
    "1h": N_("Snooze for an hour"),
    "3h": N_("Snooze for three hours"),
    "morning": N_("Snooze until tomorrow morning"),
}


def buttons(row: AlertRow, *, opens: bool) -> None:
    """What can be done to one alert; drawn into the container it is called in."""
    if opens:
        st.page_link(
            ALERT_PAGE,
            label=say("Read"),
            icon=":material/chat:",
            query_params={**listing.way_back(), "id": str(row.id), **address()},
        )
    if not auth.allows(Deed.ACT):
        return
    if row.state.is_open:
        _open_buttons(row)
    else:
        undo(row)


def _open_buttons(row: AlertRow) -> None:
    is_mine = row.state is AlertState.TAKEN and row.taken_by == auth.who()
    if not is_mine:
        take = Wish(Act.TAKE, row.id, row.version)
        st.button(
            say("I take this"),
            key=f"take-{row.id}",
            on_click=actions.wish,
            args=(take,),
            icon=":material/front_hand:",
        )
    answer = Wish(Act.ANSWER, row.id, row.version)
    st.button(
        say("Answered"),
        key=f"answer-{row.id}",
        on_click=actions.wish,
        args=(answer,),
        icon=":material/check:",
        help=say("Press this when you have answered at the source. Reminders stop."),
    )
    _menu(f"menu-{row.id}", (row,))


def answer_with_link(row: AlertRow) -> None:
    """Close an alert together with the address of the answer, where it has one."""
    if not row.state.is_open or not auth.allows(Deed.ACT):
        return
    with st.popover(say("Answered, with a link"), type="tertiary", key=f"link-{row.id}"):
        st.text_input(
            say("Address of your answer"), key=f"url-{row.id}", max_chars=2000, placeholder="https://"
        )
        st.button(say("Answered"), key=f"answer-link-{row.id}", on_click=_answered_at, args=(row,))


def give(row: AlertRow) -> None:
    """Let a colleague answer for an alert."""
    if not row.state.is_open or not auth.allows(Deed.ACT):
        return
    with st.popover(say("Give to somebody"), type="tertiary", key=f"give-{row.id}"):
        names = [one for one in data.people() if one != row.taken_by]
        st.selectbox(
            say("Who answers for it"),
            names,
            index=None,
            accept_new_options=auth.is_open(),
            placeholder="",
            key=f"to-{row.id}",
        )
        st.button(say("Give"), key=f"give-do-{row.id}", on_click=_given, args=(row,))


def _given(row: AlertRow) -> None:
    to = clean_line(str(st.session_state.get(f"to-{row.id}") or ""), LONGEST_NAME)
    if to:
        actions.wish(Wish(Act.GIVE, row.id, row.version, to=to))


def right_topics(row: AlertRow) -> None:
    """Say what an alert is really about; kept as a correction of the model."""
    if not auth.allows(Deed.CORRECT):
        return
    said = row.first.assessment.topics if row.first.assessment else ()
    with st.popover(say("Wrong topic"), type="tertiary", key=f"topics-{row.id}"):
        st.multiselect(
            say("What it is about"), list(Topic), default=list(said), format_func=name, key=f"about-{row.id}"
        )
        st.button(say("Save"), key=f"topics-do-{row.id}", on_click=_corrected, args=(row,))


def _corrected(row: AlertRow) -> None:
    chosen = tuple(st.session_state[f"about-{row.id}"])
    actions.wish(Wish(Act.TOPICS, row.id, row.version, topics=chosen))


def _answered_at(row: AlertRow) -> None:
    written = str(st.session_state[f"url-{row.id}"] or "").strip()
    url = next((one for one in (written, f"https://{written}") if "." in host_of(one)), None)
    if written and url is None:
        st.toast(say("That is no web address, so nothing was closed. Copy it whole from the browser."))
        return
    actions.wish(Wish(Act.ANSWER, row.id, row.version, answer_url=url))


def _menu(key: str, rows: Sequence[AlertRow]) -> None:
    st.menu_button(
        say("More"),
        [
            *([_LET_GO] if any(row.taken_by for row in rows) else []),
            *([_WAKE] if any(row.state is AlertState.SNOOZED for row in rows) else []),
            *_SNOOZES,
            *(reason.value for reason in DismissReason),
        ],
        key=key,
        format_func=_menu_words,
        on_click=_chosen,
        args=(key, tuple(rows)),
        type="tertiary",
    )


def _menu_words(choice: str) -> str:
    if choice == _LET_GO:
        return say("Give it back to everybody")
    if choice == _WAKE:
        return say("Put it back to the open ones")
    return say(_SNOOZES[choice]) if choice in _SNOOZES else name(DismissReason(choice))


def _chosen(key: str, rows: Sequence[AlertRow]) -> None:
    """Turn a line of the menu into wishes; runs as a callback, before anything is drawn."""
    choice = st.session_state[key]
    if choice in (_LET_GO, _WAKE):
        actions.wish(*(Wish(Act.REOPEN, row.id, row.version) for row in rows))
        return
    if choice in _SNOOZES:
        until = actions.snooze_until(choice, data.now())
        actions.wish(*(Wish(Act.SNOOZE, row.id, row.version, until=until) for row in rows))
    elif choice:
        reason = DismissReason(choice)
        actions.wish(*(Wish(Act.DISMISS, row.id, row.version, reason=reason) for row in rows))


def bulk_buttons(rows: Sequence[AlertRow]) -> None:
    """The same for several alerts at once; each is a transaction of its own."""
    if not auth.allows(Deed.ACT):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for act, label in ((Act.TAKE, say("I take these")), (Act.ANSWER, say("All answered"))):
            wishes = tuple(Wish(act, row.id, row.version) for row in rows)
            st.button(label, key=f"bulk-{act}", on_click=actions.wish, args=wishes, disabled=not rows)
        if rows:
            _menu("bulk-menu", rows)


def undo(row: AlertRow) -> None:
    """The way back, for everything that can be done here."""
    if not auth.allows(Deed.ACT):
        return
    wish = Wish(Act.REOPEN, row.id, row.version)
    label = say("Undo") if row.state.is_open else say("Open again")
    st.button(
        label,
        key=f"undo-{row.id}",
        on_click=actions.wish,
        args=(wish,),
        type="tertiary",
        icon=":material/undo:",
    )


def problem(row: AlertRow) -> None:
    """Say what went wrong with the last press, at the alert it was about."""
    told = actions.told(row.id)
    if told:
        st.warning(told, icon=":material/group:")


def ask_who() -> None:
    """Ask for the name of a person whose first action waits for it."""
    if actions.pending() and auth.who() is None:
        st.session_state[_ASKED] = True
        # The title is in the reader's language, so the dialog is made when it is needed.
        st.dialog(say("Who are you?"), on_dismiss=_not_now)(_who_dialog)()


def call_for_name() -> None:
    """Leave a fragment for the whole page when an action waits for a name: only the page opens dialogs."""
    if actions.pending() and not st.session_state.get(_ASKED):
        st.rerun()


def _not_now() -> None:
    st.session_state.pop(_ASKED, None)
    actions.drop_pending()


def _who_dialog() -> None:
    st.write(say("Your colleagues see your name beside what you do. It is asked once per visit."))
    chosen = st.selectbox(
        say("Your name"), data.people(), index=None, accept_new_options=True, placeholder="", key="who_name"
    )
    if st.button(say("Continue"), type="primary", disabled=not chosen, key="who_ok"):
        auth.introduce(str(chosen))
        waiting, who = actions.pending(), auth.who()
        _not_now()
        if who:
            actions.perform(waiting, who)
        st.rerun()
