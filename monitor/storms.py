"""Is this many unhappy posts unusual? Compares the last hours with the same hours of earlier weeks. Pure.

A window of the last hour (and one of six) is compared with the same window one to eight weeks ago, in the
shop's own time zone, so that no unfinished day is ever held against a whole one. Weeks in which the sources
were not heard do not count. The count must be improbable for a Poisson process of the usual rate.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from statistics import mean, median

from monitor.text import likeness

WINDOWS = (timedelta(hours=1), timedelta(hours=6))
WEEKS = 8
REACHES_BACK = timedelta(weeks=WEEKS) + max(WINDOWS)
# How improbable a count must be; looked at every minute in two windows, this is about one false storm a year.
_IMPROBABLE = 1e-5
# Once there, it goes on until the count would surprise nobody.
_GOES_ON = 1e-2
_FEWEST_WEEKS = 2
# Even a shop that nobody has ever complained about gets a post every few hours some day.
_LEAST_AN_HOUR = 0.1
_UNKNOWN_AN_HOUR = 0.5
_COPY = 0.5
_CAMPAIGN_AUTHORS = 3
_MOST_COMPARED = 60

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Voice:
    """One unhappy post: when, where, who, what about."""

    mention_id: int
    at: datetime
    source: str
    author: str
    topics: tuple[str, ...]
    text: str
    reach: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """When unhappy posts were written; `deaf` are spans in which the sources were not heard, `heard_since` is
    when listening began, `zone` the shop's own clock. Posts up to `settled` belong to a storm that is over.
    """

    times: Sequence[datetime]
    deaf: Sequence[Span]
    heard_since: datetime
    zone: tzinfo
    settled: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rise:
    """More unhappy posts than usual: `count` in `window` where `expected` were usual."""

    topic: str | None
    began_at: datetime
    count: int
    expected: float
    window: timedelta


@dataclass(frozen=True, slots=True)
class Cause:
    """What the posts have in common; a name is None where no one stands out.

    `examples` are mention ids, the furthest-reaching first. `copies` posts of `copy_authors` writers are
    near-identical: possibly a campaign.
    """

    topic: str | None
    topic_count: int
    source: str | None
    source_count: int
    examples: tuple[int, ...]
    copies: int
    copy_authors: int


def rise(history: History, now: datetime, at_least: int) -> Rise | None:
    """Say whether the posts of the last hours rise above the usual; None when they do not."""
    return _judged(history, now, at_least, _IMPROBABLE, WINDOWS)


def goes_on(history: History, now: datetime, at_least: int) -> bool:
    """Say whether a storm that began is still there."""
    return _judged(history, now, max(at_least // 2, 2), _GOES_ON, WINDOWS[:1]) is not None


def _judged(
    history: History, now: datetime, at_least: int, improbable: float, windows: Sequence[timedelta]
) -> Rise | None:
    for window in windows:
        start = max(now - window, history.settled or now - window)
        recent = [at for at in history.times if start < at <= now]
        if len(recent) < at_least:
            continue
        expected = usual(history, now, window)
        if tail(len(recent), expected) < improbable:
            return Rise(None, min(recent), len(recent), expected, window)
    return None


def usual(history: History, now: datetime, window: timedelta) -> float:
    """How many posts such a window holds as a rule, never quite zero.

    The median of the comparable weeks, or their mean without the fullest one where that is more: a storm in
    the past moves it little.
    """
    hours = window / timedelta(hours=1)
    weeks = [_span(now, week, window, history.zone) for week in range(1, WEEKS + 1)]
    heard = [span for span in weeks if span[0] >= history.heard_since and not _is_deaf(span, history.deaf)]
    if len(heard) < _FEWEST_WEEKS:
        return max(_rate(history, now, window), _UNKNOWN_AN_HOUR) * hours
    counts = sorted(sum(start < at <= end for at in history.times) for start, end in heard)
    trimmed = counts[:-1] if len(counts) > _FEWEST_WEEKS else counts
    return max(median(counts), mean(trimmed), _LEAST_AN_HOUR * hours)


def _rate(history: History, now: datetime, window: timedelta) -> float:
    """Posts an hour before the window, of at most a week; 0 where listening has just begun."""
    start = max(history.heard_since, now - timedelta(weeks=1))
    hours = (now - window - start) / timedelta(hours=1)
    if hours < 24:
        return 0.0
    return sum(start < at <= now - window for at in history.times) / hours


def _span(now: datetime, weeks: int, window: timedelta, zone: tzinfo) -> Span:
    """The same window so many weeks ago, by the clock on the wall."""
    end = (now.astimezone(zone) - timedelta(weeks=weeks)).astimezone(UTC)
    return end - window, end


def _is_deaf(span: Span, deaf: Iterable[Span]) -> bool:
    return any(start < span[1] and end > span[0] for start, end in deaf)


def tail(count: int, expected: float) -> float:
    """Probability of so many posts or more, when `expected` are usual (Poisson)."""
    term = total = math.exp(-expected)
    for k in range(1, count):
        term *= expected / k
        total += term
    return max(1.0 - total, 0.0)


def cause(voices: Sequence[Voice]) -> Cause:
    """Say what the posts of a storm have in common."""
    topics = Counter(topic for voice in voices for topic in voice.topics)
    sources = Counter(voice.source for voice in voices)
    topic, topic_count = topics.most_common(1)[0] if topics else (None, 0)
    source, source_count = sources.most_common(1)[0] if sources else (None, 0)
    most = len(voices) / 2
    copies, authors = _copies(voices)
    by_reach = sorted(voices, key=lambda voice: (-(voice.reach or 0), voice.at))
    return Cause(
        topic=topic if topic_count >= most else None,
        topic_count=topic_count,
        source=source if source_count >= most and len(sources) > 1 else None,
        source_count=source_count,
        examples=tuple(voice.mention_id for voice in by_reach[:3]),
        copies=copies,
        copy_authors=authors,
    )


def _copies(voices: Sequence[Voice]) -> tuple[int, int]:
    """The largest group of near-identical texts by three writers or more: its posts and writers."""
    compared, best = voices[:_MOST_COMPARED], (0, 0)
    for voice in compared:
        alike = [other for other in compared if likeness(voice.text, other.text) >= _COPY]
        authors = len({other.author for other in alike} - {""})
        if authors >= _CAMPAIGN_AUTHORS:
            best = max(best, (len(alike), authors))
    return best
