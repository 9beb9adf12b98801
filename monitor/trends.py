"""Figures over time, defined once for dashboard, export, report and mail.

A period is a day, week or month in the shop's time zone; one that is not over yet says so. The
share of negative posts comes with its 95 % interval (Wilson) and its n: the scored posts.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlmodel import Session, col

from monitor.domain import Sentiment
from monitor.store import reads
from monitor.store.tables import Alert, Assessment, Mention

_Z95 = 1.959964


class Step(StrEnum):
    """Length of a period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Point:
    """One shop at one source in one period; `unscored` waits for a verdict or got none.

    `share_negative`, `low` and `high` are None where nothing was scored. `models` names every model
    that judged: a change of model inside a series is not a change of opinion.
    """

    start: date
    shop: str
    source: str
    mentions: int
    negative: int
    neutral: int
    positive: int
    unscored: int
    is_finished: bool
    models: tuple[str, ...] = ()

    @property
    def scored(self) -> int:
        return self.negative + self.neutral + self.positive

    @property
    def share_negative(self) -> float | None:
        return self.negative / self.scored if self.scored else None

    @property
    def low(self) -> float | None:
        return wilson(self.negative, self.scored)[0] if self.scored else None

    @property
    def high(self) -> float | None:
        return wilson(self.negative, self.scored)[1] if self.scored else None


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """How fast alerts opened in a period were answered; times in seconds, None without answers."""

    opened: int
    answered: int
    within_deadline: int
    median: float | None


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson 1927); n must be positive."""
    share = hits / n
    centre = share + _Z95**2 / (2 * n)
    spread = _Z95 * math.sqrt(share * (1 - share) / n + _Z95**2 / (4 * n * n))
    scale = 1 + _Z95**2 / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def daily(
    session: Session, shops: Sequence[str], since: date, until: date, zone: ZoneInfo, now: datetime
) -> list[Point]:
    """Points by day; `until` is excluded. Days without mentions are points of zero for each shop."""
    return by_step(session, shops, since, until, zone, now, Step.DAY)


def by_step(
    session: Session,
    shops: Sequence[str],
    since: date,
    until: date,
    zone: ZoneInfo,
    now: datetime,
    step: Step,
) -> list[Point]:
    """Points by period, shop and source, oldest first; empty `shops` means all that have mentions."""
    first, last = midnight(start_of(since, step), zone), midnight(until, zone)
    counts: dict[tuple[date, str, str], _Count] = defaultdict(_Count)
    for spoken_at, shop, source, label, model in _judged(session, shops, first, last):
        key = start_of(spoken_at.astimezone(zone).date(), step), shop, source
        counts[key].add(label, model)
    points = [
        _point(key, count, next_start(key[0], step) <= now.astimezone(zone).date())
        for key, count in counts.items()
    ]
    return sorted(points, key=lambda point: (point.start, point.shop, point.source))


def merge(points: Iterable[Point], *, over_sources: bool = True) -> list[Point]:
    """Add points of the same period and shop together over their sources."""
    groups: dict[tuple[date, str], list[Point]] = defaultdict(list)
    for point in points:
        groups[point.start, point.shop].append(point)
    return [_sum(group) for group in groups.values()] if over_sources else list(points)


def answer_times(session: Session, shop: str, since: datetime, until: datetime) -> AnswerTimes:
    """How fast the alerts opened in a period were answered, from the time of the post."""
    query = select(col(Alert.clock_started_at), col(Alert.answered_at), col(Alert.due_at)).where(
        col(Alert.shop) == shop, col(Alert.opened_at) >= since, col(Alert.opened_at) < until
    )
    rows = list(session.execute(query))
    took = sorted((answered - started).total_seconds() for started, answered, _ in rows if answered)
    in_time = sum(1 for _, answered, due in rows if answered and answered <= due)
    return AnswerTimes(len(rows), len(took), in_time, took[len(took) // 2] if took else None)


def start_of(day: date, step: Step) -> date:
    """First day of the period that holds `day`; weeks begin on Monday."""
    if step is Step.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step is Step.MONTH else day


def next_start(start: date, step: Step) -> date:
    """First day of the period after the one that begins on `start`."""
    if step is Step.MONTH:
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if step is Step.WEEK else 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Start of a day in the shop's time zone, as UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


class _Count:
    """Tally of one point while rows come in."""

    def __init__(self) -> None:
        self.labels: dict[str | None, int] = defaultdict(int)
        self.models: set[str] = set()

    def add(self, label: str | None, model: str | None) -> None:
        self.labels[label] += 1
        if model:
            self.models.add(model)


def _point(key: tuple[date, str, str], count: _Count, is_finished: bool) -> Point:
    start, shop, source = key
    labels = count.labels
    return Point(
        start=start,
        shop=shop,
        source=source,
        mentions=sum(labels.values()),
        negative=labels[Sentiment.NEGATIVE.value],
        neutral=labels[Sentiment.NEUTRAL.value],
        positive=labels[Sentiment.POSITIVE.value],
        unscored=labels[None],
        is_finished=is_finished,
        models=tuple(sorted(count.models)),
    )


def _sum(group: Sequence[Point]) -> Point:
    first = group[0]
    return Point(
        start=first.start,
        shop=first.shop,
        source="",
        mentions=sum(point.mentions for point in group),
        negative=sum(point.negative for point in group),
        neutral=sum(point.neutral for point in group),
        positive=sum(point.positive for point in group),
        unscored=sum(point.unscored for point in group),
        is_finished=first.is_finished,
        models=tuple(sorted({model for point in group for model in point.models})),
    )


def _judged(
    session: Session, shops: Sequence[str], first: datetime, last: datetime
) -> Iterable[tuple[datetime, str, str, str | None, str | None]]:
    """Time, shop, source, label and model of every mention about its shop, by its newest assessment."""
    spoken_at = reads.spoken_at()
    columns = (
        spoken_at,
        col(Mention.shop),
        col(Mention.source),
        col(Assessment.label),
        col(Assessment.model),
    )
    of_mention = and_(col(Assessment.mention_id) == col(Mention.id), reads.newest_assessment())
    query = (
        select(*columns)
        .outerjoin(Assessment, of_mention)
        .where(spoken_at >= first, spoken_at < last)
        .where(*reads.conditions(reads.MentionFilter(shops=tuple(shops))))
    )
    return [tuple(row) for row in session.execute(query)]
