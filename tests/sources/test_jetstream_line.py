"""The line of the kind "jetstream": silence, refusals, redirects, hanging servers, bounded fetches."""

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
import trustme
from pydantic import ValidationError

from monitor.domain import Batch
from monitor.errors import SourceBroken, SourceBusy, SourceError, SourceGone
from monitor.sources import SOURCES, Stream
from monitor.sources.jetstreamevents import Commit
from monitor.sources.jetstreamsieve import JetstreamPosition, post_of
from monitor.sources.reading import BatchMaker
from monitor.sources.streaming import joined
from monitor.sources.websocket import Door, NotFromThere, opened
from tests.sources.jetstream_ears import (
    SECOND_US,
    START,
    failure,
    hear,
    heard,
    lines,
    stream,
)
from tests.sources.jetstream_server import StreamServer, event, leaving, microseconds, uri
from tests.sources.support import NOW, by_id
from tests.unit.hostile import HostileServer


def test_jetstream_that_says_nothing_is_broken(server: StreamServer) -> None:
    server.say(*lines("empty.jsonl"))
    assert isinstance(error := failure(server, silent_after="1s"), SourceBroken)
    assert str(error) == "127.0.0.1 is connected, but says nothing for 1 s."


def test_jetstream_tells_what_the_server_says_of_itself(server: StreamServer) -> None:
    info = {"$type": "network.bsky.jetstream.subscribeEvents#info", "name": "OutdatedCursor", "message": "x"}
    over = {"$type": "error", "error": "ConsumerTooSlow", "message": "you sleep"}
    server.say(
        json.dumps({"$type": "message", "payload": info}).encode(), json.dumps(over).encode(), at=START
    )
    batch, error = hear(stream(server))
    assert batch.warnings == ("OutdatedCursor: x",)
    assert isinstance(error, SourceBusy)
    assert "ConsumerTooSlow" in str(error)


def test_jetstream_warns_of_hours_that_are_missing(server: StreamServer) -> None:
    server.say(event(START, "a"))
    cursor = JetstreamPosition.read(None, of="jetstream").model_copy(update={"at": START - 7_200 * SECOND_US})
    batch, _ = hear(stream(server), cursor.write(), heard(1))
    assert "Nothing came between 2026-11-24 07:50 UTC and 2026-11-24 09:50 UTC" in batch.warnings[0]


HOUR_US = 3_600 * SECOND_US


@pytest.mark.parametrize("kept", [72, 30, 7, 1.5])
def test_jetstream_goes_on_where_the_server_still_can_when_it_was_away_too_long(
    server: StreamServer, kept: float
) -> None:
    """A server may refuse (400) to go back further than it keeps posts; that must not be for ever."""
    now = microseconds(NOW)
    server.keeps_from = now - int(kept * HOUR_US)
    server.say(event(now - HOUR_US // 4, "a", "Lumopuoti ei vastaa"))
    cursor = JetstreamPosition.read(None, of="jetstream").model_copy(update={"at": now - 100 * HOUR_US})
    batch, error = hear(stream(server), cursor.write(), heard(1))
    assert error is None
    assert [post.text for post in batch.posts] == ["Lumopuoti ei vastaa"]
    assert any("the server may keep less" in warning for warning in batch.warnings)
    assert JetstreamPosition.read(batch.cursor, of="jetstream").at == now - HOUR_US // 4


@pytest.mark.parametrize("backfill", ["7d", "1h"])
@pytest.mark.parametrize("is_first", [True, False])
def test_jetstream_hears_on_when_the_back_fill_reaches_further_than_the_server(
    server: StreamServer, backfill: str, is_first: bool
) -> None:
    now = microseconds(NOW)
    server.keeps_from = now - HOUR_US // 2
    server.say(event(now - 1, "a", "Lumopuoti ei vastaa"))
    cursor = JetstreamPosition.read(None, of="jetstream").model_copy(update={"at": now - 100 * HOUR_US})
    _, error = hear(stream(server, backfill=backfill), None if is_first else cursor.write(), heard(0))
    assert error is None
    assert server.cursors[-1] is None


def test_jetstream_told_in_the_line_that_its_cursor_is_too_old_begins_later(server: StreamServer) -> None:
    over = {"$type": "error", "error": "CursorTooOld", "message": "x"}
    server.say(json.dumps(over).encode(), at=START - 10 * HOUR_US)
    server.say(event(START, "a", "Lumopuoti ei vastaa"))
    cursor = JetstreamPosition.read(None, of="jetstream").model_copy(update={"at": START - 11 * HOUR_US})
    batch, error = hear(stream(server), cursor.write(), heard(1))
    assert error is None
    assert [post.text for post in batch.posts] == ["Lumopuoti ei vastaa"]


def test_jetstream_keeps_nothing_of_who_left_right_after_writing(server: StreamServer) -> None:
    server.say(
        event(START, "a", "Lumopuoti on huijari", did="did:plc:roska"),
        event(START + 1, "b", "Lumopuoti ei vastaa"),
        leaving(START + 2, did="did:plc:roska"),
    )
    batch, _ = hear(stream(server), is_enough=lambda batch: bool(batch.gone_authors))
    assert [post.text for post in batch.posts] == ["Lumopuoti ei vastaa"]


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (429, SourceBusy, "later"),
        (503, SourceBusy, "later"),
        (404, SourceGone, "no stream"),
        (410, SourceGone, "no stream"),
        (400, NotFromThere, "400"),
        (401, SourceBroken, "401"),
        (403, SourceBroken, "403"),
        (500, SourceBroken, "500"),
        (200, SourceBroken, "page instead of"),
    ],
)
def test_jetstream_refused(server: StreamServer, status: int, kind: type[SourceError], words: str) -> None:
    server.answer = (status, {"Retry-After": "120"})
    error = failure(server)
    assert type(error) is kind
    assert words in str(error)
    assert not isinstance(error, SourceBusy) or error.retry_after == 120


def test_jetstream_refused_by_a_captcha(server: StreamServer) -> None:
    server.answer = (403, {"cf-mitigated": "challenge"})
    assert "human" in str(failure(server))


@pytest.mark.parametrize("target", ["ws://muu.example/", "http://127.0.0.1:1/", "/subscribe", "wss://[", ""])
def test_jetstream_follows_no_redirect_to_elsewhere(server: StreamServer, target: str) -> None:
    server.answer = (302, {"Location": target})
    assert isinstance(failure(server), SourceBroken)
    assert all(request.headers["Host"].startswith("127.0.0.1:") for request in server.asked)


@pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 101 ok\r\n\r\n", b"SSH-2.0-x\r\n\r\n", b"\x00" * 5000])
def test_jetstream_answer_that_is_none_is_a_source_error(raw: bytes) -> None:
    with HostileServer(lambda connection: connection.sendall(raw)) as place:
        _, error = hear(stream(place.url.replace("http", "ws")))
    assert isinstance(error, SourceError)
    assert "127.0.0.1" in str(error)


def test_jetstream_server_that_hangs_is_busy() -> None:
    release = threading.Event()

    async def connect(url: str) -> None:
        async with opened(Door(url, "test", allow_private=True, patience=0.3), NOW):
            raise AssertionError

    with HostileServer(lambda connection: release.wait(30)) as place:
        with pytest.raises(SourceBusy, match="in time"):
            asyncio.run(connect(place.url.replace("http", "ws")))
        release.set()


@pytest.mark.parametrize(
    "url", ["ws://localhost:9/subscribe", "ws://10.0.0.1/", "ws://[::1]:9/", "wss://169.254.169.254/"]
)
def test_jetstream_refuses_private_addresses(url: str) -> None:
    _, error = hear(stream(url, allow_private=False))
    assert isinstance(error, SourceBroken)
    assert "allow_private" in str(error)


def test_jetstream_unknown_host_is_busy() -> None:
    _, error = hear(stream("wss://ei-ole.invalid/subscribe"))
    assert isinstance(error, SourceBusy)
    assert "reached" in str(error)


def test_jetstream_refuses_a_certificate_that_cannot_be_trusted() -> None:
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(trust)
    with StreamServer(trust=trust) as server:
        error = failure(server)
    assert isinstance(error, SourceBroken)
    assert "certificate" in str(error)


@pytest.mark.parametrize(
    "url",
    [
        "https://palvelin.example/",
        "ws://u:p@palvelin.example/",
        "palvelin",
        "wss://",
        "wss://a:70000/",
        "ws://a:0/",
        "ws://[",
    ],
)
def test_jetstream_settings_want_the_address_of_a_stream(url: str) -> None:
    with pytest.raises(ValidationError, match="url"):
        SOURCES["jetstream"].settings.model_validate({"url": url})


def test_jetstream_fetch_reads_up_to_the_present(server: StreamServer) -> None:
    server.say(*(event(START + at, f"k{at}", f"Lumopuoti {at}") for at in range(3)))
    server.say(event(microseconds(NOW), "now", "Kaunis ilma"))
    batch = stream(server).fetch(None)
    assert (len(batch.posts), batch.heard, batch.more) == (3, 4, False)


def test_jetstream_fetch_of_a_stream_that_fails_says_so(server: StreamServer) -> None:
    server.answer = (503, {})
    with pytest.raises(SourceBusy):
        stream(server).fetch(None)


def test_jetstream_fetch_keeps_what_came_before_the_line_was_cut(server: StreamServer) -> None:
    server.say(event(START, "a", "Lumopuoti"), event(START + 1, "b", "Lumopuoti"))
    server.drops = [1]
    batch = stream(server).fetch(None)
    assert (list(by_id(batch)), batch.warnings) == ([uri("a")], ("127.0.0.1 broke off the stream.",))


def test_jetstream_nothing_is_dropped_when_nobody_fetches(server: StreamServer) -> None:
    async def sleepy(source: Stream) -> list[Batch]:
        found: list[Batch] = []
        async with aclosing(source.listen(None)) as batches:
            await asyncio.sleep(0)
            async for batch in batches:
                found.append(batch)
                if sum(one.heard for one in found) >= 7_000:
                    break
                await asyncio.sleep(0.1)
        return found

    server.say(*(event(START + at, f"k{at}", f"Lumopuoti {at}") for at in range(7_000)))
    batches = asyncio.run(sleepy(stream(server, wanted=lambda post: True)))
    assert len({post.external_id for batch in batches for post in batch.posts}) == 7_000
    assert max(len(batch.posts) for batch in batches) <= 2_000


def test_jetstream_listening_ends_when_it_is_closed(server: StreamServer) -> None:
    async def first(batches: AsyncGenerator[Batch, None]) -> None:
        await anext(batches)
        await batches.aclose()

    server.say(event(START, "a"))
    asyncio.run(first(stream(server).listen(None)))
    assert len(server.asked) == 1


def test_post_that_was_gone_and_came_back_is_there() -> None:
    post = post_of(Commit(START, "did:plc:a", "create", "k", {"text": "Lumopuoti"}), maker())
    name = post.external_id
    assert joined(Batch(gone=(name, "x")), Batch(posts=(post,))).gone == ("x",)
    assert joined(Batch(posts=(post,)), Batch(gone=(name,))).gone == (name,)
    assert joined(Batch(gone=(name,)), Batch(posts=(post,), gone=(name,))).gone == (name,)


def maker() -> BatchMaker:
    return BatchMaker("forum", NOW, "palvelin.example")
