"""Stage one: fetch a source, keep what is about a shop, move the cursor; one transaction."""

import logging
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlmodel import Session, col

from monitor import rhythm
from monitor.config import SourceConfig, own_key
from monitor.domain import Batch, Match, Post
from monitor.errors import SourceBusy, SourceDeaf, SourceError, SourceSpent
from monitor.pipeline.parts import Parts
from monitor.sources import Source
from monitor.store import erasing, objections, states, streams, unnamed, writes
from monitor.store.rows import RunRow, SourceRow, run_row
from monitor.store.tables import Mention, Run
from monitor.text import fingerprint

_log = logging.getLogger(__name__)
# So many fetches one reading-again may take; what it leaves is read by the ordinary ones.
_MOST_ROUNDS = 1_000
# A fetch may see nothing but posts that are not for us; two of them mean that all is read.
_IDLE_ROUNDS = 2
# So much one source may be fetched at once before others have their turn.
_MOST_AT_ONCE, _LONGEST_TURN = 50, timedelta(minutes=3)
COLLECTORS = 16  # sources that are fetched side by side; they wait for other servers, mostly
Found = tuple[Post, Match, str]


def _nobody(run: RunRow) -> None:
    """Stand in for who wants to hear of each fetch."""


def collect(parts: Parts, slug: str) -> RunRow:
    """Fetch one source whether it is due or not; see `turn`. Returns the last fetch."""
    return turn(parts, slug)[-1]


def turn(parts: Parts, slug: str, tell: Callable[[RunRow], None] = _nobody) -> list[RunRow]:
    """Fetch one source and store the new mentions together with its cursor, on and on while there is more.

    A long back-fill makes way for others after a while; the next turn goes on there. `tell` hears of each
    fetch. A source that fails is recorded, not raised. Raises StoreError when the database refuses; then
    the cursor has not moved and the next fetch brings the same posts.
    """
    until = parts.clock.now() + _LONGEST_TURN
    runs: list[RunRow] = []
    is_more = True
    while is_more and len(runs) < _MOST_AT_ONCE and parts.clock.now() < until:
        run, _, is_more = _round(parts, slug, parts.sources[slug])
        runs.append(run)
        tell(run)
        is_more = is_more and not parts.is_stopping()
    return runs


def collect_all(
    parts: Parts, slugs: Sequence[str], tell: Callable[[str, RunRow], None] = lambda slug, run: None
) -> Iterator[tuple[str, list[RunRow]]]:
    """Fetch many sources side by side, each as `turn` does; yields them as they are done."""
    with ThreadPoolExecutor(COLLECTORS, "collect") as threads:
        turns = {threads.submit(turn, parts, slug, partial(tell, slug)): slug for slug in slugs}
        try:
            for done in as_completed(turns):
                yield turns[done], done.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def collect_due(parts: Parts, slug: str) -> RunRow | None:
    """Fetch a source if its time has come and nobody told it to rest; None when it is left alone."""
    state = _state(parts, slug)
    if not rhythm.is_due(state, parts.clock.now()):
        return None
    if state is not None and state.replay_from is not None:
        return read_again(parts, slug)[-1]
    take_request(parts, slug, state)
    return collect(parts, slug)


def wanted(parts: Parts) -> list[str]:
    """Sources that a person wants to have fetched now."""
    with parts.store.reading() as session:
        return [slug for slug in states.requested_sources(session) if slug in parts.sources]


def read_again(parts: Parts, slug: str, tell: Callable[[RunRow], None] = _nobody) -> list[RunRow]:
    """Fetch a source until nothing comes that was not there before, as control.replay asks for.

    `tell` hears of each fetch. When the source fails or we are stopped, the next call goes on there.
    """
    state = _state(parts, slug)
    take_request(parts, slug, state)
    source = reaching_back(parts, slug, state)
    runs: list[RunRow] = []
    seen: set[str] = set()
    idle = 0
    while idle < _IDLE_ROUNDS and len(runs) < _MOST_ROUNDS and not parts.is_stopping():
        run, ids, is_more = _round(parts, slug, source)
        runs.append(run)
        tell(run)
        if run.outcome != "ok":
            return runs
        idle = idle + 1 if ids <= seen and not is_more else 0
        seen |= ids
    if parts.is_stopping():
        return runs
    with parts.store.transaction() as session:
        states.state_of(session, slug).replay_from = None
    return runs


def reaching_back(parts: Parts, slug: str, state: SourceRow | None) -> Source:
    """The source, made so that it begins where a person wants it read again from."""
    if state is None or state.replay_from is None or parts.reaching_back is None:
        return parts.sources[slug]
    return parts.reaching_back(slug, parts.clock.now() - state.replay_from)


def _state(parts: Parts, slug: str) -> SourceRow | None:
    with parts.store.reading() as session:
        return states.source_state(session, slug)


def take_request(parts: Parts, slug: str, state: SourceRow | None) -> None:
    """Take the wish before it is fulfilled, so that one that comes meanwhile is not lost."""
    if state is not None and state.run_requested_at is not None:
        with parts.store.transaction() as session:
            states.state_of(session, slug).run_requested_at = None


def _round(parts: Parts, slug: str, source: Source) -> tuple[RunRow, set[str], bool]:
    """Fetch once; returns the record, the ids of all posts that came, and whether there is more at once."""
    started = parts.clock.now()
    state = _state(parts, slug)
    cursor = state.cursor if state else None
    try:
        batch = source.fetch(cursor)
    except SourceError as error:
        return record_failure(parts, slug, started, error), set(), False
    run = store_batch(parts, slug, started, batch, cursor)
    # Who promises more and does not move would be asked for ever.
    return run, {post.external_id for post in batch.posts}, batch.more and batch.cursor != cursor


def look(parts: Parts, slug: str) -> tuple[Batch, list[tuple[Post, Match]]]:
    """Fetch one source from its beginning and match, storing nothing. Raises SourceError."""
    batch = parts.sources[slug].fetch(None)
    return batch, [(post, match) for post, match, _ in find(parts, batch.posts)]


def find(parts: Parts, posts: Sequence[Post]) -> list[Found]:
    """The posts that are about a shop, once for each shop; the others stop here."""
    found: list[Found] = []
    for post in posts:
        matches = parts.matcher.find_shops(post)
        if matches:
            lang = parts.detector.detect(f"{post.title} {post.text}", post.lang)
            told = post.model_copy(update={"lang": lang})
            found += [(told, match, fingerprint(post.text)) for match in matches]
    return found


def store_batch(parts: Parts, slug: str, started: datetime, batch: Batch, begun_at: str | None) -> RunRow:
    """Store what came. A cursor that was reset meanwhile (a replay was asked for) stays as it is."""
    found = find(parts, batch.posts)
    now = parts.clock.now()
    times = (batch.newest, *(post.posted_at for post in batch.posts))
    posted = [moment for moment in times if moment and moment <= now]
    with parts.store.transaction() as session:
        found = objections.nameless(session, found, lambda: own_key(parts.config, "pseudonym"))
        stored = writes.add_mentions(session, found, now)
        unnamed.edit_unnamed(session, batch.posts, found, now)
        run = Run(
            source=slug,
            started_at=started,
            ended_at=now,
            outcome="ok",
            posts=batch.heard,
            mentions=len(found),
            new=len(stored.new),
            median_delay=_median_delay(session, slug, stored.new),
            warnings=list(batch.warnings),
            unreadable=batch.unreadable,
            left_out=batch.left_out,
        )
        is_ours = states.state_of(session, slug).cursor == begun_at
        cursor = batch.cursor if is_ours else None
        states.save_run(session, run, cursor, max(posted, default=None), posted)
        left = streams.written_by(session, slug, batch.gone_authors)
        erasing.erase_gone(session, slug, (*batch.gone, *left), now)
        _keep_pace(parts, session, slug, now)
        _listen_for_canary(parts, session, slug, batch.posts, now)
        row = run_row(run)
    for warning in batch.warnings:
        _log.warning("%s: %s", slug, warning)
    if row.new:
        _log.info("%s: %d posts, %d about a shop, %d new", slug, row.posts, row.mentions, row.new)
    return row


def record_failure(
    parts: Parts, slug: str, started: datetime, error: SourceError, next_try: datetime | None = None
) -> RunRow:
    """Write down that a source could not be read; without `next_try` its rhythm says when it is tried."""
    now = parts.clock.now()
    run = Run(
        source=slug,
        started_at=started,
        ended_at=now,
        outcome=_outcome(error),
        posts=0,
        mentions=0,
        new=0,
        median_delay=None,
        warnings=[],
        error=str(error),
    )
    with parts.store.transaction() as session:
        states.save_run(session, run, None, None)
        if next_try is not None:
            states.set_pace(session, slug, 0, next_try)
        else:
            asked = error.retry_after if isinstance(error, SourceBusy) else None
            _keep_pace(parts, session, slug, now, asked)
        row = run_row(run)
    _log.warning("%s: %s", slug, error)
    return row


def _outcome(error: SourceError) -> str:
    if isinstance(error, SourceSpent):
        return "spent"
    if isinstance(error, SourceDeaf):
        return "deaf"
    return "busy" if isinstance(error, SourceBusy) else "broken"


def _keep_pace(parts: Parts, session: Session, slug: str, now: datetime, asked: float | None = None) -> None:
    """Slow down after a failure, speed up after a success, and leave quiet places in peace."""
    state, source = states.state_of(session, slug), config_of(parts, slug)
    has_failed = state.failures_in_row > 0
    slowdown = rhythm.slower(source, state.slowdown) if has_failed else rhythm.faster(state.slowdown)
    not_before = rhythm.not_before(source, slowdown, state.last_post_at, now, asked)
    states.set_pace(session, slug, slowdown, not_before)


def _listen_for_canary(
    parts: Parts, session: Session, slug: str, posts: Sequence[Post], now: datetime
) -> None:
    word = config_of(parts, slug).canary
    if word is not None:
        sung = word.casefold()
        heard = any(sung in f"{post.title}\n{post.text}".casefold() for post in posts)
        states.note_canary(session, slug, word, heard, now)


def config_of(parts: Parts, slug: str) -> SourceConfig:
    """The frame of a source; one that the configuration does not name has the defaults."""
    named = (source for source in parts.config.sources if source.slug == slug)
    return next(named, None) or SourceConfig(slug=slug, kind="")


def _median_delay(session: Session, slug: str, new: Sequence[int]) -> float | None:
    """Median seconds from posting to finding over new mentions posted since the last good fetch.

    What was posted before, a first fetch brings or a reading-again; that says nothing of how late we are.
    """
    heard_before = states.state_of(session, slug).last_success_at
    if not new or heard_before is None:
        return None
    query = select(col(Mention.found_at), col(Mention.posted_at)).where(
        col(Mention.id) >= min(new), col(Mention.id) <= max(new), col(Mention.posted_at) > heard_before
    )
    delays = [(found_at - posted_at).total_seconds() for found_at, posted_at in session.execute(query)]
    return statistics.median(delays) if delays else None
