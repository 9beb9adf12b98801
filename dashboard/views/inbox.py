"""The Inbox: open alerts, most urgent first, and what can be done to them with one press.

The list keeps its order while it is read: what is new comes after the rest until the reader asks for
the right order, and what was dealt with leaves a thin line in its place, with the way back.
"""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from dashboard import auth, cards, choices, controls, data, downloads, listing, parts, widgets
from dashboard.language import clock, say, say_many
from dashboard.listing import Listed, View
from monitor.health import Status
from monitor.people import Deed
from monitor.store.rows import AlertRow
from monitor.wording import N_

_REFRESH = 15
_PAGE = 20
_SEEN = "inbox_seen"
_SHOWN = "inbox_shown"


_VIEWS = {
    View.OPEN: N_("Open"),
    View.MINE: N_("Mine"),
    View.FREE: N_("Nobody's"),
    View.OVERDUE: N_("Overdue"),
    View.SNOOZED: N_("Snoozed"),
    View.WAITING: N_("Waiting for the customer"),
    View.DONE: N_("Done today"),
}

_CLOSED = (View.WAITING, View.DONE)
_FIRST_START = (
    N_("The sources are being read for the first time."),
    N_("The first alerts appear here by themselves, usually within a minute."),
)
_EMPTY = {
    View.OPEN: (
        N_("Nothing waits for an answer."),
        N_("New alerts appear here by themselves. All that was said lies under Mentions."),
    ),
    View.MINE: (N_("You have no alerts."), N_("Take one from the open ones with “I take this”.")),
    View.FREE: (N_("Everything has somebody."), N_("Look under Open for the whole list.")),
    View.OVERDUE: (N_("Nothing is overdue."), N_("Deadlines are counted in opening hours.")),
    View.SNOOZED: (N_("Nothing is snoozed."), N_("A snoozed alert comes back by itself at its time.")),
    View.WAITING: (
        N_("No customer owes us an answer."),
        N_("Answered alerts stand here until the writer speaks again, two weeks at most."),
    ),
    View.DONE: (N_("Nothing was closed today yet."), N_("What you answer or dismiss is listed here.")),
}


def _empty(view: View) -> tuple[str, str]:
    """What an empty list means; on a first start the sources have not been read yet."""
    if view is View.OPEN and all(source.status is Status.WAITING for source in data.sources()):
        return _FIRST_START
    return _EMPTY[view]


def _in_order(rows: Sequence[AlertRow]) -> list[int]:
    """Ids in the order on the screen: as it was, then what is new."""
    ids = [row.id for row in rows]
    kept: list[int] = st.session_state.get(listing.ORDER) or ids
    st.session_state[listing.ORDER] = order = [*kept, *(new for new in ids if new not in kept)]
    st.session_state.setdefault(_SEEN, tuple(kept))
    return order


def _put_in_order() -> None:
    for key in (listing.ORDER, _SEEN):
        st.session_state.pop(key, None)


def _show_more() -> None:
    st.session_state[_SHOWN] = st.session_state.get(_SHOWN, _PAGE) + _PAGE


@parts.refreshing(_REFRESH)
def _board() -> None:
    controls.call_for_name()
    now = data.now()
    listed = _tools()
    view = listed.view
    _forget_order_of_another(listed)
    rows = {row.id: row for row in listing.rows(listed, now)}
    order = _in_order(list(rows.values()))
    _status_line(rows, order, now, view)
    if not rows:
        widgets.empty(*map(say, _empty(view)))
    can_pick = len(rows) > 1 and view not in _CLOSED and auth.allows(Deed.ACT)
    is_picking = can_pick and st.session_state.get("picking", False)
    shown = st.session_state.get(_SHOWN, _PAGE)
    for alert_id in order[:shown]:
        _row(alert_id, rows.get(alert_id), now, is_picking)
    if len(order) > shown:
        st.button(say("Show more"), on_click=_show_more, key="more")
    if is_picking:
        _bulk([rows[one] for one in order[:shown] if one in rows and st.session_state.get(f"pick_{one}")])


def _tools() -> Listed:
    """The view and its filters, as they stand in the address."""
    config = data.config()
    with st.container(horizontal=True, vertical_alignment="center", key="inbox-tools"):
        view = choices.one(
            say("View"), "view", list(View), lambda one: say(_VIEWS[View(one)]), default=View.OPEN
        )
        number = len(st.query_params.get_all("shop")) + len(st.query_params.get_all("source"))
        label = say("Filter ({n})", n=number) if number else say("Filter")
        with st.popover(label, icon=":material/filter_list:", key="filter"):
            own = [shop.slug for shop in config.shops if not shop.rival]
            shops = choices.many(say("Shop"), "shop", own, cards.shop_name)
            names = [source.slug for source in config.sources]
            sources = choices.many(say("Source"), "source", names, cards.source_name)
    return Listed(View(view), shops, sources)


def _forget_order_of_another(listed: Listed) -> None:
    """A different view is a different list: it starts in its right order."""
    if st.session_state.get("inbox_list") != listed:
        st.session_state["inbox_list"] = listed
        st.session_state[_SHOWN] = _PAGE
        _put_in_order()


def _status_line(rows: dict[int, AlertRow], order: Sequence[int], now: datetime, view: View) -> None:
    """How many, how fresh; the place where news are told, so that nothing below must move."""
    new = [one for one in order if one not in st.session_state[_SEEN] and one in rows]
    with st.container(horizontal=True, vertical_alignment="center", key="inbox-status"):
        told = [say_many("{n} alert", "{n} alerts", len(rows)), say("updated {clock}", clock=clock(now))]
        widgets.draw(widgets.line(*(f"<span>{part}</span>" for part in told)))
        if new:
            label = say_many("{n} new below: put in order", "{n} new below: put in order", len(new))
            st.button(label, on_click=_put_in_order, key="order", type="tertiary", icon=":material/sort:")
        if len(rows) > 1 and view not in _CLOSED and auth.allows(Deed.ACT):
            st.toggle(say("Select several"), key="picking")
        if rows:
            downloads.offer(downloads.alerts([rows[one] for one in order if one in rows]))


def _row(alert_id: int, row: AlertRow | None, now: datetime, is_picking: bool) -> None:
    if row is None:
        _gone(alert_id)
        return
    with st.container(border=True, key=f"row-{row.urgency.value}-{row.id}"):
        if is_picking:
            st.checkbox(say("Select"), key=f"pick_{row.id}")
        widgets.draw(cards.alert(row, now))
        controls.problem(row)
        with st.container(horizontal=True, vertical_alignment="center", key=f"feet-{row.id}"):
            widgets.draw(cards.standpoint(row))
            controls.buttons(row, opens=True)


def _gone(alert_id: int) -> None:
    """A thin line where an alert stood that belongs to this view no longer."""
    row = data.alert(alert_id)
    if row is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"gone-{alert_id}"):
        what = cards.outcome(row) if not row.state.is_open else cards.standing(row, data.now())
        about = widgets.excerpt(cards.title(row.first), (), 60)
        widgets.draw(widgets.line(f"<span class='mv-strong'>✓ {what}</span>", widgets.escaped(about)))
        controls.undo(row)


def _bulk(picked: Sequence[AlertRow]) -> None:
    with st.container(border=True, key="bulk"):
        widgets.draw(widgets.line(f"<span>{say_many('{n} selected', '{n} selected', len(picked))}</span>"))
        controls.bulk_buttons(picked)


def _page() -> None:
    widgets.heading(say("Inbox"), say("What needs an answer, the most urgent first."))
    # Whoever comes to the page sees the right order; while they stay, nothing moves by itself.
    if st.session_state.get("is_entered"):
        _put_in_order()
    _board()


if __name__ == "__main__":
    _page()
