"""The kind "mastodon" over several servers, with mentions of one's own account and whole conversations."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from monitor.app import all_secrets, read_config
from monitor.errors import SourceBroken, SourceBusy
from monitor.sources import SOURCES, Source
from tests.sources.support import NOW, SECRET, TOKEN, Answerer, Site, StillClock, by_id, context_for, gone_of

HERE, THERE = "https://palvelin.example", "https://toinen.example"
BOTH = [{"url": HERE, "token": TOKEN}, {"url": THERE}]
URI = f"{HERE}/users/matti/statuses/"


def mastodon(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    chosen = {"servers": BOTH, "hashtags": ["lumopuoti"], **options}
    return SOURCES["mastodon"].make(chosen, context_for(site, clock))


def status(number: int, uri: str, text: str = "Lumopuoti ei vastaa", **more: object) -> dict[str, Any]:
    written = (NOW - timedelta(hours=1)).isoformat()
    return {"id": str(number), "uri": uri, "content": f"<p>{text}</p>", "created_at": written, **more}


def raw(rows: object) -> bytes:
    return json.dumps(rows).encode()


def servers(here: Sequence[object], there: Sequence[object], **more: Any) -> Site:
    return Site({**more, f"{HERE}/api/v1/timelines": raw(here), f"{THERE}/api/v1/timelines": raw(there)})


def test_post_that_two_servers_show_comes_once() -> None:
    batch = mastodon(servers([status(7, f"{URI}1")], [status(990, f"{URI}1"), status(991, f"{URI}2")])).fetch(
        None
    )
    assert sorted(post.external_id for post in batch.posts) == [f"{URI}1", f"{URI}2"]


def test_conversation_is_the_same_on_every_server() -> None:
    answer = {"in_reply_to_id": "7"}
    here = mastodon(servers([status(8, f"{URI}2", **answer), status(7, f"{URI}1")], [])).fetch(None)
    answer = {"in_reply_to_id": "990"}
    there = mastodon(servers([], [status(991, f"{URI}2", **answer), status(990, f"{URI}1")])).fetch(None)
    assert {post.thread_key for batch in (here, there) for post in batch.posts} == {f"{URI}1"}


def test_token_stays_with_its_server() -> None:
    site = servers([], [])
    mastodon(site).fetch(None)
    assert {request.url.host: request.headers.get("Authorization") for request in site.asked} == {
        "palvelin.example": f"Bearer {SECRET}",
        "toinen.example": None,
    }


def test_old_copy_of_an_edited_post_does_not_undo_the_edit() -> None:
    edited = status(7, f"{URI}1", "Lumopuoti vastasi", edited_at=NOW.isoformat())
    old = status(990, f"{URI}1", "Lumopuoti ei vastaa")
    source = mastodon(servers([edited], [old]))
    start = source.fetch(None)
    assert by_id(start)[f"{URI}1"].text == "Lumopuoti vastasi"
    assert mastodon(servers([], [old])).fetch(start.cursor).posts == ()
    assert by_id(mastodon(servers([edited], [])).fetch(start.cursor))[f"{URI}1"].text == "Lumopuoti vastasi"


def test_server_that_fails_costs_only_itself() -> None:
    site = Site({HERE: lambda request: httpx.Response(503), THERE: raw([status(990, f"{URI}1")])})
    source = mastodon(site)
    batch = source.fetch(None)
    assert set(by_id(batch)) == {f"{URI}1"}
    assert any("palvelin.example was left out" in warning for warning in batch.warnings)
    site.routes = {THERE: raw([]), HERE: raw([status(7, f"{URI}2")])}
    assert set(by_id(source.fetch(batch.cursor))) == {f"{URI}2"}


@pytest.mark.parametrize(("codes", "error"), [((503, 503), SourceBusy), ((503, 401), SourceBroken)])
def test_servers_that_all_fail_are_a_failure(codes: tuple[int, int], error: type[Exception]) -> None:
    here, there = codes
    site = Site({HERE: lambda request: httpx.Response(here), THERE: lambda request: httpx.Response(there)})
    with pytest.raises(error):
        mastodon(site).fetch(None)


def test_account_is_asked_for_at_its_home() -> None:
    site = Site({"/lookup": b'{"id": "42"}', "/accounts/42/statuses": b"[]", "/timelines/": b"[]"})
    mastodon(site, accounts=["@eka@toinen.example", "toka@muualla.example"]).fetch(None)
    asked = [
        (request.url.host, request.url.params["acct"])
        for request in site.asked
        if "lookup" in str(request.url)
    ]
    assert asked == [("palvelin.example", "toka@muualla.example"), ("toinen.example", "eka")]


def mention(number: int, shown: dict[str, Any] | None, kind: str = "mention") -> dict[str, Any]:
    return {"id": str(number), "type": kind, "created_at": NOW.isoformat(), "status": shown}


def test_mentions_of_the_own_account_come_even_from_who_is_not_listed() -> None:
    shy = {"account": {"acct": "piilo", "noindex": True}}
    rows = [
        mention(5, status(105, f"{URI}5", "@lumopuoti missä tilaus?", visibility="unlisted", **shy)),
        mention(4, status(104, f"{URI}4", "@lumopuoti salaisuus", visibility="direct")),
        mention(3, None),
        mention(2, status(102, f"{URI}2"), kind="favourite"),
    ]
    site = Site({"/api/v1/notifications": raw(rows)})
    source = mastodon(site, hashtags=[], mentions=True)
    batch = source.fetch(None)
    assert [post.text for post in batch.posts] == ["@lumopuoti missä tilaus?"]
    assert {request.url.host for request in site.asked} == {"palvelin.example"}
    asked = site.asked[0].url.params
    assert (asked["types[]"], asked["include_filtered"]) == ("mention", "true")
    source.fetch(batch.cursor)
    assert site.asked[1].url.params["min_id"] == "2"


def test_mention_with_the_hashtag_comes_once_and_counts_as_addressed() -> None:
    shy = {"account": {"acct": "piilo", "noindex": True}}
    shown = status(105, f"{URI}5", "@lumopuoti hei #lumopuoti", **shy)
    site = servers([shown], [], **{"/api/v1/notifications": raw([mention(5, shown)])})
    assert list(by_id(mastodon(site, mentions=True).fetch(None))) == [f"{URI}5"]
    assert mastodon(servers([shown], [])).fetch(None).posts == ()


def conversation(asked: list[str]) -> Site:
    above = [
        status(1, f"{URI}1", "Onko Lumopuoti luotettava?"),
        status(2, f"{URI}2", "Ei", in_reply_to_id="1"),
    ]

    def context(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"ancestors": above, "descendants": []})

    return servers([status(3, f"{URI}3", "Samaa mieltä", in_reply_to_id="2")], [], **{"/context": context})


def test_answer_to_something_unseen_is_looked_up_once() -> None:
    asked: list[str] = []
    source = mastodon(conversation(asked))
    start = source.fetch(None)
    (post,) = source.fetch(start.cursor).posts
    assert (post.thread_key, post.parent_text) == (f"{URI}1", "Ei")
    assert asked == ["/api/v1/statuses/3/context"]


def test_answer_whose_conversation_cannot_be_had_has_a_thread_all_the_same() -> None:
    site = servers([status(3, f"{URI}3", in_reply_to_id="2")], [])
    (post,) = mastodon(site).fetch(None).posts
    assert (post.thread_key, post.parent_text) == ("palvelin.example/2", "")


def test_lookups_of_one_fetch_are_bounded() -> None:
    many = [status(n, f"{URI}{n}", in_reply_to_id=str(n + 500)) for n in range(100, 139)]
    site = servers(many, [])
    assert len(mastodon(site).fetch(None).posts) == 39
    assert sum("context" in request.url.path for request in site.asked) == 20


def numbered(ids: range) -> Answerer:
    """A hashtag with one status a minute, paged as Mastodon does."""

    def answer(request: httpx.Request) -> httpx.Response:
        params = request.url.params
        if request.url.host != "palvelin.example":
            return httpx.Response(200, json=[])
        known = [n for n in ids if n < int(params.get("max_id", ids[-1] + 1))]
        page = [n for n in known if n > int(params["min_id"])][:40] if "min_id" in params else known[-40:]
        made = [(n, NOW - timedelta(minutes=ids[-1] - n)) for n in reversed(page)]
        return httpx.Response(
            200, json=[status(n, f"{URI}{n}") | {"created_at": at.isoformat()} for n, at in made]
        )

    return answer


def test_backfill_goes_on_where_the_pages_ran_out() -> None:
    source = mastodon(numbered(range(1000, 1400)), pages=2)
    found: set[str] = set()
    cursor, rounds, is_more = None, 0, True
    while is_more:
        batch = source.fetch(cursor)
        found |= set(by_id(batch))
        cursor, is_more, rounds = batch.cursor, batch.more, rounds + 1
    assert found == {f"{URI}{number}" for number in range(1000, 1400)}
    assert rounds == 6  # 80 a fetch, and a look at what is below the last one
    assert json.loads(cursor or "")["servers"][HERE].get("deeper", {}) == {}


def test_gone_asks_each_server_for_its_own() -> None:
    site = Site(
        {f"{HERE}/api/v1/statuses/1": b"{}", f"{THERE}/api/v1/statuses/2": lambda r: httpx.Response(404)}
    )
    ids = [f"{URI}1", f"{THERE}/users/b/statuses/2", "https://muualla.example/users/c/statuses/3"]
    assert gone_of(mastodon(site), ids) == (ids[1],)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({}, "write url"),
        ({"url": HERE, "servers": BOTH}, "write url"),
        ({"servers": BOTH, "token": TOKEN}, "write url"),
        ({"servers": [{"url": HERE}, {"url": f"{HERE}/"}]}, "once"),
        ({"servers": [{"url": HERE}], "search": True}, "token"),
        ({"url": HERE, "mentions": True}, "token"),
        ({"servers": BOTH, "accounts": ["matti"]}, "name@server"),
        ({"servers": [{"url": HERE, "tokn": TOKEN}]}, "tokn"),
    ],
)
def test_settings_say_what_is_wrong(options: dict[str, object], hint: str) -> None:
    with pytest.raises(ValidationError, match=hint):
        SOURCES["mastodon"].settings.model_validate(options)


def test_tokens_of_servers_are_known_as_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEDI", "s3kr3t-fedi")
    (tmp_path / "config.toml").write_text(
        '[[shops]]\nslug = "a"\nname = "Lumopuoti"\n'
        '[[sources]]\nslug = "fedi"\nkind = "mastodon"\n'
        'servers = [{ url = "https://a.example", token = { env = "FEDI" } }, { url = "https://b.example" }]\n'
    )
    assert all_secrets(read_config(tmp_path / "config.toml")) == ["s3kr3t-fedi"]
