"""The figures of one period, and how they are put together. Counting is monitor.trends.series."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

_Z95 = 1.959964
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Deafness:
    """How many seconds of a period a source was not heard."""

    source: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Point:
    """One shop in one period, at one source where that is told apart; "" stands for all together.

    `start` is a day, or for an hour the moment with its offset. `unscored` waits for a verdict or got none.
    `share_negative`, `low` and `high` are None where nothing was scored. `models` names every model that
    judged: a change of model inside a series is not a change of opinion. `corrected` are mentions that a
    person said something of that stands in place of the model's word. `score` is the sum of (positive -
    negative) in millionths; `reach` is None where it is known of no mention. `alerts` were opened in the
    period, and `waits` are the seconds from post to first answer, shortest first; it shows of `decided`
    answers what they brought, and `saved` won a customer back. `deaf` sources were not heard for a while.
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
    language: str = ""
    topic: str = ""
    corrected: int = 0
    needs_reply: int = 0
    score: int = 0
    reach: int | None = None
    alerts: int = 0
    waits: tuple[float, ...] = ()
    within_deadline: int = 0
    decided: int = 0
    saved: int = 0
    deaf: tuple[Deafness, ...] = ()

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

    @property
    def mean_score(self) -> float | None:
        """Between -1, all negative for sure, and 1; None where nothing was scored."""
        return self.score / _MILLION / self.scored if self.scored else None

    @property
    def answered(self) -> int:
        return len(self.waits)

    @property
    def median(self) -> float | None:
        """Median seconds to the first answer; None without answers."""
        return quantile(self.waits, 0.5)

    @property
    def p90(self) -> float | None:
        """Nine of ten first answers came within so many seconds; None without answers."""
        return quantile(self.waits, 0.9)

    @property
    def deaf_seconds(self) -> float:
        """For how long sources were not heard, added up."""
        return sum(one.seconds for one in self.deaf)


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """How fast alerts opened in a period were answered; times in seconds, None without answers."""

    opened: int
    answered: int
    within_deadline: int
    median: float | None
    p90: float | None = None
    decided: int = 0
    saved: int = 0


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson 1927); n must be positive."""
    share = hits / n
    centre = share + _Z95**2 / (2 * n)
    spread = _Z95 * math.sqrt(share * (1 - share) / n + _Z95**2 / (4 * n * n))
    scale = 1 + _Z95**2 / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Value below which that share lies, between the two nearest ones (as pandas does); None of none."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def merge(points: Iterable[Point], *, over_sources: bool = True) -> list[Point]:
    """Add points of the same period and shop together over their sources, languages and topics.

    Points apart by topics cannot be added: a post may have several.
    """
    groups: dict[tuple[date, str], list[Point]] = defaultdict(list)
    for point in points:
        groups[point.start, point.shop].append(point)
    return [total(group) for group in groups.values()] if over_sources else list(points)


def total(group: Sequence[Point]) -> Point:
    """All points as one that begins with the first of them; there must be one."""
    known = [point.reach for point in group if point.reach is not None]
    return Point(
        start=group[0].start,
        shop=group[0].shop,
        source="",
        mentions=sum(point.mentions for point in group),
        negative=sum(point.negative for point in group),
        neutral=sum(point.neutral for point in group),
        positive=sum(point.positive for point in group),
        unscored=sum(point.unscored for point in group),
        is_finished=all(point.is_finished for point in group),
        models=tuple(sorted({model for point in group for model in point.models})),
        corrected=sum(point.corrected for point in group),
        needs_reply=sum(point.needs_reply for point in group),
        score=sum(point.score for point in group),
        reach=sum(known) if known else None,
        alerts=sum(point.alerts for point in group),
        waits=tuple(sorted(wait for point in group for wait in point.waits)),
        within_deadline=sum(point.within_deadline for point in group),
        decided=sum(point.decided for point in group),
        saved=sum(point.saved for point in group),
        deaf=_deaf(group),
    )


def _deaf(group: Sequence[Point]) -> tuple[Deafness, ...]:
    seconds: dict[str, float] = defaultdict(float)
    for point in group:
        for one in point.deaf:
            seconds[one.source] += one.seconds
    return tuple(Deafness(source, length) for source, length in sorted(seconds.items()))
