"""Silences, mutes, and what the calm of a person depends on. Works in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlmodel import Session, col

from monitor.domain import DeliveryState, Topic, Urgency
from monitor.store.rows import DeliveryRow, MentionRow, delivery_row
from monitor.store.tables import Alert, Delivery, Mute, Silence


@dataclass(frozen=True, slots=True)
class SilenceRow:
    """No mail about these alerts from `began_at` to `ends_at`; None means every shop, source or topic."""

    id: int
    shop: str | None
    source: str | None
    topic: str | None
    began_at: datetime
    ends_at: datetime
    reason: str
    who: str


@dataclass(frozen=True, slots=True)
class MuteRow:
    """An author or a phrase that no longer alerts."""

    id: int
    shop: str | None
    source: str | None
    author: str | None
    phrase: str | None
    reason: str
    who: str
    at: datetime


def add_silence(
    session: Session,
    *,
    shop: str | None,
    source: str | None,
    topic: Topic | None,
    until: datetime,
    reason: str,
    who: str,
    now: datetime,
) -> int:
    """Let nothing but what is critical be mailed about these alerts until then; returns its id."""
    row = Silence(
        shop=shop,
        source=source,
        topic=topic.value if topic else None,
        began_at=now,
        ends_at=until,
        reason=reason,
        who=who,
    )
    session.add(row)
    session.flush()
    return row.id or 0


def silences(session: Session, now: datetime) -> list[SilenceRow]:
    """Silences that last, the one that ends first foremost."""
    query = select(Silence).where(*_lasts(now)).order_by(col(Silence.ends_at), col(Silence.id))
    return [
        SilenceRow(
            row.id or 0, row.shop, row.source, row.topic, row.began_at, row.ends_at, row.reason, row.who
        )
        for row in session.execute(query).scalars()
    ]


def silenced_until(
    session: Session, shop: str, source: str, topics: Sequence[Topic], now: datetime
) -> datetime | None:
    """When the last silence over such an alert ends; None when there is none."""
    names = [topic.value for topic in topics]
    query = select(func.max(Silence.ends_at)).where(
        *_lasts(now),
        _same(col(Silence.shop), shop),
        _same(col(Silence.source), source),
        or_(col(Silence.topic).is_(None), col(Silence.topic).in_(names)),
    )
    until: datetime | None = session.execute(query).scalar_one()
    return until


def end_silence(session: Session, silence_id: int, who: str, now: datetime) -> bool:
    """End a silence before its time, and let what waited for its end go at once; False when it is over."""
    ended = session.execute(
        update(Silence).where(col(Silence.id) == silence_id, *_lasts(now)).values(ended_at=now, ended_by=who)
    )
    silence = session.get(Silence, silence_id)
    if not _touched(ended) or silence is None:
        return False
    waiting = (
        col(Delivery.state) == DeliveryState.DUE.value,
        col(Delivery.due_at) == silence.ends_at,
        col(Delivery.attempts) == 0,
    )
    session.execute(update(Delivery).where(*waiting).values(due_at=now))
    return True


def _lasts(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Silence.ended_at).is_(None), col(Silence.began_at) <= now, col(Silence.ends_at) > now


def _same(column: Any, value: str) -> ColumnElement[bool]:
    return or_(column.is_(None), column == value)


def add_mute(
    session: Session,
    *,
    shop: str | None,
    source: str | None,
    author: str | None,
    phrase: str | None,
    reason: str,
    who: str,
    now: datetime,
) -> int:
    """Let an author (at a source) or a phrase alert no more; returns its id."""
    row = Mute(shop=shop, source=source, author=author, phrase=phrase, reason=reason, who=who, at=now)
    session.add(row)
    session.flush()
    return row.id or 0


def mutes(session: Session) -> list[MuteRow]:
    """Mutes that last, newest first."""
    query = select(Mute).where(col(Mute.ended_at).is_(None)).order_by(col(Mute.id).desc())
    return [
        MuteRow(row.id or 0, row.shop, row.source, row.author, row.phrase, row.reason, row.who, row.at)
        for row in session.execute(query).scalars()
    ]


def end_mute(session: Session, mute_id: int, who: str, now: datetime) -> bool:
    """Let them alert again; False when the mute is over already."""
    lasts = (col(Mute.id) == mute_id, col(Mute.ended_at).is_(None))
    return _touched(session.execute(update(Mute).where(*lasts).values(ended_at=now, ended_by=who)))


def is_muted(session: Session, mention: MentionRow) -> bool:
    """Tell whether somebody muted the author of a mention, or a phrase in it."""
    query = select(Mute).where(
        col(Mute.ended_at).is_(None),
        _same(col(Mute.shop), mention.shop),
        _same(col(Mute.source), mention.source),
        _same(col(Mute.author), mention.author),
    )
    said = f"{mention.title}\n{mention.text}".casefold()
    return any(
        (row.author is not None and row.phrase is None) or (row.phrase or "\0").casefold() in said
        for row in session.execute(query).scalars()
    )


def sent_since(session: Session, recipient: str, since: datetime) -> int:
    """How many messages about alerts went to somebody since then; several in one summary count once."""
    query = select(func.count()).where(
        col(Delivery.recipient) == recipient,
        col(Delivery.state) == DeliveryState.SENT.value,
        col(Delivery.alert_id).is_not(None),
        col(Delivery.period).is_(None),
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
            col(Delivery.channel) == delivery.channel,
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
        col(Delivery.key).startswith("digest:"),
        col(Delivery.id) < before_id,
        col(Delivery.state) != DeliveryState.FAILED.value,
    )
    planned: datetime | None = session.execute(query).scalar_one()
    return planned


def _touched(result: Any) -> bool:
    return bool(result.rowcount)
