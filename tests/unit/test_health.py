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

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/test.db")
    store.migrate()
    yield store
    store.close()


def fetch(
    store: Store, outcome: str = "ok", ago: int = 1, post_ago: int | None = 5, delay: float = 60
) -> None:
    at = NOW - timedelta(minutes=ago)
    run = Run(
        source="forum",
        started_at=at,
        ended_at=at,
        outcome=outcome,
        posts=1,
        mentions=1,
        new=1,
        median_delay=delay,
        warnings=[],
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
