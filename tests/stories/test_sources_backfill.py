"""The first reading goes on while there is more, with its limits; many sources are read side by side."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from monitor import pipeline
from monitor.app import App
from monitor.cli.first import FirstReading
from monitor.cli.output import Terminal
from monitor.domain import Batch
from monitor.errors import SourceBusy, StoreError
from monitor.pipeline.collect import turn
from monitor.store import reads
from monitor.store.rows import RunRow
from monitor.web import Pulse
from tests.stories.world import World


class Archive:
    """A place with `pages` of old posts, one a fetch; the cursor is the next page."""

    def __init__(self, world: World, pages: int, minutes: int = 0, stuck: bool = False) -> None:
        self._world, self._pages, self._stuck = world, pages, stuck
        self._takes = timedelta(minutes=minutes)
        self.fetches = 0
        self.busy_at: int | None = None

    def fetch(self, cursor: str | None) -> Batch:
        self.fetches += 1
        page = int(cursor or 0)
        if page == self.busy_at:
            raise SourceBusy("come back later")
        self._world.clock.moment += self._takes
        following = page if self._stuck else min(page + 1, self._pages)
        return Batch(cursor=str(following), passed=1, more=self._stuck or following < self._pages)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, sources=[{"slug": "forum", "kind": "feed"}])
    yield world
    world.store.close()


def turned(world: World, archive: Archive) -> list[RunRow]:
    world.parts = replace(world.parts, sources={"forum": archive})
    return turn(world.parts, "forum")


def test_first_reading_goes_on_while_there_is_more(world: World) -> None:
    archive = Archive(world, pages=7)
    assert len(turned(world, archive)) == 7
    assert len(turned(world, archive)) == 1


def test_long_reading_makes_way_for_others_and_goes_on_with_the_next_turn(world: World) -> None:
    archive = Archive(world, pages=9, minutes=1)
    assert [len(turned(world, archive)) for _ in range(4)] == [3, 3, 3, 1]


def test_endless_reading_ends(world: World) -> None:
    assert len(turned(world, Archive(world, pages=10_000))) == 50


def test_source_that_promises_more_and_does_not_move_is_not_asked_again(world: World) -> None:
    archive = Archive(world, pages=9, stuck=True)
    assert len(turned(world, archive)) == 2
    assert len(turned(world, archive)) == 1


def test_reading_that_fails_in_the_middle_keeps_what_it_has(world: World) -> None:
    archive = Archive(world, pages=9)
    archive.busy_at = 3
    runs = turned(world, archive)
    assert [run.outcome for run in runs] == ["ok", "ok", "ok", "busy"]
    archive.busy_at = None
    assert len(turned(world, archive)) == 6


def test_reading_stops_when_the_service_does(world: World) -> None:
    archive = Archive(world, pages=9)
    world.is_stopping = True
    assert len(turned(world, archive)) == 1


class Meeting:
    """A place that answers only when all others are asked too."""

    def __init__(self, barrier: threading.Barrier) -> None:
        self._barrier = barrier

    def fetch(self, cursor: str | None) -> Batch:
        self._barrier.wait(20)
        return Batch(cursor="1")


def test_many_sources_are_read_side_by_side(world: World) -> None:
    barrier = threading.Barrier(pipeline.COLLECTORS)
    sources = {f"s{number}": Meeting(barrier) for number in range(pipeline.COLLECTORS)}
    world.parts = replace(world.parts, sources=sources)
    told: list[str] = []
    done = dict(pipeline.collect_all(world.parts, list(sources), lambda slug, run: told.append(slug)))
    assert sorted(done) == sorted(told) == sorted(sources)
    assert all(run.outcome == "ok" for runs in done.values() for run in runs)


def test_database_that_refuses_ends_the_reading_of_all(world: World) -> None:
    class Refused:
        def fetch(self, cursor: str | None) -> Batch:
            raise StoreError("the disk is full")

    world.parts = replace(world.parts, sources={"forum": Refused()})
    with pytest.raises(StoreError):
        list(pipeline.collect_all(world.parts, ["forum"]))


def terminal() -> Terminal:
    made = Terminal()
    made.err = Console(file=StringIO(), force_terminal=True, width=100)
    return made


def shown(made: Terminal) -> str:
    assert isinstance(made.err.file, StringIO)
    return made.err.file.getvalue()


def test_running_service_shows_the_first_reading_of_new_sources_until_it_is_done(world: World) -> None:
    archive = Archive(world, pages=1)
    world.parts = replace(world.parts, sources={"forum": archive})
    app = App(world.config, world.store, world.parts, Pulse(world.clock))
    screen = terminal()
    reading = FirstReading(app, screen)
    reading.look()
    assert "Reading new sources the first time" in shown(screen)
    turned(world, archive)
    reading.look()
    written = len(shown(screen))
    reading.look()
    reading.close()
    assert len(shown(screen)) == written


def test_running_service_shows_no_bar_when_nothing_is_new(world: World) -> None:
    archive = Archive(world, pages=1)
    turned(world, archive)
    screen = terminal()
    FirstReading(App(world.config, world.store, world.parts, Pulse(world.clock)), screen).look()
    assert shown(screen) == ""


def test_bar_does_not_end_the_service_when_the_database_is_held(world: World) -> None:
    world.parts = replace(world.parts, sources={"forum": Archive(world, pages=1)})
    reading = FirstReading(App(world.config, world.store, world.parts, Pulse(world.clock)), terminal())
    with world.store.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE sourcestate RENAME TO gone")
    reading.look()
    reading.close()
    with world.store.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE gone RENAME TO sourcestate")
    with world.store.reading() as session:
        assert reads.source_states(session) == {}
