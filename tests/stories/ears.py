"""Listens to a stream in a thread while the story's clock stands, as the service does."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from sqlalchemy import func, select

from monitor import control, health, pipeline
from monitor.domain import Post
from monitor.health import Status
from monitor.sources import SOURCES
from monitor.store import reads
from monitor.store.rows import MentionRow, SourceRow
from monitor.store.tables import Run
from tests.sources.jetstream_server import StreamServer, microseconds
from tests.sources.support import Site, StillClock, context_for
from tests.stories.world import World

SLUG = "bluesky"
MINUTE_US = 60_000_000
PEOPLE = [
    {"slug": "it", "name": "Ylläpito", "email": "it@lumopuoti.example", "language": "en", "operator": True}
]


@dataclass
class Ear:
    """Listens to a server in a thread, as the service does; time passes only while it rests."""

    world: World
    server: StreamServer
    options: dict[str, object] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)
    is_patient: bool = False

    def __post_init__(self) -> None:
        self.world.parts = replace(
            self.world.parts,
            sources={SLUG: self._source()},
            reaching_back=lambda slug, length: self._source(length),
        )

    def _source(self, backfill: timedelta = timedelta(hours=1)) -> object:
        world, canary = self.world, self.world.config.sources[0].canary

        def wanted(post: Post) -> bool:
            return (canary is not None and canary in post.text) or bool(world.parts.matcher.find_shops(post))

        context = context_for(Site({}), StillClock())
        context = replace(context, slug=SLUG, clock=world.clock, allow_private=True, wanted=wanted)
        options = {"url": self.server.url, "collect_for": "1s", **self.options, "backfill": backfill}
        return SOURCES["jetstream"].make(options, context)

    def __enter__(self) -> "Ear":
        self._thread = threading.Thread(target=pipeline.listen, args=(self.world.parts, SLUG, self._rest))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.is_stopping = True
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()
        self.world.is_stopping = False

    async def _rest(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if self.is_patient:
            await asyncio.sleep(3600)
        self.world.clock.moment += timedelta(seconds=seconds)
        await asyncio.sleep(0.01)

    def now(self) -> int:
        return microseconds(self.world.clock.now())

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something that other threads bring about."""
        for _ in range(3_000):
            if is_so():
                return
            threading.Event().wait(0.01)
        raise AssertionError("it did not come about")

    def let_minutes_pass_until(self, is_so: Callable[[], bool]) -> None:
        for _ in range(300):
            if is_so():
                return
            self.world.clock.moment += timedelta(minutes=1)
            threading.Event().wait(0.1)
        raise AssertionError("it did not come about")

    def connected(self, times: int = 1) -> None:
        self.until(lambda: len(self.server.asked) >= times)

    @property
    def mentions(self) -> list[MentionRow]:
        with self.world.store.reading() as session:
            return reads.mentions(session, reads.MentionFilter())

    @property
    def texts(self) -> list[str]:
        return sorted(mention.text for mention in self.mentions)

    @property
    def state(self) -> SourceRow:
        with self.world.store.reading() as session:
            return reads.source_states(session)[SLUG]

    @property
    def status(self) -> Status:
        with self.world.store.reading() as session:
            (found,) = health.report(session, self.world.config.sources, self.world.clock.now())
        return found.status

    @property
    def runs(self) -> list[tuple[str, int, int]]:
        """Outcome, posts and new mentions of every row of the log."""
        with self.world.store.reading() as session:
            rows = session.execute(select(Run).order_by(Run.id)).scalars()  # type: ignore[arg-type]
            return [(run.outcome, run.posts, run.new) for run in rows]

    @property
    def runs_began(self) -> datetime:
        with self.world.store.reading() as session:
            return session.execute(select(func.min(Run.started_at))).scalar_one()

    def do(self, what: str, *more: object) -> None:
        """A person controls the source."""
        with self.world.store.transaction() as session:
            getattr(control, what)(session, SLUG, *more, "Maija", self.world.clock.now())


def make_world(folder: Path, **source: object) -> World:
    return World(folder, sources=[{"slug": SLUG, "kind": "jetstream", **source}], recipients=PEOPLE)
