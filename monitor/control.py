"""What a person does to a source: pause, resume, run now, replay. The schedule obeys within seconds.

Works in the caller's transaction; fetches nothing itself.
"""

import logging
from datetime import datetime

from sqlmodel import Session

from monitor.store.states import state_of

_log = logging.getLogger(__name__)


def pause(session: Session, slug: str, who: str, now: datetime) -> None:
    """Let a source rest until somebody resumes it; a second pause changes nothing."""
    state = state_of(session, slug)
    if state.paused_at is None:
        state.paused_at, state.paused_by = now, who
        _log.info("%s: paused by %s", slug, who)


def resume(session: Session, slug: str, who: str, now: datetime) -> None:
    """End the rest; the source is fetched at once, and what must be heard has its whole time again."""
    state = state_of(session, slug)
    if state.paused_at is not None:
        state.paused_at = state.paused_by = None
        state.canary_at = now if state.canary else None
        state.run_requested_at = now
        _log.info("%s: resumed by %s", slug, who)


def run_now(session: Session, slug: str, who: str, now: datetime) -> None:
    """Fetch a source once without waiting for its turn, even one that rests or was slowed down."""
    state_of(session, slug).run_requested_at = now
    _log.info("%s: to be fetched now, says %s", slug, who)


def hurry(session: Session, slug: str, now: datetime) -> None:
    """Fetch a source at once because something was pushed to it; one that rests goes on resting."""
    state = state_of(session, slug)
    if state.paused_at is None:
        state.run_requested_at = now


def replay(session: Session, slug: str, since: datetime, who: str, now: datetime) -> None:
    """Read a source again from `since` on; posts that are known already stay as they are.

    It begins without a cursor, so never later than where reading had come to.
    """
    state = state_of(session, slug)
    state.replay_from = min(since, state.last_success_at or since)
    state.cursor = None
    state.run_requested_at = now
    _log.info("%s: to be read again from %s on, says %s", slug, since.date(), who)
