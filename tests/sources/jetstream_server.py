"""A small Jetstream on loopback, in a thread: it keeps what was said, and says it again from a cursor on."""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK
from websockets.http11 import Request, Response
from websockets.protocol import State

POST = "app.bsky.feed.post"
WRITER = "did:plc:kirjoittaja"


def microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def event(
    at: int,
    key: str,
    text: str | None = "Kaunis ilma",
    *,
    operation: str = "create",
    did: str = WRITER,
    **record: Any,
) -> bytes:
    """A post in the first format; without text a deletion."""
    commit: dict[str, Any] = {"operation": operation, "collection": POST, "rkey": key, "rev": "3n2"}
    if text is not None:
        created = datetime.fromtimestamp(at / 1_000_000, UTC).isoformat()
        commit["record"] = {"$type": POST, "text": text, "createdAt": created, **record}
    return json.dumps({"did": did, "time_us": at, "kind": "commit", "commit": commit}).encode()


def leaving(at: int, did: str = WRITER, status: str = "deleted") -> bytes:
    account = {"active": False, "did": did, "status": status}
    return json.dumps({"did": did, "time_us": at, "kind": "account", "account": account}).encode()


def uri(key: str, did: str = WRITER) -> str:
    return f"at://{did}/{POST}/{key}"


@dataclass
class StreamServer:
    """`drops` cuts the line of each next connection after so many messages; `answer` refuses to open it.

    Who asks for what was said before `keeps_from` is refused.
    """

    said: list[tuple[int, bytes]] = field(default_factory=list)
    drops: list[int] = field(default_factory=list)
    answer: tuple[int, Mapping[str, str]] | None = None
    trust: ssl.SSLContext | None = None
    keeps_from: int = 0
    asked: list[Request] = field(default_factory=list)
    on_connect: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"{'wss' if self.trust else 'ws'}://127.0.0.1:{self._port}/subscribe"

    @property
    def cursors(self) -> list[int | None]:
        """With which cursor each connection began."""
        return [_cursor(request) for request in self.asked]

    def say(self, *messages: bytes, at: int | None = None) -> None:
        """Say something to all who listen and to those who come later; `at` is its time where it has none."""
        timed = [(at if at is not None else json.loads(message)["time_us"], message) for message in messages]

        async def add() -> None:
            self.said += timed
            self._news.set()
            self._news = asyncio.Event()

        asyncio.run_coroutine_threadsafe(add(), self._loop).result(30)

    def hang_up(self) -> None:
        """Cut all lines."""

        async def cut() -> None:
            for connection in list(self._server.connections):
                connection.transport.abort()

        asyncio.run_coroutine_threadsafe(cut(), self._loop).result(30)

    def __enter__(self) -> "StreamServer":
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)))
        self._thread.start()
        assert ready.wait(30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._over, self._news = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        async with serve(
            self._talk,
            "127.0.0.1",
            0,
            process_request=self._let_in,
            compression=None,
            max_size=None,
            close_timeout=0.2,
            ssl=self.trust,
        ) as server:
            self._server: Server = server
            self._port = next(iter(server.sockets)).getsockname()[1]
            ready.set()
            await self._over.wait()

    def _let_in(self, connection: ServerConnection, request: Request) -> Response | None:
        self.asked.append(request)
        self.on_connect()
        is_too_early = (_cursor(request) or self.keeps_from) < self.keeps_from
        if self.answer is None and not is_too_early:
            return None
        status, headers = self.answer or (400, {})
        return Response(status, HTTPStatus(status).phrase, Headers(headers), b"<html></html>")

    async def _talk(self, connection: ServerConnection) -> None:
        left = self.drops.pop(0) if self.drops else None
        assert connection.request is not None
        cursor = _cursor(connection.request)
        place = 0 if cursor is not None else len(self.said)
        try:
            while left is None or left > 0:
                if place == len(self.said):
                    await self._wait_for_news(connection)
                    continue
                at, message = self.said[place]
                place += 1
                if cursor is None or at >= cursor:
                    await connection.send(message, text=True)
                    left = left - 1 if left is not None else None
            connection.transport.abort()
        except ConnectionClosed:
            return

    async def _wait_for_news(self, connection: ServerConnection) -> None:
        waiting = {asyncio.create_task(self._news.wait()), asyncio.create_task(connection.wait_closed())}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        if connection.state is State.CLOSED:
            raise ConnectionClosedOK(None, None)


def _cursor(request: Request) -> int | None:
    written = parse_qs(urlsplit(request.path).query).get("cursor")
    return int(written[0]) if written else None
