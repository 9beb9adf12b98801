"""The Bluesky stream through parsing and the matching of 1,000 names, against a bare json.loads of the same.

Another process replays made-up posts in the shape of the real stream, as fast as the line takes them. Counts
what came out (nothing may be dropped) and what memory did. Run alone: python -m tests.bench.bench_jetstream.
"""

import asyncio
import json
import multiprocessing
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

import psutil
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode

from monitor.clock import SystemClock
from monitor.domain import Shop
from monitor.http import Http
from monitor.matching import Matcher
from monitor.matching.lexicon import load_lexicon
from monitor.sources import SOURCES, SourceContext, Stream
from tests.bench.bench_matching import make_names

POSTS = 200_000
NAMES = 1_000
AIM = 5_000
_DIFFERENT = 5_000
_AT_ONCE = 200
_COLLECTION = "app.bsky.feed.post"
_PLACE = "@" * 13  # each message that is sent has a key of its own here
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_FACES = ("", "", "", " 😀", " 🙏🏽", " 👨‍👩‍👧 ", "…", " – ", " #suomi", " “hei”")


def rows() -> list[dict[str, Any]]:
    """One row: posts a second by the clock and by the CPU of one core, the bare loop, losses and memory."""
    choose = random.Random(11)
    names = make_names(NAMES, choose)
    messages = list(_messages(choose, names))
    bare = _bare_seconds(messages)
    ours, parent = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(ours, messages), daemon=True)
    server.start()
    try:
        return [asyncio.run(_listen(parent.recv(), names, bare))]
    finally:
        server.terminate()
        server.join()


async def _listen(port: int, names: Sequence[str], bare: float) -> dict[str, Any]:
    stream = _stream(port, names)
    heard, found, memory = 0, 0, []
    began, busy = time.perf_counter(), time.process_time()
    async with aclosing(stream.listen(None)) as batches:
        async for batch in batches:
            # Deleted posts are posts too: their messages are read as all others.
            heard += batch.heard + len(batch.gone)
            found += len(batch.posts)
            memory.append(psutil.Process().memory_info().rss / 2**20)
            if heard >= POSTS:
                break
    wall, busy = time.perf_counter() - began, time.process_time() - busy
    third = max(len(memory) // 3, 1)
    return {
        "what": f"stream, {NAMES:,} names",
        "posts": heard,
        "dropped": POSTS - heard,
        "about a shop": found,
        "posts/s": round(heard / wall),
        "posts/s of one core": round(heard / busy),
        "times the aim": heard / busy / AIM,
        "us a post": busy / heard * 1e6,
        "us bare json": bare * 1e6,
        "ratio to bare json": busy / heard / bare,
        "MB after a third": max(memory[:third]),
        "MB at the end": max(memory),
    }


def _stream(port: int, names: Sequence[str]) -> Stream:
    matcher = Matcher([Shop(slug=f"shop-{at}", name=name) for at, name in enumerate(names)])
    clock = SystemClock()
    context = SourceContext(
        "bench",
        Http("Mainevahti bench", clock),
        clock,
        allow_private=True,
        wanted=lambda post: bool(matcher.find_shops(post)),
    )
    stream = SOURCES["jetstream"].make({"url": f"ws://127.0.0.1:{port}/subscribe"}, context)
    assert isinstance(stream, Stream)
    return stream


def _bare_seconds(messages: Sequence[bytes]) -> float:
    """CPU seconds a message for json.loads and nothing else, the best of some rounds."""
    best = float("inf")
    for _ in range(5):
        start = time.thread_time()
        for message in messages:
            json.loads(message)
        best = min(best, time.thread_time() - start)
    return best / len(messages)


def _messages(choose: random.Random, names: Sequence[str]) -> Iterator[bytes]:
    """Posts as the stream has them: answers, links, cards and pictures, a fifth of them deletions."""
    words = load_lexicon().per_million
    pool, weights = list(words), list(words.values())
    base = int(datetime.now(UTC).timestamp()) * 1_000_000
    for at in range(_DIFFERENT):
        did = f"did:plc:{_id(choose, 24)}"
        commit: dict[str, Any] = {"rev": _id(choose, 13), "operation": "create", "collection": _COLLECTION}
        commit["rkey"] = _PLACE
        if choose.random() < 0.2:
            commit["operation"] = "delete"
        else:
            text = " ".join(choose.choices(pool, weights, k=choose.choice((3, 8, 15, 25, 40))))
            name = f" {choose.choice(names)}" if choose.random() < 0.002 else ""
            commit["record"] = _record(choose, text[:280].capitalize() + name + choose.choice(_FACES))
            commit["cid"] = f"bafyrei{_id(choose, 52)}"
        row = {"did": did, "time_us": base + at, "kind": "commit", "commit": commit}
        yield json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def _record(choose: random.Random, text: str) -> dict[str, Any]:
    record: dict[str, Any] = {"$type": _COLLECTION, "createdAt": "2026-11-24T19:46:02.102Z", "text": text}
    record["langs"] = [choose.choice(("en", "fi", "sv", "ja"))]
    if choose.random() < 0.45:
        place = {
            "cid": f"bafyrei{_id(choose, 52)}",
            "uri": f"at://did:plc:{_id(choose, 24)}/{_COLLECTION}/3n",
        }
        record["reply"] = {"root": place, "parent": place}
    if choose.random() < 0.15:
        link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://uutiset.example/juttu/1234567"}
        record["facets"] = [{"index": {"byteStart": 0, "byteEnd": 4}, "features": [link]}]
    if choose.random() < 0.3:
        record["embed"] = _embed(choose)
    return record


def _embed(choose: random.Random) -> dict[str, Any]:
    blob = {
        "$type": "blob",
        "ref": {"$link": f"bafkrei{_id(choose, 52)}"},
        "mimeType": "image/jpeg",
        "size": 9,
    }
    if choose.random() < 0.5:
        size = {"height": 1600, "width": 1200}
        return {"$type": "app.bsky.embed.images", "images": [{"alt": "", "aspectRatio": size, "image": blob}]}
    card = {
        "description": "Lue lisää aiheesta",
        "thumb": blob,
        "title": "Uutinen",
        "uri": "https://a.example/",
    }
    return {"$type": "app.bsky.embed.external", "external": card}


def _id(choose: random.Random, length: int) -> str:
    return "".join(choose.choices(_LETTERS, k=length))


def _serve(tell: Connection, messages: Sequence[bytes]) -> None:
    frames = [bytes(Frame(Opcode.TEXT, message).serialize(mask=False)) for message in messages]
    place = _PLACE.encode()

    async def replay(connection: ServerConnection) -> None:
        for start in range(0, POSTS, _AT_ONCE):
            some = (
                frames[at % len(frames)].replace(place, b"%013d" % at)
                for at in range(start, start + _AT_ONCE)
            )
            connection.transport.write(b"".join(some))
            while connection.transport.get_write_buffer_size() > 2**20:
                await asyncio.sleep(0.001)
        await connection.wait_closed()

    async def main() -> None:
        async with serve(replay, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            tell.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.Future()

    asyncio.run(main())


if __name__ == "__main__":
    for row in rows():
        print(row)
