"""Searches that answer newest first: how far each one came, what was left open, and whose turn it is.

Knows no platform. A kind says how to ask (Way); a fetch reads each way down to where the last one began,
within a number of pages. What the pages did not reach is read by the next fetches.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from monitor.errors import SourceBroken, SourceBusy
from monitor.sources.moments import OVERLAP, floor, parse_moment
from monitor.sources.reading import BatchMaker, Position

_SURE = timedelta(hours=1)  # what a search index may take to show a post


class Reached(BaseModel):
    """Where one way stands: its newest row, and the span that earlier fetches had no pages left for.

    `resume` is the page with which that span begins, on platforms whose pages keep their names.
    """

    model_config = ConfigDict(frozen=True)

    newest: datetime | None = None
    gap: tuple[datetime, datetime] | None = None
    resume: str = ""


class SearchPosition(Position):
    """`reached` holds every way by its name; `turn` names the way that the next fetch begins with."""

    newest: datetime | None = None
    reached: Mapping[str, Reached] = Field(default_factory=dict)
    turn: str = ""

    @property
    def is_open(self) -> bool:
        """Whether pages ran out; where the platform wants us to wait, there is no hurry."""
        return not self.turn and any(reached.gap for reached in self.reached.values())


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is asked for; no `until` means until now."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and what to ask for to get the following ones (None: there are no more)."""

    rows: Sequence[Any]
    more: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One search or list.

    When `alone`, its being broken says nothing about the others: they are still read. When `lasting`,
    the platform cannot be asked for a window, but a page can be asked for again days later.
    """

    name: str
    ask: Callable[[Window, str | None], Page]
    alone: bool = False
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where the pages ran out: the time of the last row, and the page that would follow."""

    at: datetime
    page: str


class Searches:
    """All searches of one fetch.

    `when` tells the time of a row, by which the platform sorts; `pages` is the most that one way may ask
    for. When the platform wants us to wait in the middle, what is read so far counts, and the next fetch
    begins with the way that had to stop.
    """

    def __init__(
        self,
        position: SearchPosition,
        maker: BatchMaker,
        when: Callable[[Any], datetime | None],
        *,
        now: datetime,
        backfill: timedelta,
        pages: int,
        overlap: timedelta = OVERLAP,
    ) -> None:
        self._before, self._maker, self._when = position, maker, when
        self._now, self._backfill, self._pages, self._overlap = now, backfill, pages, overlap
        self._reached: dict[str, Reached] = {}
        self._turn = ""
        self._answered = False

    @property
    def oldest(self) -> datetime:
        """The time before which posts are not wanted: the back-fill, or what earlier fetches left open."""
        start = floor(self._now, self._backfill, self._before.newest)
        return min((start, *(reached.gap[0] for reached in self._before.reached.values() if reached.gap)))

    def rows(self, ways: Sequence[Way], resting: Iterable[str] = ()) -> list[Any]:
        """Ask every way once; the rows are as the platform sent them, with repetitions.

        `resting` names ways that have their turn another time; where they stand is remembered.
        """
        known = self._before.reached
        names = (*(way.name for way in ways), *resting)
        self._reached = {name: known[name] for name in names if name in known}
        rows: list[Any] = []
        failures: list[SourceBroken] = []
        for way in self._in_turn(ways):
            try:
                rows += self._read(way)
            except SourceBroken as failure:
                if not way.alone:
                    raise
                failures.append(failure)
                self._maker.warn(f"{way.name} was left out: {failure}")
            if self._turn:
                break
        if failures and not self._answered:
            raise failures[0]
        return rows

    def position(self) -> SearchPosition:
        """Where the next fetch goes on; `newest` is that of the posts made until now."""
        newest = max(filter(None, (self._before.newest, self._maker.newest)), default=None)
        return self._before.model_copy(
            update={"newest": newest, "reached": self._reached, "turn": self._turn}
        )

    def _in_turn(self, ways: Sequence[Way]) -> list[Way]:
        names = [way.name for way in ways]
        start = names.index(self._before.turn) if self._before.turn in names else 0
        return [*ways[start:], *ways[:start]]

    def _read(self, way: Way) -> list[Any]:
        reached = self._reached.get(way.name, Reached())
        first = self._now - self._backfill
        low = reached.newest - _SURE if reached.newest else first
        window = Window(min(low, reached.newest - self._overlap) if reached.newest else first)
        rows, stop = self._walk(way, window, None)
        if self._turn and not rows:
            return rows
        left = self._left(way, reached, low, stop, rows)
        times = filter(None, (reached.newest, *(self._time(row) for row in rows)))
        self._reached[way.name] = left.model_copy(update={"newest": max(times, default=None)})
        return rows

    def _left(
        self, way: Way, reached: Reached, low: datetime, stop: _Stop | None, rows: list[Any]
    ) -> Reached:
        """Return the gap that stays, after reading on in the one of earlier fetches where there is time."""
        gap = reached.gap
        if stop and stop.at > low:
            return Reached(gap=(gap[0] if gap else low, stop.at), resume=stop.page if way.lasting else "")
        if not gap or self._turn:
            return reached
        older, stop = self._walk(way, Window(*gap), reached.resume if way.lasting else None)
        rows += older
        if stop is None:
            return Reached()
        return Reached(gap=(gap[0], min(stop.at, gap[1])), resume=stop.page if way.lasting else "")

    def _walk(self, way: Way, window: Window, page: str | None) -> tuple[list[Any], _Stop | None]:
        """Return the rows of a window and, when not all of it was read, where reading stopped."""
        rows: list[Any] = []
        for _ in range(self._pages):
            try:
                answer = way.ask(window, page)
            except SourceBusy as busy:
                if not self._answered:
                    raise
                self._maker.warn(f"{busy} The rest comes with the next fetch.")
                self._turn = way.name
                break
            self._answered = True
            rows += answer.rows
            page = answer.more
            last = self._last(answer.rows)
            if page is None or not answer.rows or (last and last < window.since):
                return rows, None
        at = self._last(rows) or window.until
        return rows, _Stop(at, page or "") if at else None

    def _last(self, rows: Iterable[Any]) -> datetime | None:
        times = [time for row in rows if (time := self._time(row))]
        return times[-1] if times else None

    def _time(self, row: Any) -> datetime | None:
        time = self._when(row)
        return min(time, self._now) if time else None


def stamp(moment: datetime) -> str:
    """Return a UTC time as most platforms take it: 2026-11-24T10:00:00Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def dated(value: object) -> datetime | None:
    """Return the time in a raw row of a platform that writes times as text."""
    return parse_moment(value) if isinstance(value, str) else None


def epoch(value: object) -> float | None:
    """Return what a platform sends as seconds since 1970, None when it cannot be a time."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < 1e11 else None
