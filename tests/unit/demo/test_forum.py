"""The Discourse answers: shapes, paging and search."""

from typing import Any

import httpx
import pytest

from monitor.demo import Place, load_stream
from tests.unit.demo.conftest import StillClock


def latest(client: httpx.Client, **query: str | int) -> list[dict[str, Any]]:
    answer = client.get("/forum/posts.json", params=query)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    posts: list[dict[str, Any]] = answer.json()["latest_posts"]
    return posts


def search(client: httpx.Client, term: str, **query: int) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/forum/search.json", params={"q": term, **query}).json()
    return found


def test_forum_posts_come_newest_first_fifty_a_page(client: httpx.Client) -> None:
    posts = latest(client)
    assert len(posts) == 50
    ids = [post["id"] for post in posts]
    assert ids == sorted(ids, reverse=True)
    moments = [post["created_at"] for post in posts]
    assert moments == sorted(moments, reverse=True)
    assert moments[0].endswith("Z")


def test_forum_posts_pages_lead_through_everything_once(client: httpx.Client) -> None:
    seen: list[int] = []
    page = latest(client)
    while page:
        seen += [post["id"] for post in page]
        page = latest(client, before=seen[-1])
    past = [post.id for post in load_stream() if post.place is Place.FORUM and post.posted_after < 0]
    assert seen == past[::-1]


def test_forum_post_has_the_fields_of_discourse(client: httpx.Client) -> None:
    reply = next(post for post in latest(client) if post["reply_to_post_number"])
    topic = client.get(f"/forum/t/{reply['topic_id']}.json").json()
    parent = topic["post_stream"]["posts"][reply["reply_to_post_number"] - 1]
    assert reply["reply_to_user"]["username"] == parent["username"]
    assert reply["raw"]
    assert reply["cooked"].startswith("<p>")
    assert reply["topic_title"] == topic["title"]
    assert reply["post_url"] == f"/t/{reply['topic_slug']}/{reply['topic_id']}/{reply['post_number']}"
    assert reply["user_deleted"] is False


def test_forum_post_shows_its_edit(client: httpx.Client) -> None:
    found = search(client, "hoitui veloitti")["posts"]
    post = client.get(f"/forum/posts/{found[0]['id']}.json").json()
    assert "EDIT: hoitui!" in post["raw"]
    assert post["updated_at"] > post["created_at"]
    assert post["version"] == 2


def test_forum_topic_lists_its_posts_in_order(client: httpx.Client) -> None:
    newest = latest(client)[0]
    for path in (
        f"/forum/t/{newest['topic_id']}.json",
        f"/forum/t/{newest['topic_slug']}/{newest['topic_id']}.json",
    ):
        topic = client.get(path).json()
        posts = topic["post_stream"]["posts"]
        assert topic["post_stream"]["stream"] == [post["id"] for post in posts]
        assert [post["post_number"] for post in posts] == list(range(1, topic["posts_count"] + 1))
        assert "raw" not in posts[0]


def test_forum_topic_gives_raw_texts_when_asked(client: httpx.Client) -> None:
    topic_id = latest(client)[0]["topic_id"]
    topic = client.get(f"/forum/t/{topic_id}.json", params={"include_raw": "1"}).json()
    assert all(post["raw"] for post in topic["post_stream"]["posts"])


def test_forum_latest_puts_the_last_answered_topic_first(client: httpx.Client) -> None:
    topics = client.get("/forum/latest.json").json()["topic_list"]["topics"]
    bumps = [topic["bumped_at"] for topic in topics]
    assert len(bumps) == 30
    assert bumps == sorted(bumps, reverse=True)
    assert topics[0]["id"] == latest(client)[0]["topic_id"]


def test_forum_latest_ends_after_its_last_page(client: httpx.Client) -> None:
    first = client.get("/forum/latest.json").json()["topic_list"]
    last = client.get("/forum/latest.json", params={"page": 1}).json()["topic_list"]
    assert first["more_topics_url"] == "/latest?page=1"
    assert "more_topics_url" not in last
    assert not {topic["id"] for topic in first["topics"]} & {topic["id"] for topic in last["topics"]}


def test_forum_search_finds_beginnings_of_words(client: httpx.Client, clock: StillClock) -> None:
    clock.advance(4 * 3600)
    found = search(client, "lumopuo order:latest")
    ids = [post["id"] for post in found["posts"]]
    assert len(ids) == 50
    assert ids == sorted(ids, reverse=True)
    assert found["grouped_search_result"]["post_ids"] == ids
    assert found["grouped_search_result"]["more_full_page_results"] is True
    assert {post["topic_id"] for post in found["posts"]} == {topic["id"] for topic in found["topics"]}
    second = search(client, "lumopuo order:latest", page=2)
    assert not {post["id"] for post in second["posts"]} & set(ids)


def test_forum_search_does_not_find_an_inflected_name_by_its_basic_form(client: httpx.Client) -> None:
    ids = [post["id"] for post in search(client, "lumopuoti")["posts"]]
    texts = [client.get(f"/forum/posts/{one}.json").json() for one in ids]
    assert all("lumopuoti" in f"{post['raw']} {post['topic_title']}".lower() for post in texts)


def test_forum_search_honours_the_dates(client: httpx.Client) -> None:
    early = search(client, "lumopuo before:2026-11-24")["posts"]
    late = search(client, "lumopuo after:2026-11-25")["posts"]
    assert early
    assert late
    assert max(post["created_at"] for post in early) < "2026-11-24"
    assert min(post["created_at"] for post in late) >= "2026-11-25"


@pytest.mark.parametrize("term", ["", "order:latest", "xyzzy", "after:2026-99-99"])
def test_forum_search_finds_nothing_for_nothing(client: httpx.Client, term: str) -> None:
    assert search(client, term)["posts"] == []


def test_forum_shows_a_post_when_its_time_has_come(client: httpx.Client, clock: StillClock) -> None:
    before = latest(client)[0]["id"]
    clock.advance(60)
    new = [post for post in latest(client) if post["id"] > before]
    assert any("hautajaisiin" in post["raw"] for post in new)


@pytest.mark.parametrize("path", ["/forum/t/999999.json", "/forum/posts/1.json"])
def test_forum_answers_404_as_json_for_what_is_not_there(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error_type"] == "not_found"


def test_forum_topic_does_not_tell_the_future(client: httpx.Client) -> None:
    future = next(post for post in load_stream() if post.place is Place.FORUM and post.posted_after > 0)
    assert client.get(f"/forum/posts/{future.id}.json").status_code == 404


@pytest.mark.parametrize("before", ["abc", "-5", "0", "9" * 400, "²"])
def test_forum_posts_ignore_an_impossible_page(client: httpx.Client, before: str) -> None:
    assert latest(client, before=before) == latest(client)
