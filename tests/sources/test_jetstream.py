"""The kind "jetstream" against a real websocket server on loopback, and its formats against recordings."""

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.domain import Batch, Post, Shop
from monitor.errors import SourceBroken, SourceBusy, SourceError, SourceGone
from monitor.matching import Matcher
from monitor.sources import SOURCES, Stream
from monitor.sources.jetstreamevents import MOST_BYTES, Commit, plain_words, read_event, subscription
from monitor.sources.jetstreamsieve import JetstreamPosition, post_of
from monitor.sources.reading import BatchMaker
from monitor.sources.streaming import joined
from monitor.sources.websocket import Door, opened
from tests.sources.jetstream_server import WRITER, StreamServer, event, leaving, microseconds, uri
from tests.sources.support import NOW, Site, StillClock, context_for, recording
from tests.unit.hostile import HostileServer

START = microseconds(NOW) - 600_000_000
SECOND_US = 1_000_000
ILONA = "at://did:plc:aaaabbbbccccddddeeeeffff/app.bsky.feed.post/3n2aaaaaaaa2c"
SVEN = "at://did:plc:gggghhhhiiiijjjjkkkkllll/app.bsky.feed.post/3n2bbbbbbbb2c"
PEKKA = "at://did:plc:ssssttttuuuuvvvvwwwwxxxx/app.bsky.feed.post/3n2cccccccc2c"
SHOP = Shop("lumopuoti", "Lumopuoti", domains=("lumopuoti.example",))
MATCHER = Matcher([SHOP])


def names_a_shop(post: Post) -> bool:
    return bool(MATCHER.find_shops(post))


@pytest.fixture
def server() -> Iterator[StreamServer]:
    with StreamServer() as server:
        yield server


def stream(
    server: StreamServer | str,
    clock: StillClock | None = None,
    wanted: Callable[[Post], bool] = names_a_shop,
    allow_private: bool = True,
    **options: object,
) -> Stream:
    context = context_for(Site({}), clock, shops=(SHOP,))
    context = replace(context, allow_private=allow_private, wanted=wanted, agent="Mainevahti test")
    url = server if isinstance(server, str) else server.url
    source = SOURCES["jetstream"].make({"url": url, "collect_for": "1s", **options}, context)
    assert isinstance(source, Stream)
    return source


def lines(name: str) -> list[bytes]:
    return recording("jetstream", name).splitlines()


def say(server: StreamServer, name: str) -> None:
    """Let the server say a recording; a line without a time gets that of the first one."""
    server.say(*lines(name), at=START)


async def _until(
    source: Stream, cursor: str | None, is_enough: Callable[[Batch], bool]
) -> tuple[Batch, SourceError | None]:
    total = Batch(cursor=cursor)
    try:
        async with aclosing(source.listen(cursor)) as batches:
            async for batch in batches:
                total = joined(total, batch)
                if is_enough(total):
                    break
    except SourceError as error:
        return total, error
    return total, None


def hear(
    source: Stream, cursor: str | None = None, is_enough: Callable[[Batch], bool] = lambda batch: False
) -> tuple[Batch, SourceError | None]:
    """Listen until it is enough or ends; gives what came, and by what it ended."""
    return asyncio.run(_until(source, cursor, is_enough))


def heard(number: int) -> Callable[[Batch], bool]:
    return lambda batch: batch.heard + batch.unreadable >= number


def by_id(batch: Batch) -> dict[str, Post]:
    return {post.external_id: post for post in batch.posts}


def failure(server: StreamServer, **options: Any) -> SourceError:
    _, error = hear(stream(server, **options))
    assert error is not None
    return error


@pytest.fixture(params=["page.jsonl", "page-second.jsonl"])
def page(server: StreamServer, request: pytest.FixtureRequest) -> Batch:
    say(server, request.param)
    return hear(stream(server), is_enough=lambda batch: bool(batch.gone_authors))[0]


def test_jetstream_parse_reads_a_post(page: Batch) -> None:
    post = by_id(page)[ILONA]
    assert post.text == (
        "Lumopuoti ei vastaa äänekkäästikään 😡 https://lumopuoti.example/tilaus/pitka-osoite"
        " Katso tästä (https://kuvat.example/1)"
    )
    assert (post.author, post.lang) == ("did:plc:aaaabbbbccccddddeeeeffff", "fi")
    assert post.url == "https://bsky.app/profile/did:plc:aaaabbbbccccddddeeeeffff/post/3n2aaaaaaaa2c"
    assert post.posted_at == datetime(2026, 11, 24, 9, 40, tzinfo=UTC)
    assert post.thread_key == ILONA


def test_jetstream_parse_puts_an_answer_into_its_thread(page: Batch) -> None:
    post = by_id(page)[SVEN]
    assert post.thread_key == "at://did:plc:mmmmnnnnooooppppqqqqrrrr/app.bsky.feed.post/3n1root000002c"
    assert post.lang == "sv"


def test_jetstream_parse_finds_a_shop_in_the_linked_page(page: Batch) -> None:
    post = by_id(page)[PEKKA]
    assert post.text == "Älkää tilatko\nhttps://lumopuoti.example/ale"
    assert post.parent_text == "Ale\nKaikki pois"


def test_jetstream_parse_marks_an_edit(page: Batch) -> None:
    post = by_id(page)[PEKKA.replace("3n2cccccccc2c", "3n2dddddddd2c")]
    assert post.edited_at == datetime(2026, 11, 24, 9, 43, tzinfo=UTC)
    assert post.posted_at == datetime(2026, 11, 20, 8, tzinfo=UTC)


def test_jetstream_passes_over_posts_about_nobody_and_counts_them(page: Batch) -> None:
    assert len(page.posts) == 4
    assert (page.passed, page.heard, page.left_out, page.unreadable) == (1, 5, 3, 0)


def test_jetstream_tells_of_deleted_posts_and_of_authors_who_left(page: Batch) -> None:
    assert page.gone == (ILONA.replace("3n2aaaaaaaa2c", "3n2eeeeeeee2c"),)
    assert page.gone_authors == ("did:plc:poistunut",)


def test_jetstream_both_formats_say_the_same() -> None:
    first = [read_event(line) for line in lines("page.jsonl")]
    second = [read_event(line) for line in lines("page-second.jsonl")]
    assert first == second


def test_jetstream_without_posts_is_an_empty_batch(server: StreamServer) -> None:
    say(server, "empty.jsonl")
    batch, _ = hear(stream(server), is_enough=lambda batch: batch.left_out == 2)
    assert (batch.posts, batch.heard, batch.warnings) == ((), 0, ())
    assert batch.cursor


def test_jetstream_keeps_the_good_post_among_broken_ones(server: StreamServer) -> None:
    say(server, "broken.jsonl")
    number = len(lines("broken.jsonl"))
    batch, _ = hear(stream(server), is_enough=heard(number))
    assert [post.text for post in batch.posts] == ["Lumopuoti on hyvä"]
    assert batch.unreadable == number - 1
    assert all(warning.startswith("a message cannot be read: ") for warning in batch.warnings)


def test_jetstream_asks_for_posts_and_says_who_we_are(server: StreamServer) -> None:
    server.say(event(START, "a"))
    hear(stream(server), is_enough=heard(1))
    asked = server.asked[0]
    assert asked.headers["User-Agent"] == "Mainevahti test"
    assert asked.path == (
        f"/subscribe?wantedCollections=app.bsky.feed.post&maxMessageSizeBytes={MOST_BYTES}"
        f"&cursor={microseconds(NOW - timedelta(hours=1))}"
    )


def test_jetstream_asks_in_the_second_format_at_an_address_of_the_second_kind() -> None:
    url = "wss://palvelin.example/xrpc/network.bsky.jetstream.subscribeEvents"
    assert subscription(url, 17) == (
        f"{url}?collections=app.bsky.feed.post&kinds=commit&kinds=account"
        f"&maxMessageSizeBytes={MOST_BYTES}&cursor=17"
    )


def test_jetstream_begins_now_without_backfill(server: StreamServer) -> None:
    server.say(event(START, "old", "Lumopuoti ennen"))
    server.on_connect = lambda: threading.Timer(
        0.3, server.say, [event(START + 1, "new", "Lumopuoti nyt")]
    ).start()
    batch, _ = hear(stream(server, backfill="0s"), is_enough=heard(1))
    assert server.cursors == [None]
    assert [post.text for post in batch.posts] == ["Lumopuoti nyt"]


def test_jetstream_goes_on_from_its_cursor_with_a_little_overlap(server: StreamServer) -> None:
    server.say(event(START, "a", "Lumopuoti"))
    start, _ = hear(stream(server), is_enough=heard(1))
    server.say(event(START + 60 * SECOND_US, "b", "Lumopuoti taas"))
    again, _ = hear(stream(server), start.cursor, heard(1))
    assert server.cursors[1] == START - 5 * SECOND_US
    assert [post.external_id for post in again.posts][-1] == uri("b")
    assert json.loads(again.cursor or "")["at"] == START + 60 * SECOND_US


def test_jetstream_starts_anew_with_a_cursor_of_another_kind(server: StreamServer) -> None:
    server.say(event(START, "a", "Lumopuoti"))
    hear(stream(server), json.dumps({"of": "something else", "page": 7}), heard(1))
    assert server.cursors == [microseconds(NOW - timedelta(hours=1))]


def test_jetstream_cursor_never_moves_backwards(server: StreamServer) -> None:
    server.say(event(START + 900, "a"), event(START + 100, "b"))
    batch, _ = hear(stream(server), is_enough=heard(2))
    assert json.loads(batch.cursor or "")["at"] == START + 900


def test_jetstream_time_that_cannot_be_does_not_carry_the_cursor_into_the_future(
    server: StreamServer,
) -> None:
    server.say(event(START, "a", "Lumopuoti"))
    server.say(
        event(10**15, "b", "Lumopuoti").replace(b'"time_us": 1000000000000000', b'"time_us": %d' % 10**40)
    )
    batch, _ = hear(stream(server), is_enough=heard(2))
    assert json.loads(batch.cursor or "")["at"] <= microseconds(NOW + timedelta(minutes=1))
    assert all(post.posted_at and post.posted_at <= NOW for post in batch.posts)


def test_jetstream_line_cut_in_the_middle_loses_and_doubles_nothing(server: StreamServer) -> None:
    server.say(*(event(START + at * SECOND_US, f"k{at}", f"Lumopuoti {at}") for at in range(40)))
    server.drops = [7, 0, 12]
    cursor, texts, errors = None, dict[str, str](), list[SourceError]()
    while len(texts) < 40:
        batch, error = hear(stream(server), cursor, heard(40 - len(texts)))
        texts |= {post.external_id: post.text for post in batch.posts}
        cursor = batch.cursor
        errors += [error] if error else []
    assert sorted(texts.values()) == sorted(f"Lumopuoti {at}" for at in range(40))
    assert [type(error) for error in errors[:3]] == [SourceBusy] * 3
    resumed = [one for one in server.cursors if one is not None]
    assert resumed == sorted(resumed)
    assert resumed[-1] > START


def test_jetstream_edit_that_names_nobody_any_more_takes_the_post_back(server: StreamServer) -> None:
    server.say(
        event(START, "a", "Lumopuoti on surkea"),
        event(START + 1, "a", "Olen pahoillani", operation="update"),
        event(START + 2, "b", "Kaunis ilma", operation="update"),
        event(START + 3, "c", "Lumopuoti", operation="create"),
    )
    batch, _ = hear(stream(server), is_enough=heard(3))
    assert list(by_id(batch)) == [uri("c")]
    assert batch.gone == (uri("a"), uri("b"))


def test_jetstream_post_that_comes_back_is_not_gone(server: StreamServer) -> None:
    server.say(
        event(START, "a", text=None, operation="delete"),
        event(START + 1, "a", "Lumopuoti on hyvä"),
    )
    batch, _ = hear(stream(server), is_enough=heard(1))
    assert (list(by_id(batch)), batch.gone) == ([uri("a")], ())


@pytest.mark.parametrize(
    ("status", "is_gone"), [("deleted", True), ("takendown", True), ("deactivated", False)]
)
def test_jetstream_author_is_gone_only_for_good(server: StreamServer, status: str, is_gone: bool) -> None:
    server.say(leaving(START, status=status), event(START + 1, "a"))
    batch, _ = hear(stream(server), is_enough=heard(1))
    assert bool(batch.gone_authors) is is_gone


def test_jetstream_passes_over_other_languages_but_not_what_is_not_marked(server: StreamServer) -> None:
    server.say(
        event(START, "a", "Lumopuoti 1", langs=["en"]),
        event(START + 1, "b", "Lumopuoti 2", langs=["en", "fi-FI"]),
        event(START + 2, "c", "Lumopuoti 3"),
        event(START + 3, "d", "Lumopuoti 4", langs="fi"),
    )
    batch, _ = hear(stream(server, langs=["fi", "sv"]), is_enough=heard(4))
    assert list(by_id(batch)) == [uri("b"), uri("c"), uri("d")]


def test_jetstream_huge_message_is_left_out_and_the_stream_goes_on(server: StreamServer) -> None:
    server.say(event(START, "a", "Lumopuoti " + "x" * 3_000_000), event(START + 1, "b", "Lumopuoti"))
    batch, _ = hear(stream(server), is_enough=heard(2))
    assert (list(by_id(batch)), batch.unreadable) == ([uri("b")], 1)


def test_jetstream_endless_message_breaks_the_stream(server: StreamServer) -> None:
    server.say(event(START, "a", "x" * 17_000_000))
    assert isinstance(error := failure(server), SourceBroken)
    assert "more than 16 MB" in str(error)


def test_jetstream_text_that_is_no_text_is_left_out(server: StreamServer) -> None:
    server.say(b'{"did": "\xff\xfe"}', at=START)
    server.say(event(START + 1, "b", "Lumopuoti"))
    batch, _ = hear(stream(server), is_enough=heard(2))
    assert (list(by_id(batch)), batch.unreadable) == ([uri("b")], 1)


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


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (429, SourceBusy, "later"),
        (503, SourceBusy, "later"),
        (404, SourceGone, "no stream"),
        (410, SourceGone, "no stream"),
        (400, SourceBroken, "400"),
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


def asked_again(site: Site) -> Any:
    context = context_for(site, shops=(SHOP,))
    return SOURCES["jetstream"].make({"appview": "https://palvelin.example"}, context)


def test_jetstream_gone_names_posts_that_are_not_shown_any_more() -> None:
    site = Site({"getPosts": recording("bluesky", "page.json")})
    lost, withdrawn = (
        "at://did:plc:poissa/app.bsky.feed.post/1",
        PEKKA.replace("3n2cccccccc2c", "3n2dddddddd2c"),
    )
    assert asked_again(site).gone([ILONA, lost, withdrawn, "sha256:1"]) == (lost, withdrawn)
    (request,) = site.asked
    assert request.url.params.get_list("uris") == [ILONA, lost, withdrawn]


def test_jetstream_gone_asks_in_small_parts_and_doubts_an_answer_without_any_post() -> None:
    site = Site({"getPosts": recording("bluesky", "empty.json")})
    with pytest.raises(SourceBroken, match="none of 60 posts"):
        asked_again(site).gone([f"at://did:plc:x/app.bsky.feed.post/{number}" for number in range(60)])
    assert [len(request.url.params.get_list("uris")) for request in site.asked] == [25, 25, 10]


ODD: tuple[Any, ...] = (None, 10**300, -1, {"x": [None]}, ["x"], "\x00²\u202e", "", True)


def spoilt(row: Any) -> Iterator[bytes]:
    """Every value of a message, one after the other, replaced by something odd."""
    for place, holder in list(places(row)):
        good = holder[place]
        for odd in ODD:
            holder[place] = odd
            yield json.dumps(row).encode()
        holder[place] = good


def places(row: Any) -> Iterator[tuple[Any, Any]]:
    steps = row.items() if isinstance(row, dict) else enumerate(row) if isinstance(row, list) else ()
    for step, value in list(steps):
        yield step, row
        yield from places(value)


@pytest.mark.parametrize("name", ["page.jsonl", "page-second.jsonl"])
def test_jetstream_survives_any_odd_value(server: StreamServer, name: str) -> None:
    messages = [message for line in lines(name) for message in spoilt(json.loads(line))]
    last = event(START, "last", "Lumopuoti viimeisenä", did="did:plc:viimeinen")
    server.say(*messages, last, at=START)
    source = stream(server)
    batch, error = hear(source, is_enough=lambda batch: uri("last", "did:plc:viimeinen") in by_id(batch))
    assert error is None
    assert all("\x00" not in post.text for post in batch.posts)


def test_jetstream_error_in_a_message_names_no_more_than_it_must() -> None:
    with pytest.raises(ValueError, match="no time"):
        read_event(json.dumps({"payload": {"$type": "x#commit", "time": "salaisuus " * 50}}).encode())


hidden = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
pieces = st.sampled_from(
    [
        "Lumopuoti",
        "lumopuodista",
        "Lumo\u200bpuoti",
        "Lumo\x07puoti",
        "L\u0075\u0308mopuoti",
        "LUMOPUOTI",
        "lumo",
        "puoti",
    ]
)


@given(before=hidden, piece=pieces, after=hidden, where=st.sampled_from(["text", "uri", "title", "link"]))
def test_jetstream_first_look_never_loses_a_post(before: str, piece: str, after: str, where: str) -> None:
    words = f"{before} {piece}{after}"
    record: dict[str, Any] = {"text": words if where == "text" else "Katso tätä"}
    card = {"uri": "https://lumopuoti.example/x" if where == "uri" else "https://a.example", "title": words}
    if where in ("uri", "title"):
        record["embed"] = {"external": card}
    if where == "link":
        link = {"uri": "https://www.lumopuoti.example/tuote"}
        record["facets"] = [{"index": {"byteStart": 0, "byteEnd": 5}, "features": [link]}]
    post = post_of(Commit(START, WRITER, "create", "k", record), BatchMaker("forum", NOW, "x"))
    sketch = plain_words(record)
    if names_a_shop(post) and sketch is not None:
        assert names_a_shop(Post.model_construct(source="-", external_id="-", thread_key="-", text=sketch))
