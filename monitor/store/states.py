"""Sources one by one: each fetch, where the next one goes on, how well we hear, what people want of them.

Every function works in the caller's transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.domain import DeliveryState
from monitor.store.rows import DeliveryRow, SourceRow, delivery_row, source_row
from monitor.store.tables import Delivery, Run, SourceState

# What was written long before the last fetch (a back-fill, an export in a folder) was not heard as it came,
# and says nothing about how long we may hear nothing. Searches show some posts this late.
_AS_IT_COMES = timedelta(hours=1)


def state_of(session: Session, source: str) -> SourceState:
    """The row of a source, to change it; made when there is none."""
    insert_new_state(session, source)
    return session.get_one(SourceState, source)


def insert_new_state(session: Session, source: str) -> None:
    """Make the row of a source that is fetched for the first time."""
    if session.get(SourceState, source) is None:
        session.add(SourceState(source=source))
        session.flush()


def source_state(session: Session, slug: str) -> SourceRow | None:
    """State of one source; None when nothing is known of it yet."""
    row = session.get(SourceState, slug)
    return source_row(row) if row is not None else None


def requested_sources(session: Session) -> list[str]:
    """Sources that a person wants to have fetched now, the longest waiting first."""
    asked = col(SourceState.run_requested_at)
    query = select(col(SourceState.source)).where(asked.is_not(None)).order_by(asked)
    return list(session.execute(query).scalars())


def due_with(session: Session, delivery: DeliveryRow, now: datetime) -> list[DeliveryRow]:
    """Other messages about sources that are due to the same person for the same reason, oldest first."""
    query = select(Delivery).where(
        col(Delivery.source).is_not(None),
        col(Delivery.recipient) == delivery.recipient,
        col(Delivery.reason) == delivery.reason.value,
        col(Delivery.state) == DeliveryState.DUE.value,
        col(Delivery.due_at) <= now,
    )
    return [delivery_row(row) for row in session.execute(query.order_by(col(Delivery.id))).scalars()]


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
        _measure_silences(state, posted, run.ended_at)
        _succeed(state, run, cursor)
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
    """Take the silences before each post that was heard as it came into the history of the source."""
    if state.listening_since is None or state.last_success_at is None or state.last_post_at is None:
        state.listening_since = state.listening_since or now
        return
    start = max(state.last_post_at, state.last_success_at - _AS_IT_COMES)
    times = [state.last_post_at, *sorted({moment for moment in posted if start < moment <= now})]
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
