"""What is asked for, and the rows that answer it, batch by batch, each row in the order of the columns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from monitor import trends
from monitor.domain import AlertState, Handled, Sentiment, Topic, Urgency
from monitor.export import values
from monitor.export.columns import COLUMNS, Column, Subject, chosen
from monitor.store import streaming
from monitor.store.paging import AlertFilter
from monitor.store.reads import MentionFilter

Batch = Sequence[Sequence[Any]]
_USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows; None or empty means all. `until` is excluded. Not every filter fits every subject.

    `words_in_authors`: words are looked for among the authors' names too, so only for those who see names.
    """

    shops: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    labels: tuple[Sentiment, ...] = ()
    topics: tuple[Topic, ...] = ()
    languages: tuple[str, ...] = ()
    words: str = ""
    words_in_authors: bool = False
    about_only: bool = True
    handled: tuple[Handled, ...] = ()
    author: str = ""
    states: tuple[AlertState, ...] = ()
    urgencies: tuple[Urgency, ...] = ()
    alerts_by_id: tuple[int, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def mentions(self) -> MentionFilter:
        return MentionFilter(
            shops=self.shops,
            sources=self.sources,
            labels=self.labels,
            topics=self.topics,
            languages=self.languages,
            since=self.since,
            until=self.until,
            words=self.words,
            about_only=self.about_only,
            handled=self.handled,
            author=self.author,
        )

    @property
    def alerts(self) -> AlertFilter:
        return AlertFilter(
            shops=self.shops,
            sources=self.sources,
            states=self.states,
            urgencies=self.urgencies,
            ids=self.alerts_by_id,
            since=self.since,
            until=self.until,
        )

    @property
    def span(self) -> streaming.Span:
        return streaming.Span(self.shops, self.sources, self.since, self.until)


@dataclass(frozen=True, slots=True)
class Request:
    """What to export. Authors leave as pseudonyms made with `key`; None means with their names.

    `step` and `split` are for trends, `zone` is the shop's, `columns` names those wanted (empty: all).
    """

    subject: Subject
    zone: ZoneInfo
    key: bytes | None
    wanted: Wanted = field(default_factory=Wanted)
    columns: tuple[str, ...] = ()
    step: trends.Step = trends.Step.DAY
    split: tuple[trends.Split, ...] = (trends.Split.SOURCE,)

    @property
    def table(self) -> tuple[Column, ...]:
        """The columns that will be written."""
        return chosen(self.subject, self.columns)


def default_period(now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The last thirty days, today included; the second day is excluded."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=_USUAL_DAYS - 1), today + timedelta(days=1)


def batches(session: Session, request: Request, now: datetime) -> Iterator[Batch]:
    """The rows of an export, in batches of some thousand; each row has the values of `request.table`."""
    makers: Mapping[Subject, Callable[[Session, Request, datetime], Iterator[Batch]]] = {
        Subject.MENTIONS: _mentions,
        Subject.ALERTS: _alerts,
        Subject.EVENTS: _events,
        Subject.TRENDS: _trends,
        Subject.LABELS: _labels,
    }
    found = makers[request.subject](session, request, now)
    if not request.columns:
        return found
    names = [column.name for column in COLUMNS[request.subject]]
    places = [names.index(column.name) for column in request.table]
    return ([[row[place] for place in places] for row in batch] for batch in found)


def count(session: Session, request: Request) -> int | None:
    """How many rows there will be, for a progress bar; None where it is not worth counting."""
    if request.subject is not Subject.MENTIONS:
        return None
    wanted = request.wanted
    return streaming.count_mentions(session, wanted.mentions, with_authors=wanted.words_in_authors)


def told(request: Request, format: str) -> dict[str, object]:
    """What was asked for, for the record of exports."""
    wanted = request.wanted
    return {
        "format": str(format),
        "shops": list(wanted.shops),
        "sources": list(wanted.sources),
        "since": str(wanted.since),
        "until": str(wanted.until),
    }


def _mentions(session: Session, request: Request, now: datetime) -> Iterator[Batch]:
    hide, wanted = values.Hiding(request.key), request.wanted
    for batch in streaming.mentions(session, wanted.mentions, with_authors=wanted.words_in_authors):
        yield [values.of_mention(row, hide) for row in batch]


def _alerts(session: Session, request: Request, now: datetime) -> Iterator[Batch]:
    hide = values.Hiding(request.key)
    for batch in streaming.alerts(session, request.wanted.alerts):
        yield [values.of_alert(row, hide) for row in batch]


def _events(session: Session, request: Request, now: datetime) -> Iterator[Batch]:
    for batch in streaming.events(session, request.wanted.span):
        yield [values.of_event(row, request.key) for row in batch]


def _labels(session: Session, request: Request, now: datetime) -> Iterator[Batch]:
    yield from streaming.labels(session, request.wanted.span)


def _trends(session: Session, request: Request, now: datetime) -> Iterator[Batch]:
    zone, wanted = request.zone, request.wanted
    since, until = days(request, now)
    narrow = trends.Narrow(
        sources=wanted.sources, languages=wanted.languages, topic=next(iter(wanted.topics), None)
    )
    # Told apart by one thing, a year is some ten thousand points; by more it may be a million.
    spans = [(since, until)] if len(request.split) < 2 else _portions(since, until, request.step)
    for first, end in spans:
        points = trends.by_step(
            session, wanted.shops, first, end, zone, now, request.step, narrow=narrow, split=request.split
        )
        yield [values.of_point(point, zone) for point in points]


def _portions(since: date, until: date, step: trends.Step) -> Iterator[tuple[date, date]]:
    """The days in pieces of about a month (by hour, a day) that part no period."""
    length = timedelta(days=1 if step is trends.Step.HOUR else 31)
    while since < until:
        end = since + length if step is trends.Step.HOUR else trends.start_of(since + length, step)
        yield since, min(end, until)
        since = end


def days(request: Request, now: datetime) -> tuple[date, date]:
    """First day and the day after the last one of what is asked for."""
    zone, wanted = request.zone, request.wanted
    since, until = default_period(now, zone)
    since = wanted.since.astimezone(zone).date() if wanted.since else since
    return since, _day_after(wanted.until, zone) if wanted.until else until


def _day_after(until: datetime, zone: ZoneInfo) -> date:
    """The first day that holds nothing before `until`."""
    day = until.astimezone(zone).date()
    return day if trends.midnight(day, zone) == until else day + timedelta(days=1)
