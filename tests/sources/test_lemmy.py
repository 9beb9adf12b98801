"""The kind "lemmy" against recordings of both versions of its API."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from monitor.errors import SourceBroken
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
THREAD = "https://sopuli.example/post/901"


def lemmy(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    chosen = {"url": URL, "api": "v3", "terms": ["Lumopuoti"], **options}
    return SOURCES["lemmy"].make(chosen, context_for(site, clock))


def old(**routes: Any) -> Site:
    return Site(
        {
            "/comment?": recording("lemmy", "parent.json"),
            "type_=Posts": recording("lemmy", "page.json"),
            "type_=Comments": recording("lemmy", "comments.json"),
            "/post/list": recording("lemmy", "page.json"),
            "/comment/list": recording("lemmy", "comments.json"),
            **routes,
        }
    )


def new() -> Site:
    return Site(
        {
            "/comment?": recording("lemmy", "parent.json"),
            "page_cursor=": recording("lemmy", "empty.json"),
            "/search": recording("lemmy", "page-v4.json"),
            "/post/list": recording("lemmy", "list-v4.json"),
            "/comment/list": b'{"items": []}',
        }
    )


def paths(site: Site) -> list[str]:
    return [request.url.path for request in site.asked]


def test_lemmy_parse_reads_a_post() -> None:
    post = by_id(lemmy(old()).fetch(None))[THREAD]
    assert (post.title, post.author, post.url) == ("Lumopuoti ja palautukset", "metsänpoika", THREAD)
    assert post.text == (
        "Palautin kaksi takkia, katso kuitti (https://kuvat.example/k_1).\n\n> Rahat 14 päivässä"
    )
    assert post.posted_at == datetime(2026, 11, 24, 8, 30, 0, 123456, tzinfo=UTC)
    assert post.edited_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert (post.thread_key, post.thread_title) == (THREAD, "Lumopuoti ja palautukset")


def test_lemmy_parse_shows_where_a_link_leads_and_hides_deleted_accounts() -> None:
    post = by_id(lemmy(old()).fetch(None))["https://lemmy.example/post/77"]
    assert (post.title, post.text, post.author) == (
        "Lumopuoti alennus",
        "https://lumopuoti.example/ale",
        "",
    )


def test_lemmy_parse_tells_what_a_comment_answers() -> None:
    posts = by_id(lemmy(old()).fetch(None))
    deep, flat = posts["https://lemmy.example/comment/52"], posts["https://sopuli.example/comment/51"]
    assert (deep.text, deep.parent_text) == ("Lumopuoti on aina tällainen", "Onko muilla sama?")
    assert flat.parent_text == "Palautin kaksi takkia"
    assert {deep.thread_key, flat.thread_key} == {THREAD}
    assert (deep.thread_title, deep.title) == ("Lumopuoti ja palautukset", "")


def test_lemmy_fetch_leaves_out_what_is_deleted_or_removed() -> None:
    texts = [post.text for post in lemmy(old()).fetch(None).posts]
    assert len(texts) == 4
    assert not any("peruttu" in text or text == "x" for text in texts)


def test_lemmy_fetch_asks_for_a_parent_only_once() -> None:
    site = old()
    source = lemmy(site)
    source.fetch(source.fetch(None).cursor)
    assert paths(site).count("/api/v3/comment") == 1


def test_lemmy_fetch_does_without_parents() -> None:
    gone = lemmy(old(**{"/comment?": lambda request: httpx.Response(404)})).fetch(None)
    assert by_id(gone)["https://lemmy.example/comment/52"].parent_text == ""
    busy = lemmy(old(**{"/comment?": lambda request: httpx.Response(429)})).fetch(None)
    assert any("not known" in warning for warning in busy.warnings)


def test_lemmy_fetch_reads_version_four() -> None:
    posts = by_id(lemmy(new(), api="v4").fetch(None))
    assert set(posts) == {THREAD, "https://lemmy.example/comment/52"}
    post = posts[THREAD]
    assert (post.posted_at, post.reach) == (datetime(2026, 11, 24, 8, 30, tzinfo=UTC), 812)
    assert post.edited_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_lemmy_fetch_reads_communities_of_version_four() -> None:
    site = new()
    batch = lemmy(site, api="v4", search=False, communities=["suomi@sopuli.example"]).fetch(None)
    assert [post.text for post in batch.posts] == ["Lumopuoti vai Kotihelmi?"]
    assert {request.url.params["community_name"] for request in site.asked} == {"suomi@sopuli.example"}
    assert {request.url.params["sort"] for request in site.asked} == {"new"}


def test_lemmy_fetch_finds_out_which_version_the_server_speaks() -> None:
    site = old(**{"/api/v3/site": recording("lemmy", "site.json")})
    source = lemmy(site, api=None)
    source.fetch(source.fetch(None).cursor)
    assert [path for path in paths(site) if path.endswith("/site")] == ["/api/v4/site", "/api/v3/site"]
    modern = Site(
        {"/api/v4/site": recording("lemmy", "site.json"), "/api/v4/": recording("lemmy", "empty.json")}
    )
    assert lemmy(modern, api=None).fetch(None).posts == ()
    with pytest.raises(SourceBroken, match="no Lemmy server"):
        lemmy(Site({"": b'{"version": "1"}'}), api=None).fetch(None)


def test_lemmy_fetch_reads_communities_and_leaves_missing_ones_out() -> None:
    site = old(**{"community_name=olematon": lambda request: httpx.Response(404)})
    site.routes = dict(reversed(site.routes.items()))
    batch = lemmy(site, search=False, communities=["suomi", "olematon"]).fetch(None)
    assert THREAD in by_id(batch)
    assert sum("was left out" in warning for warning in batch.warnings) == 2
    with pytest.raises(SourceBroken, match="404"):
        lemmy(site, search=False, communities=["olematon"]).fetch(None)


def test_lemmy_fetch_keeps_good_posts_beside_broken_ones() -> None:
    site = Site({"type_=Posts": recording("lemmy", "broken.json"), "": recording("lemmy", "empty.json")})
    batch = lemmy(site).fetch(None)
    (post,) = batch.posts
    assert (post.external_id, post.text) == ("https://sopuli.example/post/905", "Lumopuoti toimi")
    assert len(batch.warnings) == 4


def test_lemmy_fetch_reads_pages_until_the_last_fetch_began() -> None:
    def row(number: int) -> dict[str, Any]:
        at = (NOW - timedelta(minutes=10 * number)).isoformat()
        address = f"https://sopuli.example/post/{number}"
        return {"post": {"id": number, "name": f"Lumopuoti {number}", "published": at, "ap_id": address}}

    def search(request: httpx.Request) -> httpx.Response:
        start = 50 * (int(request.url.params["page"]) - 1)
        rows = [row(number) for number in range(start, min(start + 50, 120))]
        return httpx.Response(200, json={"posts": rows if request.url.params["type_"] == "Posts" else []})

    site = Site({"": search})
    source = lemmy(site, pages=2)
    first = source.fetch(None)
    assert len(first.posts) == 100
    rest = source.fetch(first.cursor)
    assert len(by_id(first) | by_id(rest)) == 120
    assert "gap" not in (rest.cursor or "")


def test_lemmy_fetch_sends_its_token() -> None:
    site = old()
    lemmy(site, token=TOKEN).fetch(None)
    assert {request.headers["authorization"] for request in site.asked} == {f"Bearer {SECRET}"}


def test_lemmy_settings_want_something_to_read() -> None:
    with pytest.raises(ValidationError, match="communities"):
        lemmy(old(), search=False)


def test_lemmy_recordings_are_json() -> None:
    assert json.loads(recording("lemmy", "busy.json"))["error"] == "rate_limit_error"


def test_lemmy_fetch_tells_which_posts_are_gone() -> None:
    assert lemmy(old()).fetch(None).gone == (
        "https://lemmy.example/post/76",
        "https://sopuli.example/comment/50",
    )


def test_lemmy_gone_names_what_was_deleted_on_this_server() -> None:
    site = Site(
        {
            "/post?id=1": b'{"post_view": {"post": {"id": 1, "deleted": false, "removed": false}}}',
            "/comment?id=2": b'{"comment_view": {"comment": {"id": 2, "deleted": true}}}',
        }
    )
    own = [f"{URL}/post/1", f"{URL}/comment/2", f"{URL}/post/3"]
    elsewhere = ["https://sopuli.example/post/901", f"{URL}/post/../1"]
    assert gone_of(lemmy(site), [*own, *elsewhere]) == (own[1], own[2])
    assert len(site.asked) == 3
    with pytest.raises(SourceBroken, match="another shape"):
        gone_of(lemmy(Site({"": b"{}"})), own[:1])
