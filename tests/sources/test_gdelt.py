"""The kind "gdelt" against recordings of GDELT and of a newspaper."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken
from monitor.sources import SOURCES, Source
from tests.sources.support import (
    NOW,
    Answerer,
    Site,
    StillClock,
    again,
    by_id,
    context_for,
    recording,
    stored,
)

URL = "https://palvelin.example"
ARTICLE, TIDNINGEN = "https://uutiset.example/talous/lumopuoti", "https://tidningen.example/lumo"


def gdelt(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    return SOURCES["gdelt"].make({"url": URL, "terms": ["Lumopuoti"], **options}, context_for(site, clock))


def world(**routes: Any) -> Site:
    return Site(
        {
            "/robots.txt": lambda request: httpx.Response(404),
            "/doc/doc": recording("gdelt", "page.json"),
            ARTICLE: recording("gdelt", "article.html"),
            **routes,
        }
    )


def asked(site: Site, part: str) -> list[httpx.Request]:
    return [request for request in site.asked if part in str(request.url)]


def test_gdelt_fetch_reads_the_article_itself() -> None:
    post = by_id(gdelt(world()).fetch(None))[ARTICLE]
    assert post.title == "Lumopuoti hakeutuu saneeraukseen, kertoo yhtiö"
    assert "Verkkokauppa Lumopuoti on hakeutunut yrityssaneeraukseen" in post.text
    assert "Etusivu" not in post.text
    assert "syysremonttiin" not in post.text
    assert (post.author, post.lang) == ("uutiset.example", "fi")
    assert post.posted_at == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_gdelt_fetch_takes_the_title_of_what_cannot_be_read() -> None:
    post = by_id(gdelt(world()).fetch(None))[TIDNINGEN]
    assert (post.title, post.text, post.lang) == ("", "Kunderna väntar på Lumopuoti", "sv")
    assert post.thread_title == "Kunderna väntar på Lumopuoti"


def test_gdelt_fetch_respects_robots() -> None:
    site = world(**{"/robots.txt": b"User-agent: *\nDisallow: /talous/\n"})
    batch = gdelt(site).fetch(None)
    assert by_id(batch)[ARTICLE].text == "Lumopuoti hakeutuu saneeraukseen, kertoo yhtiö"
    assert asked(site, ARTICLE) == []


def test_gdelt_fetch_comes_back_to_a_newspaper_that_is_busy() -> None:
    def busy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503)

    site = world(**{ARTICLE: [busy, recording("gdelt", "article.html")]})
    source = gdelt(site)
    first = source.fetch(None)
    second = source.fetch(first.cursor)
    assert set(by_id(first)) == {TIDNINGEN}
    assert set(by_id(second)) == {ARTICLE}


def test_gdelt_fetch_hands_on_each_article_once() -> None:
    site = world()
    source = gdelt(site)
    cursor = source.fetch(None).cursor
    assert source.fetch(cursor).posts == ()
    assert len(asked(site, ARTICLE)) == 1


def test_gdelt_fetch_reads_a_few_articles_at_a_time() -> None:
    source = gdelt(world(), most=1)
    first = source.fetch(None)
    second = source.fetch(first.cursor)
    assert [len(first.posts), len(second.posts)] == [1, 1]
    assert set(by_id(first)) | set(by_id(second)) == {ARTICLE, TIDNINGEN}


def test_gdelt_fetch_without_articles_asks_only_gdelt() -> None:
    site = world()
    batch = gdelt(site, articles=False).fetch(None)
    assert {request.url.host for request in site.asked} == {"palvelin.example"}
    assert len(batch.posts) == 2


def test_gdelt_fetch_asks_for_all_names_at_once() -> None:
    site = Site({"": recording("gdelt", "empty.json")})
    gdelt(site, terms=["Lumopuoti", "lumopuoti.example", "Lumo Puoti"], countries=["FI", "SW"]).fetch(None)
    (request,) = site.asked
    assert request.url.params["query"] == (
        '(Lumopuoti OR "lumopuoti.example" OR "Lumo Puoti") (sourcecountry:FI OR sourcecountry:SW)'
    )
    assert request.url.params["startdatetime"] == "20261117100000"


def test_gdelt_fetch_reads_on_before_the_last_article_of_a_full_answer() -> None:
    def search(request: httpx.Request) -> httpx.Response:
        end = datetime.strptime(request.url.params["enddatetime"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        times = [NOW - timedelta(minutes=10 * number) for number in range(400)]
        found = [time for time in times if time <= end][:250]
        rows = [
            {
                "url": f"https://uutiset.example/{time:%d%H%M}",
                "title": "Lumopuoti",
                "seendate": f"{time:%Y%m%dT%H%M%SZ}",
            }
            for time in found
        ]
        return httpx.Response(200, json={"articles": rows})

    batch = gdelt(Site({"": search}), articles=False).fetch(None)
    assert len(batch.posts) == 400


def test_gdelt_fetch_tells_what_gdelt_says_of_a_question() -> None:
    with pytest.raises(SourceBroken, match="The specified phrase is too short"):
        gdelt(Site({"": b"The specified phrase is too short.\n"})).fetch(None)


def test_gdelt_fetch_keeps_good_posts_beside_broken_ones() -> None:
    site = Site({"/doc/doc": recording("gdelt", "broken.json")})
    batch = gdelt(site).fetch(None)
    assert [post.text for post in batch.posts] == ["Lumopuoti avaa"]
    assert len(batch.warnings) == 3


def test_gdelt_cursor_remembers_a_bounded_number_of_articles() -> None:
    rows = [{"url": f"https://uutiset.example/{number}", "title": "Lumopuoti"} for number in range(1_200)]
    site = Site({"": json.dumps({"articles": rows}).encode()})
    cursor = gdelt(site, articles=False, pages=1).fetch(None).cursor
    assert len(json.loads(cursor or "")["seen"]) == 1_000


def test_gdelt_fetch_keeps_the_pause_that_a_newspaper_asks_for() -> None:
    rows = [
        {"url": f"https://uutiset.example/talous/lumopuoti?sivu={number}", "title": "Lumopuoti"}
        for number in range(3)
    ]
    site = world(
        **{
            "/robots.txt": b"User-agent: *\nCrawl-delay: 30\n",
            "/doc/doc": json.dumps({"articles": rows}).encode(),
        }
    )
    clock = StillClock()
    source = gdelt(site, clock)
    cursor = None
    for _ in range(3):
        batch = source.fetch(cursor)
        cursor = batch.cursor
        assert len(batch.posts) == 1
        clock.advance(seconds=30)


def looked(url: str) -> Post:
    return stored(url, url=url)


def test_gdelt_tells_which_articles_are_gone_and_claims_nothing_of_the_others() -> None:
    closed, odd = "https://tidningen.example/last", "https://lehti.example/muutto"
    moved = httpx.Response(301, headers={"Location": f"{URL}/x"})
    routes = {"lehti.example/robots.txt": lambda request: moved, "/last": lambda request: httpx.Response(403)}
    site = Site({**routes, **world().routes})
    posts = [looked(url) for url in (odd, closed, ARTICLE, TIDNINGEN)]
    batch = again(gdelt(site), *posts)
    assert (batch.posts, batch.gone, batch.more) == ((), (TIDNINGEN,), False)
    assert again(gdelt(site, articles=False), *posts) == Batch()


def test_gdelt_looks_later_at_an_article_whose_newspaper_wants_a_pause() -> None:
    site = world(**{"/robots.txt": b"User-agent: *\nCrawl-delay: 30\n"})
    clock, rest = StillClock(), looked(f"{ARTICLE}-2")
    source = gdelt(site, clock)
    first = again(source, looked(ARTICLE), rest)
    assert ([post.external_id for post in first.posts], first.gone, first.more) == ([ARTICLE], (), True)
    clock.advance(seconds=30)
    assert not again(source, rest).more
