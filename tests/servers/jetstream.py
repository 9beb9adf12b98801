"""What Jetstream says of a real Bluesky network; this bridge to it is ours.

Jetstream itself is a program in Go, and no registry that a test can install from has it. So what is real here
is the accounts' server and its firehose (com.atproto.sync.subscribeRepos), which atproto decodes; the first
format of Jetstream, its cursor and the choice of collections are written anew, as its documents tell them.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from atproto import CAR, CID, models, parse_subscribe_repos_message
from atproto_subscription.frames import Frame, MessageFrame
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.sources.jetstream_server import POST, StreamServer

_FIREHOSE = "/xrpc/com.atproto.sync.subscribeRepos?cursor=0"
_OPENING_S = 60


@contextmanager
def jetstream(accounts: str) -> Iterator[StreamServer]:
    """Bridge the firehose of the accounts' server at that address, from its first event on."""
    firehose = accounts.replace("http", "ws", 1) + _FIREHOSE
    with (
        StreamServer() as server,
        connect(firehose, proxy=None, open_timeout=_OPENING_S, max_size=None) as events,
    ):
        bridge = threading.Thread(target=_carry_over, args=(events, server))
        bridge.start()
        try:
            yield server
        finally:
            events.close()
            bridge.join()


def collections_asked(server: StreamServer) -> set[str]:
    """Return the collections that listeners chose; the bridge has no other than posts."""
    queries = [parse_qs(urlsplit(request.path).query) for request in server.asked]
    return {collection for query in queries for collection in query.get("wantedCollections", ["all"])}


def _carry_over(events: ClientConnection, server: StreamServer) -> None:
    """Say what the firehose says until it is closed; each event at a later time than the one before."""
    at = 0
    with suppress(ConnectionClosed):
        for frame in events:
            assert isinstance(frame, bytes)
            for event in _events(frame):
                at = max(at + 1, time.time_ns() // 1_000)
                server.say(json.dumps({"time_us": at, **event}).encode())


def _events(frame: bytes) -> Iterator[dict[str, Any]]:
    """Give what one frame of the firehose tells, as Jetstream words it."""
    message = Frame.from_bytes(frame)
    assert isinstance(message, MessageFrame), message
    event = parse_subscribe_repos_message(message)
    if isinstance(event, models.ComAtprotoSyncSubscribeRepos.Commit):
        for commit in _commits(event):
            yield {"did": event.repo, "kind": "commit", "commit": commit}
    elif message.type in ("#account", "#identity"):
        kind = message.type.removeprefix("#")
        yield {"did": message.body["did"], "kind": kind, kind: message.body}


def _commits(event: models.ComAtprotoSyncSubscribeRepos.Commit) -> Iterator[dict[str, Any]]:
    """Give the posts that were written, edited or deleted at once."""
    assert isinstance(event.blocks, bytes)
    blocks = CAR.from_bytes(event.blocks).blocks
    for change in event.ops:
        collection, _, key = change.path.partition("/")
        if collection != POST:
            continue
        commit = {"rev": event.rev, "operation": change.action, "collection": collection, "rkey": key}
        if change.cid is not None:
            cid = CID.decode(change.cid) if isinstance(change.cid, bytes) else change.cid
            commit |= {"record": blocks[cid], "cid": str(cid)}
        yield commit
