"""The kind "trustpilot" against recordings of its API."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from monitor.domain import Shop
from monitor.errors import SourceBroken
from monitor.sources import SOURCES, Source
from tests.sources.support import (
    LUMOPUOTI,
    NOW,
    SECRET,
    TOKEN,
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

URL, REVIEW = "https://palvelin.example", "68a00000000000000000000"
SHOP = Shop("lumopuoti", "Lumopuoti", aliases=("Lumo",), handles=("@lumopuoti",))


def trustpilot(
    site: Answerer, clock: StillClock | None = None, shops: tuple[Shop, ...] = (SHOP,), **options: object
) -> Source:
    chosen = {"url": URL, "key": TOKEN, "domain": "lumopuoti.example", **options}
    return SOURCES["trustpilot"].make(chosen, context_for(site, clock, shops=shops))


def pages(**routes: Any) -> Site:
    return Site(
        {
            "/find": recording("trustpilot", "unit.json"),
            "/reviews": recording("trustpilot", "page.json"),
            **routes,
        }
    )


def test_trustpilot_parse_reads_a_review() -> None:
    post = by_id(trustpilot(pages()).fetch(None))[f"{REVIEW}1"]
    assert (post.text, post.title) == ("Paketti katosi matkalla & kukaan ei vastaa.", "")
    assert (post.author, post.rating, post.lang) == ("Ruska L.", 1.0, "fi")
    assert (post.thread_title, post.thread_key) == ("Lumopuoti", f"{REVIEW}1")
    assert post.posted_at == datetime(2026, 11, 24, 6, 15, 2, tzinfo=UTC)
    assert post.url == f"https://www.trustpilot.com/reviews/{REVIEW}1"


def test_trustpilot_fetch_brings_a_changed_review_however_old() -> None:
    post = by_id(trustpilot(pages()).fetch(None))[f"{REVIEW}2"]
    assert post.edited_at == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert post.title == "Först dåligt, nu bättre"


def test_trustpilot_parse_reads_stars_without_words() -> None:
    post = by_id(trustpilot(pages()).fetch(None))[f"{REVIEW}3"]
    assert (post.text, post.rating) == ("★★★★★", 5.0)


def test_trustpilot_fetch_reads_the_shops_answer_as_its_own() -> None:
    answer = by_id(trustpilot(pages()).fetch(None))[f"{REVIEW}2:reply"]
    assert (answer.author, answer.text) == ("@lumopuoti", "Tack! Vi har\nbetalat tillbaka.")
    assert (answer.thread_key, answer.parent_text) == (f"{REVIEW}2", "Pengarna kom till slut efter tre mejl.")
    assert answer.posted_at == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert answer.rating is None


def test_trustpilot_fetch_leaves_answers_out_when_the_shop_has_no_handle() -> None:
    assert not any(
        name.endswith(":reply") for name in by_id(trustpilot(pages(), shops=(LUMOPUOTI,)).fetch(None))
    )


def test_trustpilot_fetch_leaves_out_what_is_gone_or_too_old() -> None:
    ids = set(by_id(trustpilot(pages()).fetch(None)))
    assert ids == {f"{REVIEW}1", f"{REVIEW}2", f"{REVIEW}2:reply", f"{REVIEW}3"}


def test_trustpilot_settings_name_the_shop_that_is_reviewed() -> None:
    shops = (SHOP, Shop("vinterbo", "Vinterbo"))
    named = by_id(trustpilot(pages(), shops=shops, about="lumo").fetch(None))
    assert (named[f"{REVIEW}2:reply"].author, named[f"{REVIEW}1"].thread_title) == ("@lumopuoti", "lumo")
    unnamed = by_id(trustpilot(pages(), shops=shops).fetch(None))
    assert {post.thread_title for post in unnamed.values()} == {""}


def test_trustpilot_fetch_finds_the_business_unit_once() -> None:
    site = pages()
    source = trustpilot(site)
    source.fetch(source.fetch(None).cursor)
    assert [request.url.path for request in site.asked] == [
        "/v1/business-units/find",
        "/v1/business-units/55b000000000000000000001/reviews",
        "/v1/business-units/55b000000000000000000001/reviews",
    ]
    assert {request.headers["apikey"] for request in site.asked} == {SECRET}
    assert site.asked[1].url.params["orderBy"] == "createdat.desc"
    known = pages()
    trustpilot(known, domain=None, unit="../x", language="fi").fetch(None)
    assert known.asked[0].url.raw_path.startswith(b"/v1/business-units/..%2Fx/reviews?")
    assert known.asked[0].url.params["language"] == "fi"


def test_trustpilot_fetch_is_broken_when_the_unit_has_another_shape() -> None:
    with pytest.raises(SourceBroken, match="another shape"):
        trustpilot(pages(**{"/find": b'{"id": 5}'})).fetch(None)


def test_trustpilot_fetch_keeps_good_reviews_beside_broken_ones() -> None:
    batch = trustpilot(pages(**{"/reviews": recording("trustpilot", "broken.json")})).fetch(None)
    (post,) = batch.posts
    assert (post.text, post.rating, post.author, post.posted_at) == ("Toimii hyvin", None, "", None)
    assert len(batch.warnings) == 3


def test_trustpilot_fetch_reads_all_pages_of_two_weeks() -> None:
    def reviews(request: httpx.Request) -> httpx.Response:
        start = 100 * (int(request.url.params["page"]) - 1)
        rows = [
            {"id": str(i), "stars": 3, "text": "ok", "createdAt": (NOW - timedelta(hours=i)).isoformat()}
            for i in range(start, start + 100)
        ]
        return httpx.Response(200, content=json.dumps({"reviews": rows}))

    site = pages(**{"/reviews": reviews})
    source = trustpilot(site)
    batch = source.fetch(None)
    assert len(batch.posts) == 7 * 24 + 1
    before = len(site.asked)
    source.fetch(batch.cursor)
    assert len(site.asked) - before == 4  # 14 days are 336 reviews


@pytest.mark.parametrize("options", [{"domain": None}, {"unit": "55b"}])
def test_trustpilot_settings_want_one_way_to_the_shop(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="domain"):
        trustpilot(pages(), **options)


def test_trustpilot_fetch_tells_which_reviews_are_gone() -> None:
    assert trustpilot(pages()).fetch(None).gone == (f"{REVIEW}4",)


def test_trustpilot_gone_names_removed_reviews_and_answers() -> None:
    answered = b'{"id": "1", "stars": 1, "status": "active", "companyReply": {"text": "Kiitos"}}'
    site = Site(
        {
            "/v1/reviews/1": answered,
            "/v1/reviews/2": b'{"id": "2", "stars": 1, "companyReply": null}',
            "/v1/reviews/4": answered.replace(b"active", b"archived"),
        }
    )
    names = ["1", "1:reply", "2", "2:reply", "3", "4", "4:reply"]
    assert gone_of(trustpilot(site), names) == ("2:reply", "3", "4", "4:reply")
    assert len(site.asked) == 4
    with pytest.raises(SourceBroken, match="another shape"):
        gone_of(trustpilot(Site({"": b"{}"})), ["1"])


def test_trustpilot_follows_changed_reviews_and_answers_beside_a_damaged_one() -> None:
    changed = {"id": "1", "stars": 4, "text": "Hyvittivät.", "companyReply": {"text": "Kiitos & anteeksi"}}
    site = Site(
        {"/v1/reviews/1": json.dumps(changed).encode(), "/v1/reviews/2": b'{"id": "2", "stars": "many"}'}
    )
    names = ("2", "2:reply", "1", "1:reply", "3")
    batch = again(trustpilot(site), *(stored(name, rating=1.0) for name in names))
    assert [(post.external_id, post.text, post.rating) for post in batch.posts] == [
        ("1", "Hyvittivät.", 4.0),
        ("1:reply", "Kiitos & anteeksi", 1.0),
    ]
    assert batch.gone == ("3",)
