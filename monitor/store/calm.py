"""Silences, mutes, and what the calm of a person depends on. Works in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlmodel import Session, col

from monitor.domain import DeliveryState, Topic
from monitor.store.rows import MentionRow
from monitor.store.tables import Delivery, Mute, Silence


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


def _touched(result: Any) -> bool:
    return bool(result.rowcount)
