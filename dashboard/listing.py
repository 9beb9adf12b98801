"""Which alerts belong to which view of the Inbox, and the address of a view, for its pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import streamlit as st

from dashboard import auth, data
from monitor.domain import AlertState
from monitor.store.rows import AlertRow

ORDER = "inbox_order"
_OF_A_VIEW = ("view", "shop", "source")


class View(StrEnum):
    """Which alerts are listed."""

    OPEN = "open"
    MINE = "mine"
    FREE = "free"
    OVERDUE = "overdue"
    SNOOZED = "snoozed"
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list shows: a view, narrowed to some shops and sources (none: all)."""

    view: View = View.OPEN
    shops: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def rows(listed: Listed, now: datetime) -> list[AlertRow]:
    """The alerts of a list: open ones the most urgent first, others the newest first."""
    found = {View.DONE: data.closed_today, View.WAITING: data.awaiting}.get(listed.view, data.open_alerts)()
    return [
        row
        for row in found
        if _belongs(row, listed.view, now)
        and (not listed.shops or row.shop in listed.shops)
        and (not listed.sources or row.source in listed.sources)
    ]


def _belongs(row: AlertRow, view: View, now: datetime) -> bool:
    is_snoozed = data.is_waiting(row, now)
    if view is View.SNOOZED:
        return is_snoozed
    if view in (View.DONE, View.WAITING):
        return True
    if is_snoozed:
        return False
    return {
        View.OPEN: True,
        View.MINE: row.taken_by is not None and row.taken_by == auth.who(),
        View.FREE: row.state is not AlertState.TAKEN,
        View.OVERDUE: row.due_at < now,
    }[view]


def asked() -> Listed:
    """The list that the address names; what it does not know is left out."""
    written = st.query_params.get("view", "")
    return Listed(
        View(written) if written in set(View) else View.OPEN,
        tuple(st.query_params.get_all("shop")),
        tuple(st.query_params.get_all("source")),
    )


def way_back() -> dict[str, str | list[str]]:
    """The parts of the address that name the list one comes from."""
    return {
        name: values if len(values) > 1 else values[0]
        for name in _OF_A_VIEW
        if (values := st.query_params.get_all(name))
    }


def neighbours(alert_id: int, now: datetime) -> tuple[int | None, int | None]:
    """The alerts before and after one, in the list it was opened from and in the order one saw there."""
    ids = [row.id for row in rows(asked(), now)]
    seen: Sequence[int] = st.session_state.get(ORDER) or ()
    if alert_id in seen:
        # What has left the list meanwhile is passed over, except the one that is being read.
        ids = [one for one in seen if one in ids or one == alert_id] + [one for one in ids if one not in seen]
    if alert_id not in ids:
        return None, (ids[0] if ids else None)
    place = ids.index(alert_id)
    return (ids[place - 1] if place else None), (ids[place + 1] if place + 1 < len(ids) else None)
