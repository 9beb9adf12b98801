"""Long reads for exports: rows come in batches while the query runs, never all at once.

Each stream is one query in one read transaction, so an export shows a single moment of the database.
Oldest first, except where a docstring says otherwise.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import JSON, ColumnElement, Select, SQLColumnExpression, Text, and_, func, select, type_coerce
from sqlmodel import Session, col

from monitor.store import reads, searching
from monitor.store.paging import AlertFilter, alert_conditions
from monitor.store.tables import Alert, AlertEvent, AlertMention, Assessment, Label, Mention

_BATCH = 2_000
_LISTS = 4_096


class SpokenRow(NamedTuple):
    """A mention and its newest assessment side by side; see the tables for what they mean."""

    id: int
    shop: str
    source: str
    url: str
    author: str
    title: str
    text: str
    posted_at: datetime | None
    found_at: datetime
    lang: str | None
    thread_title: str
    words: Sequence[str]
    certainty: float
    reach: int | None
    rating: float | None
    label: str | None
    negative: float | None
    neutral: float | None
    positive: float | None
    topics: Sequence[str] | None
    urgency: str | None
    needs_reply: bool | None
    not_scored: str | None
    model: str | None


class OpenedRow(NamedTuple):
    """An alert with time and address of its first post."""

    id: int
    shop: str
    source: str
    state: str
    urgency: str
    posted_at: datetime | None
    opened_at: datetime
    due_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    dismiss_reason: str | None
    taken_by: str | None
    mentions: int
    url: str
    reasons: Sequence[dict[str, Any]]


class DoneRow(NamedTuple):
    """One line of an alert's history."""

    id: int
    alert_id: int
    shop: str
    source: str
    at: datetime
    action: str
    who: str
    via: str
    note: str


class LabelRow(NamedTuple):
    """A person's correction of the model."""

    id: int
    mention_id: int
    shop: str
    source: str
    lang: str | None
    at: datetime
    field: str
    value: str
    who: str


@dataclass(frozen=True, slots=True)
class Span:
    """Shops, sources and time of what is wanted; empty or None means everything."""

    shops: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def mentions(
    session: Session, wanted: reads.MentionFilter, *, with_authors: bool
) -> Iterator[Sequence[SpokenRow]]:
    """Mentions that pass the filter, by time of the post.

    Words are looked for among the authors only with `with_authors`: see paging.mentions_after.
    """
    columns = [getattr(Mention, name) for name in SpokenRow._fields[:15]]
    columns += [getattr(Assessment, name) for name in SpokenRow._fields[15:]]
    query = _mentions(wanted, with_authors).with_only_columns(
        *(_as_it_lies(column) for column in columns), maintain_column_froms=True
    )
    lists = _Lists()
    for batch in _batches(session, query.order_by(reads.spoken_at(), col(Mention.id))):
        yield [lists.read(SpokenRow._make(row)) for row in batch]


def alerts(session: Session, wanted: AlertFilter) -> Iterator[Sequence[OpenedRow]]:
    """Alerts that pass the filter, by time of opening."""
    gathered = (
        select(func.count()).where(col(AlertMention.alert_id) == col(Alert.id)).correlate(Alert)
    ).scalar_subquery()
    other: dict[str, Any] = {"posted_at": Mention.posted_at, "url": Mention.url, "mentions": gathered}
    columns: list[Any] = [other.get(name, getattr(Alert, name, None)) for name in OpenedRow._fields]
    query = (
        select(*columns)
        .join(Mention, col(Mention.id) == col(Alert.first_mention_id))
        .where(*alert_conditions(wanted))
        .order_by(col(Alert.opened_at), col(Alert.id))
    )
    for batch in _batches(session, query):
        yield [OpenedRow._make(row) for row in batch]


def events(session: Session, span: Span) -> Iterator[Sequence[DoneRow]]:
    """What was done to alerts, in the order in which it was written down."""
    query = (
        select(
            *(getattr(Alert if name in ("shop", "source") else AlertEvent, name) for name in DoneRow._fields)
        )
        .join(Alert, col(Alert.id) == col(AlertEvent.alert_id))
        .where(*_within(span, col(Alert.shop), col(Alert.source), col(AlertEvent.at)))
        .order_by(col(AlertEvent.id))
    )
    for batch in _batches(session, query):
        yield [DoneRow._make(row) for row in batch]


def labels(session: Session, span: Span) -> Iterator[Sequence[LabelRow]]:
    """People's corrections, in the order in which they were made."""
    query = (
        select(
            *(
                getattr(Mention if name in ("shop", "source", "lang") else Label, name)
                for name in LabelRow._fields
            )
        )
        .join(Mention, col(Mention.id) == col(Label.mention_id))
        .where(*_within(span, col(Mention.shop), col(Mention.source), col(Label.at)))
        .order_by(col(Label.id))
    )
    for batch in _batches(session, query):
        yield [LabelRow._make(row) for row in batch]


def count_mentions(session: Session, wanted: reads.MentionFilter, *, with_authors: bool) -> int:
    """How many rows `mentions` will give."""
    query = _mentions(wanted, with_authors).with_only_columns(func.count(col(Mention.id)))
    return int(session.execute(query).scalar_one())


def _mentions(wanted: reads.MentionFilter, with_authors: bool) -> Select[Any]:
    conditions = list(reads.conditions(wanted if with_authors else replace(wanted, words="")))
    if not with_authors:
        conditions += searching.says(wanted.words, with_authors=False)
    of_mention = and_(col(Assessment.mention_id) == col(Mention.id), reads.newest_assessment())
    return select(col(Mention.id)).outerjoin(Assessment, of_mention).where(*conditions)


def _as_it_lies(column: Any) -> Any:
    """A list of texts as the database gives it: reading the same few lists again and again takes long."""
    return type_coerce(column, Text()) if isinstance(column.type, JSON) else column


class _Lists:
    """Reads lists of texts, each that comes often only once. Some databases give them read already."""

    def __init__(self) -> None:
        self._read = lru_cache(_LISTS)(json.loads)

    def read(self, row: SpokenRow) -> SpokenRow:
        words, topics = row.words, row.topics
        return row._replace(
            words=self._read(words) if isinstance(words, str) else words,
            topics=self._read(topics) if isinstance(topics, str) else topics,
        )


def _within(
    span: Span,
    shop: SQLColumnExpression[str],
    source: SQLColumnExpression[str],
    at: SQLColumnExpression[datetime],
) -> Iterable[ColumnElement[bool]]:
    if span.shops:
        yield shop.in_(span.shops)
    if span.sources:
        yield source.in_(span.sources)
    if span.since:
        yield at >= span.since
    if span.until:
        yield at < span.until


def _batches(session: Session, query: Select[Any]) -> Iterator[Sequence[Any]]:
    # Past the unit of work: nothing here is an object that could change.
    connection = session.connection()
    yield from connection.execute(query, execution_options={"yield_per": _BATCH}).partitions()
