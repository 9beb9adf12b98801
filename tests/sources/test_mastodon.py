"""The kind "mastodon" against recordings, and against timelines that go on."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import ValidationError

from monitor.domain import Batch
from monitor.errors import SourceBroken, SourceError
from monitor.sources import SOURCES, Source
from tests.sources.support import (
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

URL = "https://palvelin.example/polku"
MATTI = "https://palvelin.example/users/matti/statuses"


def mastodon(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    return SOURCES["mastodon"].make({"url": URL, **options}, context_for(site, clock))


def page() -> Site:
    return Site({"/timelines/tag/lumopuoti": recording("mastodon", "page.json")})


def test_mastodon_parse_reads_a_status() -> None:
    post = by_id(mastodon(page()).fetch(None))[f"{MATTI}/1"]
    assert post.text == "Lumopuoti ei vastaa #Lumopuoti https://lumopuoti.example/tilaus/pitka"
    assert (post.author, post.title, post.lang, post.reach) == ("matti", "Valitus", "fi", 140)
    assert post.url == "https://palvelin.example/@matti/1"
    assert post.posted_at == datetime(2026, 11, 24, 9, 10, tzinfo=UTC)


def test_mastodon_parse_keeps_boosts_out() -> None:
    ids = set(by_id(mastodon(page()).fetch(None)))
    assert ids == {f"{MATTI}/1", f"{MATTI}/2", "https://palvelin.example/users/liisa/statuses/3"}


def test_mastodon_parse_respects_noindex() -> None:
    assert not any("piilo" in post.external_id for post in mastodon(page()).fetch(None).posts)


def test_mastodon_parse_puts_answers_into_the_thread_of_the_first_status() -> None:
    posts = by_id(mastodon(page()).fetch(None))
    liisa = posts["https://palvelin.example/users/liisa/statuses/3"]
    assert {post.thread_key for post in posts.values()} == {f"{MATTI}/1"}
    assert liisa.parent_text == "Nyt jo kolmas viikko\nilman vastausta"


def test_mastodon_parse_knows_edits_and_cleans_names() -> None:
    post = by_id(mastodon(page()).fetch(None))[f"{MATTI}/2"]
    assert post.edited_at == datetime(2026, 11, 24, 9, 25, tzinfo=UTC)
    assert post.author == "Matti ittaM"


def test_mastodon_parse_warns_of_a_status_without_uri() -> None:
    assert any("uri" in warning for warning in mastodon(page()).fetch(None).warnings)


def test_mastodon_takes_the_shops_names_for_hashtags() -> None:
    site = page()
    mastodon(site).fetch(None)
    assert site.asked[0].url.path == "/polku/api/v1/timelines/tag/lumopuoti"


def test_mastodon_search_takes_the_quoted_status_as_parent() -> None:
    site = Site({"/api/v2/search": recording("mastodon", "search.json")})
    (post,) = mastodon(site, search=True, token=TOKEN).fetch(None).posts
    assert post.parent_text == "Har någon handlat där?"
    assert post.reach is None
    assert [request.url.params["q"] for request in site.asked] == ["Lumopuoti", "lumopuoti.example"]
    assert site.asked[0].headers["Authorization"] == f"Bearer {SECRET}"


def test_mastodon_search_needs_a_token() -> None:
    with pytest.raises(ValidationError, match="token"):
        SOURCES["mastodon"].settings.model_validate({"url": URL, "search": True})


def accounts() -> Site:
    return Site(
        {
            "acct=matti": recording("mastodon", "lookup.json"),
            "/accounts/42/statuses": recording("mastodon", "page.json"),
        }
    )


def test_mastodon_account_is_looked_up_once() -> None:
    site = accounts()
    source = mastodon(site, accounts=["@matti"])
    start = source.fetch(None)
    source.fetch(start.cursor)
    assert len(start.posts) == 3
    assert sum("lookup" in request.url.path for request in site.asked) == 1


def test_mastodon_account_that_is_gone_does_not_hide_the_others() -> None:
    batch = mastodon(accounts(), accounts=["kadonnut", "matti"]).fetch(None)
    assert len(batch.posts) == 3
    assert any("kadonnut" in warning for warning in batch.warnings)


def test_mastodon_is_broken_when_a_timeline_wants_a_token() -> None:
    site = Site({"/public": lambda request: httpx.Response(401, json={"error": "Unauthorized"})})
    with pytest.raises(SourceBroken, match="token"):
        mastodon(site, public=True).fetch(None)


class Timeline:
    """A hashtag with one status a minute, paged as Mastodon does: newest first, 40 at most."""

    def __init__(self, ids: range) -> None:
        self.ids = ids
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)
        self.asked.append(params)
        limit = min(int(params["limit"]), 40)
        if "min_id" in params:
            shown = [number for number in self.ids if number > int(params["min_id"])][:limit]
        else:
            end = int(params.get("max_id", self.ids[-1] + 1))
            shown = [number for number in self.ids if number < end][-limit:]
        return httpx.Response(200, json=[self._status(number) for number in reversed(shown)])

    def _status(self, number: int) -> dict[str, object]:
        written = NOW - timedelta(days=3) + timedelta(minutes=number)
        uri = f"https://palvelin.example/s/{number}"
        return {
            "id": str(number),
            "uri": uri,
            "content": f"<p>{number}</p>",
            "created_at": written.isoformat(),
        }


def numbers(batch: Batch) -> set[int]:
    return {int(post.text) for post in batch.posts}


def test_mastodon_goes_back_to_the_end_of_the_backfill_at_first() -> None:
    batch = mastodon(Timeline(range(1000, 4000)), pages=100, backfill="2d").fetch(None)
    assert numbers(batch) == set(range(1440, 4000))


def test_mastodon_walks_forward_without_a_gap() -> None:
    start = mastodon(Timeline(range(1000, 1100))).fetch(None)
    cursor, found = start.cursor, numbers(start)
    for _ in range(3):
        batch = mastodon(Timeline(range(1000, 1300)), pages=3).fetch(cursor)
        cursor, found = batch.cursor, found | numbers(batch)
    assert found == set(range(1000, 1300))


def test_mastodon_reads_the_newest_statuses_again_for_their_edits() -> None:
    timeline = Timeline(range(1000, 1100))
    start = mastodon(timeline).fetch(None)
    again = mastodon(timeline).fetch(start.cursor)
    assert numbers(again) == set(range(1081, 1100))
    assert again.cursor == start.cursor


def test_mastodon_starts_anew_at_another_server() -> None:
    start = mastodon(Timeline(range(1000, 1100))).fetch(None)
    timeline = Timeline(range(500, 520))
    batch = mastodon(timeline, url="https://toinen.example").fetch(start.cursor)
    assert numbers(batch) == set(range(500, 520))
    assert "min_id" not in timeline.asked[0]


def test_mastodon_ends_when_a_server_ignores_the_window() -> None:
    site = page()
    source = mastodon(site)
    start = source.fetch(None)
    assert set(by_id(source.fetch(start.cursor))) == set(by_id(start))
    assert len(json.loads(start.cursor or "")["servers"][URL]["seen"]["#lumopuoti"]) <= 20
    assert len(site.asked) == 2


def test_mastodon_gone_names_statuses_of_this_server_that_are_deleted() -> None:
    site = Site({"/api/v1/statuses/1": b'{"id": "1"}', "/statuses/2": lambda request: httpx.Response(410)})
    ids = [f"{MATTI}/1", f"{MATTI}/2", "https://palvelin.example/ap/users/9/statuses/3"]
    assert gone_of(mastodon(site), ids) == (ids[1], ids[2])


def test_mastodon_gone_asks_snac_for_the_status_itself() -> None:
    ids = [f"https://palvelin.example/matti/p/1764000000.{number}" for number in (123456, 123457)]
    site = Site({"/matti/p/1764000000.123456": b'{"type": "Note"}'})
    assert gone_of(mastodon(site), ids) == (ids[1],)


def test_mastodon_reads_on_when_the_server_has_forgotten_what_was_known() -> None:
    site = Site({"min_id": b"[]", "/tag/": recording("mastodon", "page.json")})
    source = mastodon(site)
    start = source.fetch(None)
    assert set(by_id(source.fetch(start.cursor))) == set(by_id(start))


@pytest.mark.parametrize(
    "uri",
    [
        "https://muualla.example/users/maija/statuses/7",
        "https://palvelin.example.evil.example/users/matti/statuses/1",
        "https://palvelin.example/objects/0b9f1e6e-3f0a-4d3c-9d5c-2b1f6a7c8d90",
    ],
)
def test_mastodon_gone_claims_nothing_of_what_it_cannot_ask_for(uri: str) -> None:
    site = Site({})
    assert gone_of(mastodon(site), [uri]) == ()
    assert {request.url.path for request in site.asked} == {"/polku/api/v1/timelines/tag/lumopuoti"}


@pytest.mark.parametrize("status", [401, 403, 422, 429, 500, 503])
def test_mastodon_gone_claims_nothing_when_it_cannot_tell(status: int) -> None:
    site = Site({"/statuses/1": lambda request: httpx.Response(status)})
    with pytest.raises(SourceError):
        gone_of(mastodon(site), [f"{MATTI}/1"])


@pytest.mark.parametrize("count", [1, 2, 10, 19, 60])
def test_mastodon_again_reads_an_edit_however_few_or_many_statuses_there_are(count: int) -> None:
    timeline = Timeline(range(1000, 1000 + count))
    edited = {"id": "1000", "uri": "https://palvelin.example/s/1000", "content": "<p>muutettu</p>"}

    def site(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/statuses/1000"):
            return httpx.Response(200, json={**edited, "edited_at": NOW.isoformat()})
        return timeline(request)

    source = mastodon(site)
    oldest = next(post for post in source.fetch(None).posts if post.text == "1000")
    (now,) = again(source, oldest).posts
    assert (now.text, now.edited_at) == ("muutettu", NOW)


REMOTE = "https://muualla.example/users/maija/statuses/7"


def remote(text: str) -> dict[str, object]:
    return {"id": "700", "uri": REMOTE, "content": f"<p>{text}</p>", "created_at": NOW.isoformat()}


def test_mastodon_again_knows_statuses_of_other_servers_by_the_list_they_stood_in() -> None:
    site = Site(
        {
            "/tag/": json.dumps([remote("Lumopuoti ei vastaa")]).encode(),
            "/statuses/700": [
                json.dumps(remote("Lumopuoti vastasi")).encode(),
                lambda request: httpx.Response(404),
            ],
        }
    )
    source = mastodon(site)
    (post,) = source.fetch(None).posts
    assert [now.text for now in again(source, post).posts] == ["Lumopuoti vastasi"]
    assert again(source, post).gone == (REMOTE,)


def test_mastodon_again_goes_through_the_lists_after_a_restart() -> None:
    site = Site(
        {
            "/tag/": json.dumps([remote("Lumopuoti ei vastaa")]).encode(),
            "/statuses/700": json.dumps(remote("Lumopuoti vastasi")).encode(),
        }
    )
    assert [now.text for now in again(mastodon(site), stored(REMOTE, posted_at=NOW)).posts] == [
        "Lumopuoti vastasi"
    ]


def test_mastodon_again_keeps_what_it_saw_when_the_server_wants_a_pause() -> None:
    def busy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429)

    first = {"id": "1", "uri": f"{MATTI}/1", "content": "<p>Lumopuoti vastasi</p>"}
    site = Site({"/statuses/1": json.dumps(first).encode(), "/statuses/2": busy})
    batch = again(mastodon(site), stored(f"{MATTI}/1"), stored(f"{MATTI}/2"))
    assert ([post.external_id for post in batch.posts], batch.gone, batch.more) == ([f"{MATTI}/1"], (), True)


def test_mastodon_again_reads_a_note_of_snac() -> None:
    uri = "https://palvelin.example/matti/p/1764000000.123456"
    note = {"type": "Note", "id": uri, "content": "<p>Lumopuoti vastasi</p>", "updated": NOW.isoformat()}
    (now,) = again(mastodon(Site({"/matti/p/": json.dumps(note).encode()})), stored(uri)).posts
    assert (now.text, now.edited_at) == ("Lumopuoti vastasi", NOW)


def test_mastodon_keeps_what_it_read_when_the_server_wants_a_pause_and_goes_on_there() -> None:
    def busy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429)

    statuses = {name: json.dumps([{**remote(name), "uri": name, "id": name}]).encode() for name in "abc"}
    site = Site({"/tag/a": statuses["a"], "/tag/b": [busy, statuses["b"]], "/tag/c": statuses["c"]})
    start = mastodon(site, hashtags=["a", "b", "c"]).fetch(None)
    assert [post.text for post in start.posts] == ["a"]
    site.asked.clear()
    rest = mastodon(site, hashtags=["a", "b", "c"]).fetch(start.cursor)
    assert {post.text for post in rest.posts} == {"a", "b", "c"}
    assert site.asked[0].url.path.endswith("/b")
