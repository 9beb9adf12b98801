"""Stage one: fetch a source, keep what is about a shop, move the cursor; one transaction."""

import logging
import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.domain import Batch, Match, Post
from monitor.errors import SourceBusy, SourceError
from monitor.pipeline.parts import Parts
from monitor.store import reads, writes
from monitor.store.rows import RunRow, run_row
from monitor.store.tables import Mention, Run
from monitor.text import fingerprint

_log = logging.getLogger(__name__)
Found = tuple[Post, Match, str]


def collect(parts: Parts, slug: str) -> RunRow:
    """Fetch one source and store the new mentions together with its cursor.

    A source that fails is recorded, not raised. Raises StoreError when the database refuses; then
    the cursor has not moved and the next fetch brings the same posts.
    """
    started = parts.clock.now()
    with parts.store.reading() as session:
        state = reads.source_states(session).get(slug)
    try:
        batch = parts.sources[slug].fetch(state.cursor if state else None)
    except SourceError as error:
        return _record_failure(parts, slug, started, error)
    return _store_batch(parts, slug, started, batch)


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


def _store_batch(parts: Parts, slug: str, started: datetime, batch: Batch) -> RunRow:
    found = find(parts, batch.posts)
    now = parts.clock.now()
    posted = [post.posted_at for post in batch.posts if post.posted_at and post.posted_at <= now]
    with parts.store.transaction() as session:
        stored = writes.add_mentions(session, found, now)
        run = Run(
            source=slug,
            started_at=started,
            ended_at=now,
            outcome="ok",
            posts=len(batch.posts),
            mentions=len(found),
            new=len(stored.new),
            median_delay=_median_delay(session, stored.new),
            warnings=list(batch.warnings),
        )
        writes.save_run(session, run, batch.cursor, max(posted, default=None))
        row = run_row(run)
    for warning in batch.warnings:
        _log.warning("%s: %s", slug, warning)
    if row.new:
        _log.info("%s: %d posts, %d about a shop, %d new", slug, row.posts, row.mentions, row.new)
    return row


def _record_failure(parts: Parts, slug: str, started: datetime, error: SourceError) -> RunRow:
    now = parts.clock.now()
    outcome = "busy" if isinstance(error, SourceBusy) else "broken"
    run = Run(
        source=slug,
        started_at=started,
        ended_at=now,
        outcome=outcome,
        posts=0,
        mentions=0,
        new=0,
        median_delay=None,
        warnings=[],
        error=str(error),
    )
    with parts.store.transaction() as session:
        writes.save_run(session, run, None, None)
        if isinstance(error, SourceBusy) and error.retry_after:
            writes.postpone(session, slug, now + timedelta(seconds=error.retry_after))
        row = run_row(run)
    _log.warning("%s: %s", slug, error)
    return row


def _median_delay(session: Session, new: Sequence[int]) -> float | None:
    """Median seconds from posting to finding over new mentions that say when they were posted."""
    if not new:
        return None
    query = select(col(Mention.found_at), col(Mention.posted_at)).where(
        col(Mention.id) >= min(new), col(Mention.id) <= max(new), col(Mention.posted_at).is_not(None)
    )
    delays = [(found_at - posted_at).total_seconds() for found_at, posted_at in session.execute(query)]
    return statistics.median(delays) if delays else None
