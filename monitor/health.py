"""How well we hear: the state of every source in one word, with its figures and the next step.

A sentence is a message id of the language catalogue with values, like a Reason's.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from monitor.config import SourceConfig
from monitor.store import reads
from monitor.store.rows import RunRow, SourceRow
from monitor.wording import N_

_WINDOW = timedelta(days=7)
_MISSED_ROUNDS = 3


class Status(StrEnum):
    """One word for a source, worst last."""

    OK = "ok"
    OFF = "off"
    WAITING = "waiting"
    LATE = "late"
    BUSY = "busy"
    BROKEN = "broken"

    @property
    def is_trouble(self) -> bool:
        return self in (Status.LATE, Status.BUSY, Status.BROKEN)


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source; delays are seconds from posting to finding over the last seven days."""

    slug: str
    kind: str
    status: Status
    last_success_at: datetime | None
    last_post_at: datetime | None
    median_delay: float | None
    p95_delay: float | None
    failures_in_row: int
    last_error: str | None
    fetches: int
    failed: int
    mentions: int
    warnings: tuple[str, ...]
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)


def report(session: Session, sources: Sequence[SourceConfig], now: datetime) -> list[SourceHealth]:
    """State of every configured source, in the order of the configuration."""
    states = reads.source_states(session)
    runs = reads.runs(session, now - _WINDOW)
    return [
        _judge(source, states.get(source.slug), [run for run in runs if run.source == source.slug], now)
        for source in sources
    ]


def _judge(
    source: SourceConfig, state: SourceRow | None, runs: Sequence[RunRow], now: datetime
) -> SourceHealth:
    status, sentence = _status(source, state, runs, now)
    delays = [run.median_delay for run in runs if run.median_delay is not None]
    return SourceHealth(
        slug=source.slug,
        kind=source.kind,
        status=status,
        last_success_at=state.last_success_at if state else None,
        last_post_at=state.last_post_at if state else None,
        median_delay=statistics.median(delays) if delays else None,
        p95_delay=_p95(delays),
        failures_in_row=state.failures_in_row if state else 0,
        last_error=state.last_error if state else None,
        fetches=len(runs),
        failed=sum(1 for run in runs if run.outcome != "ok"),
        mentions=sum(run.new for run in runs),
        warnings=runs[0].warnings if runs else (),
        sentence=sentence,
        values={"source": source.slug, "error": (state.last_error if state else None) or ""},
    )


def _status(
    source: SourceConfig, state: SourceRow | None, runs: Sequence[RunRow], now: datetime
) -> tuple[Status, str]:
    if not source.enabled:
        return Status.OFF, N_("Switched off in the configuration.")
    if state is None or state.last_run_at is None:
        return Status.WAITING, N_("Not fetched yet.")
    if state.failures_in_row and runs and runs[0].outcome == "broken":
        return Status.BROKEN, N_("A person must look: {error}")
    if state.failures_in_row:
        return Status.BUSY, N_("It is tried again by itself: {error}")
    if _is_overdue(source, state, now):
        return Status.LATE, N_("It has not been fetched for a while. Is the service running?")
    if _is_silent(source, state, now):
        return Status.LATE, N_("It answers, but nothing new was written for longer than expected.")
    return Status.OK, N_("All is well.")


def _is_overdue(source: SourceConfig, state: SourceRow, now: datetime) -> bool:
    limit = _MISSED_ROUNDS * source.every + timedelta(minutes=1)
    return state.last_run_at is not None and now - state.last_run_at > limit


def _is_silent(source: SourceConfig, state: SourceRow, now: datetime) -> bool:
    if source.late_after is None:
        return False
    return state.last_post_at is None or now - state.last_post_at > source.late_after


def _p95(delays: Sequence[float]) -> float | None:
    return sorted(delays)[min(len(delays) - 1, int(0.95 * len(delays)))] if delays else None
