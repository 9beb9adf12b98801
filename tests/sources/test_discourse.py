"""The kind "discourse" against recordings, and against a forum that goes on."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from monitor.errors import SourceBroken, SourceError
from monitor.sources import SOURCES, Source
from tests.sources.support import (
    NOW,
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

URL = "https://foorumi.example/keskustelu/"


def discourse(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    return SOURCES["discourse"].make({"url": URL, **options}, context_for(site, clock))


def latest() -> Site:
    return Site(
        {"before=": recording("discourse", "empty.json"), "/posts.json": recording("discourse", "page.json")}
    )


def test_discourse_parse_reads_a_post() -> None:
    post = by_id(discourse(latest()).fetch(None))["901"]
    assert post.text == "Rahat meni, tavaraa ei kuulu. Onko muilla kokemuksia?"
    assert post.url == "https://foorumi.example/keskustelu/t/lumopuoti-kokemuksia/70/1"
    assert (post.author, post.title, post.thread_key, post.reach) == (
        "kerttu",
        "Lumopuoti: kokemuksia",
        "70",
        25,
    )
    assert post.posted_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_discourse_parse_keeps_staff_system_and_hidden_posts_out() -> None:
    assert set(by_id(discourse(latest()).fetch(None))) == {"901", "902"}


def test_discourse_parse_takes_staff_in_when_told_to() -> None:
    assert set(by_id(discourse(latest(), staff=True).fetch(None))) == {"901", "902", "904"}


def test_discourse_parse_carries_the_answered_post_and_keeps_emoji() -> None:
    post = by_id(discourse(latest()).fetch(None))["902"]
    assert post.parent_text.startswith("Rahat meni")
    assert post.text == "> kerttu:\n\n> Rahat meni\n\nSama juttu :rage:"
    assert post.title == ""


def test_discourse_parse_takes_the_version_for_an_edit() -> None:
    posts = by_id(discourse(latest()).fetch(None))
    assert posts["902"].edited_at == datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
    assert posts["901"].edited_at is None  # updated_at also moves when somebody likes a post


def test_discourse_parse_warns_of_a_post_without_text() -> None:
    assert any("cooked" in warning for warning in discourse(latest()).fetch(None).warnings)


def test_discourse_sends_its_key() -> None:
    site = latest()
    discourse(site, key=TOKEN, user="kuuntelija").fetch(None)
    assert site.asked[0].headers["Api-Key"] == SECRET
    assert site.asked[0].headers["Api-Username"] == "kuuntelija"


class Forum:
    """A forum with one post for each id, which shows 50 ids a page as Discourse does."""

    def __init__(self, ids: range) -> None:
        self.ids = ids
        self.pages = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.pages += 1
        before = int(request.url.params.get("before", self.ids[-1]))
        shown = [number for number in reversed(self.ids) if before - 50 < number <= before]
        return httpx.Response(200, json={"latest_posts": [self._post(number) for number in shown]})

    def _post(self, number: int) -> Mapping[str, Any]:
        written = NOW - timedelta(days=3) + timedelta(minutes=number)
        return {
            "id": number,
            "topic_id": 1,
            "username": "a",
            "cooked": f"<p>{number}</p>",
            "created_at": written.isoformat(),
        }


def test_discourse_reads_on_from_the_last_known_post() -> None:
    start = discourse(Forum(range(1, 101))).fetch(None)
    forum = Forum(range(1, 221))
    later = discourse(forum).fetch(start.cursor)
    assert set(by_id(later)) >= {str(number) for number in range(101, 221)}
    assert forum.pages == 3


def test_discourse_reads_later_what_it_had_no_pages_left_for() -> None:
    start = discourse(Forum(range(1, 11)), pages=2).fetch(None)
    forum = Forum(range(1, 401))
    found: set[str] = set()
    cursor = start.cursor
    for _ in range(8):
        batch = discourse(forum, pages=2).fetch(cursor)
        found |= set(by_id(batch))
        cursor = batch.cursor
    assert found >= {str(number) for number in range(11, 401)}
    assert "gap" not in json.loads(cursor or "")


def test_discourse_stops_at_the_end_of_the_backfill() -> None:
    forum = Forum(range(1, 4001))
    batch = discourse(forum, backfill="2d", pages=100).fetch(None)
    assert min(int(number) for number in by_id(batch)) == 1440
    assert forum.pages < 60


def test_discourse_starts_anew_at_another_address() -> None:
    start = discourse(latest()).fetch(None)
    small = Forum(range(1, 101))
    other = SOURCES["discourse"].make({"url": "https://toinen.example"}, context_for(small))
    assert len(other.fetch(start.cursor).posts) == 100


def searching() -> Site:
    return Site(
        {
            "/search.json": recording("discourse", "search.json"),
            "/t/70.json": recording("discourse", "topic.json"),
        }
    )


def test_discourse_search_brings_whole_posts_and_leaves_out_lost_topics() -> None:
    site = searching()
    batch = discourse(site, search=True, latest=False, terms=["Lumopuoti"]).fetch(None)
    assert by_id(batch)["901"].text.endswith("Onko muilla kokemuksia?")
    assert any("topic 71" in warning for warning in batch.warnings)
    assert site.asked[0].url.params["q"] == '"Lumopuoti" after:2026-11-17 order:latest'


def test_discourse_search_asks_for_every_name_of_the_shops() -> None:
    site = searching()
    discourse(site, search=True, latest=False).fetch(None)
    asked = [request.url.params["q"].split('"')[1] for request in site.asked if "search" in request.url.path]
    assert asked == ["Lumopuoti", "lumopuoti.example"]


def test_discourse_search_fetches_known_hits_once() -> None:
    site = searching()
    source = discourse(site, search=True, latest=False, terms=["Lumopuoti"])
    start = source.fetch(None)
    source.fetch(start.cursor)
    assert [request.url.path for request in site.asked].count("/keskustelu/t/70.json") == 1


def following() -> Site:
    return Site(
        {"post_ids": recording("discourse", "more.json"), "/t/70.json": recording("discourse", "topic.json")}
    )


def test_discourse_topic_brings_posts_beyond_its_first_page() -> None:
    batch = discourse(following(), latest=False, topics=[70]).fetch(None)
    assert set(by_id(batch)) == {"901", "902", "905"}
    assert by_id(batch)["905"].thread_title == "Lumopuoti: kokemuksia"


def test_discourse_topic_that_is_gone_does_not_hide_the_others() -> None:
    batch = discourse(following(), latest=False, topics=[70, 71]).fetch(None)
    assert len(batch.posts) == 3
    assert any("topic 71" in warning for warning in batch.warnings)


def test_discourse_is_broken_when_every_topic_is_gone() -> None:
    with pytest.raises(SourceBroken, match="404"):
        discourse(Site({}), latest=False, topics=[1, 2]).fetch(None)


def test_discourse_settings_want_something_to_read() -> None:
    with pytest.raises(ValidationError, match="latest"):
        SOURCES["discourse"].settings.model_validate({"url": URL, "latest": False})


def test_discourse_gone_names_posts_that_are_deleted() -> None:
    site = Site(
        {
            "/posts/901.json": b'{"id": 901, "user_deleted": false}',
            "/posts/902.json": b'{"id": 902, "user_deleted": true}',
            "/posts/903.json": lambda request: httpx.Response(410),
        }
    )
    assert gone_of(discourse(site), ["901", "902", "903", "904", "odd"]) == ("902", "903", "904")


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_discourse_gone_claims_nothing_when_it_cannot_tell(status: int) -> None:
    site = Site({"/posts/901.json": lambda request: httpx.Response(status)})
    with pytest.raises(SourceError):
        gone_of(discourse(site), ["901"])
