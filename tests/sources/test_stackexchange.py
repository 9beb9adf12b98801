"""The kind "stackexchange" against recordings, its daily allowance and its requests to wait."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.errors import SourceBroken, SourceBusy, SourceSpent
from monitor.sources import SOURCES, Source
from tests.sources.support import (
    SECRET,
    TOKEN,
    Answerer,
    Book,
    Site,
    StillClock,
    by_id,
    context_for,
    gone_of,
    recording,
)

URL = "https://palvelin.example"


def stackexchange(
    site: Answerer, clock: StillClock | None = None, book: Book | None = None, **options: object
) -> Source:
    chosen = {"url": URL, "site": "webapps", "terms": ["Lumopuoti"], **options}
    return SOURCES["stackexchange"].make(chosen, context_for(site, clock, ledger=book))


def pages(**routes: Any) -> Site:
    return Site(
        {
            "/search/excerpts": recording("stackexchange", "page.json"),
            "/questions/": recording("stackexchange", "questions.json"),
            "/answers/": recording("stackexchange", "answers.json"),
            **routes,
        }
    )


def test_stackexchange_parse_reads_an_answer_with_its_question() -> None:
    post = by_id(stackexchange(pages()).fetch(None))["702"]
    assert (post.text, post.author) == ("Lumopuoti paid me back in a day.", "varis")
    assert (post.thread_key, post.thread_title) == ("700", "Refund from a web shop")
    assert post.parent_text == "How long may it take?"
    assert (post.title, post.url) == ("", "https://webapps.example/a/702")


def test_stackexchange_parse_reads_an_edited_question() -> None:
    post = by_id(stackexchange(pages()).fetch(None))["710"]
    assert (post.title, post.text) == ("Is 'Lumopuoti' down?", "It says 502 since noon.")
    assert post.posted_at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    assert post.edited_at == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert (post.url, post.reach) == ("https://webapps.example/questions/710/down", 12)


def test_stackexchange_fetch_leaves_out_what_was_only_looked_up_or_is_deleted() -> None:
    assert set(by_id(stackexchange(pages()).fetch(None))) == {"702", "710"}


def test_stackexchange_fetch_asks_for_texts_by_their_ids() -> None:
    site = pages()
    stackexchange(site, key=TOKEN).fetch(None)
    assert [request.url.path for request in site.asked] == [
        "/2.3/search/excerpts",
        "/2.3/questions/700;710;711",
        "/2.3/answers/702",
    ]
    assert {request.url.params["site"] for request in site.asked} == {"webapps"}
    assert {request.url.params["key"] for request in site.asked} == {SECRET}


def test_stackexchange_fetch_keeps_good_posts_beside_broken_ones() -> None:
    batch = stackexchange(pages(**{"/search/excerpts": recording("stackexchange", "broken.json")})).fetch(
        None
    )
    assert set(by_id(batch)) == {"710"}
    assert len(batch.warnings) == 2


def test_stackexchange_fetch_counts_its_requests_of_a_day() -> None:
    clock, book = StillClock(), Book()
    stackexchange(pages(), clock, book).fetch(None)
    assert dict(book.spent) == {("palvelin.example", "2026-11-24"): 3}
    book.spent["palvelin.example", "2026-11-24"] = 300
    with pytest.raises(SourceSpent, match="used up") as caught:
        stackexchange(pages(), clock, book).fetch(None)
    assert caught.value.retry_after == 14 * 3600
    clock.advance(hours=15)
    stackexchange(pages(), clock, book).fetch(None)
    assert book.spent["palvelin.example", "2026-11-25"] == 3


def test_stackexchange_fetch_remembers_requests_of_failed_fetches() -> None:
    failing = [b"<html>"] * 2
    site, book = pages(**{"/search/excerpts": [*failing, recording("stackexchange", "empty.json")]}), Book()
    source = stackexchange(site, book=book)
    for _ in failing:
        with pytest.raises(SourceBroken, match="web page"):
            source.fetch(None)
    source.fetch(None)
    assert book.of("palvelin.example") == [3]


def test_stackexchange_fetch_stops_when_the_server_says_that_nothing_is_left() -> None:
    last = json.dumps({"items": [], "quota_remaining": 0}).encode()
    source = stackexchange(pages(**{"/search/excerpts": last}), terms=["eka", "toka"])
    batch = source.fetch(None)
    assert any("used up" in warning for warning in batch.warnings)
    with pytest.raises(SourceBusy, match="used up"):
        source.fetch(batch.cursor)


def test_stackexchange_fetch_waits_as_long_as_it_is_told() -> None:
    clock = StillClock()
    told = json.dumps({"items": [], "backoff": 30, "quota_remaining": 100}).encode()
    source = stackexchange(pages(**{"/search/excerpts": told}), clock)
    cursor = source.fetch(None).cursor
    with pytest.raises(SourceBusy) as caught:
        source.fetch(cursor)
    assert caught.value.retry_after == 30
    clock.advance(seconds=30)
    assert source.fetch(cursor).posts == ()


def test_stackexchange_gone_names_deleted_posts() -> None:
    site = pages(
        **{"/posts/": b'{"items": [{"post_id": 702}, {"post_type": "answer"}], "quota_remaining": 5}'}
    )
    assert gone_of(stackexchange(site), ["702", "710"]) == ("710",)
    assert site.asked[0].url.path == "/2.3/posts/702;710"
