"""What an answer brought about, read from what the writer did afterwards. Decides only; no I/O.

A customer counts as won back ("saved") when they spoke friendly or neutrally in the conversation, took the
sting out of the post, or raised its stars. Silence saves nobody, and a deleted post says nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from monitor.domain import Sentiment

FOLLOWED = timedelta(days=14)
# So fast was the first answer: shares of saved customers are told apart by these.
STEPS = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))


class Outcome(StrEnum):
    """What became of an answered alert."""

    CALMED = "calmed"
    EDITED = "edited"
    RAISED_STARS = "raised_stars"
    SILENT = "silent"
    ANGRIER = "angrier"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an answered alert now: its first post, and the stances of the writer's later ones."""

    stars_then: float | None
    stars_now: float | None
    is_edited: bool
    stance_now: Sentiment | None
    later: Sequence[Sentiment | None]
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Answers within a time: how many, of how many it shows what they brought, how many saved a customer."""

    within: timedelta | None
    answered: int
    decided: int
    saved: int

    @property
    def share(self) -> float | None:
        """Saved of the decided; None where nothing is decided."""
        return self.saved / self.decided if self.decided else None


def outcome(seen: Seen, time_is_up: bool) -> tuple[Outcome, bool] | None:
    """What became of it, and whether the customer was saved; None while it does not show."""
    if seen.stars_then is not None and seen.stars_now is not None and seen.stars_now > seen.stars_then:
        return Outcome.RAISED_STARS, True
    spoken = [stance for stance in seen.later if stance is not None]
    if spoken:
        is_calm = spoken[-1] is not Sentiment.NEGATIVE
        return (Outcome.CALMED if is_calm else Outcome.ANGRIER), is_calm
    if seen.is_edited and not seen.is_gone and seen.stance_now is not None:
        return Outcome.EDITED, seen.stance_now is not Sentiment.NEGATIVE
    return (Outcome.SILENT, False) if time_is_up else None


def shares(found: Iterable[tuple[float, str | None, bool | None]]) -> list[Share]:
    """Shares of saved customers by the time to the first answer; (seconds, outcome, saved) of each answer."""
    rows = list(found)
    bounds: list[timedelta | None] = [*STEPS, None]
    start, out = timedelta(), []
    for bound in bounds:
        mine = [
            row
            for row in rows
            if row[0] >= start.total_seconds() and (bound is None or row[0] < bound.total_seconds())
        ]
        decided = [row for row in mine if row[1] is not None]
        out.append(Share(bound, len(mine), len(decided), sum(bool(row[2]) for row in decided)))
        start = bound or start
    return out
