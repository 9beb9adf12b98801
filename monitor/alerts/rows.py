"""Reading and writing the rows behind an alert; used by this room only."""

from datetime import datetime

from sqlalchemy import case, select
from sqlmodel import Session, col

from monitor.domain import AlertAction, AlertState
from monitor.errors import AlertConflict
from monitor.store import reads
from monitor.store.rows import AlertRow, MentionRow
from monitor.store.tables import Alert, AlertEvent, AlertMention, Mention

BY_RULE = "rule"
# What stands of an alert that was opened again because its snooze was over.
WOKEN = "snooze"


def locked(session: Session, alert_id: int, version: int) -> Alert:
    """Fetch an alert to change it.

    Raises AlertConflict when it is gone or no longer the version the caller has seen.
    """
    query = select(Alert).where(col(Alert.id) == alert_id).with_for_update()
    found = session.execute(query, execution_options={"populate_existing": True})
    alert: Alert | None = found.scalar_one_or_none()
    if alert is None:
        raise AlertConflict("This alert does not exist any more.")
    if alert.version != version:
        raise AlertConflict("Somebody else changed this alert just now. Look at it again before you act.")
    return alert


def must_be_open(alert: Alert) -> None:
    """Raise AlertConflict when the alert is closed."""
    if not AlertState(alert.state).is_open:
        raise AlertConflict("This alert is closed already. Reopen it first.")


def alert_of_thread(session: Session, mention: MentionRow) -> Alert | None:
    """The open alert of a mention's thread and shop, or else the newest one.

    It is looked up by the thread's mentions, which have an index.
    """
    query = (
        select(Alert)
        .join(AlertMention, col(AlertMention.alert_id) == col(Alert.id))
        .join(Mention, col(Mention.id) == col(AlertMention.mention_id))
        .where(
            col(Mention.shop) == mention.shop,
            col(Mention.source) == mention.source,
            col(Mention.thread_key) == mention.thread_key,
        )
    )
    is_open = case((col(Alert.state).in_(reads.OPEN_STATES), 1), else_=0)
    open_first = query.order_by(is_open.desc(), col(Alert.id).desc()).limit(1).with_for_update(of=Alert)
    found = session.execute(open_first, execution_options={"populate_existing": True})
    return found.scalar_one_or_none()


def record(
    session: Session, alert: Alert, action: AlertAction, who: str, via: str, now: datetime, note: str = ""
) -> None:
    """Close a change: raise the version and add the event."""
    alert.version += 1
    add_event(session, id_of(alert), action, who, via, now, note)


def changed(
    session: Session, alert: Alert, action: AlertAction, who: str, via: str, now: datetime, note: str = ""
) -> AlertRow:
    """Close a change and return the alert as it stands now."""
    record(session, alert, action, who, via, now, note)
    return frozen(session, alert)


def add_event(
    session: Session, alert_id: int, action: AlertAction, who: str, via: str, now: datetime, note: str = ""
) -> None:
    """Add one line to the history of an alert."""
    session.add(AlertEvent(alert_id=alert_id, at=now, action=action.value, who=who, via=via, note=note))
    session.flush()


def frozen(session: Session, alert: Alert) -> AlertRow:
    """The alert as the rest of the house sees it."""
    session.flush()
    row = reads.alert(session, id_of(alert))
    assert row is not None, "an alert that was just written can be read"
    return row


def id_of(alert: Alert) -> int:
    """Id of a stored alert."""
    assert alert.id is not None, "a stored alert has an id"
    return alert.id
