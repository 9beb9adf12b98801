"""What a mention counts as, defined once: the plain count of mentions out of the tables, by hour and cell.

A person's word stands in place of the model's, unless the post was edited since. Who counts what is fresh and
what was counted before is monitor.store.rollups.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlmodel import Session, col

from monitor.domain import Sentiment, Topic
from monitor.store import reads
from monitor.store.said import label_of, names_topic
from monitor.store.said import said as people_said
from monitor.store.tables import Assessment, Mention

NO_TOPIC, NO_LANGUAGE = "none", reads.NO_LANGUAGE
MILLION = 1_000_000
_NEGATIVE, _, _POSITIVE = (one.value for one in Sentiment)
# Written into the SQL: PostgreSQL takes two parameters of the same value for different ones when it groups.
_EMPTY, _UND, _UTC = (literal_column(f"'{word}'", String) for word in ("", NO_LANGUAGE, "UTC"))
_HOUR, _MINUTE = len("2026-11-24 12"), len("2026-11-24 12:30")


class Split(StrEnum):
    """What figures are told apart by, besides shop and period."""

    SOURCE = "source"
    LANGUAGE = "language"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Narrow:
    """Which mentions count; empty or None means all. A language may be "und": nobody knows it."""

    shops: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topic: Topic | None = None


class Cell(NamedTuple):
    """Where a mention is counted; an empty string stands for all together, an empty model for none yet."""

    shop: str
    source: str = ""
    language: str = ""
    topic: str = ""
    model: str = ""


class Tally(NamedTuple):
    """Sums over mentions; `score` in millionths of (positive - negative), `reach` of those it is known of."""

    mentions: int = 0
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    unscored: int = 0
    corrected: int = 0
    needs_reply: int = 0
    score: int = 0
    reach: int = 0
    reach_known: int = 0

    def plus(self, other: "Tally") -> "Tally":
        return Tally(*map(int.__add__, self, other))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Start of a day in the shop's time zone, as UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def plain(
    session: Session,
    first: datetime,
    last: datetime,
    narrow: Narrow,
    split: Sequence[Split],
    zone: ZoneInfo,
) -> Iterator[tuple[datetime, Cell, Tally]]:
    """Count the mentions spoken from `first` until before `last`; each with the hour (UTC) it belongs to.

    In zones whose hours are not those of UTC it is the minute. Apart by topics, a mention counts under each
    of its topics; narrowed to one topic only under that.
    """
    said = people_said()
    about, label = _is_about(said), label_of(said.c.sentiment)
    start = begin_of(session, reads.spoken_at(), first, last, zone)
    language, topics = func.coalesce(func.nullif(col(Mention.lang), _EMPTY), _UND), _topics(said)
    cells = [
        col(Mention.shop),
        col(Mention.source) if Split.SOURCE in split else None,
        language if Split.LANGUAGE in split else None,
        topics if Split.TOPIC in split else None,
        func.coalesce(col(Assessment.model), _EMPTY),
    ]
    parted = [start, *(column for column in cells if column is not None)]
    chosen = [start, *(literal("") if column is None else column for column in cells)]
    query = (
        select(*chosen, *_sums(said, label))
        .select_from(Mention)
        .outerjoin(Assessment, and_(col(Assessment.mention_id) == col(Mention.id), reads.newest_assessment()))
        .outerjoin(said, said.c.mention_id == col(Mention.id))
        .where(reads.spoken_at() >= first, reads.spoken_at() < last, about)
        .where(*_narrowed(narrow, language, topics))
        .group_by(*parted)
    )
    for begun, shop, source, spoken, written, model, *sums in session.execute(query):
        tally = Tally(*(int(one or 0) for one in sums))
        for topic in _told_apart(written, narrow.topic) if Split.TOPIC in split else ("",):
            yield moment_of(begun), Cell(shop, source, spoken, topic, model), tally


def topics_of(written: str | None) -> tuple[str, ...]:
    """Topics as they are stored: a JSON list of the model's, or a person's, joined by commas."""
    if not written:
        return ()
    found = json.loads(written) if written.startswith("[") else written.split(",")
    return tuple(dict.fromkeys(str(topic) for topic in found if topic))


def _told_apart(written: str | None, only: Topic | None) -> tuple[str, ...]:
    return (only.value,) if only else topics_of(written) or (NO_TOPIC,)


def _is_odd(first: datetime, last: datetime, zone: ZoneInfo) -> bool:
    """Tell whether an hour of the zone may begin within an hour of UTC."""
    days = range((last - first).days + 2)
    offsets = {(first + timedelta(days=day)).astimezone(zone).utcoffset() for day in days}
    return any(offset is None or offset % timedelta(hours=1) for offset in offsets)


def begin_of(
    session: Session, moment: Any, first: datetime, last: datetime, zone: ZoneInfo
) -> ColumnElement[str]:
    """The hour (UTC) of a moment as SQL text, or its minute where hours of the zone are not those of UTC."""
    length = _MINUTE if _is_odd(first, last, zone) else _HOUR
    if session.get_bind().dialect.name == "postgresql":
        minutes = "" if length == _HOUR else ":MI"
        form = literal_column(f"'YYYY-MM-DD HH24{minutes}'", String)
        return func.to_char(func.timezone(_UTC, moment), form, type_=String)
    return func.substr(moment, literal_column("1"), literal_column(str(length)), type_=String)


def moment_of(begun: str) -> datetime:
    """What `begin_of` gave, as a moment in UTC."""
    return datetime.fromisoformat(begun if len(begun) > _HOUR else f"{begun}:00").replace(tzinfo=UTC)


def _is_about(said: Any) -> ColumnElement[bool]:
    by_model = or_(col(Assessment.is_about).is_(None), col(Assessment.is_about).is_(True))
    return or_(said.c.about_shop == "true", and_(said.c.about_shop.is_(None), by_model))


def _topics(said: Any) -> ColumnElement[str]:
    return func.coalesce(said.c.topics, cast(col(Assessment.topics), String), _EMPTY)


def _sums(said: Any, label: ColumnElement[str]) -> list[ColumnElement[int]]:
    """The columns of Tally."""
    by_model = func.coalesce(col(Assessment.positive), 0.0) - func.coalesce(col(Assessment.negative), 0.0)
    # A person is sure; whole numbers add up to the same in every order.
    told = case((label == _NEGATIVE, -MILLION), (label == _POSITIVE, MILLION), else_=0)
    score = case(
        (label.is_(None), 0),
        (said.c.sentiment.is_not(None), told),
        else_=cast(func.round(by_model * MILLION), BigInteger),
    )
    return [
        func.count(),
        *(_number(label == one.value) for one in Sentiment),
        _number(label.is_(None)),
        _number(said.c.mention_id.is_not(None)),
        _number(col(Assessment.needs_reply).is_(True)),
        func.sum(score),
        func.sum(cast(col(Mention.reach), BigInteger)),
        func.count(col(Mention.reach)),
    ]


def _number(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))


def _narrowed(narrow: Narrow, language: Any, topics: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    if narrow.shops:
        yield col(Mention.shop).in_(narrow.shops)
    if narrow.sources:
        yield col(Mention.source).in_(narrow.sources)
    if narrow.languages:
        yield language.in_(narrow.languages)
    if narrow.topic:
        yield names_topic(topics, narrow.topic)
