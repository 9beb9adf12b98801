"""Stage one for streams: what one brings is stored as it comes, together with its cursor.

Broken off, a stream is taken up again where it was; the pauses between tries grow. What a person wants of it
(pause, resume, now, again from a day on) is looked for with every batch. Judges nothing, sends nothing.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from monitor.domain import Batch
from monitor.errors import SourceBroken, SourceBusy, SourceError
from monitor.pipeline.collect import (
    collect_due,
    config_of,
    reaching_back,
    record_failure,
    store_batch,
    take_request,
)
from monitor.pipeline.parts import Parts
from monitor.sources import Stream
from monitor.sources.streaming import joined
from monitor.store import states, streams
from monitor.store.rows import SourceRow

Rest = Callable[[float], Awaitable[None]]
_LOOK_EVERY_S = 0.5
_REST_AT_MOST_S = 2.0
# What brings no news is written down this often: a row of figures, and the cursor.
_WRITE_EVERY = timedelta(minutes=1)
_LONG_ENOUGH_S = 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_BROKEN_PAUSE_S = 60.0
_MOST_DOUBLINGS = 10


def listen(parts: Parts, slug: str, rest: Rest = asyncio.sleep) -> None:
    """Hear a stream until we are stopped. Raises StoreError when the database refuses; nothing is lost then.

    `rest` waits between two tries.
    """
    asyncio.run(_until_stopped(parts, _Listener(parts, slug, rest).run()))


async def _until_stopped(parts: Parts, work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    while not task.done() and not parts.is_stopping():
        await asyncio.wait({task}, timeout=_LOOK_EVERY_S)
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()


class _Listener:
    """Connects, and connects again."""

    def __init__(self, parts: Parts, slug: str, rest: Rest) -> None:
        self._parts, self._slug, self._rest = parts, slug, rest
        self._short_lived = 0

    async def run(self) -> None:
        while True:
            state = await asyncio.to_thread(_state, self._parts, self._slug)
            pause = _pause(state, self._parts.clock.now())
            if pause > 0:
                await self._rest(min(pause, _REST_AT_MOST_S))
            elif state is not None and state.is_paused:
                await asyncio.to_thread(collect_due, self._parts, self._slug)
            else:
                await asyncio.to_thread(take_request, self._parts, self._slug, state)
                await self._hear(state)

    async def _hear(self, state: SourceRow | None) -> None:
        """Listen until the stream breaks off or a person wants something else of it."""
        now, started = asyncio.get_running_loop().time, self._parts.clock.now()
        begun = now()
        try:
            await _take_down(_Notes(self._parts, self._slug, state))
        except SourceError as error:
            self._short_lived = 0 if now() - begun > _LONG_ENOUGH_S else self._short_lived + 1
            await asyncio.to_thread(self._note_failure, started, error)

    def _note_failure(self, started: datetime, error: SourceError) -> None:
        state = _state(self._parts, self._slug)
        failures = max(self._short_lived - 1, state.failures_in_row if state else 0)
        longest = config_of(self._parts, self._slug).every.total_seconds()
        pause = _pause_after(error, failures, longest) * random.uniform(0.8, 1.2)
        asked = error.retry_after if isinstance(error, SourceBusy) else None
        next_try = self._parts.clock.now() + timedelta(seconds=max(pause, asked or 0.0))
        # A stream may have been heard for days before it broke off; the failure began only then.
        heard_at = state.last_success_at if state else None
        started = max(filter(None, (started, heard_at)))
        record_failure(self._parts, self._slug, started, error, next_try)


async def _take_down(notes: "_Notes") -> None:
    try:
        async with aclosing(notes.stream.listen(notes.cursor)) as batches:
            async for batch in batches:
                if not await asyncio.to_thread(notes.take, batch):
                    return
    finally:
        notes.finish()


class _Notes:
    """What one connection brought: news is stored at once, the rest is added up for a minute.

    The lock is for a stop that comes while a batch is being stored.
    """

    def __init__(self, parts: Parts, slug: str, state: SourceRow | None) -> None:
        self._parts, self._slug = parts, slug
        self.cursor = state.cursor if state else None
        self._replay_from = state.replay_from if state else None
        source = parts.sources[slug] if self.cursor else reaching_back(parts, slug, state)
        assert isinstance(source, Stream)
        self.stream = source
        self._is_unheard = state is None or state.last_success_at is None or state.failures_in_row > 0
        self._lock = Lock()
        self._pending, self._since = Batch(cursor=self.cursor), parts.clock.now()

    def take(self, batch: Batch) -> bool:
        """Store or add up a batch; False when a person wants something else of this source."""
        with self._lock:
            state = _state(self._parts, self._slug)
            if state is not None and (state.cursor, state.replay_from) != (self.cursor, self._replay_from):
                self._pending = Batch()
                return False
            take_request(self._parts, self._slug, state)
            self._add(batch)
        return state is None or not state.is_paused

    def finish(self) -> None:
        """Store what was added up, at the end of a connection."""
        with self._lock:
            if _says_something(self._pending):
                self._store()

    def _add(self, batch: Batch) -> None:
        with self._parts.store.reading() as session:
            gone = streams.stored_among(session, self._slug, batch.gone)
            left = streams.written_by(session, self._slug, batch.gone_authors)
            known = streams.stored_among(session, self._slug, [post.external_id for post in batch.posts])
        batch = replace(batch, gone=(*gone, *left), gone_authors=())
        has_changed = bool(batch.gone or known)
        is_news = has_changed or any(self._parts.matcher.find_shops(post) for post in batch.posts)
        self._pending = joined(self._pending, batch if is_news else _without_most_posts(batch))
        if is_news or self._is_due():
            self._store()

    def _is_due(self) -> bool:
        """The first sign is written down at once, also after a failure; silence is no sign."""
        if self._is_unheard:
            return _says_something(self._pending)
        return self._parts.clock.now() - self._since >= _WRITE_EVERY

    def _store(self) -> None:
        store_batch(self._parts, self._slug, self._since, self._pending, self.cursor)
        self.cursor = self._pending.cursor
        self._pending, self._since = Batch(cursor=self.cursor), self._parts.clock.now()
        self._is_unheard = False
        if self._replay_from is not None:
            self._end_replay()

    def _end_replay(self) -> None:
        """From here on the cursor says where to go on."""
        with self._parts.store.transaction() as session:
            state = states.state_of(session, self._slug)
            if state.cursor == self.cursor:
                state.replay_from = self._replay_from = None


def _state(parts: Parts, slug: str) -> SourceRow | None:
    with parts.store.reading() as session:
        return states.source_state(session, slug)


def _pause(state: SourceRow | None, now: datetime) -> float:
    """Seconds until the stream may be opened; what a person wants now is not waited for."""
    if state is None or state.run_requested_at is not None:
        return 0.0
    if state.is_paused:
        return _REST_AT_MOST_S
    return (state.not_before - now).total_seconds() if state.not_before is not None else 0.0


def _pause_after(error: SourceError, failures: int, longest: float) -> float:
    """Seconds until the next try; what is broken is not mended within seconds."""
    first, most = _FIRST_PAUSE_S, _LONGEST_PAUSE_S
    if isinstance(error, SourceBroken):
        first, most = _BROKEN_PAUSE_S, max(longest, _BROKEN_PAUSE_S)
    return min(first * 2.0 ** min(failures, _MOST_DOUBLINGS), most)


def _without_most_posts(batch: Batch) -> Batch:
    """Of posts about nobody (with the word that must occur) one says it all."""
    return replace(batch, posts=batch.posts[:1], passed=batch.passed + len(batch.posts[1:]))


def _says_something(batch: Batch) -> bool:
    return bool(batch.heard or batch.gone or batch.unreadable or batch.answered)
