"""The state of a source in one word."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import control, health
from monitor.config import SourceConfig
from monitor.health import Status
from monitor.store import Store, reads, states, writes
from monitor.store.tables import Run
from tests.stories.world import World

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/test.db")
    store.migrate()
    yield store
    store.close()


def fetch(
    store: Store,
    outcome: str = "ok",
    ago: float = 1,
    post_ago: int | None = 5,
    delay: float | None = 60,
    warnings: tuple[str, ...] = (),
    source: str = "forum",
) -> None:
    at = NOW - timedelta(minutes=ago)
    run = Run(
        source=source,
        started_at=at,
        ended_at=at,
        outcome=outcome,
        posts=1,
        mentions=1,
        new=1,
        median_delay=delay,
        warnings=list(warnings),
        error=None if outcome == "ok" else "it says no",
    )
    with store.transaction() as session:
        writes.save_run(
            session, run, "c", NOW - timedelta(minutes=post_ago) if post_ago is not None else None
        )


def judged(store: Store, **settings: object) -> health.SourceHealth:
    source = SourceConfig.model_validate({"slug": "forum", "kind": "feed", "every": "10m", **settings})
    with store.reading() as session:
        (found,) = health.report(session, [source], NOW)
    return found


def heard(store: Store) -> health.Hearing:
    source = SourceConfig.model_validate({"slug": "forum", "kind": "feed", "every": "10m"})
    with store.reading() as session:
        return health.judge(source, reads.source_states(session)["forum"], NOW)


def test_source_never_fetched_is_waiting(store: Store) -> None:
    assert judged(store).status is Status.WAITING


def test_source_switched_off_says_so(store: Store) -> None:
    assert judged(store, enabled=False).status is Status.OFF


def test_source_that_works_is_ok_with_its_delays(store: Store) -> None:
    for delay in (30, 60, 600):
        fetch(store, delay=delay)
    found = judged(store)
    assert (found.status, found.median_delay, found.p95_delay) == (Status.OK, 60, 600)
    assert (found.fetches, found.failed, found.mentions) == (3, 0, 3)


@pytest.mark.parametrize(("outcome", "status"), [("busy", Status.BUSY), ("broken", Status.BROKEN)])
def test_failing_source_says_why(store: Store, outcome: str, status: Status) -> None:
    fetch(store)
    fetch(store, outcome)
    found = judged(store)
    assert found.status is status
    assert found.values["error"] == "it says no"
    assert found.status.is_trouble


def test_source_that_used_up_its_day_is_no_trouble(store: Store) -> None:
    fetch(store)
    fetch(store, "spent")
    found = judged(store)
    assert (found.status, found.values["error"]) == (Status.SPENT, "it says no")
    assert not found.status.is_trouble


def test_one_broken_answer_is_not_believed_yet(store: Store) -> None:
    fetch(store, "broken")
    assert not heard(store).is_sure
    fetch(store, "broken")
    assert heard(store).is_sure


def test_paused_source_says_who_paused_it(store: Store) -> None:
    fetch(store, "broken")
    with store.transaction() as session:
        control.pause(session, "forum", "Maija", NOW)
    found = judged(store)
    assert (found.status, found.values["who"]) == (Status.PAUSED, "Maija")
    assert not found.status.is_trouble


def test_source_that_was_slowed_down_is_not_late(store: Store) -> None:
    fetch(store, ago=300)
    with store.transaction() as session:
        states.set_pace(session, "forum", 4, NOW + timedelta(minutes=5))
    assert judged(store).status is Status.OK


def test_source_not_fetched_for_long_is_late(store: Store) -> None:
    fetch(store, ago=60)
    assert judged(store).status is Status.LATE


def test_silent_source_is_late(store: Store) -> None:
    fetch(store, post_ago=600)
    assert judged(store, late_after="2h").status is Status.LATE
    assert judged(store, late_after="1d").status is Status.OK


def test_figures_are_of_the_source_itself_and_of_seven_days(store: Store) -> None:
    fetch(store, ago=8 * 24 * 60, delay=9000, warnings=("long ago",))
    fetch(store, ago=3, delay=30, warnings=("an earlier one",))
    fetch(store, "busy", ago=2, delay=None)
    fetch(store, ago=1, delay=None, warnings=("the newest one",))
    fetch(store, source="blog", ago=1, delay=600, warnings=("another source",))
    found = judged(store)
    assert (found.fetches, found.failed, found.mentions) == (3, 1, 3)
    assert (found.median_delay, found.p95_delay) == (30, 30)
    assert found.warnings == ("the newest one",)


def test_newest_fetch_without_warnings_shows_none(store: Store) -> None:
    fetch(store, ago=2, warnings=("an earlier one",))
    fetch(store, ago=1)
    assert judged(store).warnings == ()


def test_delays_are_those_of_the_newest_two_thousand_fetches(store: Store) -> None:
    at = NOW - timedelta(minutes=5)
    runs = [
        Run(
            source="forum",
            started_at=at,
            ended_at=at,
            outcome="ok",
            posts=1,
            mentions=1,
            new=1,
            median_delay=9000 if number < 2_000 else 60,
            warnings=[],
        )
        for number in range(4_000)
    ]
    with store.transaction() as session:
        session.add_all(runs)
    found = judged(store)
    assert (found.fetches, found.median_delay, found.p95_delay) == (4_000, 60, 60)


def test_only_what_was_posted_since_the_last_good_fetch_counts_as_delay(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.post("forum", "Lumopuoti on vanha tuttu.", days_ago=300)
    world.run()
    world.clock.moment += timedelta(minutes=10)
    world.post("forum", "Lumopuodin vanha juttu löytyi vasta nyt.", days_ago=30)
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="14:05")
    world.run()
    with world.store.reading() as session:
        delays = [run.median_delay for run in reads.runs(session, NOW - timedelta(days=1), "forum")]
    world.store.close()
    assert delays == [300, None]
