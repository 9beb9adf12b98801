"""Giving an alert to somebody: like taking it, in the name of a colleague."""

from datetime import datetime

from sqlmodel import Session

from monitor.alerts.rows import changed, locked, must_be_open
from monitor.domain import AlertAction, AlertState
from monitor.store.rows import AlertRow


def give(
    session: Session,
    alert_id: int,
    who: str,
    now: datetime,
    version: int,
    to: str,
    via: str = "dashboard",
) -> AlertRow:
    """Somebody answers for it from now on, because `who` says so; the history names both.

    Raises AlertConflict like every action of a person.
    """
    alert = locked(session, alert_id, version)
    must_be_open(alert)
    alert.state, alert.taken_by, alert.snoozed_until = AlertState.TAKEN.value, to, None
    return changed(session, alert, AlertAction.TAKEN, who, via, now, note=to)
