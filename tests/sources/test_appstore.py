"""The kind "appstore" against recordings of Apple's feed in all its shapes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from monitor.domain import Shop
from monitor.sources import SOURCES, Source
from tests.sources.support import LUMOPUOTI, NOW, Answerer, Site, StillClock, by_id, context_for, recording

URL, APP = "https://palvelin.example", "1234567890"


def appstore(
    site: Answerer,
    clock: StillClock | None = None,
    shops: tuple[Shop, ...] = (LUMOPUOTI,),
    **options: object,
) -> Source:
    return SOURCES["appstore"].make(
        {"url": URL, "app": APP, **options}, context_for(site, clock, shops=shops)
    )


def page(name: str = "page.json") -> Site:
    return Site({"/customerreviews/": recording("appstore", name)})


def test_appstore_parse_reads_a_review() -> None:
    post = by_id(appstore(page()).fetch(None))["12000000001"]
    assert (post.title, post.text) == ("Kaatuu maksaessa", "Raha meni, tilausta ei tullut.\nEi vastata.")
    assert (post.author, post.rating) == ("revontuli", 1.0)
    assert post.posted_at == datetime(2026, 11, 24, 8, 10, tzinfo=UTC)
    assert post.url == "https://apps.apple.com/fi/app/id1234567890?see-all=reviews"
    assert post.thread_key == "12000000001"


def test_appstore_parse_says_which_shop_a_review_is_about() -> None:
    rival = Shop("kotihelmi", "Kotihelmi", rival=True)
    other = Shop("vinterbo", "Vinterbo")
    assert {post.thread_title for post in appstore(page(), shops=(LUMOPUOTI, rival)).fetch(None).posts} == {
        "Lumopuoti"
    }
    assert {post.thread_title for post in appstore(page(), shops=(LUMOPUOTI, other)).fetch(None).posts} == {
        ""
    }
    named = appstore(page(), shops=(LUMOPUOTI, other), about="Vinterbo").fetch(None)
    assert {post.thread_title for post in named.posts} == {"Vinterbo"}


def test_appstore_fetch_takes_the_title_when_there_is_no_text() -> None:
    post = by_id(appstore(page()).fetch(None))["12000000000"]
    assert (post.title, post.text) == ("", "Hyvä")


def test_appstore_fetch_leaves_the_app_itself_out() -> None:
    assert set(by_id(appstore(page()).fetch(None))) == {"12000000000", "12000000001"}


def test_appstore_fetch_reads_a_feed_with_one_review() -> None:
    assert [post.text for post in appstore(page("one.json")).fetch(None).posts] == ["Snabb leverans."]


def test_appstore_fetch_tells_when_reviews_are_missing_that_were_there() -> None:
    cursor = appstore(page()).fetch(None).cursor
    assert appstore(page("empty.json")).fetch(None).warnings == ()
    (warning,) = appstore(page("empty.json")).fetch(cursor).warnings
    assert "there were some before" in warning


def test_appstore_fetch_keeps_good_reviews_beside_broken_ones() -> None:
    batch = appstore(page("broken.json")).fetch(None)
    (post,) = batch.posts
    assert (post.external_id, post.rating, post.posted_at) == ("12000000010", None, None)
    assert len(batch.warnings) == 3


def test_appstore_fetch_asks_each_country() -> None:
    site = Site({"/se/": lambda request: httpx.Response(404), "": recording("appstore", "page.json")})
    batch = appstore(site, countries=["fi", "se"]).fetch(None)
    assert [request.url.path for request in site.asked] == [
        f"/{country}/rss/customerreviews/page=1/id={APP}/sortBy=mostRecent/json" for country in ("fi", "se")
    ]
    assert len(batch.posts) == 2
    assert any("reviews of se was left out" in warning for warning in batch.warnings)


def test_appstore_fetch_reads_ten_pages_at_most() -> None:
    def review(number: int) -> dict[str, Any]:
        at = (NOW - timedelta(minutes=number)).isoformat()
        labels = {"id": str(number), "im:rating": "3", "content": "ok", "updated": at}
        return {name: {"label": label} for name, label in labels.items()}

    def feed(request: httpx.Request) -> httpx.Response:
        start = 50 * (int(request.url.path.partition("page=")[2].partition("/")[0]) - 1)
        return httpx.Response(
            200, content=json.dumps({"feed": {"entry": [review(start + i) for i in range(50)]}})
        )

    site = Site({"": feed})
    assert len(appstore(site, pages=50).fetch(None).posts) == 500
    assert len(site.asked) == 10


def test_appstore_fetch_brings_a_changed_review_again() -> None:
    changed = recording("appstore", "page.json").replace(b"Ei vastata.", b"Korjattu.")
    source = appstore(Site({"": [recording("appstore", "page.json"), changed]}))
    posts = by_id(source.fetch(source.fetch(None).cursor))
    assert posts["12000000001"].text.endswith("Korjattu.")


@pytest.mark.parametrize("options", [{"app": "lumopuoti"}, {"countries": ["Suomi"]}, {"countries": []}])
def test_appstore_settings_want_numbers_and_countries(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        appstore(page(), **options)
