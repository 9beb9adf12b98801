"""Storms, shop events and gaps of sources, as stored. Works in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlmodel import Session, col

from monitor.domain import EventKind, Sentiment
from monitor.store import reads
from monitor.store.tables import Assessment, Gap, Mention, ShopEvent, SourceState, Storm
from monitor.store.writes import insert_new
from monitor.storms import Cause, Rise, Span, Voice


@dataclass(frozen=True, slots=True)
class StormRow:
    """A storm; `topic` is None when it is about the shop as a whole, `ended_at` while it blows."""

    id: int
    shop: str
    topic: str | None
    began_at: datetime
    noticed_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    count: int
    expected: float
    window: float
    cause: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something the shop did or met; `shop` is None when it concerns all of them."""

    id: int
    shop: str | None
    kind: EventKind
    title: str
    at: datetime
    until: datetime | None
    who: str
    via: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """A time in which a source was not heard; `ended_at` is None while it lasts."""

    source: str
    began_at: datetime
    ended_at: datetime | None
    why: str


def voices(session: Session, shop: str, since: datetime) -> list[Voice]:
    """Unhappy posts about a shop since then, oldest first, without their texts; erased ones count too."""
    spoken_at = reads.spoken_at()
    columns = (
        col(Mention.id),
        spoken_at,
        col(Mention.source),
        col(Mention.author),
        col(Assessment.topics),
        col(Mention.reach),
    )
    of_mention = and_(col(Assessment.mention_id) == col(Mention.id), reads.newest_assessment())
    query = (
        select(*columns)
        .join(Assessment, of_mention)
        .where(
            col(Mention.shop) == shop,
            spoken_at >= since,
            col(Assessment.label) == Sentiment.NEGATIVE.value,
            col(Assessment.is_about),
        )
        .order_by(spoken_at)
    )
    return [
        Voice(number or 0, at, source, author, tuple(topics), "", reach)
        for number, at, source, author, topics, reach in session.execute(query)
    ]


def texts(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """What some mentions say."""
    query = select(col(Mention.id), col(Mention.text)).where(col(Mention.id).in_(ids))
    return {number or 0: text for number, text in session.execute(query)}


def heard_since(session: Session) -> datetime | None:
    """When the first source began to be listened to; None before that."""
    first: datetime | None = session.execute(select(func.min(SourceState.listening_since))).scalar_one()
    return first


def unhappy_since(session: Session, shop: str, since: datetime) -> int:
    """How many unhappy posts were written about a shop since then; cheap enough to ask every minute."""
    query = (
        select(func.count())
        .select_from(Mention)
        .join(Assessment)
        .where(
            col(Mention.shop) == shop,
            reads.spoken_at() >= since,
            reads.newest_assessment(),
            col(Assessment.label) == Sentiment.NEGATIVE.value,
        )
    )
    return int(session.execute(query).scalar_one())


def begin_storm(session: Session, shop: str, found: Rise, cause: Cause, now: datetime) -> StormRow:
    """Write down a storm that was noticed now."""
    row = Storm(
        shop=shop,
        topic=found.topic,
        began_at=found.began_at,
        noticed_at=now,
        last_seen_at=now,
        count=found.count,
        expected=found.expected,
        window=found.window.total_seconds(),
        cause=cause_json(cause),
    )
    session.add(row)
    session.flush()
    return _storm(row)


def cause_json(cause: Cause) -> dict[str, Any]:
    """A cause as it is stored."""
    return {
        "topic": cause.topic,
        "topic_count": cause.topic_count,
        "source": cause.source,
        "source_count": cause.source_count,
        "examples": list(cause.examples),
        "copies": cause.copies,
        "copy_authors": cause.copy_authors,
    }


def see_storm(session: Session, storm_id: int, count: int, cause: Cause, now: datetime) -> None:
    """It is still there; `count` are its posts from the beginning."""
    changes = {"last_seen_at": now, "count": count, "cause": cause_json(cause)}
    session.execute(update(Storm).where(col(Storm.id) == storm_id).values(**changes))


def end_storm(session: Session, storm_id: int, now: datetime) -> None:
    """It is over."""
    session.execute(update(Storm).where(col(Storm.id) == storm_id).values(ended_at=now))


def storm(session: Session, storm_id: int) -> StormRow | None:
    """One storm; None when there is none of that id."""
    row = session.get(Storm, storm_id)
    return _storm(row) if row is not None else None


def blowing(session: Session, shop: str | None = None) -> list[StormRow]:
    """Storms that are not over, oldest first."""
    query = select(Storm).where(col(Storm.ended_at).is_(None)).order_by(col(Storm.id))
    query = query.where(col(Storm.shop) == shop) if shop else query
    return [_storm(row) for row in session.execute(query).scalars()]


def last_settled(session: Session, shop: str) -> datetime | None:
    """When the shop's last storm was seen for the last time; None when there was none."""
    query = select(func.max(Storm.last_seen_at)).where(
        col(Storm.shop) == shop, col(Storm.ended_at).is_not(None)
    )
    seen: datetime | None = session.execute(query).scalar_one()
    return seen


def storms_between(session: Session, since: datetime, until: datetime) -> list[StormRow]:
    """Storms that blew at some time between the two, oldest first."""
    query = select(Storm).where(
        col(Storm.began_at) < until, or_(col(Storm.ended_at).is_(None), col(Storm.ended_at) >= since)
    )
    return [_storm(row) for row in session.execute(query.order_by(col(Storm.began_at))).scalars()]


def _storm(row: Storm) -> StormRow:
    return StormRow(**{**row.model_dump(), "id": row.id or 0})


def add_event(
    session: Session,
    *,
    shop: str | None,
    kind: EventKind,
    title: str,
    at: datetime,
    until: datetime | None,
    who: str,
    via: str,
    key: str,
) -> bool:
    """Write down something the shop did or met; False when one of that key is known already."""
    row = {
        "shop": shop,
        "kind": kind.value,
        "title": title,
        "at": at,
        "until": until,
        "who": who,
        "via": via,
        "key": key,
    }
    return bool(insert_new(session, ShopEvent, [row]))


def shop_events(session: Session, shops: Sequence[str], since: datetime, until: datetime) -> list[EventRow]:
    """What the shops did or met between the two, oldest first."""
    ends = func.coalesce(ShopEvent.until, ShopEvent.at)
    query = select(ShopEvent).where(
        or_(col(ShopEvent.shop).is_(None), col(ShopEvent.shop).in_(shops)),
        ends >= since,
        col(ShopEvent.at) < until,
    )
    return [
        EventRow(row.id or 0, row.shop, EventKind(row.kind), row.title, row.at, row.until, row.who, row.via)
        for row in session.execute(query.order_by(col(ShopEvent.at), col(ShopEvent.id))).scalars()
    ]


def drop_event(session: Session, event_id: int) -> bool:
    """Take an event away that was written down by mistake; False when there is none of that id."""
    row = session.get(ShopEvent, event_id)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def open_gap(session: Session, source: str, began_at: datetime, why: str) -> None:
    """A source is not heard since then."""
    query = select(Gap).where(col(Gap.source) == source, col(Gap.ended_at).is_(None))
    if session.execute(query).first() is None:
        session.add(Gap(source=source, began_at=began_at, why=why))
        session.flush()


def close_gap(session: Session, source: str, now: datetime) -> None:
    """A source is heard again."""
    lasts = (col(Gap.source) == source, col(Gap.ended_at).is_(None))
    session.execute(update(Gap).where(*lasts).values(ended_at=now))


def gaps(session: Session, since: datetime, until: datetime) -> list[GapRow]:
    """Times between the two in which a source was not heard, oldest first."""
    query = select(Gap).where(
        col(Gap.began_at) < until, or_(col(Gap.ended_at).is_(None), col(Gap.ended_at) >= since)
    )
    return [
        GapRow(row.source, row.began_at, row.ended_at, row.why)
        for row in session.execute(query.order_by(col(Gap.began_at))).scalars()
    ]


def deaf_spans(session: Session, since: datetime, now: datetime) -> list[Span]:
    """The same as spans, those that last ending now."""
    return [(gap.began_at, gap.ended_at or now) for gap in gaps(session, since, now)]


def open_gaps(session: Session) -> list[str]:
    """Sources that are not heard now."""
    query = select(col(Gap.source)).where(col(Gap.ended_at).is_(None))
    return list(session.execute(query).scalars())
