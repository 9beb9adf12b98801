"""APScheduler jobs out of the configuration; each job is one call into the pipeline.

A job that raises is logged and runs again at its next time: this is one of the two places that
keep the process alive.
"""

import functools
import logging
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitor.config import SourceConfig
from monitor.errors import MonitorError
from monitor.store.rows import SourceRow

_SOURCE_THREADS = 8
_STAGE_THREADS = 3
_STAGES_EVERY = timedelta(seconds=5)
_SWEEP_EVERY = timedelta(minutes=1)
_JITTER_SHARE = 0.1
_log = logging.getLogger(__name__)


def build(
    sources: Mapping[str, SourceConfig],
    states: Mapping[str, SourceRow],
    now: datetime,
    collect: Callable[[str], object],
    assess: Callable[[], object],
    deliver: Callable[[], object],
    sweep: Callable[[], object],
) -> BackgroundScheduler:
    """Make the scheduler, not started: one job a source, and the stages that follow.

    A source goes on where it was: its next fetch is `every` after the last one, or at once.
    """
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={
            "sources": ThreadPoolExecutor(_SOURCE_THREADS),
            "stages": ThreadPoolExecutor(_STAGE_THREADS),
        },
        # A job that comes late still runs, once; APScheduler's default would drop it.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for slug, source in sources.items():
        jitter = int(source.every.total_seconds() * _JITTER_SHARE)
        scheduler.add_job(
            keep_alive(functools.partial(collect, slug), slug),
            IntervalTrigger(seconds=source.every.total_seconds(), jitter=jitter or None),
            id=f"collect:{slug}",
            executor="sources",
            next_run_time=first_fetch(source, states.get(slug), now),
        )
    for name, stage, every in (
        ("assess", assess, _STAGES_EVERY),
        ("deliver", deliver, _STAGES_EVERY),
        ("sweep", sweep, _SWEEP_EVERY),
    ):
        scheduler.add_job(
            keep_alive(stage, name),
            IntervalTrigger(seconds=every.total_seconds()),
            id=name,
            executor="stages",
            next_run_time=now,
        )
    return scheduler


def first_fetch(source: SourceConfig, state: SourceRow | None, now: datetime) -> datetime:
    """When a source is due after a start; sources that are due at once are spread over seconds."""
    soon = now + timedelta(seconds=random.uniform(0, min(5.0, source.every.total_seconds() / 10)))
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
