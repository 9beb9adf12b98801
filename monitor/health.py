"""How well we hear: the state of every source in one word, with its figures and the next step.

Deaf is a state of its own: the source answers, and yet we hear nothing. A sentence is a message id of
the language catalogue with values, like a Reason's.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from monitor.config import SourceConfig
from monitor.store import counts, reads
from monitor.store.rows import SourceRow
from monitor.wording import N_

_WINDOW = timedelta(days=7)
# A source that is fetched every minute has ten thousand fetches a week.
_DELAYS = 2_000
_MISSED_ROUNDS = 3
# One answer may be a slip; two in a row are believed.
_SURE = 2
_UNANSWERED = timedelta(days=1)
# From when on the silences of a source are known well enough to call one too long: a week has every kind
# of day in it. "Much longer" is three times the longest, and never less than the floor.
_KNOWN_FOR = timedelta(days=7)
_KNOWN_GAPS = 20
_MUCH_LONGER = 3
_FLOOR = timedelta(hours=6)


class Status(StrEnum):
    """One word for a source, worst last."""

    OK = "ok"
    OFF = "off"
    PAUSED = "paused"
    SPENT = "spent"
    WAITING = "waiting"
    LATE = "late"
    BUSY = "busy"
    DEAF = "deaf"
    BROKEN = "broken"

    @property
    def is_trouble(self) -> bool:
        return self in (Status.LATE, Status.BUSY, Status.DEAF, Status.BROKEN)


@dataclass(frozen=True, slots=True)
class Hearing:
    """How one source is heard, without figures. `is_sure` is False when the next fetch may show otherwise.

    `is_heard` also where nobody writes: what was said there is known.
    """

    status: Status
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)
    is_sure: bool = True
    is_heard: bool = False


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source; delays are seconds from posting to finding.

    Figures are of the last seven days, delays of the newest 2,000 fetches that have one.
    """

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
    fetches = counts.fetches_by_source(session, now - _WINDOW)
    return [
        _with_figures(session, source, states.get(source.slug), fetches.get(source.slug), now)
        for source in sources
    ]


def _with_figures(
    session: Session,
    source: SourceConfig,
    state: SourceRow | None,
    fetches: counts.Fetches | None,
    now: datetime,
) -> SourceHealth:
    heard = judge(source, state, now)
    delays = counts.delays(session, source.slug, now - _WINDOW, _DELAYS) if fetches else []
    fetches = fetches or counts.Fetches()
    return SourceHealth(
        slug=source.slug,
        kind=source.kind,
        status=heard.status,
        last_success_at=state.last_success_at if state else None,
        last_post_at=state.last_post_at if state else None,
        median_delay=statistics.median(delays) if delays else None,
        p95_delay=_p95(delays),
        failures_in_row=state.failures_in_row if state else 0,
        last_error=state.last_error if state else None,
        fetches=fetches.number,
        failed=fetches.failed,
        mentions=fetches.new,
        warnings=counts.warnings_of(session, fetches.newest) if fetches.newest is not None else (),
        sentence=heard.sentence,
        values=heard.values,
    )


def judge(source: SourceConfig, state: SourceRow | None, now: datetime) -> Hearing:
    """Say how a source is heard, from its state alone."""
    values = {
        "source": source.slug,
        "error": (state.last_error if state else None) or "",
        "word": source.canary or "",
        "who": (state.paused_by if state else None) or "",
    }
    status, sentence, is_sure = _status(source, state, now)
    is_silent = status is Status.LATE and state is not None and not _is_overdue(source, state, now)
    return Hearing(status, sentence, values, is_sure, is_heard=status is Status.OK or is_silent)


def _status(source: SourceConfig, state: SourceRow | None, now: datetime) -> tuple[Status, str, bool]:
    if not source.enabled:
        return Status.OFF, N_("Switched off in the configuration."), True
    if state is not None and state.is_paused:
        return Status.PAUSED, N_("Paused by {who}."), True
    if state is None or state.last_run_at is None:
        return Status.WAITING, N_("Not fetched yet."), True
    if state.failures_in_row:
        return _failing(source, state, now)
    if _is_overdue(source, state, now):
        return Status.LATE, N_("It has not been fetched for a while. Is the service running?"), True
    return _heard(source, state, now)


def _failing(source: SourceConfig, state: SourceRow, now: datetime) -> tuple[Status, str, bool]:
    is_sure = state.failures_in_row >= _SURE
    if state.last_outcome == "broken":
        return Status.BROKEN, N_("A person must look: {error}"), is_sure
    if state.last_outcome == "deaf":
        return Status.DEAF, N_("It answers, and yet nothing is heard: {error}"), is_sure
    since = state.failing_since or now
    if now - since >= max(_UNANSWERED, _MISSED_ROUNDS * source.every):
        return Status.DEAF, N_("It has not let itself be read for more than a day: {error}"), True
    if state.last_outcome == "spent":
        return Status.SPENT, N_("Resting because of the daily quota; it goes on by itself: {error}"), True
    return Status.BUSY, N_("It is tried again by itself: {error}"), True


def _heard(source: SourceConfig, state: SourceRow, now: datetime) -> tuple[Status, str, bool]:
    """Say whether a source that answers is heard too."""
    if state.mute_in_row:
        return (
            Status.DEAF,
            N_("It answers, but nothing of what it sends can be read. Its format may have changed."),
            state.mute_in_row >= _SURE,
        )
    if _misses_canary(source, state, now):
        return Status.DEAF, N_('The word "{word}" must occur there regularly, and stays away.'), True
    if _is_much_too_silent(source, state, now):
        return Status.DEAF, N_("It answers, but has been silent for much longer than ever before."), True
    if _is_silent(source, state, now):
        return Status.LATE, N_("It answers, but nothing new was written for longer than expected."), True
    return Status.OK, N_("All is well."), True


def _is_overdue(source: SourceConfig, state: SourceRow, now: datetime) -> bool:
    if state.last_run_at is None or (state.not_before is not None and state.not_before > now):
        return False
    due = max(state.last_run_at, state.not_before or state.last_run_at)
    return now - due > _MISSED_ROUNDS * source.every + timedelta(minutes=1)


def _is_silent(source: SourceConfig, state: SourceRow, now: datetime) -> bool:
    if source.late_after is None:
        return False
    return state.last_post_at is None or now - state.last_post_at > source.late_after


def _misses_canary(source: SourceConfig, state: SourceRow, now: datetime) -> bool:
    is_this_one = source.canary is not None and state.canary == source.canary and state.canary_at is not None
    return is_this_one and now - (state.canary_at or now) > source.canary_every


def _is_much_too_silent(source: SourceConfig, state: SourceRow, now: datetime) -> bool:
    """Compare the present silence with the longest one between two posts of this source."""
    start, last = state.listening_since, state.last_post_at
    if start is None or last is None or state.gaps < _KNOWN_GAPS or now - start < _KNOWN_FOR:
        return False
    longest = timedelta(seconds=state.longest_gap or 0)
    return now - last > max(_MUCH_LONGER * longest, _FLOOR, source.late_after or _FLOOR)


def _p95(delays: Sequence[float]) -> float | None:
    return sorted(delays)[min(len(delays) - 1, int(0.95 * len(delays)))] if delays else None
