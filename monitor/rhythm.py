"""How often a source is fetched: slower after failures and where nobody writes, and back by itself.

Pure arithmetic; who fetches is monitor.schedule and monitor.pipeline.
"""

from datetime import datetime, timedelta

from monitor.config.schema import SourceConfig
from monitor.store.rows import SourceRow

_SLOWEST_AFTER_FAILURES = timedelta(hours=6)
# The first failures cost nothing: that a source has fallen silent is to be known within two intervals.
_FREE_FAILURES = 2
_MOST_DOUBLINGS = 20
# A place where nothing was written for a day is looked at every half hour, if that is allowed.
_SHARE_OF_SILENCE = 48


def slower(source: SourceConfig, slowdown: int) -> int:
    """The slowdown after one more failure; it does not grow once the slowest interval is reached."""
    is_slowest = slowdown >= _FREE_FAILURES and _after_failures(source, slowdown) >= _limit(source)
    return slowdown if is_slowest else min(slowdown + 1, _FREE_FAILURES + _MOST_DOUBLINGS)


def faster(slowdown: int) -> int:
    """The slowdown after a success."""
    return slowdown // 2


def interval(source: SourceConfig, slowdown: int, last_post_at: datetime | None, now: datetime) -> timedelta:
    """Time from one fetch to the next, between `every` and the slowest that the source may have."""
    wanted = max(_after_failures(source, slowdown), _idle(source, last_post_at, now))
    return min(wanted, _limit(source))


def _limit(source: SourceConfig) -> timedelta:
    return max(source.every, source.slowest or _SLOWEST_AFTER_FAILURES)


def _after_failures(source: SourceConfig, slowdown: int) -> timedelta:
    return source.every * (1 << min(max(slowdown - _FREE_FAILURES, 0), _MOST_DOUBLINGS))


def _idle(source: SourceConfig, last_post_at: datetime | None, now: datetime) -> timedelta:
    if source.slowest is None or last_post_at is None:
        return source.every
    return (now - last_post_at) / _SHARE_OF_SILENCE


def not_before(
    source: SourceConfig,
    slowdown: int,
    last_post_at: datetime | None,
    now: datetime,
    asked: float | None = None,
) -> datetime | None:
    """When the next fetch may be, None when the schedule's own interval is enough.

    `asked` are the seconds that the other side wants us to wait.
    """
    length = interval(source, slowdown, last_post_at, now)
    # The schedule ticks every `every`, give or take; half of it early catches the tick that is meant.
    ours = now + length - source.every / 2 if length > source.every else None
    theirs = now + timedelta(seconds=asked) if asked else None
    return max((moment for moment in (ours, theirs) if moment is not None), default=None)


def is_due(state: SourceRow | None, now: datetime) -> bool:
    """Tell whether a source may be fetched at this tick; what a person asked for is due at once."""
    if state is None or state.run_requested_at is not None:
        return True
    return not state.is_paused and (state.not_before is None or state.not_before <= now)
