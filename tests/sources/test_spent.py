"""An allowance that ends in the middle of a fetch: what was read stays, the rest comes with the next days."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from monitor.errors import SourceSpent
from monitor.sources import SOURCES, Source
from monitor.sources.quota import MemoryLedger, Quota
from tests.sources.support import NOW, TOKEN, Answerer, Site, StillClock, context_for, recording
from tests.sources.test_contract import CASES, Case, first, good_site, logged_in


def limited(
    kind: str, options: dict[str, object], site: Answerer, clock: StillClock, limit: int
) -> tuple[Source, list[str]]:
    """A source with so many requests a day, and the paths it asked for."""
    asked: list[str] = []

    def noted(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return site(request)

    context = context_for(noted, clock)
    quota = Quota("The daily_quota of forum", "forum", limit, context.zone, clock, MemoryLedger())
    return SOURCES[kind].make(options, replace(context, allowance=quota.take)), asked


def days(source: Source, clock: StillClock, number: int) -> set[str]:
    """Fetch twice a day as long as there is something left; returns the ids of all posts that came."""
    found: set[str] = set()
    cursor = None
    for _ in range(number):
        for _ in range(2):
            try:
                batch = source.fetch(cursor)
            except SourceSpent:
                break
            cursor, found = batch.cursor, found | first(batch)
        clock.advance(days=1)
    return found


@pytest.mark.parametrize("limit", [3, 4])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_allowance_that_ends_in_the_middle_costs_no_post(case: Case, limit: int) -> None:
    clock, options = StillClock(), {**case.options, "backfill": "40d"}
    source, _ = limited(case.kind, options, logged_in(case, good_site(case)), clock, limit)
    free = SOURCES[case.kind].make(options, context_for(logged_in(case, good_site(case))))
    assert days(source, clock, 4) == first(free.fetch(None))


SEVERAL: dict[str, tuple[dict[str, object], Answerer, int]] = {
    "mastodon": (
        {"url": "https://palvelin.example", "hashtags": ["a", "b", "c", "d"]},
        lambda request: httpx.Response(
            200,
            json=[
                {
                    "id": request.url.path[-1],
                    "uri": f"https://muu.example/{request.url.path[-1]}",
                    "content": "Lumopuoti",
                    "created_at": NOW.isoformat(),
                }
            ],
        ),
        4,
    ),
    "discourse": (
        {"url": "https://palvelin.example", "latest": False, "topics": [1, 2, 3, 4]},
        lambda request: httpx.Response(
            200,
            json={
                "id": 1,
                "title": "t",
                "post_stream": {
                    "stream": [],
                    "posts": [
                        {
                            "id": int(request.url.path[3]),
                            "topic_id": 1,
                            "cooked": "<p>Lumopuoti</p>",
                            "username": "maija",
                            "user_id": 5,
                            "created_at": NOW.isoformat(),
                        }
                    ],
                },
            },
        ),
        4,
    ),
}


@pytest.mark.parametrize("kind", ["mastodon", "discourse"])
def test_what_the_allowance_did_not_reach_has_its_turn_on_the_next_day(kind: str) -> None:
    options, site, number = SEVERAL[kind]
    clock = StillClock()
    source, asked = limited(kind, {**options, "backfill": "40d"}, site, clock, 2)
    assert len(days(source, clock, 1)) == 2
    assert len(asked) == 2
    clock = StillClock()
    source, asked = limited(kind, {**options, "backfill": "40d"}, site, clock, 2)
    assert len(days(source, clock, 3)) == number


def test_wordpress_goes_on_where_the_allowance_ended() -> None:
    def site(request: httpx.Request) -> httpx.Response:
        after = request.url.params["after"]
        rows = [
            {
                "id": number,
                "content": {"rendered": "<p>Lumopuoti</p>"},
                "link": f"https://palvelin.example/a/#comment-{number}",
                "date_gmt": f"{NOW - timedelta(minutes=500 - number):%Y-%m-%dT%H:%M:%S}",
            }
            for number in range(1, 451)
        ]
        rows = [row for row in rows if f"{row['date_gmt']}Z" > after]
        start = 100 * (int(request.url.params["page"]) - 1)
        return httpx.Response(200, json=rows[start : start + 100], headers={"X-WP-TotalPages": "5"})

    clock = StillClock()
    source, _ = limited("wordpress", {"url": "https://palvelin.example", "backfill": "40d"}, site, clock, 2)
    assert len(days(source, clock, 3)) == 450


def test_youtube_keeps_the_videos_that_it_found_with_its_last_request() -> None:
    site = Site(
        {
            "/search": recording("youtube", "search.json"),
            "/videos": recording("youtube", "videos.json"),
            "/commentThreads": recording("youtube", "page.json"),
        }
    )
    clock = StillClock()
    options = {"url": "https://palvelin.example", "key": TOKEN, "search_every": "7d"}
    source, asked = limited("youtube", options, site, clock, 1)
    batch = source.fetch(None)
    assert any("comments come with the next fetch" in warning for warning in batch.warnings)
    clock.advance(days=1)
    with pytest.raises(SourceSpent):  # it takes a request for the videos and one for the comments
        source.fetch(batch.cursor)
    assert [path.rpartition("/")[2] for path in asked] == ["search", "videos"]
