"""Jetstream's two wire formats: what to ask for, and what its messages say. Connects to nothing.

v1: https://github.com/bluesky-social/jetstream-legacy; v2 (addresses with /xrpc/): the lexicon
network.bsky.jetstream.subscribeEvents. Both take a time in microseconds as cursor, on every server.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from monitor.errors import SourceBusy
from monitor.sources.reading import identifier
from monitor.sources.websocket import NotFromThere
from monitor.text import clean_line

POSTS = "app.bsky.feed.post"
SUBPROTOCOL = "xrpc.v1.json"
# Posts have a few kilobytes; what is larger is nothing that somebody wrote.
MOST_BYTES = 2**18
_OPERATIONS = ("create", "update", "delete")
_LEFT = ("deleted", "takendown")
_DID = re.compile(r"did:[a-z]{1,20}:[A-Za-z0-9._:%-]{1,300}")
_KEY = re.compile(r"[A-Za-z0-9._:~-]{1,512}")
_LONGEST_ID = 500


class Commit(NamedTuple):
    """Somebody wrote, changed or deleted a post at `at` (microseconds since 1970)."""

    at: int
    did: str
    operation: str
    key: str
    record: Mapping[str, Any]

    @property
    def uri(self) -> str:
        uri = f"at://{self.did}/{POSTS}/{self.key}"
        return uri if len(uri) <= _LONGEST_ID else identifier(uri)


class Leaving(NamedTuple):
    """An account was deleted or taken down, with all it wrote."""

    at: int
    did: str


class Other(NamedTuple):
    """Something else happened; `notice` is what the server wants us to know."""

    at: int
    notice: str = ""


Event = Commit | Leaving | Other


def is_second(url: str) -> bool:
    """Tell whether an address speaks the second format."""
    return "/xrpc/" in urlsplit(url).path


def subscription(url: str, cursor: int | None) -> str:
    """Return the address to connect to for all posts from `cursor` (microseconds) on, or from now on."""
    wanted = {"collections": POSTS, "kinds": ["commit", "account"]} if is_second(url) else {}
    params: dict[str, Any] = {**(wanted or {"wantedCollections": POSTS}), "maxMessageSizeBytes": MOST_BYTES}
    if cursor is not None:
        params["cursor"] = cursor
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(params, doseq=True)}"


def read_event(message: bytes) -> Event:
    """Return what a message says. ValueError when it makes no sense, SourceBusy when it is the last one."""
    if len(message) > MOST_BYTES:
        raise ValueError(f"it has {len(message)} bytes")
    try:
        row = json.loads(message)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(row, dict):
        raise ValueError("it is not an object")
    if row.get("$type") == "error":
        said = clean_line(str(row.get("error")), 100)
        refusal = NotFromThere if "cursor" in said.lower() else SourceBusy
        raise refusal(f"The server ended the stream: {said}.")
    body = row.get("payload")
    return _second(body) if isinstance(body, dict) else _first(row)


def _first(row: Mapping[str, Any]) -> Event:
    at, kind = row.get("time_us"), row.get("kind")
    if type(at) is not int or at <= 0:
        raise ValueError("it has no time")
    body = row.get(kind) if isinstance(kind, str) else None
    return _event(kind, at, row.get("did"), body)


def _second(body: Mapping[str, Any]) -> Event:
    kind = str(body.get("$type")).rpartition("#")[2]
    if kind == "info":
        return Other(0, clean_line(f"{body.get('name')}: {body.get('message') or ''}", 200))
    at = _microseconds(body.get("witnessedAt") or body.get("time"))
    return _event(kind, at, body.get("did"), body if kind == "commit" else body.get(kind))


def _microseconds(written: object) -> int:
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError:
        raise ValueError("it has no time") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1_000_000)


def _event(kind: object, at: int, did: object, body: object) -> Event:
    if kind == "account" and isinstance(body, dict) and body.get("status") in _LEFT:
        return Leaving(at, _valid(_DID, did, "author"))
    if kind != "commit":
        return Other(at)
    if not isinstance(body, dict):
        raise ValueError("it is a commit of nothing")
    if body.get("collection") != POSTS:
        return Other(at)
    operation, record = body.get("operation"), body.get("record")
    if operation not in _OPERATIONS:
        raise ValueError("nobody knows what was done")
    if operation == "delete":
        record = {}
    elif not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise ValueError("it has no text")
    return Commit(at, _valid(_DID, did, "author"), operation, _valid(_KEY, body.get("rkey"), "key"), record)


def _valid(pattern: re.Pattern[str], written: object, name: str) -> str:
    if not isinstance(written, str) or not pattern.fullmatch(written):
        raise ValueError(f"it has no {name}")
    return written


def plain_words(record: Mapping[str, Any]) -> str | None:
    """Return all words and addresses of a record for a first look; None when cleaning would change them."""
    words = "\n".join((record["text"], *_beside(record)))
    is_plain = "  " not in words and words.replace("\n", "").isprintable()
    return words if is_plain and unicodedata.is_normalized("NFC", words) else None


def _beside(record: Mapping[str, Any]) -> Iterator[str]:
    facets = record.get("facets")
    for facet in facets if isinstance(facets, list) else ():
        features = facet.get("features") if isinstance(facet, dict) else None
        for feature in features if isinstance(features, list) else ():
            if isinstance(feature, dict) and isinstance(feature.get("uri"), str):
                yield feature["uri"]
    embed = record.get("embed")
    media = embed.get("media") if isinstance(embed, dict) else None
    for holder in (embed, media):
        card = holder.get("external") if isinstance(holder, dict) else None
        if isinstance(card, dict):
            yield from (
                card[name] for name in ("uri", "title", "description") if isinstance(card.get(name), str)
            )
