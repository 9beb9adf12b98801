"""Ten people at the dashboard: all in the same instant, or each at their own pace while collectors write.

A person here is a connection that asks for the whole page as a browser does. Times are until the last
message of the page has come.
"""

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from monitor.domain import Match, Post, Shop
from monitor.store import writes
from tests.dashboard import seed

_PEOPLE, _CLICKS, _PAUSE_S = 10, 8, (1.0, 5.0)
_BATCH, _BATCHES_PER_S = 50, 2
_SHOP = Match(Shop(slug="lumopuoti", name="Lumopuoti"), ("Lumopuoti",), 1.0)


def rows(address: str, config: Path) -> list[dict[str, Any]]:
    """Milliseconds of a whole page, alone and among ten, against the second in which a page must stand."""
    asyncio.run(_together(address, 1))
    alone = asyncio.run(_together(address, 1))
    burst = sorted(asyncio.run(_together(address, _PEOPLE)) for _ in range(3))[1]
    one = sorted(asyncio.run(_each_at_own_pace(address, 1)))
    with _collectors(config) as written:
        ten = sorted(asyncio.run(_each_at_own_pace(address, _PEOPLE)))
    return [
        {"what": "Inbox whole, one person", "ms": alone},
        {
            "what": "Inbox whole, the last of ten at once",
            "ms": burst,
            "limit ms": 1000,
            "ratio": burst / alone,
        },
        {"what": "each at own pace: one person, median", "ms": _part(one, 0.5)},
        {
            "what": f"ten people, {written[0]} mentions written meanwhile, median",
            "ms": _part(ten, 0.5),
            "ratio": _part(ten, 0.5) / _part(one, 0.5),
        },
        {
            "what": "the same, 95 of 100 pages within",
            "ms": _part(ten, 0.95),
            "limit ms": 300,
            "ratio": _part(ten, 0.95) / _part(one, 0.5),
        },
    ]


def _part(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


async def _together(address: str, people: int) -> float:
    """Milliseconds until the last of so many new connections has its page."""
    start = time.perf_counter()
    await asyncio.gather(*(_first_page(address) for _ in range(people)))
    return (time.perf_counter() - start) * 1000


async def _first_page(address: str) -> None:
    async with _connected(address) as socket:
        await _page(socket)


async def _each_at_own_pace(address: str, people: int) -> list[float]:
    """Milliseconds of every page after the first, of people who look at one for some seconds."""
    found = await asyncio.gather(*(_one_of_them(address, number) for number in range(people)))
    return [took for times in found for took in times]


async def _one_of_them(address: str, number: int) -> list[float]:
    dice, times = random.Random(number), []
    async with _connected(address) as socket:
        await _page(socket)
        for _ in range(_CLICKS):
            await asyncio.sleep(dice.uniform(*_PAUSE_S))
            start = time.perf_counter()
            await _page(socket)
            times.append((time.perf_counter() - start) * 1000)
    return times


def _connected(address: str) -> connect:
    url = address.replace("http:", "ws:") + "/_stcore/stream"
    return connect(url, subprotocols=[Subprotocol("streamlit")], max_size=None)


async def _page(socket: ClientConnection) -> None:
    await socket.send(BackMsg(rerun_script=ClientState()).SerializeToString())
    async for message in socket:
        if ForwardMsg.FromString(bytes(message)).WhichOneof("type") == "script_finished":
            return


@contextmanager
def _collectors(config: Path) -> Iterator[list[int]]:
    """Store new mentions as collectors do, in the time of the block; gives how many were stored."""
    over, written = threading.Event(), [0]

    def write() -> None:
        store = seed.open_store(config.parent)
        while not over.wait(1 / _BATCHES_PER_S):
            now = datetime.now(UTC)
            with store.transaction() as session:
                written[0] += len(writes.add_mentions(session, _found(now), now).new)
        store.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        over.set()
        thread.join()


def _found(now: datetime) -> list[tuple[Post, Match, str]]:
    posts = [
        Post(
            source="source0",
            external_id=f"live-{now.timestamp()}-{number}",
            text="Tilasin Lumopuodista lampun, ja paketti tuli perille rikki.",
            thread_key=f"live-{number}",
            posted_at=now,
            author="kirjoittaja",
        )
        for number in range(_BATCH)
    ]
    return [(post, _SHOP, f"{number:016x}") for number, post in enumerate(posts)]
