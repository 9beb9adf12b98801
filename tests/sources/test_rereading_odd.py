"""Posts looked at again where something is odd: damaged rows, closed places, threads that lead nowhere."""

from collections.abc import Mapping

import httpx
import pytest

from monitor.errors import SourceBroken, SourceBusy
from tests.sources.support import NOW, Answerer, Site, again, stored
from tests.sources.test_forum import forum, page, xenforo_site
from tests.sources.test_rereading import KINDS, URL, made, raw

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
