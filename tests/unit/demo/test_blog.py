"""The two feeds, read by feedparser as the feed collector reads them."""

from calendar import timegm
from xml.etree import ElementTree

import feedparser
import httpx
import pytest

from monitor.demo import DemoServer
from tests.unit.demo.conftest import START, StillClock

FEEDS = pytest.mark.parametrize("path", ["/feed.xml", "/atom.xml"])


@FEEDS
def test_blog_feed_is_well_formed_and_newest_first(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo
    moments = [timegm(review.published_parsed) for review in parsed.entries]
    assert len(moments) >= 20
    assert moments == sorted(moments, reverse=True)
    assert all(moment <= START.timestamp() for moment in moments)
    assert all(review.author and review.title and review.id for review in parsed.entries)


@FEEDS
def test_blog_feed_gives_text_as_html_with_the_rating(client: httpx.Client, path: str) -> None:
    reviews = feedparser.parse(client.get(path).content).entries
    review = next(review for review in reviews if review.title == "Maljakko saapui sirpaleina")
    assert review.content[0].value.startswith("<p><strong>Arvosana: 1/5</strong></p>\n<p>Kotihelmestä")


def test_blog_feed_has_the_parts_of_wordpress(client: httpx.Client) -> None:
    answer = client.get("/feed.xml")
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    first = ElementTree.fromstring(answer.content).find("channel/item")
    assert first is not None
    assert {child.tag for child in first} == {
        "title",
        "link",
        "{http://purl.org/dc/elements/1.1/}creator",
        "pubDate",
        "guid",
        "description",
        "{http://purl.org/rss/1.0/modules/content/}encoded",
    }


def test_blog_guid_is_no_address(client: httpx.Client) -> None:
    guids = ElementTree.fromstring(client.get("/feed.xml").content).findall("channel/item/guid")
    assert guids
    assert all(guid.get("isPermaLink") == "false" for guid in guids)
    assert all(str(guid.text).startswith("tag:ostosraati.example,2026:") for guid in guids)


def test_blog_feeds_name_the_same_reviews(client: httpx.Client) -> None:
    rss = feedparser.parse(client.get("/feed.xml").content).entries
    atom = feedparser.parse(client.get("/atom.xml").content).entries
    assert [(one.id, one.link, one.title) for one in rss] == [(one.id, one.link, one.title) for one in atom]


def test_blog_review_ids_do_not_change_with_the_port(client: httpx.Client, clock: StillClock) -> None:
    other = DemoServer(0, clock)
    other.start()
    try:
        second = feedparser.parse(httpx.get(f"{other.url}/feed.xml", trust_env=False).content).entries
    finally:
        other.stop()
    first = feedparser.parse(client.get("/feed.xml").content).entries
    assert [review.id for review in first] == [review.id for review in second]
    assert first[0].link != second[0].link


@FEEDS
@pytest.mark.parametrize("sent", [("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")])
def test_blog_feed_answers_304_until_a_review_comes(
    client: httpx.Client, clock: StillClock, path: str, sent: tuple[str, str]
) -> None:
    known = {sent[1]: client.get(path).headers[sent[0]]}
    unchanged = client.get(path, headers=known)
    assert unchanged.status_code == 304
    assert unchanged.content == b""
    clock.advance(3600)
    changed = client.get(path, headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != unchanged.headers["etag"]


def test_blog_feed_knows_a_weak_tag_among_others(client: httpx.Client) -> None:
    tag = client.get("/feed.xml").headers["etag"]
    assert client.get("/feed.xml", headers={"If-None-Match": f'"x", W/{tag}'}).status_code == 304


@pytest.mark.parametrize(
    "date", ["yesterday", "Wed, 99 Nov 2026 10:00:00 GMT", "1 Jan 99999999999999999999 0:0", ""]
)
def test_blog_feed_ignores_a_broken_date(client: httpx.Client, date: str) -> None:
    assert client.get("/feed.xml", headers={"If-Modified-Since": date}).status_code == 200


def test_blog_feed_reads_a_date_without_a_zone_as_utc(client: httpx.Client) -> None:
    later = {"If-Modified-Since": "Wed, 25 Nov 2026 23:00:00 -0000"}
    assert client.get("/feed.xml", headers=later).status_code == 304
