"""The outbox as stored: what is planned, who has claimed it, how it went, and what a person was told.

Works in the caller's transaction; when and why is decided by monitor.outbox and monitor.calm.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from monitor.domain import DeliveryState, SendReason, Urgency
from monitor.store.rows import DeliveryRow, delivery_row
from monitor.store.tables import Alert, Delivery
from monitor.store.writes import insert_new


@dataclass(frozen=True, slots=True)
class Planned:
    """A message that should go out: `key` is the same for the same message, however often planned.

    It is about an alert, a source, a storm or a period.
    """

    key: str
    alert_id: int | None
    recipient: str
    reason: SendReason
    due_at: datetime
    message_id: str
    source: str | None = None
    storm_id: int | None = None
    period: str | None = None


def plan(session: Session, planned: Sequence[Planned], now: datetime) -> int:
    """Put messages into the outbox; returns how many were not there yet."""
    values = [
        {
            **asdict(delivery),
            "reason": delivery.reason.value,
            "state": DeliveryState.DUE.value,
            "planned_at": now,
            "attempts": 0,
        }
        for delivery in planned
    ]
    return len(insert_new(session, Delivery, values))


def claim(session: Session, now: datetime, worker: str, stale_after: timedelta) -> DeliveryRow | None:
    """Claim the message that has waited longest; None when nothing is due.

    A claim older than `stale_after` belongs to a worker that died, and is taken over.
    """
    waiting = (
        select(Delivery)
        .where(_can_be_claimed(now, stale_after))
        .order_by(col(Delivery.due_at), col(Delivery.id))
        .limit(1)
    )
    delivery = session.execute(waiting.with_for_update(skip_locked=True)).scalar_one_or_none()
    if delivery is None:
        return None
    delivery.state = DeliveryState.CLAIMED.value
    delivery.claimed_at, delivery.claimed_by = now, worker
    delivery.attempts += 1
    session.flush()
    return delivery_row(delivery)


def mark_sent(
    session: Session,
    delivery_id: int,
    now: datetime,
    told_until: datetime | None = None,
    within: str | None = None,
) -> None:
    """The message was handed over; the newest post it tells of was found at `told_until`.

    `within` names what told of it ("summary 5", "storm 3"), where it was no message of its own.
    """
    changes: dict[str, Any] = {"state": DeliveryState.SENT.value, "sent_at": now, "last_error": None}
    _mark(session, delivery_id, told_until=told_until, within=within, **changes)


def mark_retry(session: Session, delivery_id: int, error: str, due_at: datetime) -> None:
    """The message could not be handed over now; try again at `due_at`."""
    _mark(session, delivery_id, state=DeliveryState.DUE.value, due_at=due_at, last_error=error)


def mark_failed(session: Session, delivery_id: int, error: str) -> None:
    """The message will never go through; a person must look."""
    _mark(session, delivery_id, state=DeliveryState.FAILED.value, last_error=error)


def try_failed_again(session: Session, now: datetime) -> int:
    """Make the messages that were given up on due again, with the same Message-ID; returns how many."""
    failed = update(Delivery).where(col(Delivery.state) == DeliveryState.FAILED.value)
    again = failed.values(state=DeliveryState.DUE.value, due_at=now, attempts=0)
    return len(list(session.execute(again.returning(col(Delivery.id))).scalars()))


def mark_cancelled(session: Session, delivery_id: int) -> None:
    """The message is no longer needed."""
    _mark(session, delivery_id, state=DeliveryState.CANCELLED.value)


def _mark(session: Session, delivery_id: int, **changes: Any) -> None:
    session.execute(update(Delivery).where(col(Delivery.id) == delivery_id).values(**changes))


def sent_since(session: Session, recipient: str, since: datetime) -> int:
    """How many messages about alerts went to somebody since then; several in one summary count once."""
    query = select(func.count()).where(
        col(Delivery.recipient) == recipient,
        col(Delivery.state) == DeliveryState.SENT.value,
        col(Delivery.alert_id).is_not(None),
        col(Delivery.within).is_(None),
        col(Delivery.sent_at) >= since,
    )
    return int(session.execute(query).scalar_one())


def waiting_with(
    session: Session, delivery: DeliveryRow, now: datetime, stale_after: timedelta, limit: int
) -> list[DeliveryRow]:
    """Other messages about alerts that are not critical and due to the same person, oldest first.

    Those that a worker claimed and died with are due too.
    """
    query = (
        select(Delivery)
        .join(Alert, col(Alert.id) == col(Delivery.alert_id))
        .where(
            col(Delivery.recipient) == delivery.recipient,
            col(Delivery.id) != delivery.id,
            _can_be_claimed(now, stale_after),
            col(Alert.urgency) != Urgency.CRITICAL.value,
        )
        .order_by(col(Delivery.due_at), col(Delivery.id))
        .limit(limit)
    )
    return [delivery_row(row) for row in session.execute(query).scalars()]


def claim_all(
    session: Session, ids: Sequence[int], now: datetime, worker: str, stale_after: timedelta
) -> list[int]:
    """Claim messages that go out in one with another; returns those that nobody else has."""
    due = (col(Delivery.id).in_(ids), _can_be_claimed(now, stale_after))
    claimed = (
        update(Delivery)
        .where(*due)
        .values(
            state=DeliveryState.CLAIMED.value,
            claimed_at=now,
            claimed_by=worker,
            attempts=Delivery.attempts + 1,
        )
    )
    return list(session.execute(claimed.returning(col(Delivery.id))).scalars())


def _can_be_claimed(now: datetime, stale_after: timedelta) -> ColumnElement[bool]:
    is_due = (col(Delivery.state) == DeliveryState.DUE.value) & (col(Delivery.due_at) <= now)
    return is_due | (
        (col(Delivery.state) == DeliveryState.CLAIMED.value) & (col(Delivery.claimed_at) <= now - stale_after)
    )


def postpone(session: Session, delivery_id: int, until: datetime) -> None:
    """Let a claimed message wait; that it was looked at is no try to send it."""
    session.execute(
        update(Delivery)
        .where(col(Delivery.id) == delivery_id)
        .values(state=DeliveryState.DUE.value, due_at=until, attempts=Delivery.attempts - 1)
    )


def recipients_told(session: Session, alert_ids: Sequence[int], recipient: str) -> set[int]:
    """Those of the alerts that somebody was told of, or soon will be."""
    gone = (DeliveryState.CANCELLED.value, DeliveryState.FAILED.value)
    found: set[int] = set()
    for start in range(0, len(alert_ids), 500):
        query = select(col(Delivery.alert_id)).where(
            col(Delivery.alert_id).in_(alert_ids[start : start + 500]),
            col(Delivery.recipient) == recipient,
            col(Delivery.state).not_in(gone),
        )
        found.update(alert_id for alert_id in session.execute(query).scalars() if alert_id is not None)
    return found


def last_digest(session: Session, recipient: str, before_id: int) -> datetime | None:
    """Up to when the last digest reached that was planned for somebody; None when there was none."""
    query = select(func.max(Delivery.planned_at)).where(
        col(Delivery.recipient) == recipient,
        col(Delivery.reason) == SendReason.DIGEST.value,
        col(Delivery.id) < before_id,
        col(Delivery.state) != DeliveryState.FAILED.value,
    )
    planned: datetime | None = session.execute(query).scalar_one()
    return planned
