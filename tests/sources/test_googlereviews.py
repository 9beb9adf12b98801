"""The kind "googlereviews" against recordings of the Business Profile API."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import ValidationError

from monitor.domain import Shop
from monitor.errors import SourceBroken
from monitor.sources import SOURCES, Source
from tests.sources.support import (
    LUMOPUOTI,
    SECRET,
    TOKEN,
    Answerer,
    Site,
    StillClock,
    by_id,
    context_for,
    gone_of,
    recording,
)

URL, LOGIN = "https://palvelin.example", "https://kirjautuminen.example"
REVIEW = "accounts/11/locations/22/reviews/AbC"
SHOP = Shop("lumopuoti", "Lumopuoti", handles=("@lumopuoti",))


def googlereviews(
    site: Answerer, clock: StillClock | None = None, shops: tuple[Shop, ...] = (SHOP,), **options: object
) -> Source:
    chosen = {
        "url": URL,
        "login": LOGIN,
        "account": "11",
        "locations": ["22"],
        "client_id": "sovellus",
        "client_secret": TOKEN,
        "refresh_token": TOKEN,
        **options,
    }
    return SOURCES["googlereviews"].make(chosen, context_for(site, clock, shops=shops))


def pages(**routes: Any) -> Site:
    return Site(
        {
            "/token": recording("googlereviews", "login.json"),
            "/reviews": recording("googlereviews", "page.json"),
            **routes,
        }
    )


def test_googlereviews_parse_reads_a_review_in_its_own_language() -> None:
    post = by_id(googlereviews(pages()).fetch(None))[f"{REVIEW}1"]
    assert (post.text, post.rating, post.author) == ("Ei enää ikinä.", 1.0, "Tuisku K")
    assert (post.thread_title, post.edited_at) == ("Lumopuoti", None)
    assert post.posted_at == datetime(2026, 11, 24, 7, 0, 0, 123456, tzinfo=UTC)


def test_googlereviews_parse_reads_a_changed_review_without_its_translation() -> None:
    post = by_id(googlereviews(pages()).fetch(None))[f"{REVIEW}2"]
    assert (post.text, post.author) == ("Bra service", "")
    assert post.edited_at == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def test_googlereviews_parse_reads_stars_without_words() -> None:
    post = by_id(googlereviews(pages()).fetch(None))[f"{REVIEW}3"]
    assert (post.text, post.rating) == ("★★☆☆☆", 2.0)


def test_googlereviews_fetch_reads_the_shops_answer_as_its_own() -> None:
    answer = by_id(googlereviews(pages()).fetch(None))[f"{REVIEW}2:reply"]
    assert (answer.author, answer.text, answer.parent_text) == (
        "@lumopuoti",
        "Tack så mycket!",
        "Bra service",
    )
    assert answer.thread_key == f"{REVIEW}2"
    assert f"{REVIEW}2:reply" not in by_id(googlereviews(pages(), shops=(LUMOPUOTI,)).fetch(None))


def test_googlereviews_fetch_logs_in_with_the_refresh_token_only_there() -> None:
    site, clock = pages(), StillClock()
    source = googlereviews(site, clock)
    source.fetch(source.fetch(None).cursor)
    logins = [request for request in site.asked if request.url.host == "kirjautuminen.example"]
    assert [parse_qs(request.content.decode())["refresh_token"] for request in logins] == [[SECRET]]
    others = [request for request in site.asked if request not in logins]
    assert {request.headers["authorization"] for request in others} == {"Bearer lainattu"}
    assert not any(SECRET in str(request.url) for request in site.asked)
    clock.advance(minutes=61)
    source.fetch(None)
    assert sum(request.url.host == "kirjautuminen.example" for request in site.asked) == 2


def test_googlereviews_fetch_is_broken_when_consent_was_withdrawn() -> None:
    with pytest.raises(SourceBroken, match="400"):
        googlereviews(pages(**{"/token": lambda request: httpx.Response(400)})).fetch(None)
    with pytest.raises(SourceBroken, match="consent"):
        googlereviews(pages(**{"/token": b'{"error": "invalid_grant"}'})).fetch(None)


def test_googlereviews_fetch_reads_further_pages() -> None:
    first = json.loads(recording("googlereviews", "page.json")) | {"nextPageToken": "toinen"}
    more = {"reviews": [{"name": f"{REVIEW}4", "starRating": "FIVE", "updateTime": "2026-11-21T07:00:00Z"}]}
    site = pages(**{"/reviews": [json.dumps(first).encode(), json.dumps(more).encode()]})
    assert f"{REVIEW}4" in by_id(googlereviews(site).fetch(None))
    assert site.asked[-1].url.params["pageToken"] == "toinen"
    assert site.asked[-1].url.params["orderBy"] == "updateTime desc"


def test_googlereviews_fetch_leaves_a_missing_place_out() -> None:
    routes = {
        "/locations/33/": lambda request: httpx.Response(404),
        "/token": recording("googlereviews", "login.json"),
    }
    site = Site({**routes, "/reviews": recording("googlereviews", "page.json")})
    batch = googlereviews(site, locations=["33", "22"]).fetch(None)
    assert f"{REVIEW}1" in by_id(batch)
    assert any("location 33 was left out" in warning for warning in batch.warnings)


def test_googlereviews_fetch_of_a_place_without_reviews_is_empty() -> None:
    assert googlereviews(pages(**{"/reviews": b"{}"})).fetch(None).posts == ()


def test_googlereviews_fetch_keeps_good_reviews_beside_broken_ones() -> None:
    batch = googlereviews(pages(**{"/reviews": recording("googlereviews", "broken.json")})).fetch(None)
    (post,) = batch.posts
    assert (post.text, post.rating, post.author) == ("Toimii", None, "")
    assert len(batch.warnings) == 4


@pytest.mark.parametrize("options", [{"locations": []}, {"account": "11/../12"}, {"refresh_token": None}])
def test_googlereviews_settings_want_numbers_and_secrets(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        googlereviews(pages(), **options)


def test_googlereviews_gone_names_deleted_reviews_and_answers() -> None:
    site = Site(
        {
            "/token": recording("googlereviews", "login.json"),
            "/AbC1": b'{"name": "x", "starRating": "ONE"}',
            "/AbC2": b'{"name": "x", "starRating": "ONE", "reviewReply": {"comment": "Kiitos"}}',
        }
    )
    names = [f"{REVIEW}1", f"{REVIEW}1:reply", f"{REVIEW}2", f"{REVIEW}2:reply", f"{REVIEW}3"]
    assert gone_of(googlereviews(site), names) == (f"{REVIEW}1:reply", f"{REVIEW}3")
    assert f"/v4/{REVIEW}1" in {request.url.path for request in site.asked}
