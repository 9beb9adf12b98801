"""What every kind must do that reads no web addresses: folders, letters, a mailbox, a stream.

The demands are those of test_contract.py as far as they make sense without HTTP.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from monitor.domain import Batch
from monitor.sources import SOURCES, Source
from tests.sources.imap_server import MailboxServer
from tests.sources.jetstream_ears import START, lines
from tests.sources.jetstream_ears import stream as jetstream
from tests.sources.jetstream_server import StreamServer
from tests.sources.support import NOW, SECRET, TOKEN, Box, Site, StillClock, by_id, context_for, recording
from tests.sources.test_contract import WITHOUT_HTTP

Make = Callable[[StillClock], Source]


def dropped(kind: str, place: Path, *names: str) -> Make:
    """A kind that reads a folder with these recordings in it."""
    folder = place / "tuonti"
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(recording(kind, name))
        os.utime(folder / name, (NOW.timestamp() - 60, NOW.timestamp() - 60))
    return lambda clock: SOURCES[kind].make({"folder": "tuonti"}, context_for(Site({}), clock, folder=place))


def pushed(bodies: Sequence[bytes]) -> Make:
    """The kind that is pushed to, with these letters in its box."""
    box = Box(*(body.decode() for body in bodies))
    return lambda clock: SOURCES["webhook"].make(
        {"secret": TOKEN}, replace(context_for(Site({}), clock), letters=box)
    )


def mailed(server: MailboxServer, *names: str) -> Make:
    """A mailbox with these letters in it."""
    for name in names:
        server.add(recording("imap", name), NOW - timedelta(hours=1))
    settings = {"host": "127.0.0.1", "port": server.port, "security": "none", "user": server.user}
    return lambda clock: SOURCES["imap"].make(
        {**settings, "password": TOKEN}, replace(context_for(Site({}), clock), allow_private=True)
    )


def made(kind: str, place: Path, closing: ExitStack, broken: str = "") -> Make:
    """The kind with its recording, and one that is damaged beside it where that is wanted."""
    if kind == "file":
        return dropped(kind, place, "page.jsonl", *([broken] if broken else []))
    if kind == "survey":
        return dropped(kind, place, "page.csv", *([broken] if broken else []))
    if kind == "webhook":
        return pushed([recording(kind, "page.json"), *([broken.encode()] if broken else [])])
    if kind == "imap":
        return mailed(closing.enter_context(MailboxServer(password=SECRET)), "page.eml")
    server = closing.enter_context(StreamServer())
    server.say(*lines("page.jsonl"), *([broken.encode()] if broken else []), at=START)
    return lambda clock: jetstream(server, clock)


@pytest.fixture(params=WITHOUT_HTTP)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    with ExitStack() as closing:
        yield made(request.param, tmp_path, closing)


def test_fetch_brings_the_same_ids_twice(make: Make) -> None:
    once, again = (make(StillClock()).fetch(None) for _ in range(2))
    assert once.posts
    assert once.posts == again.posts


def test_fetch_gives_utc_times_that_are_not_in_the_future(make: Make) -> None:
    batch = make(StillClock()).fetch(None)
    times = [time for post in batch.posts for time in (post.posted_at, post.edited_at) if time]
    assert times
    assert all(time.tzinfo is UTC and time <= NOW for time in times)


def test_fetch_makes_clean_posts(make: Make) -> None:
    for post in make(StillClock()).fetch(None).posts:
        assert (post.source, bool(post.thread_key)) == ("forum", True)
        assert not {"\u202e", "\x00", "\u200b"} & set(post.text + post.author + post.title)
        assert "\n" not in post.author + post.title + post.thread_title


def test_fetch_continues_from_its_cursor_and_the_cursor_does_not_go_back(make: Make) -> None:
    first = make(StillClock()).fetch(None)
    again = make(StillClock()).fetch(first.cursor)
    third = make(StillClock()).fetch(again.cursor)
    assert first.cursor
    assert set(by_id(again)) <= set(by_id(first))
    assert set(by_id(third)) <= set(by_id(again))
    assert len(json.loads(third.cursor or "")) >= 1


def test_fetch_starts_anew_with_a_cursor_of_another_kind(make: Make) -> None:
    foreign = make(StillClock()).fetch(json.dumps({"of": "something else", "page": 7}))
    assert set(by_id(foreign)) == set(by_id(make(StillClock()).fetch(None)))


DAMAGED = {
    "file": "broken.csv",
    "survey": "broken.csv",
    "webhook": '{"posts": [{"text": ""}, 7, null]}',
    "jetstream": '{"kind": "commit", "time_us": 1795512000000000, "did": 7, "commit": []}',
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_row_keeps_no_good_post_from_being_read(kind: str, tmp_path: Path) -> None:
    with ExitStack() as closing:
        good = made(kind, tmp_path, closing)(StillClock()).fetch(None)
        both: Batch = made(kind, tmp_path, closing, DAMAGED[kind])(StillClock()).fetch(None)
    assert set(by_id(good)) <= set(by_id(both))
    assert both.warnings
