"""The kind "hackernews" against recordings, and against a search that heeds its filters."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from monitor.sources import SOURCES, Source
from tests.sources.support import (
    NOW,
    Answerer,
    Site,
    StillClock,
    again,
    by_id,
    context_for,
    gone_of,
    recording,
    stored,
)

URL = "https://palvelin.example"


def hackernews(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    return SOURCES["hackernews"].make(
        {"url": URL, "terms": ["Lumopuoti"], **options}, context_for(site, clock)
    )


def page() -> Site:
    return Site({"/search_by_date": recording("hackernews", "page.json")})


def test_hackernews_parse_reads_a_comment() -> None:
    post = by_id(hackernews(page()).fetch(None))["45900003"]
    assert post.text == "I ordered from Lumopuoti / Finland once.\nNever again: https://lumopuoti.example/x"
    assert (post.author, post.title, post.lang) == ("aurora", "", "en")
    assert (post.thread_key, post.thread_title) == ("45900001", "Nordic web shops compared")
    assert post.parent_text == "Which one is good? Lumopuoti?"
    assert post.posted_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert post.url == "https://news.ycombinator.com/item?id=45900003"


def test_hackernews_parse_reads_stories() -> None:
    posts = by_id(hackernews(page()).fetch(None))
    link, ask = posts["45900001"], posts["45900000"]
    assert (link.title, link.text) == ("Nordic web shops compared", "https://vertailu.example/")
    assert (ask.title, ask.text) == ("Ask HN: Lumopuoti refunds", "They kept the money.")
    assert ask.thread_key == "45900000"


def test_hackernews_fetch_leaves_out_what_is_deleted() -> None:
    assert set(by_id(hackernews(page()).fetch(None))) == {"45900000", "45900001", "45900002", "45900003"}


def test_hackernews_fetch_keeps_good_posts_beside_broken_ones() -> None:
    batch = hackernews(Site({"": recording("hackernews", "broken.json")})).fetch(None)
    (post,) = batch.posts
    assert (post.external_id, post.text, post.posted_at) == ("45900009", "Lumopuoti works", None)
    assert len(batch.warnings) == 2


def test_hackernews_fetch_asks_for_the_shops_names() -> None:
    site = page()
    hackernews(site, terms=[]).fetch(None)
    assert [request.url.params["query"] for request in site.asked] == ['"Lumopuoti"', '"lumopuoti.example"']


def test_hackernews_fetch_begins_two_days_before_its_newest_post() -> None:
    site = page()
    source = hackernews(site)
    source.fetch(source.fetch(None).cursor)
    since = [
        int(request.url.params["numericFilters"].removeprefix("created_at_i>=")) for request in site.asked
    ]
    newest = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert since == [(NOW - timedelta(days=7)).timestamp(), (newest - timedelta(days=2)).timestamp()]


def test_hackernews_fetch_reads_later_what_it_had_no_pages_for() -> None:
    hits: list[dict[str, Any]] = [
        {"objectID": str(number), "title": "Lumopuoti", "created_at_i": int(NOW.timestamp()) - 900 * number}
        for number in range(250)
    ]

    def search(request: httpx.Request) -> httpx.Response:
        low, high = 0, 10**12
        for rule in request.url.params["numericFilters"].split(","):
            name, _, number = rule.partition("=")
            low, high = (int(number), high) if name.endswith(">") else (low, int(number))
        found = [hit for hit in hits if low <= hit["created_at_i"] <= high]
        start = 100 * int(request.url.params["page"])
        return httpx.Response(
            200, json={"hits": found[start : start + 100], "nbPages": -(-len(found) // 100)}
        )

    source, cursor, seen = hackernews(Site({"": search}), pages=1), None, set()
    for _ in range(4):
        batch = source.fetch(cursor)
        cursor = batch.cursor
        seen |= set(by_id(batch))
    assert len(seen) == 250


def test_hackernews_gone_names_what_the_search_dropped() -> None:
    dead = b'{"id": 3, "type": "comment", "text": null, "title": null}'
    site = Site({"/items/1": b'{"id": 1, "type": "comment", "text": "Lumopuoti"}', "/items/3": dead})
    assert gone_of(hackernews(site), ["1", "2", "3"]) == ("2", "3")


def test_hackernews_look_that_fails_for_one_is_a_look_at_the_others() -> None:
    edited = b'{"id": 3, "type": "comment", "text": "Lumopuoti <i>paid</i> me back", "parent_id": 2}'
    site = Site({"/items/1": lambda request: httpx.Response(500), "/items/3": edited})
    batch = again(hackernews(site), *(stored(name) for name in ("1", "2", "3")))
    assert [(post.external_id, post.text) for post in batch.posts] == [("3", "Lumopuoti paid me back")]
    assert batch.gone == ("2",)


def test_hackernews_fetch_is_not_led_astray_by_a_date_in_the_future() -> None:
    hit = {
        "objectID": "1",
        "title": "Lumopuoti",
        "created_at_i": int((NOW + timedelta(days=900)).timestamp()),
    }
    site = Site({"": lambda request: httpx.Response(200, json={"hits": [hit], "nbPages": 1})})
    source = hackernews(site)
    source.fetch(source.fetch(None).cursor)
    since = int(site.asked[-1].url.params["numericFilters"].removeprefix("created_at_i>="))
    assert since == (NOW - timedelta(days=2)).timestamp()


def test_hackernews_fetch_still_reads_a_gap_that_became_older_than_the_backfill() -> None:
    hits = [
        {"objectID": str(number), "title": "Lumopuoti", "created_at_i": int(NOW.timestamp()) - 900 * number}
        for number in range(150)
    ]

    def search(request: httpx.Request) -> httpx.Response:
        high = request.url.params["numericFilters"].partition("<=")[2]
        found = [hit for hit in hits if not high or hit["created_at_i"] <= int(high)]
        return httpx.Response(200, json={"hits": found[:100], "nbPages": -(-len(found) // 100)})

    clock = StillClock()
    source = hackernews(Site({"": search}), clock, pages=1)
    first = source.fetch(None)
    clock.advance(days=20)
    second = source.fetch(first.cursor)
    assert len(by_id(first)) == 100
    assert {str(number) for number in range(100, 150)} <= set(by_id(second))
