"""The kind "youtube" against recordings, and its two daily allowances."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from monitor.errors import SourceBroken, SourceBusy, SourceSpent
from monitor.sources import SOURCES, Source
from tests.sources.support import (
    SECRET,
    TOKEN,
    Answerer,
    Book,
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
VIDEO = "vid0000001"


def youtube(
    site: Answerer, clock: StillClock | None = None, book: Book | None = None, **options: object
) -> Source:
    context = context_for(site, clock, ledger=book)
    return SOURCES["youtube"].make({"url": URL, "key": TOKEN, **options}, context)


def pages(**routes: Any) -> Site:
    return Site(
        {
            "/search": recording("youtube", "search.json"),
            "/videos": recording("youtube", "videos.json"),
            "/commentThreads": recording("youtube", "page.json"),
            "/comments": recording("youtube", "replies.json"),
            **routes,
        }
    )


def asked(site: Site) -> list[str]:
    return [request.url.path.rpartition("/")[2] for request in site.asked]


def test_youtube_parse_reads_a_comment() -> None:
    post = by_id(youtube(pages(), search=False, videos=[VIDEO]).fetch(None))["Ugx001"]
    assert post.text == "Lumopuoti ei palauta rahoja &\nkolmas viikko"
    assert (post.author, post.reach) == ("@siilinen", 15_300)
    assert (post.thread_key, post.thread_title) == ("Ugx001", "Testissä: Lumopuoti")
    assert post.url == f"https://www.youtube.com/watch?v={VIDEO}&lc=Ugx001"
    assert post.posted_at == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    assert post.edited_at == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def test_youtube_parse_reads_replies_and_asks_for_the_missing_ones() -> None:
    site = pages()
    source = youtube(site, search=False, videos=[VIDEO])
    posts = by_id(source.fetch(None))
    assert set(posts) == {"Ugx001", "Ugx001.r1", "Ugx002", "Ugx002.r1"}
    assert posts["Ugx001.r1"].parent_text == posts["Ugx001"].text
    assert (posts["Ugx002.r1"].thread_key, posts["Ugx002.r1"].parent_text) == ("Ugx002", "Jättebra butik")
    assert posts["Ugx001.r1"].edited_at is None
    source.fetch(None)
    assert asked(site).count("comments") == 1


def test_youtube_fetch_finds_videos_and_the_comments_under_them() -> None:
    site, book = pages(), Book()
    batch = youtube(site, book=book).fetch(None)
    video = by_id(batch)[VIDEO]
    assert (video.title, video.author, video.lang) == ("Testissä: Lumopuoti", "Testaaja", "fi")
    assert video.text.startswith("Tilasin kymmenen tuotetta.")
    assert "Ugx001" in by_id(batch)
    assert asked(site) == ["search", "videos", "commentThreads", "comments"]
    assert site.asked[0].url.params["q"] == '"Lumopuoti"|"lumopuoti.example"'
    assert (book.of("youtube searches"), book.of("youtube requests")) == ([1], [3])


def test_youtube_fetch_searches_once_an_hour_and_follows_what_it_found() -> None:
    clock, site = StillClock(), pages()
    source = youtube(site, clock)
    cursor = source.fetch(None).cursor
    clock.advance(minutes=30)
    cursor = source.fetch(cursor).cursor
    assert asked(site).count("search") == 1
    assert asked(site).count("commentThreads") == 2
    clock.advance(minutes=31)
    source.fetch(cursor)
    assert asked(site).count("search") == 2
    assert site.asked[-3].url.params["publishedAfter"] == "2026-11-23T10:00:00Z"


def test_youtube_fetch_forgets_videos_after_a_while() -> None:
    clock, site = StillClock(), pages()
    source = youtube(site, clock, follow="2d")
    cursor = source.fetch(None).cursor
    clock.advance(days=3)
    site.routes = dict(site.routes) | {"/search": recording("youtube", "empty.json")}
    source.fetch(cursor)
    assert asked(site)[-1] == "search"


def test_youtube_fetch_stops_at_its_daily_allowance() -> None:
    clock, book = StillClock(), Book()
    source = youtube(pages(), clock, book, search=False, videos=[VIDEO], units=4)
    batch = source.fetch(None)
    with pytest.raises(SourceSpent, match="YouTube requests is used up") as caught:
        source.fetch(batch.cursor)
    assert caught.value.retry_after == 22 * 3600  # midnight in California is 8:00 UTC
    clock.advance(hours=22)
    source.fetch(batch.cursor)
    assert book.of("youtube requests") == [4, 2]


def test_youtube_sources_with_one_key_share_its_allowance() -> None:
    book = Book()
    youtube(pages(), book=book, search=False, videos=[VIDEO], units=3).fetch(None)
    with pytest.raises(SourceSpent):
        youtube(pages(), book=book, search=False, videos=[VIDEO], units=3).fetch(None)
    assert SECRET not in str(book)


def test_youtube_fetch_goes_on_with_comments_when_no_search_is_left() -> None:
    clock = StillClock()
    source = youtube(pages(), clock, searches=1)
    cursor = source.fetch(None).cursor
    clock.advance(hours=2)
    batch = source.fetch(cursor)
    assert any("not searched for" in warning for warning in batch.warnings)
    assert "Ugx001" in by_id(batch)


def test_youtube_fetch_leaves_out_a_video_without_comments() -> None:
    def closed(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403, json={"error": {"message": "disabled"}})

    site = pages(**{"/commentThreads": [closed, recording("youtube", "page.json")]})
    batch = youtube(site, search=False, channels=["UCkauppa"], videos=[VIDEO]).fetch(None)
    assert "Ugx001" in by_id(batch)
    assert any("channel UCkauppa was left out" in warning for warning in batch.warnings)


def test_youtube_fetch_tells_when_a_video_is_gone() -> None:
    batch = youtube(pages(), search=False, videos=[VIDEO, "poissa"]).fetch(None)
    assert "Video poissa is not there, or not public." in batch.warnings


def test_youtube_fetch_finds_a_channel_by_its_handle() -> None:
    site = pages(**{"/channels": b'{"items": [{"id": "UCkauppa"}]}'})
    source = youtube(site, search=False, channels=["@lumopuoti"])
    source.fetch(source.fetch(None).cursor)
    threads = [request for request in site.asked if "commentThreads" in request.url.path]
    assert {request.url.params["allThreadsRelatedToChannelId"] for request in threads} == {"UCkauppa"}
    assert asked(site).count("channels") == 1
    with pytest.raises(SourceBroken, match="knows no channel @olematon"):
        youtube(pages(**{"/channels": b'{"items": []}'}), search=False, channels=["@olematon"]).fetch(None)


def test_youtube_fetch_keeps_good_posts_beside_broken_ones() -> None:
    site = pages(**{"/commentThreads": recording("youtube", "broken.json")})
    batch = youtube(site, search=False, videos=[VIDEO]).fetch(None)
    assert [(post.external_id, post.posted_at) for post in batch.posts] == [("Ugx010", None)]
    assert len(batch.warnings) == 3


def test_youtube_fetch_shows_its_key_only_in_a_header() -> None:
    site = pages()
    youtube(site).fetch(None)
    assert {request.headers["x-goog-api-key"] for request in site.asked} == {SECRET}
    assert not any(SECRET in str(request.url) for request in site.asked)


def test_youtube_settings_want_something_to_read() -> None:
    with pytest.raises(ValidationError, match="search = true"):
        youtube(pages(), search=False)


def test_youtube_gone_names_deleted_comments_and_videos() -> None:
    site = pages(**{"/videos": b'{"items": []}', "/comments": b'{"items": [{"id": "UgxAAAAAAAAAAAAA001"}]}'})
    source = youtube(site)
    names = ["vid00000001", "UgxAAAAAAAAAAAAA001", "UgxAAAAAAAAAAAAA002"]
    assert gone_of(source, names) == ("vid00000001", "UgxAAAAAAAAAAAAA002")
    assert [request.url.params["id"] for request in site.asked] == [
        "vid00000001",
        "UgxAAAAAAAAAAAAA001,UgxAAAAAAAAAAAAA002",
    ]


def refused(reason: str, status: int = 403, place: str = "errors") -> Answerer:
    said = {
        "error": {"code": status, "message": "no", place: [{"reason": reason, "domain": "youtube.quota"}]}
    }
    return lambda request: httpx.Response(status, json=said)


@pytest.mark.parametrize(("status", "place"), [(403, "errors"), (429, "errors"), (403, "details")])
@pytest.mark.parametrize("reason", ["quotaExceeded", "dailyLimitExceeded"])
def test_youtube_that_says_its_day_is_used_up_rests_until_midnight_in_california(
    reason: str, status: int, place: str
) -> None:
    clock = StillClock()
    site = pages(**{"/videos": [refused(reason, status, place), recording("youtube", "videos.json")]})
    source = youtube(site, clock, search=False, videos=[VIDEO])
    with pytest.raises(SourceSpent, match=r"requests is used up for today; resting until 10:00\.") as caught:
        source.fetch(None)  # 8:00 UTC is 10:00 in Helsinki
    assert caught.value.retry_after == 22 * 3600
    asked_before = len(site.asked)
    with pytest.raises(SourceSpent):
        source.fetch(None)
    assert len(site.asked) == asked_before
    clock.advance(hours=22)
    assert "Ugx001" in by_id(source.fetch(None))


def test_youtube_search_that_is_used_up_leaves_the_comments_be() -> None:
    site = pages(**{"/search": refused("quotaExceeded")})
    batch = youtube(site, videos=[VIDEO]).fetch(None)
    assert any("searches is used up for today" in warning for warning in batch.warnings)
    assert "Ugx001" in by_id(batch)


def test_youtube_that_finds_us_too_fast_is_busy() -> None:
    site = pages(**{"/videos": refused("rateLimitExceeded")})
    with pytest.raises(SourceBusy, match="come back later") as caught:
        youtube(site, search=False, videos=[VIDEO]).fetch(None)
    assert not isinstance(caught.value, SourceSpent)
    assert caught.value.retry_after == 60


@pytest.mark.parametrize(
    "body", [b"", b"[", b"[]", b'{"error": 7}', b'{"error": {"errors": [7]}}', b"x" * 99_999]
)
def test_youtube_that_refuses_for_good_is_broken(body: bytes) -> None:
    site = pages(**{"/videos": lambda request: httpx.Response(403, content=body)})
    with pytest.raises(SourceBroken, match="403"):
        youtube(site, search=False, videos=[VIDEO]).fetch(None)
    with pytest.raises(SourceBroken, match="403"):
        youtube(pages(**{"/videos": refused("forbidden")}), search=False, videos=[VIDEO]).fetch(None)


def test_youtube_again_reads_edited_comments_and_videos() -> None:
    late = {"publishedAt": "2026-11-20T08:00:00Z", "updatedAt": "2026-11-24T08:30:00Z"}
    comment = {"id": "UgxAAAAAAAAAAAAA001", "snippet": {"textDisplay": "Lumopuoti vastasi", **late}}
    video = {"id": "vid00000001", "snippet": {"title": "Lumopuoti", "description": "Uusi kuvaus"}}
    site = Site(
        {
            "/videos": json.dumps({"items": [video]}).encode(),
            "/comments": json.dumps({"items": [comment]}).encode(),
        }
    )
    batch = again(youtube(site), stored("vid00000001"), stored("UgxAAAAAAAAAAAAA001"))
    assert [(post.text, post.edited_at is not None) for post in batch.posts] == [
        ("Uusi kuvaus", False),
        ("Lumopuoti vastasi", True),
    ]
