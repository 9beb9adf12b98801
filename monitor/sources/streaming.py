"""What streams share: batches put together, and a fetch that listens for a while. Knows no kind."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from monitor.domain import Batch
from monitor.errors import SourceError
from monitor.sources.contract import Stream

_MOST_WARNINGS = 20


def joined(first: Batch, then: Batch) -> Batch:
    """Return two batches of one stream, one after the other, as one; of a post that came twice the later."""
    posts = {post.external_id: post for post in (*first.posts, *then.posts)}
    return Batch(
        posts=tuple(posts.values()),
        cursor=then.cursor if then.cursor is not None else first.cursor,
        warnings=tuple(dict.fromkeys((*first.warnings, *then.warnings)))[:_MOST_WARNINGS],
        unreadable=first.unreadable + then.unreadable,
        left_out=first.left_out + then.left_out,
        gone=_gone(first, then),
        gone_authors=tuple(dict.fromkeys((*first.gone_authors, *then.gone_authors))),
        passed=first.passed + then.passed,
        newest=max(filter(None, (first.newest, then.newest)), default=None),
        more=then.more,
        answered=first.answered or then.answered,
    )


def _gone(first: Batch, then: Batch) -> tuple[str, ...]:
    """What was gone and came back later is there."""
    back = {post.external_id for post in then.posts} - set(then.gone)
    return tuple(name for name in dict.fromkeys((*first.gone, *then.gone)) if name not in back)


def listened(
    stream: Stream, cursor: str | None, at_most: timedelta, has_caught_up: Callable[[Batch], bool]
) -> Batch:
    """Listen until the stream has caught up with the present, `at_most` so long; everything as one batch.

    What came before a stream broke off counts. Raises SourceBusy and SourceBroken when nothing did.
    """
    return asyncio.run(_listened(stream, cursor, at_most.total_seconds(), has_caught_up))


async def _listened(
    stream: Stream, cursor: str | None, seconds: float, has_caught_up: Callable[[Batch], bool]
) -> Batch:
    loop = asyncio.get_running_loop()
    end, total, is_silent = loop.time() + seconds, Batch(cursor=cursor), True
    try:
        async with aclosing(stream.listen(cursor)) as batches:
            async for batch in batches:
                total = joined(total, batch)
                is_silent = not (batch.heard or batch.left_out or batch.unreadable)
                if has_caught_up(batch):
                    return total
                if loop.time() >= end:
                    break
    except SourceError as failure:
        if not (total.heard or total.gone or total.gone_authors):
            raise
        total = replace(total, warnings=(*total.warnings, str(failure)))
    return replace(total, more=not is_silent)
