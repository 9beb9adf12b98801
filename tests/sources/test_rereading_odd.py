"""Posts looked at again where something is odd: damaged rows, closed places, threads that lead nowhere."""

from collections.abc import Mapping

import httpx
import pytest

from monitor.errors import SourceBroken, SourceBusy
from tests.sources.support import NOW, TOKEN, Answerer, Site, again, stored
from tests.sources.test_forum import forum, page, xenforo_site
from tests.sources.test_rereading import AT_URI, KINDS, URL, made, raw

NAMELESS: Mapping[str, Mapping[str, bytes]] = {
    "bluesky": {
        "createSession": b'{"accessJwt": "x", "refreshJwt": "y", "did": "did:plc:a", "handle": "a.example"}',
        "getPosts": raw({"posts": [{"uri": "", "record": {"text": "x", "createdAt": NOW.isoformat()}}]}),
    },
    "jetstream": {
        "getPosts": raw({"posts": [{"uri": "", "record": {"text": "x", "createdAt": NOW.isoformat()}}]})
    },
    "reddit": {
        "access_token": b'{"access_token": "x", "expires_in": 3600}',
        "/api/info": raw({"data": {"children": [{"data": {"name": "", "body": "x"}}], "after": None}}),
    },
    "lemmy": {
        "/comment": raw(
            {"comment_view": {"comment": {"ap_id": "", "content": "x"}, "post": {"ap_id": "y", "name": "t"}}}
        )
    },
}


@pytest.mark.parametrize("row", [row for row in KINDS if row[0] in NAMELESS], ids=lambda row: row[0])
def test_look_at_a_row_without_an_id_claims_nothing_of_it(
    row: tuple[str, dict[str, object], Mapping[str, bytes], str, bool],
) -> None:
    kind, options, _, name, _ = row
    batch = again(made(kind, options, Site(dict(NAMELESS[kind]))), stored(name))
    assert batch.posts == ()


@pytest.mark.parametrize("kind", ["bluesky", "jetstream"])
def test_damaged_post_that_is_shown_is_not_taken_for_a_deleted_one(kind: str) -> None:
    (options,) = (options for name, options, *_ in KINDS if name == kind)
    damaged = {"uri": AT_URI, "record": {"text": 7 * ["x"]}}
    site = Site({**NAMELESS[kind], "getPosts": raw({"posts": [None, damaged, {"uri": []}]})})
    batch = again(made(kind, options, site), stored(AT_URI), stored(f"{AT_URI}x"))
    assert (batch.posts, batch.gone) == ((), (f"{AT_URI}x",))


WORDLESS: tuple[tuple[str, str, Mapping[str, bytes]], ...] = (
    ("wordpress", "41", {"include=41": raw([{"id": 41, "content": {"rendered": None}}])}),
    (
        "reddit",
        "t1_abc",
        {
            "access_token": NAMELESS["reddit"]["access_token"],
            "/api/info": raw({"data": {"children": [{"data": {"name": "t1_abc", "body": []}}]}}),
        },
    ),
    ("youtube", "vid00000001", {"/videos": raw({"items": [{"id": "vid00000001", "snippet": []}]})}),
    ("trustpilot", "1", {"/v1/reviews/1": raw({"id": "1", "stars": 9, "text": None})}),
    ("lemmy", f"{URL}/comment/7", {"/comment": raw({"comment_view": {"comment": {"content": None}}})}),
    ("discourse", "1", {"/posts/1.json": raw({"id": 1, "topic_id": 1, "cooked": None})}),
)
OPTIONS: Mapping[str, dict[str, object]] = {
    **{kind: options for kind, options, *_ in KINDS},
    "youtube": {"key": TOKEN, "videos": ["vid00000001"]},
    "trustpilot": {"key": TOKEN, "unit": "55b"},
}


@pytest.mark.parametrize(("kind", "name", "routes"), WORDLESS, ids=[row[0] for row in WORDLESS])
def test_row_without_its_words_does_not_empty_what_is_stored(
    kind: str, name: str, routes: Mapping[str, bytes]
) -> None:
    batch = again(made(kind, OPTIONS[kind], Site(dict(routes))), stored(name, "Lumopuoti ei vastaa"))
    assert (batch.posts, batch.gone) == ((), ())


def discourse_post(number: int, text: str) -> bytes:
    return raw({"id": number, "topic_id": 1, "cooked": f"<p>{text}</p>", "user_id": 3, "username": "maija"})


def closed(request: httpx.Request) -> httpx.Response:
    return httpx.Response(403)


def test_post_in_a_place_that_was_closed_keeps_no_other_from_being_looked_at() -> None:
    site = Site({"/posts/1.json": closed, "/posts/3.json": discourse_post(3, "Lumopuoti vastasi")})
    batch = again(made("discourse", {}, site), *(stored(number) for number in ("1", "2", "3")))
    assert [post.text for post in batch.posts] == ["Lumopuoti vastasi"]
    assert batch.gone == ("2",)


def test_look_ends_soon_when_nothing_may_be_seen() -> None:
    asked: list[str] = []

    def shut(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(403)

    with pytest.raises(SourceBroken):
        again(made("discourse", {}, shut), *(stored(str(number)) for number in range(50)))
    assert len(asked) == 3


def test_forum_thread_that_was_closed_keeps_no_other_from_being_looked_at() -> None:
    known = {post.external_id: post for post in forum(xenforo_site()).fetch(None).posts}
    site = xenforo_site({"/posts/4999/": closed, "/posts/": page("page.html")})
    batch = again(forum(site), stored("4999"), known["5001"])
    assert [post.external_id for post in batch.posts] == ["5001"]
    assert batch.gone == ()


def test_forum_posts_that_their_pages_show_no_more_had_their_turn() -> None:
    """Else the next look would begin with them again, and never come to the others."""
    site = Site({"robots": b"", "/kuksa": page("jsonld.html"), "/vanha": httpx_page("<p>Ei mitään.</p>")})
    source = forum(site, profile="jsonld", areas=["/kuksa"], pages=2)
    (shown, *_) = source.fetch(None).posts
    lost = [stored(f"sha256:{number}", url=f"{URL}/vanha?sivu={number}") for number in range(5)]
    batch = again(source, *lost, shown)
    assert batch.more
    assert batch.posts == tuple(lost[:3])  # two pages, and one for the area


def httpx_page(body: str) -> Answerer:
    return lambda request: httpx.Response(200, html=f"<html><body>{body}</body></html>")


def test_forum_that_wants_us_to_wait_at_once_is_no_look() -> None:
    site = xenforo_site({"/posts/": lambda request: httpx.Response(429)})
    with pytest.raises(SourceBusy):
        again(forum(site), stored("5001"))
