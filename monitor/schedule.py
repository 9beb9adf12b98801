"""APScheduler jobs out of the configuration; each job is one call into the pipeline.

A job that raises is logged and runs again at its next time: this is one of the two places that
keep the process alive.
"""

import functools
import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitor.config import SourceConfig
from monitor.errors import MonitorError
from monitor.pipeline import COLLECTORS
from monitor.store.rows import SourceRow

_STAGE_THREADS = 4
_STAGES_EVERY = {
    "assess": timedelta(seconds=5),
    "deliver": timedelta(seconds=5),
    "sweep": timedelta(minutes=1),
    "recheck": timedelta(minutes=10),
    "reach": timedelta(hours=1),
}
_WISHES_EVERY = timedelta(seconds=5)
# Fetches come up to twice this earlier than `every` says, never later: a new post is to be found within it.
_JITTER_SHARE, _MOST_JITTER = 0.05, timedelta(minutes=2)
_STARTS_A_SECOND = 20
_LOOK_S = 0.2
_log = logging.getLogger(__name__)


def build(
    sources: Mapping[str, SourceConfig],
    states: Mapping[str, SourceRow],
    now: datetime,
    collect: Callable[[str], object],
    wanted: Callable[[], Iterable[str]],
    stages: Mapping[str, Callable[[], object]],
) -> BackgroundScheduler:
    """Make the scheduler, not started: one job a source, the stages that follow, and people's wishes.

    A source goes on where it was: its next fetch is `every` after the last one, or at once. Each tick
    asks `collect`, which leaves alone what is not due (see monitor.rhythm); `wanted` names the sources
    that a person wants now.
    """
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={
            "sources": ThreadPoolExecutor(COLLECTORS),
            "stages": ThreadPoolExecutor(_STAGE_THREADS),
        },
        # A job that comes late still runs, once; APScheduler's default would drop it.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    spread = max(5.0, len(sources) / _STARTS_A_SECOND)
    for slug, source in sources.items():
        scheduler.add_job(
            keep_alive(functools.partial(collect, slug), slug),
            _about_every(source.every),
            id=f"collect:{slug}",
            executor="sources",
            next_run_time=first_fetch(source, states.get(slug), now, spread),
        )
    jobs: dict[str, Callable[[], object]] = {
        **stages,
        "wishes": functools.partial(_hurry, scheduler, wanted),
    }
    for name, stage in jobs.items():
        scheduler.add_job(
            keep_alive(stage, name),
            IntervalTrigger(seconds=_STAGES_EVERY.get(name, _WISHES_EVERY).total_seconds()),
            id=name,
            executor="stages",
            next_run_time=now,
        )
    return scheduler


def add_streams(
    scheduler: BackgroundScheduler,
    streams: Mapping[str, Callable[[], object]],
    is_stopping: Callable[[], bool],
    again_after: timedelta = timedelta(seconds=10),
) -> None:
    """Give every stream a thread of its own, in which it is listened to until `is_stopping`.

    One that falls for a reason of ours (the database refuses) is taken up again `again_after` that.
    """
    if not streams:
        return
    scheduler.add_executor(ThreadPoolExecutor(len(streams)), "streams")
    for slug, listen in streams.items():
        job = functools.partial(_again_and_again, keep_alive(listen, slug), is_stopping, again_after)
        scheduler.add_job(job, id=f"listen:{slug}", executor="streams")


def _about_every(interval: timedelta) -> IntervalTrigger:
    """Ticks of many sources that do not fall into the same second for ever."""
    jitter = min(interval * _JITTER_SHARE, _MOST_JITTER).total_seconds()
    return IntervalTrigger(seconds=interval.total_seconds() - jitter, jitter=jitter)


def _again_and_again(job: Callable[[], None], is_stopping: Callable[[], bool], after: timedelta) -> None:
    """Run a job that ends only when it must; one that fell begins again."""
    while not is_stopping():
        job()
        again = time.monotonic() + after.total_seconds()
        while time.monotonic() < again and not is_stopping():
            time.sleep(_LOOK_S)


def _hurry(scheduler: BackgroundScheduler, wanted: Callable[[], Iterable[str]]) -> None:
    """Bring forward the next fetch of what a person wants now."""
    for slug in wanted():
        job = scheduler.get_job(f"collect:{slug}")
        if job is not None:
            job.modify(next_run_time=datetime.now(UTC))


def first_fetch(
    source: SourceConfig, state: SourceRow | None, now: datetime, spread: float = 5.0
) -> datetime:
    """When a source is due after a start; sources that are due at once are spread over `spread` seconds."""
    soon = now + timedelta(seconds=random.uniform(0, min(spread, source.every.total_seconds() / 10)))
    due = [soon]
    if state is not None and state.last_run_at is not None:
        due.append(min(state.last_run_at, now) + source.every)
    if state is not None and state.not_before is not None:
        due.append(state.not_before)
    return max(due)


def keep_alive(job: Callable[[], object], name: str) -> Callable[[], None]:
    """Wrap a job so that whatever it raises ends in the log and not in a dead service."""

    def run() -> None:
        try:
            job()
        except MonitorError as error:
            _log.error("%s: %s", name, error)
        except Exception:  # noqa: BLE001 - see the head of this file
            _log.exception("%s failed; it is tried again at its next time", name)

    return run
