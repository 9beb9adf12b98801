"""The kind "reddit" against recordings of its API and of its feeds."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from monitor.errors import SourceBroken, SourceBusy
from monitor.sources import SOURCES, Source
from tests.sources.support import (
    NOW,
    SECRET,
    TOKEN,
    Answerer,
    Site,
    StillClock,
    by_id,
    context_for,
    gone_of,
    recording,
)

URL, API = "https://palvelin.example", "https://rajapinta.example"
APPLICATION = {"client_id": "sovellus", "secret": TOKEN}
FEED = {"user": "kauppias", "feed_token": TOKEN}


def reddit(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    chosen = {"url": URL, "api": API, "terms": ["Lumopuoti"], **options}
    return SOURCES["reddit"].make(chosen, context_for(site, clock))


def api(**routes: Any) -> Site:
    return Site(
        {
            "access_token": recording("reddit", "login.json"),
            "/api/info": recording("reddit", "parents.json"),
            "/comments?": recording("reddit", "comments.json"),
            **routes,
            "/search": recording("reddit", "page.json"),
            "/new": recording("reddit", "page.json"),
        }
    )


def feeds() -> Site:
    return Site(
        {"/comments/.rss": recording("reddit", "comments.atom"), ".rss": recording("reddit", "posts.atom")}
    )


def asked(site: Site, part: str) -> list[httpx.Request]:
    return [request for request in site.asked if part in str(request.url)]


def thing(number: int, at: datetime) -> dict[str, Any]:
    about = {"name": f"t3_{number}", "title": f"Lumopuoti {number}", "created_utc": at.timestamp()}
    return {"kind": "t3", "data": about}


class Listing:
    """A listing that goes on, two things a page, newest first."""

    def __init__(self, count: int) -> None:
        self.things = [thing(number, NOW - timedelta(hours=2 * number)) for number in range(count)]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "access_token" in request.url.path:
            return httpx.Response(200, content=recording("reddit", "login.json"))
        names = [one["data"]["name"] for one in self.things]
        start = names.index(request.url.params["after"]) + 1 if "after" in request.url.params else 0
        page = self.things[start : start + 2]
        after = page[-1]["data"]["name"] if start + 2 < len(self.things) else None
        return httpx.Response(200, json={"kind": "Listing", "data": {"children": page, "after": after}})


def test_reddit_parse_reads_a_post() -> None:
    post = by_id(reddit(api(), **APPLICATION).fetch(None))["t3_1aaaa1"]
    assert (post.title, post.author, post.reach) == ("Lumopuoti & toimitus", "karhu_kesäinen", 620_000)
    assert post.text == (
        "Tilasin kolme viikkoa sitten täältä (https://lumopuoti.example/tilaus). Rahat & hermot menneet.\n\n"
        "> Toimitus 2 päivässä\n\nEi vastausta."
    )
    assert post.posted_at == datetime(2026, 11, 24, 8, 20, tzinfo=UTC)
    assert post.edited_at == datetime(2026, 11, 24, 9, 3, 20, tzinfo=UTC)
    assert post.url == "https://www.reddit.com/r/Suomi/comments/1aaaa1/lumopuoti_toimitus/"
    assert (post.thread_key, post.thread_title) == ("t3_1aaaa1", "Lumopuoti & toimitus")


def test_reddit_parse_shows_where_a_link_leads_and_hides_deleted_accounts() -> None:
    post = by_id(reddit(api(), **APPLICATION).fetch(None))["t3_1bbbb2"]
    assert (post.title, post.text, post.author) == (
        "Black Friday at Lumopuoti",
        "https://lumopuoti.example/ale",
        "",
    )


def test_reddit_parse_tells_what_a_crosspost_shares() -> None:
    post = by_id(reddit(api(), **APPLICATION).fetch(None))["t3_1cccc3"]
    assert (post.title, post.text, post.thread_title) == ("", "Onko muilla sama?", "Onko muilla sama?")
    assert post.parent_text == "Lumopuoti ei palauta rahoja\nKuukausi mennyt."


def test_reddit_fetch_leaves_out_what_is_removed_and_what_bots_write() -> None:
    batch = reddit(api(), subreddits=["Suomi"], **APPLICATION).fetch(None)
    assert set(by_id(batch)) == {"t3_1aaaa1", "t3_1bbbb2", "t3_1cccc3", "t1_k000002", "t1_k000004"}


def test_reddit_fetch_reads_comments_with_what_they_answer() -> None:
    site = api()
    posts = by_id(reddit(site, subreddits=["Suomi", "r/Finland"], **APPLICATION).fetch(None))
    answer = posts["t1_k000002"]
    assert (answer.text, answer.parent_text) == (
        "Kuluttajaneuvontaan vaan.",
        "Mitä Lumopuodille pitäisi tehdä?",
    )
    assert (answer.thread_key, answer.thread_title, answer.title) == ("t3_1aaaa1", "Lumopuoti & toimitus", "")
    assert posts["t1_k000004"].parent_text == posts["t3_1aaaa1"].text
    assert [request.url.params["id"] for request in asked(site, "/api/info")] == ["t1_k000001"]
    assert [request.url.path for request in site.asked if request.url.host == "rajapinta.example"] == [
        "/r/Suomi+Finland/new",
        "/r/Suomi+Finland/comments",
        "/search",
        "/api/info",
    ]


def test_reddit_fetch_does_without_parents() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503)

    site = api(**{"/api/info": down})
    batch = reddit(site, subreddits=["Suomi"], **APPLICATION).fetch(None)
    assert by_id(batch)["t1_k000002"].parent_text == ""
    assert any("What the comments answer" in warning for warning in batch.warnings)


def test_reddit_fetch_asks_for_one_token_and_shows_its_secret_to_nobody_else() -> None:
    site, clock = api(), StillClock()
    source = reddit(site, clock, **APPLICATION)
    source.fetch(source.fetch(None).cursor)
    (login,) = asked(site, "access_token")
    assert (login.method, login.content) == ("POST", b"grant_type=client_credentials")
    assert (
        base64.b64decode(login.headers["authorization"].removeprefix("Basic "))
        == f"sovellus:{SECRET}".encode()
    )
    others = [request for request in site.asked if request is not login]
    assert {request.headers["authorization"] for request in others} == {"Bearer lainattu-merkki"}
    clock.advance(hours=24)
    source.fetch(None)
    assert len(asked(site, "access_token")) == 2


@pytest.mark.parametrize("answer", [b'{"error": "invalid_grant"}', b"null", b'{"access_token": null}'])
def test_reddit_fetch_is_broken_when_it_gets_no_token(answer: bytes) -> None:
    with pytest.raises(SourceBroken, match="client_id"):
        reddit(api(access_token=answer), **APPLICATION).fetch(None)


def test_reddit_fetch_survives_a_token_that_lasts_forever() -> None:
    lent = json.dumps({"access_token": "x", "expires_in": 10**18}).encode()
    assert reddit(
        Site({"access_token": lent, "/search": recording("reddit", "empty.json")}), **APPLICATION
    ).fetch(None)


def test_reddit_fetch_keeps_good_posts_beside_broken_ones() -> None:
    site = Site({"access_token": recording("reddit", "login.json"), "": recording("reddit", "broken.json")})
    batch = reddit(site, **APPLICATION).fetch(None)
    (post,) = batch.posts
    assert (post.external_id, post.text, post.url, post.posted_at) == (
        "t3_1ffff6",
        "Lumopuoti toimi",
        "",
        None,
    )
    assert len(batch.warnings) == 3


def test_reddit_fetch_goes_on_where_its_pages_ended() -> None:
    listing, cursor, seen = Listing(9), None, []
    source = reddit(listing, pages=2, **APPLICATION)
    for _ in range(3):
        batch = source.fetch(cursor)
        cursor = batch.cursor
        seen += [post.external_id for post in batch.posts]
    assert set(seen) == {f"t3_{number}" for number in range(9)}
    assert "gap" not in (cursor or "")


def test_reddit_fetch_finds_posts_that_came_while_a_gap_was_open() -> None:
    listing = Listing(7)
    source = reddit(listing, pages=2, **APPLICATION)
    cursor = source.fetch(None).cursor
    listing.things.insert(0, thing(100, NOW))
    batch = source.fetch(cursor)
    assert {"t3_100", "t3_4", "t3_5", "t3_6"} <= set(by_id(batch))


def test_reddit_feed_reads_posts_and_links() -> None:
    posts = by_id(reddit(feeds(), **FEED).fetch(None))
    assert set(posts) == {"t3_1aaaa1", "t3_1bbbb2"}
    post = posts["t3_1aaaa1"]
    assert (post.title, post.text) == ("Lumopuoti & toimitus", "Tilasin kolme viikkoa sitten.")
    assert (post.author, post.thread_key) == ("karhu_kesäinen", "t3_1aaaa1")
    assert post.posted_at == datetime(2026, 11, 24, 8, 20, tzinfo=UTC)
    assert posts["t3_1bbbb2"].text == "https://lumopuoti.example/ale?a=1&b=2"


def test_reddit_feed_puts_comments_into_their_thread() -> None:
    post = by_id(reddit(feeds(), subreddits=["Suomi"], **FEED).fetch(None))["t1_k000002"]
    assert (post.text, post.title) == ("Kuluttajaneuvontaan vaan.", "")
    assert (post.thread_key, post.thread_title) == ("t3_1aaaa1", "Lumopuoti & toimitus")


def test_reddit_feed_is_asked_with_its_token() -> None:
    site = feeds()
    batch = reddit(site, subreddits=["Suomi"], **FEED).fetch(None)
    assert [request.url.path for request in site.asked] == [
        "/r/Suomi/new/.rss",
        "/r/Suomi/comments/.rss",
        "/search.rss",
    ]
    assert {request.url.params["feed"] for request in site.asked} == {SECRET}
    assert SECRET not in f"{batch}"


def test_reddit_feed_takes_turns_when_reddit_allows_one_question() -> None:
    clock, count = StillClock(), iter(range(100))

    def wait() -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": "60"})

    good = recording("reddit", "posts.atom")
    site = Site({"": lambda request: wait() if next(count) % 2 else httpx.Response(200, content=good)})
    source = reddit(site, clock, search=False, subreddits=["Suomi"])
    first = source.fetch(None)
    clock.advance(seconds=61)
    source.fetch(first.cursor)
    answered = [request.url.path for request in site.asked][::2]
    assert answered == ["/r/Suomi/new/.rss", "/r/Suomi/comments/.rss"]
    with pytest.raises(SourceBusy):
        source.fetch(first.cursor)


def test_reddit_feed_is_broken_by_a_web_page() -> None:
    with pytest.raises(SourceBroken, match="web page"):
        reddit(Site({"": recording("feed", "login.html")}), **FEED).fetch(None)


@pytest.mark.parametrize(
    "options",
    [
        {"client_id": "sovellus"},
        {"secret": TOKEN},
        {"feed_token": TOKEN},
        {"user": "kauppias"},
        {"search": False},
        {"subreddits": ["Suomi/../about"]},
    ],
)
def test_reddit_settings_want_whole_pairs_and_names(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        reddit(api(), **options)


def test_reddit_fetch_tells_which_posts_are_gone() -> None:
    assert reddit(api(), subreddits=["Suomi"], **APPLICATION).fetch(None).gone == ("t3_1dddd4", "t1_k000003")


def test_reddit_gone_names_what_was_deleted_or_removed() -> None:
    site = api(**{"/api/info": recording("reddit", "page.json")})
    names = ["t3_1aaaa1", "t3_1bbbb2", "t3_1dddd4", "t3_poissa"]
    assert gone_of(reddit(site, **APPLICATION), names) == ("t3_1dddd4", "t3_poissa")
    assert asked(site, "/api/info")[0].url.params["id"] == ",".join(names)


def test_reddit_gone_claims_nothing_by_feed() -> None:
    site = feeds()
    assert gone_of(reddit(site, **FEED), ["t3_1aaaa1"]) == ()
    assert site.asked == []
