"""The kind "jetstream": every post of the Bluesky network as it is written, matched as it flows by.

Jetstream (https://bsky.network/docs/jetstream/), a websocket that needs no account. Edits and deletions
come with it; after a break it goes on from its cursor, as far back as the server keeps posts (about a
day). It does not say who an account is nor what a post answers. Terms: Bluesky's developer guidelines,
which want deletions followed; the stream is public and meant for this.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from monitor.config import Duration
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken
from monitor.sources.blueskyrecords import as_now
from monitor.sources.contract import Address, Kind, SourceContext, SourceSettings, Word, host_of
from monitor.sources.jetstreamevents import SUBPROTOCOL, is_second, subscription
from monitor.sources.jetstreamsieve import JetstreamPosition, Sieve, microseconds
from monitor.sources.reading import BatchMaker, rows_of
from monitor.sources.rechecking import all_at_once
from monitor.sources.streaming import listened
from monitor.sources.websocket import Door, Frames, NotFromThere, opened

_URL = "wss://jetstream.us-east.bsky.network/xrpc/network.bsky.jetstream.subscribeEvents"
_OF = "jetstream"
_BATCH_S = 0.5
# Servers order events only roughly; what comes twice is stored once.
_OVERLAP_US = 5_000_000
_LIVE = timedelta(seconds=2)
_KEPT = (timedelta(days=2), timedelta(days=1), timedelta(hours=6))  # what servers may keep, the most first
_AT_ONCE = 25


def _with_a_port(url: str) -> str:
    if urlsplit(url).port == 0:
        raise ValueError("port 0 cannot be connected to")
    return url


StreamAddress = Annotated[
    str,
    StringConstraints(pattern=r"^wss?://[^\s/@]+(/[^\s]*)?$", max_length=2000),
    AfterValidator(_with_a_port),
]


class JetstreamSettings(SourceSettings):
    """`url` may also be one of the older addresses (wss://.../subscribe), or a server of your own.

    With `langs` posts marked as written in another language are passed over. A stream that says nothing for
    `silent_after` counts as broken. `collect_for` is how long `mainevahti collect` listens at most. `appview`
    is asked, once a day, which of the posts found lately are gone: a deletion may fall into a break.
    """

    url: StreamAddress = _URL
    appview: Address = "https://public.api.bsky.app"
    langs: tuple[Word, ...] = ()
    silent_after: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(minutes=2)
    collect_for: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(seconds=20)
    backfill: Duration = timedelta(hours=1)


class JetstreamSource:
    """Listens to one server."""

    def __init__(self, settings: JetstreamSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._host = host_of(settings.url)

    async def listen(self, cursor: str | None) -> AsyncGenerator[Batch, None]:
        """Give what comes from the cursor on, twice a second; see Stream."""
        position = JetstreamPosition.read(cursor, of=_OF)
        sieve = Sieve(self._context, self._host, self._settings.langs, position)
        *starts, last = self._starts(position)
        for start in starts:
            try:
                async with aclosing(self._heard(start, sieve)) as batches:
                    async for batch in batches:
                        yield batch
            except NotFromThere:
                if sieve.has_moved:
                    raise
                # The server keeps less than we were away; the sieve warns of the gap.
        async with aclosing(self._heard(last, sieve)) as batches:
            async for batch in batches:
                yield batch

    async def _heard(self, start: int | None, sieve: Sieve) -> AsyncGenerator[Batch, None]:
        async with opened(self._door(start), self._context.clock.now()) as frames:
            reading = asyncio.create_task(_read(frames, sieve))
            try:
                while True:
                    await asyncio.wait({reading}, timeout=_BATCH_S)
                    yield sieve.emptied()
                    self._check_silence(sieve)
                    if reading.done():
                        reading.result()
                        reading = asyncio.create_task(_read(frames, sieve))
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    def fetch(self, cursor: str | None) -> Batch:
        """Listen until the present is reached, or for `collect_for`."""
        present = microseconds(self._context.clock.now() - _LIVE)
        return listened(
            self,
            cursor,
            self._settings.collect_for,
            lambda batch: JetstreamPosition.read(batch.cursor, of=_OF).at >= present,
        )

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return the posts as Bluesky shows them now, and those it no longer shows: a break may hide both."""
        base, host = self._settings.appview.rstrip("/"), host_of(self._settings.appview)
        uris = [post.external_id for post in posts if post.external_id.startswith("at://")]
        maker = BatchMaker(self._context.slug, self._context.clock.now(), host)
        there: dict[str, Post | None] = {}
        for start in range(0, len(uris), _AT_ONCE):
            query = urlencode([("uris", uri) for uri in uris[start : start + _AT_ONCE]])
            answer = self._context.get(f"{base}/xrpc/app.bsky.feed.getPosts?{query}").json()
            there |= as_now(rows_of(answer, "posts", host=host), maker)
        return all_at_once(uris, there).batch(posts, host)

    def _starts(self, position: JetstreamPosition) -> list[int | None]:
        """Times to begin at, the next where a server does not go back to the one before; None is now."""
        now, backfill = self._context.clock.now(), self._settings.backfill
        wanted = position.at - _OVERLAP_US if position.at else microseconds(now - backfill)
        if not position.at and not backfill:
            return [None]
        lengths = sorted({*_KEPT, *([backfill] if backfill else [])}, reverse=True)
        later = (microseconds(now - length) for length in lengths)
        return [wanted, *(one for one in later if one > wanted), None]

    def _door(self, start: int | None) -> Door:
        return Door(
            url=subscription(self._settings.url, start),
            agent=self._context.agent,
            allow_private=self._context.allow_private,
            subprotocol=SUBPROTOCOL if is_second(self._settings.url) else None,
        )

    def _check_silence(self, sieve: Sieve) -> None:
        length = self._settings.silent_after
        if asyncio.get_running_loop().time() - sieve.last_sign > length.total_seconds():
            raise SourceBroken(
                f"{self._host} is connected, but says nothing for {length.total_seconds():.0f} s."
            )


async def _read(frames: Frames, sieve: Sieve) -> None:
    """Read until so much waits to be fetched that the network has to wait too."""
    while not sieve.is_full:
        sieve.take(await frames.next())


KIND = Kind(
    name="jetstream",
    settings=JetstreamSettings,
    build=JetstreamSource,
    reads="every post of the Bluesky network as it is written, with edits and deletions, over one websocket",
    needs="nothing; about 2 GB of traffic a day",
    speed="stored within two seconds; after a break it catches up from where it was",
    cannot_see="names and followers of authors, what a post answers, breaks longer than about a day",
    terms="Bluesky's developer guidelines; the public stream is meant for this",
)
