"""Comments of a WordPress site, by REST and by feed."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from monitor.errors import SourceBroken
from monitor.sources import Source
from monitor.sources.wordpress import KIND
from tests.sources.support import NOW, Answerer, Site, StillClock, context_for, gone_of, recording

BASE = "https://palvelin.example/polku"


def wordpress(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    return KIND.make({"url": BASE, **options}, context_for(site, clock))


def page_site() -> Site:
    return Site({"/wp-json/": recording("wordpress", "page.json")})


def many(first: int, count: int, pages: int) -> Answerer:
    """A page of comments that are one minute apart, numbered from `first`."""
    start = NOW - timedelta(days=1)
    rows = [
        {
            "id": number,
            "content": {"rendered": f"<p>kommentti {number}</p>"},
            "link": f"{BASE}/artikkeli/#comment-{number}",
            "date_gmt": (start + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S"),
        }
        for number in range(first, first + count)
    ]
    return lambda request: httpx.Response(200, json=rows, headers={"X-WP-TotalPages": str(pages)})


def test_wordpress_reads_comments_with_article_and_parent() -> None:
    posts = {post.external_id: post for post in wordpress(page_site()).fetch(None).posts}
    assert set(posts) == {"41", "42", "43"}
    assert posts["41"].text == "Lumopuoti toimitti väärän värin.\nPalautus kesti kolme viikkoa & raha viipyi."
    assert posts["41"].author == "Säde & Aino"
    assert posts["42"].posted_at == datetime(2026, 11, 21, 8, 2, 59, tzinfo=UTC)
    assert posts["42"].text == "> Palautus kesti kolme viikkoa\n\nMinulla sama, eikä kukaan vastaa."
    assert posts["42"].parent_text == "Lumopuoti toimitti väärän värin."
    assert posts["42"].thread_title == "Lumopuodin syksy – kokemuksia"


def test_wordpress_puts_all_comment_pages_of_an_article_into_one_thread() -> None:
    posts = {post.external_id: post for post in wordpress(page_site()).fetch(None).posts}
    assert posts["41"].thread_key == posts["42"].thread_key == f"{BASE}/lumopuodin-syksy/"
    assert posts["43"].thread_key == f"{BASE}/joulun-sukat/"


def test_wordpress_warns_of_a_comment_it_cannot_read() -> None:
    assert wordpress(page_site()).fetch(None).warnings == (
        "comment 3 cannot be read: id missing or of another kind.",
    )


def test_wordpress_asks_from_two_days_before_the_newest_comment() -> None:
    site = page_site()
    start = wordpress(site).fetch(None)
    wordpress(site).fetch(start.cursor)
    after = [request.url.params["after"] for request in site.asked]
    assert after == ["2026-11-17T10:00:00Z", "2026-11-21T21:15:00Z"]


def test_wordpress_turns_pages_until_the_last() -> None:
    site = Site({"/wp-json/": [many(1, 100, 2), many(101, 30, 2)]})
    batch = wordpress(site).fetch(None)
    assert len(batch.posts) == 130
    assert [request.url.params["page"] for request in site.asked] == ["1", "2"]


def test_wordpress_goes_on_where_its_pages_ran_out() -> None:
    site = Site({"/wp-json/": [many(1, 100, 3), many(100, 50, 1)]})
    start = wordpress(site, pages=1).fetch(None)
    rest = wordpress(site, pages=1).fetch(start.cursor)
    assert {post.external_id for post in start.posts + rest.posts} == {str(n) for n in range(1, 150)}
    assert site.asked[1].url.params["after"] == "2026-11-23T11:39:59Z"
    assert "resume" not in json.loads(rest.cursor or "")


def test_wordpress_reads_the_feed_under_the_ids_of_rest() -> None:
    site = Site({"/comments/feed/": recording("wordpress", "feed.xml")})
    batch = wordpress(site, feed=True).fetch(None)
    by_rest = {post.external_id: post for post in wordpress(page_site()).fetch(None).posts}
    full = "Lumopuoti toimitti väärän värin.\nPalautus kesti kolme viikkoa & raha viipyi."
    assert {post.external_id: post for post in batch.posts} == {
        "41": by_rest["41"],
        "42": by_rest["42"].model_copy(update={"parent_text": full}),
    }
    assert batch.warnings == ("post 3 cannot be read: it has no comment number.",)


def test_wordpress_tells_of_the_feed_when_rest_is_closed() -> None:
    body = recording("wordpress", "broken.json")
    site = Site({"/wp-json/": lambda request: httpx.Response(401, content=body)})
    with pytest.raises(SourceBroken, match="set feed = true"):
        wordpress(site).fetch(None)
    assert len(site.asked) == 1


def test_wordpress_is_broken_by_an_error_that_calls_itself_ok() -> None:
    site = Site({"/wp-json/": recording("wordpress", "broken.json")})
    with pytest.raises(SourceBroken, match="another shape"):
        wordpress(site).fetch(None)


def test_wordpress_gone_names_comments_that_are_not_shown_any_more() -> None:
    site = page_site()
    assert gone_of(wordpress(site), ["41", "44", "43", "odd"]) == ("44",)
    assert site.asked[0].url.params["include"] == "41,44,43"


def test_wordpress_gone_doubts_an_answer_without_any_comment() -> None:
    source = wordpress(Site({"/wp-json/": recording("wordpress", "empty.json")}))
    assert gone_of(source, ["41"]) == ("41",)
    with pytest.raises(SourceBroken, match="none of 4"):
        gone_of(source, ["41", "42", "43", "44"])


def test_wordpress_gone_claims_nothing_by_the_feed_alone() -> None:
    site = Site({})
    assert gone_of(wordpress(site, feed=True), ["41"]) == ()
    assert site.asked == []
