"""The pages people see: every link leads somewhere, and nothing of a post is live in them."""

import json

import feedparser
import httpx
import pytest
from bs4 import BeautifulSoup

from monitor.demo import DemoPost, DemoServer, Place, load_stream
from monitor.demo.answers import Question
from monitor.demo.blog import Blog
from monitor.demo.forum import Forum
from monitor.demo.mastodon import Mastodon
from monitor.demo.pages import Pages
from monitor.demo.timeline import Timeline
from tests.unit.demo.conftest import START, StillClock

HOSTILE = "<script>alert(1)</script> & <img src=x onerror=alert(2)> #tag<b> @a\"b'"


def hostile_timeline() -> Timeline:
    posts = [
        DemoPost(number, place, "<b>ann</b>", -60 + number, number, HOSTILE, None, "en", HOSTILE)
        for number, place in enumerate(Place, start=1)
    ]
    return Timeline(posts, START, StillClock(START))


def links(page: httpx.Response) -> set[str]:
    return {str(link["href"]) for link in BeautifulSoup(page.text, "lxml").select("a[href]")}


def test_pages_front_lists_the_three_places(client: httpx.Client) -> None:
    page = client.get("/")
    assert {"/blog/", "/forum/", "/public"} <= links(page)
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_pages_have_no_dead_links(client: httpx.Client, server: DemoServer) -> None:
    waiting, seen = {"/"}, set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        page = client.get(path)
        assert page.status_code == 200, path
        waiting |= links(page) - seen
    past = [post for post in load_stream() if post.posted_after < 0]
    assert len(seen) == len(past) + len(["/", "/blog/", "/forum/", "/public"])


def test_pages_show_what_the_collectors_link_to(client: httpx.Client, server: DemoServer) -> None:
    post = client.get("/forum/posts.json").json()["latest_posts"][0]
    status = client.get("/api/v1/timelines/public").json()[0]
    in_thread = client.get(f"/forum{post['post_url']}")
    assert client.get(post["post_url"]).text == in_thread.text
    shown = BeautifulSoup(in_thread.text, "lxml").select("article.shown p")
    assert shown[0].get_text() == post["raw"]
    assert BeautifulSoup(client.get(status["url"]).text, "lxml").select("article.shown")


def test_pages_of_a_thread_open_with_and_without_slug_and_number(client: httpx.Client) -> None:
    post = client.get("/forum/posts.json").json()["latest_posts"][0]
    for path in (f"/forum/t/{post['topic_id']}", f"/forum/t/{post['topic_slug']}/{post['topic_id']}"):
        assert post["topic_title"] in BeautifulSoup(client.get(path).text, "lxml").get_text()


def test_pages_show_a_thread_up_to_now(client: httpx.Client, clock: StillClock) -> None:
    clock.advance(10)
    before = client.get("/forum/posts.json").json()["latest_posts"][0]
    path = f"/forum/t/{before['topic_id']}"
    assert client.get(path).text.count("<article") == 1
    clock.advance(4 * 3600)
    assert client.get(path).text.count("<article") == 3


@pytest.mark.parametrize(
    "path", ["/nothing", "/blog/999999", "/@nobody", "/@nobody/1", "/forum/t/x/999999/1"]
)
def test_pages_say_so_where_there_is_nothing(client: httpx.Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert "Not found" in page.text


def test_pages_escape_what_strangers_write() -> None:
    pages = Pages(hostile_timeline())
    shown = [
        pages.post(Place.BLOG, 1),
        pages.thread(Place.FORUM, 2, 1),
        pages.author("<b>ann</b>"),
        pages.tag(HOSTILE),
    ]
    shown += [pages.site(place) for place in Place]
    for answer in shown:
        page = BeautifulSoup(answer.body.decode(), "lxml")
        assert answer.status == 200
        assert page.select("script, img, b") == []
    assert HOSTILE in BeautifulSoup(shown[0].body.decode(), "lxml").get_text()


def test_feeds_and_apis_escape_what_strangers_write() -> None:
    timeline, question = hostile_timeline(), Question("/", {})
    feed = feedparser.parse(Blog(timeline, "").rss(question).body)
    forum = json.loads(Forum(timeline).posts(question).body)
    mastodon = json.loads(Mastodon(timeline, "").public(question).body)
    assert not feed.bozo
    assert feed.entries[0].title == HOSTILE
    for html in (
        feed.entries[0].content[0].value,
        forum["latest_posts"][0]["cooked"],
        mastodon[0]["content"],
    ):
        page = BeautifulSoup(html, "lxml")
        assert page.select("script, img, b") == []
        assert "<script>alert(1)</script>" in page.get_text()
