"""Public Telegram channels by their preview pages."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import ValidationError

from monitor.errors import SourceBroken
from monitor.sources import Source
from monitor.sources.telegram import KIND
from tests.sources.support import (
    NOW,
    Answerer,
    Site,
    StillClock,
    again,
    context_for,
    gone_of,
    recording,
    stored,
)

BASE = "https://palvelin.example/polku"


def page(name: str) -> bytes:
    return recording("telegram", name)


def telegram(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    settings = {"url": BASE, "channels": ["@Kauppatori"], "pace": "0s", **options}
    return KIND.make(settings, context_for(site, clock))


def channel_site() -> Site:
    return Site({"before=": page("older.html"), "/s/Kauppatori": page("page.html")})


def queries(site: Site) -> list[str]:
    return [request.url.query.decode() for request in site.asked if "/s/" in request.url.path]


def numbered(newest: int) -> Answerer:
    """A channel of posts an hour apart, 20 a page, that understands before and after."""

    def answer(request: httpx.Request) -> httpx.Response:
        params = request.url.params
        first = int(params.get("after", newest - 20)) + 1
        if "before" in params:
            first = int(params["before"]) - 20
        body = "".join(
            f'<div class="tgme_widget_message" data-post="Kauppatori/{number}">'
            f'<div class="tgme_widget_message_text js-message_text">viesti {number}</div>'
            f'<a class="tgme_widget_message_date"><time datetime="{_time(number, newest)}"></time></a></div>'
            for number in range(max(first, 1), min(first + 20, newest + 1))
        )
        return httpx.Response(200, text=f'<html><div class="tgme_channel_info"></div>{body}</html>')

    return answer


def _time(number: int, newest: int) -> str:
    return (NOW - timedelta(hours=newest - number)).isoformat()


def test_telegram_reads_posts_with_views_and_what_they_answer() -> None:
    posts = {post.external_id: post for post in telegram(channel_site()).fetch(None).posts}
    assert set(posts) == {f"kauppatori/{number}" for number in (99, 100, 103, 104)}
    first = posts["kauppatori/100"]
    assert first.text == "Lumopuoti lopettaa Turussa.\nTarjous 🔥 2 < 3"
    assert first.reach == 4020
    assert first.author == "Kauppatori"
    assert first.url == f"{BASE}/Kauppatori/100"
    assert first.posted_at == datetime(2026, 11, 22, 10, 0, 55, tzinfo=UTC)
    answer = posts["kauppatori/103"]
    assert answer.text == "Päivitys: varasto myydään."
    assert answer.parent_text == first.text
    assert answer.thread_key == first.thread_key == "kauppatori/100"
    assert posts["kauppatori/104"].parent_text == "Vastattu viesti tiivistettynä"
    assert posts["kauppatori/104"].reach is None


def test_telegram_goes_back_as_far_as_posts_are_wanted() -> None:
    site = channel_site()
    telegram(site).fetch(None)
    assert queries(site) == ["", "before=100"]


def test_telegram_asks_once_when_nothing_is_missing() -> None:
    site = channel_site()
    start = telegram(site).fetch(None)
    site.asked.clear()
    again = telegram(site).fetch(start.cursor)
    assert queries(site) == [""]
    assert again.cursor == start.cursor


def test_telegram_fills_a_gap_upward_over_several_fetches() -> None:
    start = telegram(numbered(100), pages=1).fetch(None)
    later = StillClock(NOW)
    seen: set[str] = set()
    cursor = start.cursor
    for _ in range(4):
        batch = telegram(numbered(200), later, pages=3).fetch(cursor)
        seen |= {post.external_id for post in batch.posts}
        cursor = batch.cursor
    assert {f"kauppatori/{number}" for number in range(101, 201)} <= seen
    assert json.loads(cursor or "")["last"] == {"Kauppatori": 200}


def test_telegram_never_counts_posts_as_read_that_it_has_not_seen() -> None:
    start = telegram(numbered(100), pages=1).fetch(None)
    batch = telegram(numbered(200), pages=2).fetch(start.cursor)
    assert json.loads(batch.cursor or "")["last"] == {"Kauppatori": 120}


def test_telegram_is_broken_by_a_name_that_has_no_preview() -> None:
    def sent_away(request: httpx.Request) -> httpx.Response:
        if "/s/" in request.url.path:
            return httpx.Response(302, headers={"Location": f"{BASE}/Kauppatori"})
        return httpx.Response(200, content=page("broken.html"))

    with pytest.raises(SourceBroken, match="Kauppatori is no public channel"):
        telegram(sent_away).fetch(None)


def test_telegram_is_broken_by_a_page_that_shows_no_channel() -> None:
    with pytest.raises(SourceBroken, match="instead of the posts of a channel"):
        telegram(Site({"/s/": page("broken.html")})).fetch(None)


def test_telegram_reads_the_other_channels_when_one_is_gone() -> None:
    site = Site({"before=": page("older.html"), "/s/Kauppatori": page("page.html")})
    batch = telegram(site, channels=["olematon", "Kauppatori"]).fetch(None)
    assert len(batch.posts) == 4
    assert any("channel olematon was left out" in warning for warning in batch.warnings)


def test_telegram_says_when_a_channel_shows_nothing() -> None:
    assert telegram(Site({"/s/": page("empty.html")})).fetch(None).warnings == (
        "channel Kauppatori shows no posts.",
    )


def test_telegram_gone_names_posts_that_are_missing_between_others() -> None:
    site = Site({"/s/Kauppatori": page("page.html")})
    ids = ["kauppatori/100", "kauppatori/101", "kauppatori/103", "muu/101"]
    assert gone_of(telegram(site), ids) == ("kauppatori/101",)
    assert queries(site) == ["before=104"]


def test_telegram_gone_looks_at_older_pages_too() -> None:
    ids = [f"kauppatori/{number}" for number in (60, 100)]
    assert gone_of(telegram(numbered(200)), ids) == ()


def test_telegram_gone_claims_nothing_on_an_empty_page() -> None:
    source = telegram(Site({"/s/": page("empty.html")}))
    assert gone_of(source, ["kauppatori/100"]) == ()


def test_telegram_respects_robots() -> None:
    site = Site({"/robots.txt": b"User-agent: *\nDisallow: /polku/s/", "/s/": page("page.html")})
    with pytest.raises(SourceBroken, match="asks programs not to read"):
        telegram(site).fetch(None)
    assert queries(site) == []


@pytest.mark.parametrize("channels", [[], ["ab"], ["kanava/../x"], ["kanava?x=1"]])
def test_telegram_takes_only_names_of_channels(channels: list[str]) -> None:
    with pytest.raises(ValidationError):
        KIND.settings.model_validate({"channels": channels})


def impatient(site: Answerer, patience: int) -> Answerer:
    """Answers so many pages, then wants us to wait."""
    left = [patience]

    def answer(request: httpx.Request) -> httpx.Response:
        if "/s/" in request.url.path:
            left[0] -= 1
        return site(request) if left[0] >= 0 else httpx.Response(429, headers={"Retry-After": "60"})

    return answer


def test_telegram_back_fill_goes_on_where_it_had_to_stop() -> None:
    clock, site = StillClock(), numbered(200)
    first = telegram(impatient(site, 3), clock, backfill="30d").fetch(None)
    assert not first.more
    clock.advance(minutes=2)
    second = telegram(site, clock, backfill="30d").fetch(first.cursor)
    read = [int(post.external_id.partition("/")[2]) for batch in (first, second) for post in batch.posts]
    assert set(read) == set(range(1, 201))
    assert len(first.posts) == 60
    assert not second.more


def test_telegram_back_fill_longer_than_the_pages_of_a_fetch_is_read_to_its_end() -> None:
    source = telegram(numbered(200), pages=4, backfill="30d")
    numbers: set[str] = set()
    cursor, is_more = None, True
    for _ in range(10):
        batch = source.fetch(cursor)
        numbers |= {post.external_id for post in batch.posts}
        cursor, is_more = batch.cursor, batch.more
        if not is_more:
            break
    assert numbers == {f"kauppatori/{number}" for number in range(1, 201)}
    assert not is_more


def test_telegram_look_for_deleted_posts_ends_when_other_posts_are_shown_than_those_asked_for() -> None:
    asked = []

    def stubborn(request: httpx.Request) -> httpx.Response:
        """Shows its newest posts, whatever is asked for."""
        asked.append(request.url)
        assert len(asked) < 20
        return numbered(200)(httpx.Request("GET", f"{BASE}/s/Kauppatori"))

    source = telegram(stubborn)
    assert gone_of(source, ["kauppatori/5", "kauppatori/7"]) == ()


def test_telegram_channel_that_was_closed_keeps_no_other_from_being_looked_at() -> None:
    site = numbered(200)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403) if "/s/Suljettu" in request.url.path else site(request)

    source = telegram(answer, channels=["Suljettu", "Kauppatori"])
    batch = again(
        source, stored("suljettu/5"), stored("kauppatori/60", "vanha"), stored("kauppatori/7", "vanha")
    )
    assert [post.text for post in batch.posts] == ["viesti 60", "viesti 7"]
    assert batch.gone == ()


def test_telegram_look_is_broken_when_no_channel_can_be_seen() -> None:
    with pytest.raises(SourceBroken, match="403"):
        again(telegram(lambda request: httpx.Response(403)), stored("kauppatori/60"))


def test_telegram_edit_below_the_newest_posts_is_seen() -> None:
    (post,) = again(telegram(numbered(200)), stored("kauppatori/60", "viesti kuusikymmentä")).posts
    assert post.text == "viesti 60"


def test_telegram_keeps_what_it_saw_again_when_it_has_to_wait() -> None:
    posts = [stored(f"kauppatori/{number}", "vanha") for number in (60, 150)]
    batch = again(telegram(impatient(numbered(200), 1)), *posts)
    assert [post.external_id for post in batch.posts] == ["kauppatori/150"]
    assert batch.more
