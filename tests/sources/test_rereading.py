"""Posts looked at again, kind by kind: an edit that no list shows any more is seen."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest

from monitor.domain import Batch
from monitor.errors import SourceBusy
from monitor.sources import SOURCES, Rereads, Source
from tests.sources.support import NOW, TOKEN, Answerer, Site, again, context_for, recording, stored
from tests.sources.test_contract import CASES, Case, good_site, source_of

URL = "https://palvelin.example"
EDITED = (NOW - timedelta(minutes=5)).isoformat()
AT_URI = "at://did:plc:kirjoittaja/app.bsky.feed.post/3n2tt4o7syc2j"


def raw(rows: object) -> bytes:
    return json.dumps(rows).encode()


def bluesky_posts(text: str) -> bytes:
    view = {"uri": AT_URI, "record": {"text": text, "createdAt": EDITED}, "indexedAt": EDITED}
    return raw({"posts": [view]})


LEMMY = {
    "ap_id": f"{URL}/comment/7",
    "content": "Lumopuoti vastasi",
    "updated": EDITED,
    "published": EDITED,
}
REDDIT = {"name": "t1_abc", "body": "Lumopuoti vastasi", "edited": NOW.timestamp() - 300, "author": "maija"}
KINDS: tuple[tuple[str, dict[str, object], Mapping[str, bytes], str, bool], ...] = (
    (
        "wordpress",
        {},
        {"include=41": raw([{"id": 41, "content": {"rendered": "<p>Lumopuoti vastasi</p>"}, "link": "x"}])},
        "41",
        False,
    ),
    (
        "discourse",
        {},
        {
            "/posts/901.json": raw(
                {
                    "id": 901,
                    "topic_id": 1,
                    "cooked": "<p>Lumopuoti vastasi</p>",
                    "version": 2,
                    "updated_at": EDITED,
                    "user_id": 3,
                    "username": "maija",
                }
            )
        },
        "901",
        True,
    ),
    (
        "lemmy",
        {"api": "v3"},
        {
            "/comment": raw(
                {"comment_view": {"comment": LEMMY, "post": {"ap_id": f"{URL}/post/1", "name": "t"}}}
            )
        },
        f"{URL}/comment/7",
        True,
    ),
    (
        "reddit",
        {"api": URL, "client_id": "x", "secret": TOKEN},
        {
            "access_token": recording("reddit", "login.json"),
            "/api/info": raw({"data": {"children": [{"data": REDDIT}], "after": None}}),
        },
        "t1_abc",
        True,
    ),
    (
        "bluesky",
        {"handle": "a.example", "password": TOKEN},
        {
            "createSession": recording("bluesky", "login.json"),
            "getPosts": bluesky_posts("Lumopuoti vastasi"),
        },
        AT_URI,
        False,
    ),
    ("jetstream", {"appview": URL}, {"getPosts": bluesky_posts("Lumopuoti vastasi")}, AT_URI, False),
)


def made(kind: str, options: dict[str, object], site: Answerer) -> Source:
    address = {} if kind == "jetstream" else {"url": URL}
    return SOURCES[kind].make({**address, **options}, context_for(site))


@pytest.mark.parametrize(
    ("kind", "options", "routes", "name", "is_dated"), KINDS, ids=[row[0] for row in KINDS]
)
def test_edit_is_seen_and_what_stands_around_the_post_stays(
    kind: str, options: dict[str, object], routes: Mapping[str, bytes], name: str, is_dated: bool
) -> None:
    around = {"title": "Otsikko", "thread_title": "Ketju", "parent_text": "Kysymys", "author": "Maija"}
    before = stored(name, "Lumopuoti ei vastaa", **around)
    (now,) = again(made(kind, options, Site(dict(routes))), before).posts
    assert now.text == "Lumopuoti vastasi"
    assert (now.edited_at is not None) == is_dated
    same = {"text": "", "edited_at": None}
    assert now.model_copy(update=same) == before.model_copy(update=same)


REREADING = [case for case in CASES if isinstance(source_of(case, good_site(case)), Rereads)]


def page_of(kind: str) -> Any:
    return json.loads(recording(kind, "page.json"))


def one_of(rows: Iterable[Any]) -> Answerer:
    """Answers for the row whose id (at Mastodon the end of its address) stands at the end of the path."""
    known = [row for row in rows if isinstance(row, dict) and "id" in row]
    by_id = {str(row.get("uri", row["id"])).rpartition("/")[2]: row for row in known}

    def answer(request: httpx.Request) -> httpx.Response:
        row = by_id.get(request.url.path.rpartition("/")[2].removesuffix(".json"))
        return httpx.Response(200, json=row) if row else httpx.Response(404)

    return answer


def youtube_comments(request: httpx.Request) -> httpx.Response:
    threads = [row["snippet"]["topLevelComment"] for row in page_of("youtube")["items"] if "snippet" in row]
    return httpx.Response(200, json={"items": threads})


def stackexchange_posts(request: httpx.Request) -> httpx.Response:
    rows = [
        row
        for name in ("questions", "answers")
        for row in json.loads(recording("stackexchange", f"{name}.json"))["items"]
    ]
    posts = [{**row, "post_id": row.get("answer_id") or row["question_id"]} for row in rows]
    return httpx.Response(200, json={"items": posts, "quota_remaining": 9})


def hackernews_item(request: httpx.Request) -> httpx.Response:
    (hit,) = (hit for hit in page_of("hackernews")["hits"] if request.url.path.endswith(hit["objectID"]))
    text = hit.get("comment_text") or hit.get("story_text")
    return httpx.Response(200, json={**hit, "id": int(hit["objectID"]), "text": text, "children": []})


def google_review(request: httpx.Request) -> httpx.Response:
    rows = (row for row in page_of("googlereviews")["reviews"] if isinstance(row, dict))
    (row,) = (row for row in rows if request.url.path.endswith(row.get("name", "?")))
    return httpx.Response(200, json=row)


SINGLE: Mapping[str, Mapping[str, bytes | Answerer]] = {
    "mastodon": {
        "/statuses/": one_of(page_of("mastodon")),
        "/timelines/": recording("mastodon", "page.json"),
    },
    "discourse": {"/posts/": one_of(page_of("discourse")["latest_posts"])},
    "youtube": {"/comments": youtube_comments},
    "bluesky": {"getPosts": recording("bluesky", "page.json")},
    "reddit": {"/api/info": recording("reddit", "page.json")},
    "wordpress": {"/wp-json/": recording("wordpress", "page.json")},
    "stackexchange": {"/posts/": stackexchange_posts},
    "telegram": {
        "before=101": recording("telegram", "older.html"),
        "/s/": recording("telegram", "page.html"),
    },
    "hackernews": {"/items/": hackernews_item},
    "trustpilot": {"/reviews/": one_of(page_of("trustpilot")["reviews"])},
    "googlereviews": {"/reviews/": google_review},
    "forum": {"robots": b"", "/posts/": recording("forum", "page.html")},
}


@pytest.mark.parametrize("case", [case for case in CASES if case.kind in SINGLE], ids=lambda case: case.kind)
def test_post_that_did_not_change_reads_the_same_when_it_is_looked_at_again(case: Case) -> None:
    """Else each look would be taken for an edit, and the post judged again every day."""
    known = {post.external_id: post for post in source_of(case, good_site(case)).fetch(None).posts}
    found = again(source_of(case, Site(dict(SINGLE[case.kind]))), *known.values()).posts
    assert found
    for post in found:
        before = known[post.external_id]
        assert (post.title, post.text, post.edited_at) == (before.title, before.text, before.edited_at)


@pytest.mark.parametrize("case", REREADING, ids=lambda case: case.kind)
def test_look_at_a_source_that_wants_us_to_wait_claims_nothing(case: Case) -> None:
    known = source_of(case, good_site(case)).fetch(None).posts
    busy = source_of(case, lambda request: httpx.Response(429))
    claimed = Batch()
    with suppress(SourceBusy):
        claimed = again(busy, *known)
    assert (claimed.gone, claimed.posts) == ((), ())


def test_every_kind_that_can_be_asked_by_id_is_tried_here() -> None:
    assert {case.kind for case in REREADING} == {*SINGLE, "lemmy", "gdelt"}
