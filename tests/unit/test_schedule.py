"""When sources are fetched, and that a job that raises does not end the service."""

import logging
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from monitor import schedule
from monitor.config import SourceConfig
from monitor.errors import StoreError
from monitor.store.rows import SourceRow

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SOURCE = SourceConfig(slug="forum", kind="feed", every="10m")


def state(last_run_at: datetime | None, not_before: datetime | None = None) -> SourceRow:
    return SourceRow("forum", None, last_run_at, None, None, 0, None, not_before)


def test_new_source_is_fetched_within_seconds() -> None:
    assert timedelta() <= schedule.first_fetch(SOURCE, None, NOW) - NOW <= timedelta(seconds=5)


def test_source_goes_on_where_it_was() -> None:
    last = NOW - timedelta(minutes=4)
    assert schedule.first_fetch(SOURCE, state(last), NOW) == last + timedelta(minutes=10)


def test_source_that_asked_us_to_wait_is_left_alone() -> None:
    until = NOW + timedelta(hours=2)
    assert schedule.first_fetch(SOURCE, state(NOW, until), NOW) == until


def test_clock_that_was_set_back_does_not_silence_a_source() -> None:
    future = NOW + timedelta(days=300)
    assert schedule.first_fetch(SOURCE, state(future), NOW) <= NOW + timedelta(minutes=10)


def test_many_sources_do_not_start_in_the_same_second() -> None:
    def nothing(*_: object) -> None:
        return None

    sources = {f"forum-{number}": SOURCE for number in range(200)}
    scheduler = schedule.build(sources, {}, NOW, nothing, list, {})
    scheduler.start(paused=True)
    starts = Counter(
        int((job.next_run_time - NOW).total_seconds())
        for job in scheduler.get_jobs()
        if job.id.startswith("collect:")
    )
    scheduler.shutdown()
    assert len(starts) >= 8
    assert max(starts.values()) < 60


@pytest.mark.parametrize("every", ["5s", "10m", "1d"])
def test_next_fetch_is_never_later_than_the_interval_and_not_at_the_same_moment_for_all(every: str) -> None:
    source = SourceConfig(slug="forum", kind="feed", every=every)
    scheduler = schedule.build({"forum": source}, {}, NOW, lambda slug: None, list, {})
    (trigger,) = (job.trigger for job in scheduler.get_jobs() if job.id == "collect:forum")
    waits = [trigger.get_next_fire_time(NOW, NOW) - NOW for _ in range(200)]
    assert max(waits) <= source.every
    assert min(waits) >= 0.9 * source.every
    assert len(set(waits)) > 100


def test_what_a_person_wants_now_is_fetched_now() -> None:
    collected = threading.Event()
    wished = ["gone", "forum"]

    def collect(slug: str) -> None:
        assert slug == "forum"
        collected.set()

    now = datetime.now(UTC)
    later = state(now, now + timedelta(hours=5))
    scheduler = schedule.build({"forum": SOURCE}, {"forum": later}, now, collect, lambda: wished, {})
    scheduler.start()
    try:
        assert collected.wait(20)
    finally:
        scheduler.shutdown()


@pytest.mark.parametrize("error", [StoreError("the disk is full"), ZeroDivisionError("a mistake of ours")])
def test_job_that_raises_is_logged_and_goes_on(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    def job() -> None:
        raise error

    with caplog.at_level(logging.ERROR):
        schedule.keep_alive(job, "collect:forum")()
    assert "collect:forum" in caplog.text
    assert str(error) in caplog.text


def test_scheduler_has_a_job_for_each_source_and_stage() -> None:
    def nothing(*_: object) -> None:
        return None

    stages = {"assess": nothing, "deliver": nothing, "sweep": nothing}
    scheduler = schedule.build({"forum": SOURCE}, {}, NOW, nothing, list, stages)
    jobs = {job.id: job for job in scheduler.get_jobs()}
    assert set(jobs) == {"collect:forum", "assess", "deliver", "sweep", "wishes"}
    scheduler.start(paused=True)
    assert all(job.misfire_grace_time is None for job in scheduler.get_jobs())
    assert all(job.max_instances == 1 for job in scheduler.get_jobs())
    scheduler.shutdown()
