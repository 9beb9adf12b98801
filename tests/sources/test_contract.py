"""What every kind must do with good, odd and hostile answers; a new kind adds one row to CASES."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Any

import httpx
import pytest

from monitor.domain import Batch
from monitor.errors import SourceBroken, SourceBusy, SourceError
from monitor.http import Http
from monitor.sources import SOURCES, Source
from tests.sources.support import NOW, SECRET, TOKEN, Answerer, Site, StillClock, context_for, recording
from tests.unit.hostile import HostileServer

BASE = "https://palvelin.example/polku"


@dataclass(frozen=True)
class Case:
    """How to build a kind, its answers by part of the address, and its answer without any post."""

    kind: str
    options: Mapping[str, Any]
    routes: Mapping[str, str]
    empty: str
    busy: str
    speaks_json: bool = True
    login: str | None = None


CASES = (
    Case("feed", {"url": f"{BASE}/feed"}, {"/feed": "page.xml"}, "empty.xml", "busy.txt", speaks_json=False),
    Case(
        "discourse",
        {"url": BASE, "key": TOKEN},
        {"before=": "empty.json", "/posts.json": "page.json"},
        "empty.json",
        "busy.json",
    ),
    Case(
        "mastodon",
        {"url": BASE, "hashtags": ["lumopuoti"], "token": TOKEN},
        {"/timelines/tag/": "page.json"},
        "empty.json",
        "busy.json",
    ),
    Case("wordpress", {"url": BASE}, {"/wp-json/": "page.json"}, "empty.json", "busy.txt"),
    Case(
        "forum",
        {"profile": "xenforo", "url": BASE, "areas": ["/forums/verkkokaupat.5/"], "pace": "0s"},
        {
            "/forums/verkkokaupat.5/page-2": "empty.html",
            "/forums/": "list.html",
            ".101/page-2": "page-2.html",
            ".101/": "page.html",
            "/threads/": "page-kuksa.html",
        },
        "empty.html",
        "busy.html",
        speaks_json=False,
    ),
    Case(
        "telegram",
        {"url": BASE, "channels": ["Kauppatori"], "pace": "0s"},
        {"before=": "older.html", "/s/Kauppatori": "page.html"},
        "empty.html",
        "busy.txt",
        speaks_json=False,
    ),
    Case(
        "bluesky",
        {"url": BASE, "handle": "kauppias.example", "password": TOKEN, "terms": ["Lumopuoti"]},
        {
            "cursor=": "empty.json",
            "searchPosts": "page.json",
            "getPosts": "parents.json",
            "getProfiles": "profiles.json",
        },
        "empty.json",
        "busy.json",
        login="createSession",
    ),
    Case(
        "reddit",
        {"url": BASE, "api": BASE, "terms": ["Lumopuoti"], "client_id": "sovellus", "secret": TOKEN},
        {"/search": "page.json"},
        "empty.json",
        "busy.json",
        login="access_token",
    ),
    Case(
        "lemmy",
        {"url": BASE, "api": "v3", "terms": ["Lumopuoti"], "token": TOKEN},
        {"/comment?": "parent.json", "type_=Comments": "comments.json", "/search": "page.json"},
        "empty.json",
        "busy.json",
    ),
    Case(
        "hackernews",
        {"url": BASE, "terms": ["Lumopuoti"]},
        {"/search_by_date": "page.json"},
        "empty.json",
        "busy.json",
    ),
    Case(
        "stackexchange",
        {"url": BASE, "site": "webapps", "terms": ["Lumopuoti"], "key": TOKEN},
        {"/search/excerpts": "page.json", "/questions/": "questions.json", "/answers/": "answers.json"},
        "empty.json",
        "busy.json",
    ),
    Case("gdelt", {"url": BASE, "terms": ["Lumopuoti"]}, {"/doc/doc": "page.json"}, "empty.json", "busy.txt"),
    Case(
        "youtube",
        {"url": BASE, "key": TOKEN, "search": False, "videos": ["vid0000001"]},
        {"/videos": "videos.json", "/commentThreads": "page.json", "/comments": "replies.json"},
        "empty.json",
        "busy.json",
    ),
    Case(
        "appstore",
        {"url": BASE, "app": "1234567890"},
        {"/customerreviews/": "page.json"},
        "empty.json",
        "busy.txt",
    ),
    Case(
        "trustpilot",
        {"url": BASE, "key": TOKEN, "unit": "55b"},
        {"/reviews": "page.json"},
        "empty.json",
        "busy.json",
    ),
    Case(
        "googlereviews",
        {
            "url": BASE,
            "login": BASE,
            "account": "11",
            "locations": ["22"],
            "client_id": "sovellus",
            "client_secret": TOKEN,
            "refresh_token": TOKEN,
        },
        {"/reviews": "page.json"},
        "empty.json",
        "busy.json",
        login="/token",
    ),
)
WITHOUT_HTTP = ("file", "imap", "jetstream", "survey", "webhook")
each_kind = pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)


def source_of(case: Case, site: Answerer, clock: StillClock | None = None) -> Source:
    return SOURCES[case.kind].make(case.options, context_for(logged_in(case, site), clock))


def logged_in(case: Case, site: Answerer) -> Answerer:
    """The site behind a log-in that always succeeds, for kinds that have one."""

    def answer(request: httpx.Request) -> httpx.Response:
        if case.login and case.login in str(request.url):
            return httpx.Response(200, content=recording(case.kind, "login.json"))
        return site(request)

    return answer


def good_site(case: Case) -> Site:
    return Site({key: recording(case.kind, name) for key, name in case.routes.items()})


def answering(*args: Any, **kwargs: Any) -> Answerer:
    """A site that gives one and the same answer to everything but a log-in."""
    return lambda request: httpx.Response(*args, **kwargs)


def first(batch: Batch) -> set[str]:
    return {post.external_id for post in batch.posts}


def test_cases_cover_every_kind() -> None:
    assert {case.kind for case in CASES} | set(WITHOUT_HTTP) == set(SOURCES)


@each_kind
def test_fetch_brings_the_same_ids_twice(case: Case) -> None:
    once = source_of(case, good_site(case)).fetch(None)
    again = source_of(case, good_site(case)).fetch(None)
    assert first(once)
    assert [post.external_id for post in once.posts] == [post.external_id for post in again.posts]
    assert once.posts == again.posts


@each_kind
def test_fetch_gives_utc_times_that_are_not_in_the_future(case: Case) -> None:
    batch = source_of(case, good_site(case)).fetch(None)
    times = [time for post in batch.posts for time in (post.posted_at, post.edited_at) if time]
    assert times
    assert all(time.tzinfo is UTC and time <= NOW for time in times)


@each_kind
def test_fetch_makes_clean_posts(case: Case) -> None:
    posts = source_of(case, good_site(case)).fetch(None).posts
    for post in posts:
        assert post.source == "forum"
        assert post.thread_key
        assert "<" not in post.text.replace("2 < 3", "")
        assert post.url == "" or post.url.startswith("https://")
        assert not {"\u202e", "\x00", "\u200b"} & set(post.text + post.author + post.title)
        assert "\n" not in post.author + post.title + post.thread_title


@each_kind
def test_fetch_continues_from_its_cursor_without_losing_posts(case: Case) -> None:
    start = source_of(case, good_site(case)).fetch(None)
    again = source_of(case, good_site(case)).fetch(start.cursor)
    assert start.cursor
    assert first(again) <= first(start)
    assert json.loads(again.cursor or "") == json.loads(start.cursor)


@each_kind
def test_fetch_keeps_its_cursor_when_the_source_falls_silent(case: Case) -> None:
    start = source_of(case, good_site(case)).fetch(None)
    silent = source_of(case, answering(200, content=recording(case.kind, case.empty))).fetch(start.cursor)
    after = source_of(case, good_site(case)).fetch(silent.cursor)
    assert silent.posts == ()
    assert json.loads(after.cursor or "")["newest"] == json.loads(start.cursor or "")["newest"]


@each_kind
def test_fetch_starts_anew_with_a_cursor_of_another_kind(case: Case) -> None:
    foreign = json.dumps({"of": "something else", "page": 7})
    assert first(source_of(case, good_site(case)).fetch(foreign)) == first(
        source_of(case, good_site(case)).fetch(None)
    )


@each_kind
def test_fetch_leaves_out_what_is_older_than_the_backfill(case: Case) -> None:
    clock = StillClock(NOW + timedelta(days=30))
    dated = [post for post in source_of(case, good_site(case), clock).fetch(None).posts if post.posted_at]
    assert dated == []


@each_kind
def test_fetch_of_an_empty_page_is_an_empty_batch(case: Case) -> None:
    batch = source_of(case, answering(200, content=recording(case.kind, case.empty))).fetch(None)
    assert batch.posts == ()
    assert batch.cursor


@each_kind
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Tue, 24 Nov 2026 10:05:00 GMT"}, 300),
        ({"X-RateLimit-Reset": "2026-11-24T10:02:00.000Z"}, 120),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"X-RateLimit-Reset": "60"}, 60),
        ({"RateLimit": '"default";r=0;t=45'}, 45),
        ({"Retry-After": "Tuesday, 24-Nov-26 10:00:30 GMT"}, 30),
        ({"Retry-After": "7.5"}, 7.5),
        ({"Retry-After": "soon", "X-Rate-Limit-Reset": str(int(NOW.timestamp() + 60) * 1000)}, 60),
        ({"X-RateLimit-Reset-After": "1.5"}, 1.5),
        ({"RateLimit-Reset": "12"}, 12),
        ({"Retry-After": "99999999"}, 86_400),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_fetch_is_busy_for_as_long_as_the_server_asks(
    case: Case, headers: dict[str, str], seconds: float | None
) -> None:
    site = answering(429, content=recording(case.kind, case.busy), headers=headers)
    with pytest.raises(SourceBusy) as caught:
        source_of(case, site).fetch(None)
    assert caught.value.retry_after == seconds


@each_kind
@pytest.mark.parametrize("status", [408, 502, 503, 504, 522])
def test_fetch_is_busy_when_a_server_is_overloaded(case: Case, status: int) -> None:
    with pytest.raises(SourceBusy):
        source_of(case, answering(status)).fetch(None)


@each_kind
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 500, 501])
def test_fetch_is_broken_when_waiting_does_not_help(case: Case, status: int) -> None:
    with pytest.raises(SourceBroken, match=f"palvelin.example .*{status}"):
        source_of(case, answering(status)).fetch(None)


@each_kind
def test_fetch_is_broken_by_a_login_page(case: Case) -> None:
    with pytest.raises(SourceBroken, match="web page instead of"):
        source_of(case, answering(200, content=recording("feed", "login.html"))).fetch(None)


@each_kind
def test_fetch_is_broken_by_a_captcha(case: Case) -> None:
    with pytest.raises(SourceBroken, match="human"):
        source_of(case, answering(403, headers={"cf-mitigated": "challenge"})).fetch(None)


@each_kind
def test_fetch_is_broken_by_a_captcha_page_that_says_all_is_well(case: Case) -> None:
    page = answering(200, content=recording("forum", "captcha.html"))
    with pytest.raises(SourceBroken, match=r"web page instead of|human"):
        source_of(case, page).fetch(None)


@each_kind
def test_fetch_is_broken_by_a_redirect_to_a_login(case: Case) -> None:
    login = answering(200, content=recording("feed", "login.html"))
    site = Site({"/kirjaudu": login, "": answering(302, headers={"Location": f"{BASE}/kirjaudu"})})
    with pytest.raises(SourceBroken):
        source_of(case, site).fetch(None)


@each_kind
def test_fetch_is_broken_by_no_change_from_what_was_never_read(case: Case) -> None:
    with pytest.raises(SourceBroken, match="304"):
        source_of(case, answering(304)).fetch(None)


@each_kind
@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"7", b'"text"', b'{"a": 1}', b"[" * 100_000, b'{"posts": {"0": 1}}', b"\xff\xfe\x00"],
)
def test_fetch_is_broken_by_nonsense(case: Case, content: bytes) -> None:
    with pytest.raises(SourceBroken):
        source_of(case, answering(200, content=content)).fetch(None)


@each_kind
def test_fetch_is_broken_by_half_of_an_answer(case: Case) -> None:
    site = {key: recording(case.kind, name)[:-40] for key, name in case.routes.items()}
    source = source_of(case, Site(site))
    if case.speaks_json:
        with pytest.raises(SourceBroken, match="half"):
            source.fetch(None)
    else:
        batch = source.fetch(None)
        assert first(batch)
        assert any("cut off" in warning for warning in batch.warnings)


@each_kind
def test_fetch_is_busy_when_the_connection_breaks_off(case: Case) -> None:
    class Breaking(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"{"
            raise httpx.RemoteProtocolError("peer closed connection")

    with pytest.raises(SourceBusy, match="broke off"):
        source_of(case, lambda request: httpx.Response(200, stream=Breaking())).fetch(None)


@each_kind
def test_fetch_is_busy_when_the_server_is_too_slow(case: Case) -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("timed out", request=request)

    with pytest.raises(SourceBusy, match="in time"):
        source_of(case, slow).fetch(None)


def drip(connection: socket.socket) -> None:
    """Promise a thousand bytes and send ten a second; ends by itself so that a failing test ends too."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(20):
        threading.Event().wait(0.1)
        connection.sendall(b" ")


@each_kind
def test_fetch_is_busy_when_a_real_answer_drips(case: Case) -> None:
    with HostileServer(drip) as server:
        options = {
            name: value.replace(BASE, server.url) if isinstance(value, str) else value
            for name, value in case.options.items()
        }
        http = Http("Mainevahti test", StillClock(), pace=timedelta(0), total=0.3, read=2)
        context = replace(context_for(answering(404)), http=http, allow_private=True)
        with pytest.raises(SourceBusy, match="in time"):
            SOURCES[case.kind].make(options, context).fetch(None)


@each_kind
def test_fetch_is_busy_when_something_compressed_is_cut_off(case: Case) -> None:
    half = gzip.compress(b"<p>" + b"hei " * 100_000)[:200]

    def site(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Packed(half))

    with pytest.raises(SourceBusy, match="broke off"):
        source_of(case, site).fetch(None)


@each_kind
def test_fetch_is_broken_by_twenty_megabytes(case: Case) -> None:
    with pytest.raises(SourceBroken, match="16 MB"):
        source_of(case, answering(200, content=b" " * (20 * 2**20))).fetch(None)


class Packed(httpx.SyncByteStream):
    """Bytes as they come over the wire, not yet unpacked."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def __iter__(self) -> Iterator[bytes]:
        yield self._raw


@each_kind
def test_fetch_is_broken_by_a_gzip_bomb(case: Case) -> None:
    bomb = gzip.compress(b" " * (100 * 2**20))

    def site(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Packed(bomb))

    with pytest.raises(SourceBroken, match="16 MB"):
        source_of(case, site).fetch(None)


@each_kind
@pytest.mark.parametrize("charset", ["iso-8859-1", "cp1252", "utf-16", "nonsense-8"])
def test_fetch_reads_an_answer_with_a_wrong_charset(case: Case, charset: str) -> None:
    def mislabelled(request: httpx.Request) -> httpx.Response:
        good = good_site(case)(request)
        return httpx.Response(
            200, content=good.content, headers={"Content-Type": f"text/plain; charset={charset}"}
        )

    assert (
        source_of(case, mislabelled).fetch(None).posts == source_of(case, good_site(case)).fetch(None).posts
    )


@each_kind
def test_fetch_is_broken_by_a_redirect_loop(case: Case) -> None:
    asked: list[httpx.Request] = []

    def loop(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(302, headers={"Location": str(request.url)})

    with pytest.raises(SourceBroken, match="circle"):
        source_of(case, loop).fetch(None)
    assert len(asked) == 6


@each_kind
@pytest.mark.parametrize("status", [200, 302, 401, 404, 429, 500])
def test_fetch_never_tells_a_secret(case: Case, status: int) -> None:
    site = answering(status, content=b"<html>", headers={"Location": "ftp://x/"})
    with pytest.raises(SourceError) as caught:
        source_of(case, site).fetch(None)
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None
    cursor = source_of(case, good_site(case)).fetch(None).cursor or ""
    assert SECRET not in cursor


@each_kind
def test_fetch_keeps_its_token_from_other_hosts(case: Case) -> None:
    elsewhere = {"Location": "https://muu.example/"}
    site = Site({"palvelin.example": answering(302, headers=elsewhere), "muu.example": answering(404)})
    with pytest.raises(SourceBroken, match=r"muu\.example"):
        source_of(case, site).fetch(None)
    assert [request.url.host for request in site.asked] == ["palvelin.example", "muu.example"]
    assert SECRET not in str(site.asked[1].headers.raw)
