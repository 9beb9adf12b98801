"""How the tests listen to a stream: a source before a server, and what was heard up to a moment."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from monitor.domain import Batch, Post, Shop
from monitor.errors import SourceError
from monitor.matching import Matcher
from monitor.sources import SOURCES, Stream
from monitor.sources.streaming import joined
from tests.sources.jetstream_server import StreamServer, microseconds
from tests.sources.support import NOW, Site, StillClock, context_for, recording

START = microseconds(NOW) - 600_000_000
SECOND_US = 1_000_000
ILONA = "at://did:plc:aaaabbbbccccddddeeeeffff/app.bsky.feed.post/3n2aaaaaaaa2c"
SVEN = "at://did:plc:gggghhhhiiiijjjjkkkkllll/app.bsky.feed.post/3n2bbbbbbbb2c"
PEKKA = "at://did:plc:ssssttttuuuuvvvvwwwwxxxx/app.bsky.feed.post/3n2cccccccc2c"
SHOP = Shop("lumopuoti", "Lumopuoti", domains=("lumopuoti.example",))
MATCHER = Matcher([SHOP])


def names_a_shop(post: Post) -> bool:
    return bool(MATCHER.find_shops(post))


def stream(
    server: StreamServer | str,
    clock: StillClock | None = None,
    wanted: Callable[[Post], bool] = names_a_shop,
    allow_private: bool = True,
    **options: object,
) -> Stream:
    context = context_for(Site({}), clock, shops=(SHOP,))
    context = replace(context, allow_private=allow_private, wanted=wanted, agent="Mainevahti test")
    url = server if isinstance(server, str) else server.url
    source = SOURCES["jetstream"].make({"url": url, "collect_for": "1s", **options}, context)
    assert isinstance(source, Stream)
    return source


def lines(name: str) -> list[bytes]:
    return recording("jetstream", name).splitlines()


def say(server: StreamServer, name: str) -> None:
    """Let the server say a recording; a line without a time gets that of the first one."""
    server.say(*lines(name), at=START)


async def _until(
    source: Stream, cursor: str | None, is_enough: Callable[[Batch], bool]
) -> tuple[Batch, SourceError | None]:
    total = Batch(cursor=cursor)
    try:
        async with aclosing(source.listen(cursor)) as batches:
            async for batch in batches:
                total = joined(total, batch)
                if is_enough(total):
                    break
    except SourceError as error:
        return total, error
    return total, None


def hear(
    source: Stream, cursor: str | None = None, is_enough: Callable[[Batch], bool] = lambda batch: False
) -> tuple[Batch, SourceError | None]:
    """Listen until it is enough or ends; gives what came, and by what it ended."""
    return asyncio.run(_until(source, cursor, is_enough))


def heard(number: int) -> Callable[[Batch], bool]:
    return lambda batch: batch.heard + batch.unreadable >= number


def failure(server: StreamServer, **options: Any) -> SourceError:
    _, error = hear(stream(server, **options))
    assert error is not None
    return error
