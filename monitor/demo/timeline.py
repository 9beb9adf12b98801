"""When each post of the demo was written, and which ones can be seen by now.

What lies before the start is bent to the rhythm of a Finnish day: whenever somebody starts the demo,
few posts fall into the night.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from monitor.clock import Clock
from monitor.demo.stream import DemoPost, Place

# How much is written in each local hour, from midnight on, in relation to the other hours.
_ACTIVITY = (2, 1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 9, 10, 9, 9, 9, 10, 11, 12, 13, 14, 13, 9, 5)
# Finnish winter time. The summer hour is of no weight for a rhythm and would need a time-zone database.
_LOCAL = timezone(timedelta(hours=2))


@dataclass(frozen=True, slots=True)
class Dated:
    """A post with its moments; `number` is its place in its thread, from 1."""

    post: DemoPost
    posted_at: datetime
    edited_at: datetime | None
    number: int


class Timeline:
    """The stream laid out from `started_at` on, seen at the time that `clock` tells."""

    def __init__(self, posts: Sequence[DemoPost], started_at: datetime, clock: Clock) -> None:
        self._clock = clock
        self._started_at = started_at.astimezone(UTC)
        self._dated = self._lay_out(posts)

    def visible(self, place: Place) -> list[Dated]:
        """Return what has been posted at `place` by now, oldest first."""
        now = self._clock.now()
        return [dated for dated in self._dated if dated.post.place == place and dated.posted_at <= now]

    def _lay_out(self, posts: Sequence[DemoPost]) -> tuple[Dated, ...]:
        numbers: defaultdict[int, int] = defaultdict(int)
        laid = []
        for post in sorted(posts, key=lambda post: (post.posted_after, post.id)):
            numbers[post.thread] += 1
            edited_at = None if post.edited_after is None else self._moment(post.edited_after)
            laid.append(Dated(post, self._moment(post.posted_after), edited_at, numbers[post.thread]))
        return tuple(laid)

    def _moment(self, after: int) -> datetime:
        if after >= 0:
            return self._started_at + timedelta(seconds=after)
        return _bend(-after, self._started_at)


def _bend(before: int, started_at: datetime) -> datetime:
    """Go back from `started_at` by `before` seconds of average activity: fast at night, slow by day."""
    owed = before / 3600 * sum(_ACTIVITY) / len(_ACTIVITY)
    moment = started_at.astimezone(_LOCAL)
    while True:
        hour = (moment - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)
        weight = _ACTIVITY[hour.hour]
        held = (moment - hour) / timedelta(hours=1) * weight
        if owed <= held:
            return (moment - timedelta(hours=owed / weight)).astimezone(UTC)
        owed -= held
        moment = hour
