"""A world that listens to one site as the schedule does: a tick every `every`, a sweep every minute or so."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from monitor import control, health, pipeline
from monitor.config import SourceConfig, parse_duration
from monitor.domain import Batch
from monitor.store import reads
from monitor.store.rows import MentionRow, SourceRow
from tests.stories.world import HeldClock, Place, World

SLUG = "forum"


@dataclass
class Site(Place):
    """A site that remembers when it was asked; `unreadable` of its rows make no sense to us."""

    clock: HeldClock | None = None
    fetches: list[datetime] = field(default_factory=list)
    unreadable: int = 0
    left_out: int = 0

    def fetch(self, cursor: str | None) -> Batch:
        assert self.clock is not None
        self.fetches.append(self.clock.now())
        batch = super().fetch(cursor)
        if not self.unreadable:
            return batch
        warnings = tuple(f"post {number + 1} cannot be read." for number in range(self.unreadable))
        return Batch((), cursor, warnings, self.unreadable, self.left_out)


class Listening:
    """The story's world, with one configured source; further settings are those of the source."""

    def __init__(self, folder: Path, people: list[dict[str, object]] | None = None, **source: object) -> None:
        settings: dict[str, object] = {"sources": [{"slug": SLUG, "kind": "feed", **source}]}
        if people is not None:
            settings["recipients"] = people
        self.world = World(folder, **settings)
        self.site = Site(clock=self.world.clock)
        self.world.places = {SLUG: self.site}
        self.world.parts = self.world._parts()
        self._ids: dict[int, str] = {}

    @property
    def source(self) -> SourceConfig:
        return self.world.config.sources[0]

    @property
    def state(self) -> SourceRow:
        with self.world.store.reading() as session:
            return reads.source_states(session)[SLUG]

    @property
    def mentions(self) -> dict[str, MentionRow]:
        """What is stored, by the ids that the site gives posts; of what is erased no id is stored."""
        with self.world.store.reading() as session:
            found = reads.mentions(session, reads.MentionFilter())
        return {self._ids.setdefault(row.id, row.external_id): row for row in found}

    @property
    def status(self) -> health.Status:
        with self.world.store.reading() as session:
            (found,) = health.report(session, self.world.config.sources, self.world.clock.now())
        return found.status

    def tick(self) -> None:
        """One round of the schedule."""
        pipeline.collect_due(self.world.parts, SLUG)
        pipeline.assess_all(self.world.parts)
        pipeline.sweep(self.world.parts)
        pipeline.deliver(self.world.parts)
        self._ids |= {row.id: name for name, row in self.mentions.items()}

    def listen(self, duration: str, every: timedelta | None = None) -> None:
        """Let time pass as the schedule does: a tick now and every `every`."""
        clock, step = self.world.clock, every or self.source.every
        end = clock.moment + parse_duration(duration)
        while clock.moment < end:
            clock.moment = min(end, clock.moment + step)
            self.tick()

    def write(self, text: str = "Bussi oli taas myöhässä.") -> None:
        """Somebody writes at the site, now."""
        self.world.post(SLUG, text, thread=f"t{len(self.site.posts)}")

    def do(self, what: str, *more: object) -> None:
        """A person controls the source."""
        with self.world.store.transaction() as session:
            getattr(control, what)(session, SLUG, *more, "Maija", self.world.clock.now())

    def pauses(self) -> list[timedelta]:
        """Time between the fetches."""
        times = self.site.fetches
        return [later - earlier for earlier, later in pairwise(times)]
