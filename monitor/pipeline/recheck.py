"""Looking again at what was found lately: an edit is followed here, and what is deleted is removed here too.

It does not matter whether a source shows an old post in its lists again, or says that they have not changed.
"""

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceError
from monitor.pipeline.collect import find
from monitor.pipeline.parts import Parts
from monitor.sources import AllGone, Rereads, Stream
from monitor.store import erasing, looks, reads, unnamed, writes
from monitor.store.rows import SourceRow

_log = logging.getLogger(__name__)
_LOOKED_AFTER = timedelta(days=7)
# Once a day, with some time to spare, so that an edit or a deletion is followed within a day.
_EVERY = timedelta(hours=20)
_AT_ONCE = 50
# How many posts of its lists, and of how long ago, show that a source finds what it is asked for.
_CONTROLS, _CONTROL = 3, timedelta(days=2)
_LOOKERS = 4  # sources that are asked side by side; they wait for other servers, mostly


def recheck(parts: Parts) -> int:
    """Look at the posts whose turn it is, some of each source; returns how many mentions were removed.

    Sources that rest or fail are left alone: a server in trouble may deny what it has.
    """
    with parts.store.reading() as session:
        states = reads.source_states(session)
    able = [
        (slug, source)
        for slug, source in parts.sources.items()
        if isinstance(source, Rereads) and _is_well(states.get(slug))
    ]
    with ThreadPoolExecutor(_LOOKERS, "recheck") as threads:
        return sum(threads.map(lambda one: _look(parts, *one), able))


def _is_well(state: SourceRow | None) -> bool:
    return state is not None and not state.is_paused and not state.failures_in_row and not state.mute_in_row


def _look(parts: Parts, slug: str, source: Rereads) -> int:
    now = parts.clock.now()
    if parts.is_stopping():
        return 0
    with parts.store.reading() as session:
        ids = erasing.due_for_a_look(session, slug, now - _LOOKED_AFTER, now - _EVERY, _AT_ONCE)
        posts = looks.posts_of(session, slug, ids)
    if not posts:
        return 0
    try:
        batch = _asked(parts, slug, source, posts)
    except SourceError as error:
        _log.warning("%s: posts could not be looked at again: %s", slug, error)
        # Who only asks us to wait is asked again soon; the rest gets its turn tomorrow.
        batch, ids = Batch(), ids if isinstance(error, SourceBroken) else []
    else:
        ids = list(_seen(batch)) if batch.more else ids
    return _write(parts, slug, ids, batch, posts, now)


def _asked(parts: Parts, slug: str, source: Rereads, posts: list[Post]) -> Batch:
    try:
        return source.again(posts)
    except AllGone as doubt:
        if not _tells_the_truth(parts, slug, {post.external_id for post in posts}):
            raise
        return Batch(gone=doubt.gone)


def _tells_the_truth(parts: Parts, slug: str, missing: set[str]) -> bool:
    """Whether a source that misses all it was asked for has posts that its lists show at this moment.

    It is made anew for that: what the one at work remembers of its own fetches stays as it is.
    """
    source = parts.reaching_back(slug, _CONTROL) if parts.reaching_back else None
    if not isinstance(source, Rereads) or isinstance(source, Stream):
        return False
    try:
        shown = [post for post in source.fetch(None).posts if post.external_id not in missing]
        return bool(shown) and bool(source.again(shown[:_CONTROLS]).posts)
    except SourceError:
        return False


def _seen(batch: Batch) -> Iterator[str]:
    yield from (post.external_id for post in batch.posts)
    yield from batch.gone


def _write(
    parts: Parts, slug: str, seen: Iterable[str], batch: Batch, known: Iterable[Post], now: datetime
) -> int:
    before = {post.external_id: (post.title, post.text, post.rating) for post in known}
    edited = [
        post for post in batch.posts if before.get(post.external_id) != (post.title, post.text, post.rating)
    ]
    found = find(parts, edited)
    gone = [name for name in batch.gone if name in before]
    with parts.store.transaction() as session:
        writes.add_mentions(session, found, now)
        unnamed.edit_unnamed(session, edited, found, now)
        erasing.mark_seen(session, slug, seen, now)
        erased = erasing.erase_gone(session, slug, gone, now)
    if erased:
        _log.info("%s: removed text and author of %d posts that were deleted there", slug, erased)
    return erased
