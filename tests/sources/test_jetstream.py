"""The kind "jetstream": its formats against recordings, its cursor, edits and deletions."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy, SourceError
from monitor.sources import SOURCES
from monitor.sources.jetstreamevents import MOST_BYTES, Commit, plain_words, read_event, subscription
from monitor.sources.jetstreamsieve import post_of
from monitor.sources.reading import BatchMaker
from tests.sources.jetstream_ears import (
    ILONA,
    PEKKA,
    SECOND_US,
    SHOP,
    START,
    SVEN,
    failure,
    hear,
    heard,
    lines,
    names_a_shop,
    say,
    stream,
)
from tests.sources.jetstream_server import WRITER, StreamServer, event, leaving, microseconds, uri
from tests.sources.support import NOW, Site, by_id, context_for, gone_of, recording


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


def test_jetstream_hands_on_an_edit_that_names_nobody_any_more(server: StreamServer) -> None:
    server.say(
        event(START, "a", "Lumopuoti on surkea"),
        event(START + 1, "a", "Olen pahoillani", operation="update"),
        event(START + 2, "b", "Kaunis ilma", operation="update"),
        event(START + 3, "c", "Lumopuoti", operation="create"),
    )
    batch, _ = hear(stream(server), is_enough=heard(3))
    texts = {name: post.text for name, post in by_id(batch).items()}
    assert texts == {uri("a"): "Olen pahoillani", uri("b"): "Kaunis ilma", uri("c"): "Lumopuoti"}
    assert by_id(batch)[uri("a")].edited_at is not None
    assert batch.gone == ()


def test_jetstream_deletion_after_an_edit_stands(server: StreamServer) -> None:
    server.say(
        event(START, "a", "Olen pahoillani", operation="update"),
        event(START + 1, "a", text=None, operation="delete"),
        event(START + 2, "c", "Lumopuoti"),
    )
    batch, _ = hear(stream(server), is_enough=heard(1))
    assert (list(by_id(batch)), batch.gone) == ([uri("c")], (uri("a"),))


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


def asked_again(site: Site) -> Any:
    context = context_for(site, shops=(SHOP,))
    return SOURCES["jetstream"].make({"appview": "https://palvelin.example"}, context)


def test_jetstream_gone_names_posts_that_are_not_shown_any_more() -> None:
    site = Site({"getPosts": recording("bluesky", "page.json")})
    lost, withdrawn = (
        "at://did:plc:poissa/app.bsky.feed.post/1",
        PEKKA.replace("3n2cccccccc2c", "3n2dddddddd2c"),
    )
    assert gone_of(asked_again(site), [ILONA, lost, withdrawn, "sha256:1"]) == (lost, withdrawn)
    (request,) = site.asked
    assert request.url.params.get_list("uris") == [ILONA, lost, withdrawn]


def test_jetstream_gone_asks_in_small_parts_and_doubts_an_answer_without_any_post() -> None:
    site = Site({"getPosts": recording("bluesky", "empty.json")})
    with pytest.raises(SourceBroken, match="none of 60 posts"):
        gone_of(asked_again(site), [f"at://did:plc:x/app.bsky.feed.post/{number}" for number in range(60)])
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
