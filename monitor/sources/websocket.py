"""A websocket to another server (RFC 6455), opened by the rules of monitor.http; knows nothing of posts.

Private addresses are refused where the connection is made, proxies of the surroundings are not used, and
each failure becomes SourceBusy or SourceBroken with one sentence.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    InvalidURI,
)
from websockets.typing import Subprotocol

from monitor.errors import SourceBroken, SourceBusy, SourceError, SourceGone
from monitor.http import MAX_BYTES
from monitor.http.guard import is_public, resolve_host
from monitor.http.waits import wait_asked
from monitor.text import clean_line

_CLOSE_S = 1.0
_MOST_ADDRESSES = 4
_PORTS = {"ws": 80, "wss": 443}
_BUSY = frozenset((408, 425, 429, 502, 503, 504, 520, 521, 522, 523, 524, 529))
_GONE = (404, 410)
_TOO_BIG, _REFUSED = 1009, 1008


class NotFromThere(SourceBroken):
    """The other side does not know the place that we asked to go on from."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where to connect: `url` begins with wss:// or ws://; `agent` is how we present ourselves.

    `patience` are the seconds that an answer may take.
    """

    url: str
    agent: str
    allow_private: bool
    subprotocol: str | None = None
    patience: float = 10.0

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or _PORTS[parts.scheme]


class Frames:
    """The messages of an open connection."""

    def __init__(self, connection: ClientConnection, host: str) -> None:
        self._connection, self._host = connection, host

    async def next(self) -> bytes:
        """Wait for the next message. Raises SourceBusy and SourceBroken when there will be none."""
        try:
            return await self._connection.recv(decode=False)
        except ConnectionClosed as error:
            raise _ended(self._host, error) from None


@asynccontextmanager
async def opened(door: Door, now: datetime) -> AsyncIterator[Frames]:
    """Connect, and close at the end. Raises SourceBusy and SourceBroken."""
    addresses = await _addresses(door)
    async with AsyncExitStack() as closing:
        yield Frames(await _connected(door, addresses, now, closing), door.host)


async def _addresses(door: Door) -> list[str]:
    try:
        found = await asyncio.to_thread(resolve_host, door.host, door.port)
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise SourceBusy(f"{door.host} cannot be reached. Is the name right, and is the network up?")
    allowed = [address for address in found if door.allow_private or is_public(address)]
    if not allowed:
        raise SourceBroken(
            f"{door.host} is an address of this machine or its local network. "
            "If that is meant, set allow_private = true for this source."
        )
    return allowed[:_MOST_ADDRESSES]


async def _connected(
    door: Door, addresses: list[str], now: datetime, closing: AsyncExitStack
) -> ClientConnection:
    """Try one address after the other; the last one's failure is told."""
    failure: SourceError = SourceBusy(f"{door.host} cannot be reached.")
    for address in addresses:
        try:
            return await closing.enter_async_context(_connection(door, address))
        except InvalidStatus as error:
            raise _refused(door.host, error, now) from None
        except ssl.SSLCertVerificationError:
            raise SourceBroken(
                f"{door.host} shows a certificate that cannot be trusted, so nothing was sent to it."
            ) from None
        except TimeoutError:
            failure = SourceBusy(f"{door.host} did not answer in time.")
        except (OSError, EOFError):
            failure = SourceBusy(f"{door.host} cannot be reached. Is the name right, and is the network up?")
        except InvalidMessage as error:
            failure = _no_answer(door.host, error)
        except (InvalidHandshake, InvalidURI, ValueError):
            raise SourceBroken(f"{door.host} does not speak as a stream. Check the url.") from None
    raise failure


def _connection(door: Door, address: str) -> connect:
    """The address is pinned, so that neither the resolver nor a redirect can lead elsewhere."""
    trust: dict[str, Any] = {"ssl": httpx.create_ssl_context()} if door.url.startswith("wss:") else {}
    return connect(
        door.url,
        host=address,
        port=door.port,
        subprotocols=[Subprotocol(door.subprotocol)] if door.subprotocol else None,
        user_agent_header=door.agent,
        compression=None,
        proxy=None,
        open_timeout=door.patience,
        close_timeout=_CLOSE_S,
        max_size=MAX_BYTES,
        **trust,
    )


def _no_answer(host: str, error: InvalidMessage) -> SourceError:
    if isinstance(error.__cause__, EOFError):
        return SourceBusy(f"{host} broke off its answer.")
    return SourceBroken(f"{host} does not speak as a stream. Check the url.")


def _refused(host: str, error: InvalidStatus, now: datetime) -> SourceError:
    status = error.response.status_code
    headers = httpx.Headers(list(error.response.headers.raw_items()))
    if headers.get("cf-mitigated") == "challenge":
        return SourceBroken(
            f"{host} wants proof that we are human ({status}); Mainevahti does not get around that."
        )
    if status in _BUSY:
        return SourceBusy(f"{host} asks us to come back later ({status}).", wait_asked(headers, now))
    if status in _GONE:
        return SourceGone(f"{host} has no stream at this address ({status}). Check the url of this source.")
    if status == 200:
        return SourceBroken(f"{host} answered with a page instead of a stream. Check the url of this source.")
    refusal = NotFromThere if status == 400 else SourceBroken
    return refusal(f"{host} refuses to open the stream ({status}). Check the url of this source.")


def _ended(host: str, error: ConnectionClosed) -> SourceError:
    if error.sent is not None and error.sent.code == _TOO_BIG:
        return SourceBroken(f"{host} sent more than {MAX_BYTES // 2**20} MB in one message.")
    if error.rcvd is not None and error.rcvd.code == _REFUSED:
        return SourceBroken(
            f"{host} refuses us: {clean_line(error.rcvd.reason, 200) or 'it does not say why'}."
        )
    return SourceBusy(f"{host} broke off the stream.")
