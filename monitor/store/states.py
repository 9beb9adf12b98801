"""What is written about sources: each fetch, where the next one goes on, and how well we hear.

Every function works in the caller's transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlmodel import Session

from monitor.store.tables import Run, SourceState

# An old post that comes up again says nothing about how often people write now.
_HISTORY = timedelta(days=30)


def state_of(session: Session, source: str) -> SourceState:
    """The row of a source, to change it; made when there is none."""
    insert_new_state(session, source)
    return session.get_one(SourceState, source)


def insert_new_state(session: Session, source: str) -> None:
    """Make the row of a source that is fetched for the first time."""
    if session.get(SourceState, source) is None:
        session.add(SourceState(source=source))
        session.flush()


def save_run(
    session: Session,
    run: Run,
    cursor: str | None,
    last_post_at: datetime | None,
    posted: Sequence[datetime] = (),
) -> None:
    """Record a fetch; the cursor moves in the same transaction as the mentions it stands for.

    `posted` are the times of all posts that came, whether about a shop or not.
    """
    session.add(run)
    state = state_of(session, run.source)
    state.last_run_at, state.last_outcome = run.ended_at, run.outcome
    if run.outcome == "ok":
        _succeed(state, run, cursor)
        _measure_silences(state, posted, run.ended_at)
    else:
        state.failing_since = state.failing_since or run.started_at
        state.failures_in_row += 1
        state.last_error = run.error
    if last_post_at is not None and (state.last_post_at is None or last_post_at > state.last_post_at):
        state.last_post_at = last_post_at


def _succeed(state: SourceState, run: Run, cursor: str | None) -> None:
    state.cursor = cursor if cursor is not None else state.cursor
    state.last_success_at = run.ended_at
    state.failures_in_row = 0
    state.last_error = state.not_before = state.failing_since = None
    if run.posts or run.left_out > run.unreadable:
        state.mute_in_row = 0
    elif run.unreadable:
        state.mute_in_row += 1


def _measure_silences(state: SourceState, posted: Sequence[datetime], now: datetime) -> None:
    """Take the silences before each new post into the history of the source."""
    start = state.last_post_at or now - _HISTORY
    times = sorted({moment for moment in posted if start < moment <= now})
    if times and state.listening_since is None:
        state.listening_since = state.last_post_at or times[0]
    if state.last_post_at is not None:
        times = [state.last_post_at, *times]
    silences = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    state.gaps += len(silences)
    state.longest_gap = max((*silences, state.longest_gap or 0.0)) if silences else state.longest_gap


def set_pace(session: Session, source: str, slowdown: int, not_before: datetime | None) -> None:
    """Say how much slower than asked a source is fetched, and not before when."""
    state = state_of(session, source)
    state.slowdown, state.not_before = slowdown, not_before


def note_canary(session: Session, source: str, word: str | None, heard: bool, now: datetime) -> None:
    """Remember when the word that must occur was heard; the wait for another word begins now."""
    state = state_of(session, source)
    if heard or state.canary != word:
        state.canary, state.canary_at = word, now if word else None


def note_trouble(session: Session, source: str, trouble: str | None, at: datetime) -> None:
    """Remember what the operator was told of, or by None that it is over."""
    state = state_of(session, source)
    state.trouble = trouble
    if trouble is not None:
        state.trouble_at = at
