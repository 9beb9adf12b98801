"""The kind "bluesky" against recordings, and against a search that goes on over pages and fetches."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from monitor.domain import Shop
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

URL = "https://palvelin.example"
ILONA = "at://did:plc:aaaabbbbccccddddeeeeffff/app.bsky.feed.post/3n2aaaaaaaa2c"
SVEN = "at://did:plc:gggghhhhiiiijjjjkkkkllll/app.bsky.feed.post/3n2bbbbbbbb2c"
PEKKA = "at://did:plc:ssssttttuuuuvvvvwwwwxxxx/app.bsky.feed.post/3n2cccccccc2c"
SHOP = Shop("lumopuoti", "Lumopuoti", domains=("lumopuoti.example",), handles=("@lumo.bsky.social", "@lumo"))


def bluesky(
    site: Answerer, clock: StillClock | None = None, shops: tuple[Shop, ...] = (SHOP,), **options: object
) -> Source:
    chosen = {"url": URL, "handle": "kauppias.example", "password": TOKEN, "terms": ["Lumopuoti"], **options}
    return SOURCES["bluesky"].make(chosen, context_for(site, clock, shops=shops))


def network(**routes: Any) -> Site:
    return Site(
        {
            "createSession": recording("bluesky", "login.json"),
            "cursor=25": recording("bluesky", "more.json"),
            "searchPosts": recording("bluesky", "page.json"),
            "getPosts": recording("bluesky", "parents.json"),
            "getProfiles": recording("bluesky", "profiles.json"),
            **routes,
        }
    )


def searches(site: Site) -> list[httpx.Request]:
    return [request for request in site.asked if "searchPosts" in str(request.url)]


def view(number: int, at: datetime, text: str = "Lumopuoti") -> dict[str, Any]:
    return {
        "uri": f"at://did:plc:kirjoittaja/app.bsky.feed.post/{number}",
        "author": {"did": "did:plc:kirjoittaja", "handle": "kirjoittaja.example"},
        "record": {"text": text, "createdAt": at.isoformat()},
        "indexedAt": at.isoformat(),
    }


class Stream:
    """A search over posts given newest first, two a page, that heeds since and until."""

    def __init__(self, views: Sequence[dict[str, Any]]) -> None:
        self.views = list(views)
        self.answers = 0
        self.busy_after = 10_000

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "searchPosts" not in request.url.path:
            name = "login.json" if "createSession" in request.url.path else "empty.json"
            return httpx.Response(200, content=recording("bluesky", name))
        self.answers += 1
        if self.answers > self.busy_after:
            return httpx.Response(429, headers={"RateLimit-Reset": "60"})
        asked = request.url.params
        until = datetime.fromisoformat(asked.get("until", "2100-01-01T00:00:00Z"))
        since = datetime.fromisoformat(asked["since"])
        found = [one for one in self.views if since <= datetime.fromisoformat(one["indexedAt"]) < until]
        start = int(asked.get("cursor", 0))
        more = {"cursor": str(start + 2)} if start + 2 < len(found) else {}
        return httpx.Response(200, json={"posts": found[start : start + 2], **more})


def test_bluesky_parse_reads_a_post() -> None:
    post = by_id(bluesky(network()).fetch(None))[ILONA]
    assert (post.author, post.lang, post.reach) == ("ilona.example", "fi", 321)
    assert post.url == "https://bsky.app/profile/did:plc:aaaabbbbccccddddeeeeffff/post/3n2aaaaaaaa2c"
    assert post.posted_at == datetime(2026, 11, 24, 9, 40, tzinfo=UTC)
    assert post.thread_key == ILONA


def test_bluesky_parse_spells_shortened_links_out() -> None:
    post = by_id(bluesky(network()).fetch(None))[ILONA]
    assert post.text == (
        "Lumopuoti ei vastaa äänekkäästikään 😡 https://lumopuoti.example/tilaus/pitka-osoite"
        " Katso tästä (https://kuvat.example/1)"
    )


def test_bluesky_parse_puts_an_answer_into_its_thread_with_what_it_answers() -> None:
    post = by_id(bluesky(network()).fetch(None))[SVEN]
    assert post.thread_key == "at://did:plc:mmmmnnnnooooppppqqqqrrrr/app.bsky.feed.post/3n1root000002c"
    assert post.parent_text == "Vem har handlat där?"
    assert (post.lang, post.reach) == ("sv", None)


def test_bluesky_parse_shows_the_linked_page_and_what_is_quoted() -> None:
    post = by_id(bluesky(network()).fetch(None))[PEKKA]
    assert post.text == "Älkää tilatko\nhttps://lumopuoti.example/ale"
    assert post.parent_text == "Onko tämä kauppa luotettava?"


def test_bluesky_parse_takes_the_page_for_the_parent_when_nothing_is_quoted() -> None:
    page = json.loads(recording("bluesky", "page.json"))
    del page["posts"][2]["embed"]["record"]
    post = by_id(bluesky(network(searchPosts=json.dumps(page).encode())).fetch(None))[PEKKA]
    assert post.parent_text == "Ale\nKaikki pois"


def test_bluesky_fetch_leaves_out_what_is_withdrawn_or_too_old() -> None:
    texts = {post.text for post in bluesky(network()).fetch(None).posts}
    assert not any("poistettu" in text or "ennen" in text for text in texts)


def test_bluesky_fetch_reads_all_pages() -> None:
    texts = [post.text for post in bluesky(network()).fetch(None).posts]
    assert "Lumopuoti: tilaus tehty" not in texts  # the page before it ended with an old post
    newer = json.loads(recording("bluesky", "page.json"))
    del newer["posts"][-1]
    site = network(searchPosts=json.dumps(newer).encode())
    assert "Lumopuoti: tilaus tehty" in [post.text for post in bluesky(site).fetch(None).posts]
    assert len(searches(site)) == 2


def test_bluesky_fetch_keeps_good_posts_beside_broken_ones() -> None:
    batch = bluesky(network(searchPosts=recording("bluesky", "broken.json"))).fetch(None)
    assert [post.text for post in batch.posts] == ["Lumopuoti toimi hyvin"]
    assert batch.posts[0].posted_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert [warning.split(" cannot")[0] for warning in batch.warnings] == ["post 1", "post 2", "post 3"]


def test_bluesky_fetch_is_broken_when_no_post_can_be_read() -> None:
    page = json.dumps({"posts": [{"uri": 7}, None]}).encode()
    with pytest.raises(SourceBroken, match="none of them could be read"):
        bluesky(network(searchPosts=page)).fetch(None)


def test_bluesky_fetch_asks_for_names_links_and_mentions_of_the_shops() -> None:
    site = network(searchPosts=recording("bluesky", "empty.json"))
    bluesky(site, terms=[]).fetch(None)
    asked = [
        {name: request.url.params.get(name) for name in ("q", "domain", "mentions")}
        for request in searches(site)
    ]
    assert asked == [
        {"q": "Lumopuoti", "domain": None, "mentions": None},
        {"q": '"lumopuoti.example"', "domain": None, "mentions": None},
        {"q": "*", "domain": "lumopuoti.example", "mentions": None},
        {"q": "*", "domain": None, "mentions": "lumo.bsky.social"},
    ]
    assert {request.url.params["sort"] for request in searches(site)} == {"latest"}


def test_bluesky_fetch_asks_for_one_language_when_told() -> None:
    site = network()
    bluesky(site, lang="fi").fetch(None)
    assert {request.url.params["lang"] for request in searches(site)} == {"fi"}


def test_bluesky_fetch_sends_the_password_to_the_login_only() -> None:
    site = network()
    bluesky(site).fetch(None)
    logins = [request for request in site.asked if "createSession" in str(request.url)]
    assert [json.loads(request.content)["password"] for request in logins] == [SECRET]
    others = [request for request in site.asked if request not in logins]
    assert {request.headers["authorization"] for request in others} == {"Bearer eyJ.access.one"}
    assert not any(SECRET in f"{request.url} {request.headers.raw}" for request in others)


def sessions(site: Site) -> list[str]:
    return [request.url.path.rpartition(".")[2] for request in site.asked if "Session" in request.url.path]


def test_bluesky_fetch_renews_its_session_without_the_password() -> None:
    renewed = b'{"accessJwt": "eyJ.access.two", "refreshJwt": "eyJ.refresh.two"}'
    site, clock = network(refreshSession=renewed), StillClock()
    source = bluesky(site, clock)
    cursor = source.fetch(None).cursor
    clock.advance(minutes=80)
    source.fetch(cursor)
    assert sessions(site) == ["createSession"]
    for renewal in ("eyJ.refresh.one", "eyJ.refresh.two"):
        clock.advance(minutes=95)
        source.fetch(cursor)
        (renewing,) = [request for request in site.asked if "refreshSession" in str(request.url)][-1:]
        assert (renewing.method, renewing.content) == ("POST", b"")
        assert renewing.headers["Authorization"] == f"Bearer {renewal}"
    assert sessions(site) == ["createSession", "refreshSession", "refreshSession"]
    assert site.asked[-1].headers["Authorization"] == "Bearer eyJ.access.two"


def test_bluesky_fetch_logs_in_again_when_its_session_cannot_be_renewed() -> None:
    site, clock = network(refreshSession=lambda request: httpx.Response(400)), StillClock()
    source = bluesky(site, clock)
    cursor = source.fetch(None).cursor
    clock.advance(minutes=95)
    source.fetch(cursor)
    assert sessions(site) == ["createSession", "refreshSession", "createSession"]


def test_bluesky_fetch_logs_in_again_when_its_session_is_refused() -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"error": "ExpiredToken"})

    empty = recording("bluesky", "empty.json")
    site = network(searchPosts=[empty, refused, empty])
    source = bluesky(site)
    batch = source.fetch(source.fetch(None).cursor)
    assert batch.posts == ()
    assert sum("createSession" in str(request.url) for request in site.asked) == 2


def test_bluesky_fetch_is_broken_by_a_wrong_password() -> None:
    def wrong(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"error": "AuthenticationRequired"})

    site = network(createSession=wrong)
    with pytest.raises(SourceBroken, match="401"):
        bluesky(site).fetch(None)
    assert len(site.asked) == 1


@pytest.mark.parametrize("answer", [b"[]", b'{"did": "x"}', b'{"accessJwt": {}}'])
def test_bluesky_fetch_is_broken_by_a_login_that_gives_no_token(answer: bytes) -> None:
    with pytest.raises(SourceBroken, match="login"):
        bluesky(network(createSession=answer)).fetch(None)


def test_bluesky_fetch_does_without_followers_and_parents() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502)

    batch = bluesky(network(getPosts=down, getProfiles=down)).fetch(None)
    assert by_id(batch)[SVEN].parent_text == ""
    assert any("What is answered" in warning for warning in batch.warnings)


def test_bluesky_fetch_asks_for_parents_and_followers_only_once() -> None:
    site = network(
        getProfiles=json.dumps(
            {
                "profiles": [
                    {"did": post["author"]["did"], "followersCount": 5}
                    for post in json.loads(recording("bluesky", "page.json"))["posts"]
                ]
            }
        ).encode()
    )
    source = bluesky(site)
    source.fetch(source.fetch(None).cursor)
    assert sum("getPosts" in str(request.url) for request in site.asked) == 1
    assert sum("getProfiles" in str(request.url) for request in site.asked) == 1


def test_bluesky_fetch_brings_an_edited_post_again_with_its_new_text() -> None:
    stream = Stream([view(1, NOW - timedelta(hours=5), "Lumopuoti on huono")])
    source = bluesky(stream)
    first = source.fetch(None)
    stream.views[0]["record"]["text"] = "Lumopuoti hyvitti kaiken"
    second = source.fetch(first.cursor)
    assert [post.text for post in second.posts] == ["Lumopuoti hyvitti kaiken"]
    assert second.posts[0].external_id == first.posts[0].external_id


def test_bluesky_fetch_reads_later_what_it_had_no_pages_for() -> None:
    stream = Stream([view(number, NOW - timedelta(hours=3 * number)) for number in range(9)])
    source = bluesky(stream, pages=2)
    cursor, seen = None, set()
    for _ in range(3):
        batch = source.fetch(cursor)
        cursor = batch.cursor
        seen |= set(by_id(batch))
    assert len(seen) == 9
    assert "gap" not in (cursor or "")


def test_bluesky_fetch_keeps_what_it_has_when_the_server_wants_a_pause() -> None:
    clock = StillClock()
    stream = Stream([view(number, NOW - timedelta(hours=3 * number)) for number in range(6)])
    stream.busy_after = 2
    source = bluesky(stream, clock)
    batch = source.fetch(None)
    assert len(batch.posts) == 4
    assert any("comes with the next fetch" in warning for warning in batch.warnings)
    with pytest.raises(SourceBusy):
        source.fetch(batch.cursor)
    clock.advance(seconds=61)
    stream.busy_after = 100
    rest = source.fetch(batch.cursor)
    assert len(set(by_id(batch)) | set(by_id(rest))) == 6


def test_bluesky_fetch_begins_with_the_search_that_had_to_stop() -> None:
    clock = StillClock()
    stream = Stream([])
    stream.busy_after = 1
    source = bluesky(stream, clock, terms=["eka", "toka", "kolmas"])
    batch = source.fetch(None)
    clock.advance(seconds=61)
    stream.busy_after = 100
    site = Site({"": stream})
    bluesky(site, clock, terms=["eka", "toka", "kolmas"]).fetch(batch.cursor)
    assert [request.url.params["q"] for request in searches(site)] == ["toka", "kolmas", "eka"]


def test_bluesky_settings_want_a_password() -> None:
    with pytest.raises(ValidationError, match="password"):
        SOURCES["bluesky"].make({"handle": "kauppias.example"}, context_for(network()))


def test_bluesky_fetch_tells_which_posts_are_withdrawn() -> None:
    withdrawn = "at://did:plc:ssssttttuuuuvvvvwwwwxxxx/app.bsky.feed.post/3n2dddddddd2c"
    assert bluesky(network()).fetch(None).gone == (withdrawn,)


def test_bluesky_gone_names_posts_that_are_not_shown_any_more() -> None:
    site = network(getPosts=recording("bluesky", "page.json"))
    lost = "at://did:plc:poissa/app.bsky.feed.post/1"
    withdrawn = "at://did:plc:ssssttttuuuuvvvvwwwwxxxx/app.bsky.feed.post/3n2dddddddd2c"
    assert gone_of(bluesky(site), [ILONA, lost, withdrawn, SVEN]) == (lost, withdrawn)
    assert [
        request.url.params.get_list("uris") for request in site.asked if "getPosts" in str(request.url)
    ] == [sorted([ILONA, lost, withdrawn, SVEN])]


def test_bluesky_gone_doubts_an_answer_without_any_post() -> None:
    site = network(getPosts=recording("bluesky", "empty.json"))
    source = bluesky(site)
    assert gone_of(source, [ILONA]) == (ILONA,)
    with pytest.raises(SourceBroken, match="none of 4 posts"):
        gone_of(source, [ILONA, SVEN, PEKKA, "at://did:plc:x/app.bsky.feed.post/1"])
