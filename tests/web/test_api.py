"""The read-only API: who may ask, what comes back, pages that cover everything once, clear refusals."""

import base64
import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sqlalchemy import delete, event
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette

from monitor.app import make_web
from monitor.config import SourceConfig
from monitor.domain import Match, Post, Shop
from monitor.store import paging, reads, writes
from monitor.store.tables import Mention
from monitor.web import Pulse
from monitor.web.api.asking import Unclear
from monitor.web.api.cursors import read as read_cursor
from monitor.web.api.cursors import write as write_cursor
from monitor.web.gate import PER_MINUTE, Clients
from tests.stories.world import World
from tests.web.visiting import ADDRESS, KEYS, TOKEN, Visitor, open_world, visit

TIMES = r"-?\d{1,6}-\d\d-\d\d(T\d\d:\d\d([+-]\d\d:\d\d|Z)?)?"
PATHS = ["mentions", "alerts", "trends", "health", "columns"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that is only looked at: three complaints, a thank-you, and one about a rival."""
    world = open_world(tmp_path_factory.mktemp("filled"))
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:52", author="Mökkiläinen")
    world.post("forum", "Lumopuoti vei rahat.", at="13:55", thread="t2", author="=cmd|' /C calc'!A0")
    world.post("blog", "Lumopuoti: surkea 100% pettymys 😡", at="13:57", thread="t3", author="Mökkiläinen")
    world.post("blog", "Kiitos Lumopuoti!", thread="t4", days_ago=3)
    world.post("blog", "Vinterbon peitto on ihana.", thread="t5")
    posts = world.places["blog"].posts
    posts[-1] = posts[-1].model_copy(update={"thread_title": ""})
    world.run()
    yield world
    world.store.close()


@pytest.fixture
def visitor(filled: World) -> Visitor:
    return visit(filled)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer é"]
)
def test_nobody_asks_without_a_token(visitor: Visitor, path: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    answer = visitor.get(f"/api/v1/{path}", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("token", KEYS.values())
def test_every_client_has_a_token_of_its_own(visitor: Visitor, token: str) -> None:
    assert visitor.api("alerts", token).status_code == 200


def test_without_clients_the_api_is_closed(tmp_path: Path) -> None:
    world = open_world(tmp_path, web={})
    assert visit(world).get("/api/v1/alerts", headers={"Authorization": "Bearer "}).status_code == 401
    world.store.close()


def test_nothing_can_be_written(visitor: Visitor) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = visitor.ask(method, "/api/v1/alerts", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 405
        assert "error" in answer.json()


def test_unknown_address_is_json_too(visitor: Visitor) -> None:
    answer = visitor.api("nothing")
    assert answer.status_code == 404
    assert "error" in answer.json()


def test_mentions_come_newest_first_with_authors_as_pseudonyms(visitor: Visitor) -> None:
    answer = visitor.api("mentions")
    assert answer.headers["content-type"] == "application/json"
    rows = answer.json()["mentions"]
    assert [row["posted_at"] for row in rows] == sorted((row["posted_at"] for row in rows), reverse=True)
    assert len(rows) == 5
    assert all(row["author"].startswith("author-") for row in rows)
    assert "Mökkiläinen" not in answer.text
    assert "cmd|" not in answer.text
    assert {row["url"] for row in rows} == {"https://forum.example/", "https://blog.example/"}
    assert rows[1]["text"] == "Lumopuoti: surkea 100% pettymys 😡"
    assert rows[1]["sentiment"] == "negative"


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"shop": "vinterbo"}, 1),
        ({"shop": ["vinterbo", "lumopuoti"]}, 5),
        ({"source": "blog"}, 3),
        ({"sentiment": "negative"}, 3),
        ({"sentiment": ["negative", "neutral"]}, 5),
        ({"topic": "product_quality"}, 3),
        ({"language": "sv"}, 0),
        ({"words": "lamppu RIKKI"}, 1),
        ({"words": "100%"}, 1),
        ({"words": "Mökkiläinen"}, 0),
        ({"since": "2026-11-25"}, 4),
        ({"until": "2026-11-24"}, 1),
        ({"since": "2026-11-22", "until": "2026-11-22"}, 1),
        ({"since": "2026-11-25T11:55:00Z"}, 3),
        ({"since": "2026-11-25T13:55:00+02:00"}, 3),
        ({"until": "2026-11-25T13:55:00+02:00"}, 2),
        ({"about_only": "false"}, 5),
        ({"handled": "waiting"}, 3),
        ({"handled": ["unalerted", "done"]}, 2),
        ({"since": "2030-01-01"}, 0),
    ],
)
def test_mentions_are_filtered(visitor: Visitor, query: dict[str, Any], number: int) -> None:
    answer = visitor.api("mentions", **query)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["mentions"]) == number


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({}, 3),
        ({"state": "open"}, 3),
        ({"state": "answered"}, 0),
        ({"source": "blog"}, 1),
        ({"urgency": ["critical", "high"]}, 1),
        ({"since": "2026-11-26"}, 0),
        ({"until": "2026-11-25"}, 3),
    ],
)
def test_alerts_are_filtered(visitor: Visitor, query: dict[str, Any], number: int) -> None:
    assert len(visitor.api("alerts", **query).json()["alerts"]) == number


def test_alerts_give_of_addresses_the_host(visitor: Visitor) -> None:
    urls = {row["url"] for row in visitor.api("alerts").json()["alerts"]}
    assert urls == {"https://forum.example/", "https://blog.example/"}


def test_columns_are_chosen(visitor: Visitor) -> None:
    rows = visitor.api("mentions", columns="text,id").json()["mentions"]
    assert list(rows[0]) == ["text", "id"]


def test_trends_count_and_mark_the_unfinished_day(visitor: Visitor) -> None:
    answer = visitor.api("trends", since="2026-11-22", until="2026-11-25", shop="lumopuoti").json()
    points = {(point["day"], point["source"]): point for point in answer["points"]}
    assert points["2026-11-25", "forum"]["negative"] == 2
    assert points["2026-11-25", "forum"]["finished"] is False
    assert points["2026-11-22", "blog"]["finished"] is True
    assert points["2026-11-22", "blog"]["models"] == ["word-reader-1"]
    together = visitor.api("trends", by_source="false", shop="lumopuoti").json()["points"]
    assert sum(point["mentions"] for point in together) == 4
    assert visitor.api("trends", step="week").json()["points"][0]["day"] == "2026-11-16"


def test_health_tells_of_every_source(filled: World) -> None:
    options = {"url": "https://blog.example/feed.xml"}
    sources = [{"slug": slug, "kind": "feed", "options": options} for slug in ("forum", "silent")]
    visitor = Visitor(visit_site(filled, sources))
    rows = {row["source"]: row for row in visitor.api("health").json()["sources"]}
    assert rows["forum"]["status"] == "ok"
    assert rows["silent"]["sentence"] == "Not fetched yet."


def visit_site(world: World, sources: list[dict[str, Any]]) -> Starlette:
    listening = tuple(SourceConfig.model_validate(source) for source in sources)
    config = world.config.model_copy(update={"sources": listening})
    return make_web(config, world.store, world.clock, Pulse(world.clock))


@pytest.mark.parametrize(
    ("path", "query", "parameter", "said"),
    [
        ("mentions", {"shp": "lumopuoti"}, "shp", 'Did you mean "shop"?'),
        ("mentions", {"shop": "lumopuot"}, "shop", 'Did you mean "lumopuoti"?'),
        ("mentions", {"sentiment": "angry"}, "sentiment", "Known: negative, neutral, positive."),
        ("mentions", {"since": "25.11.2026"}, "since", "Write it as 2026-11-24."),
        ("mentions", {"since": "2026-02-30"}, "since", "is no day"),
        ("mentions", {"since": "2026-11-25T12:00:00"}, "since", "the time needs its offset"),
        ("mentions", {"since": "2026-11-25T25:00:00Z"}, "since", "is no time"),
        ("mentions", {"since": "0001-01-01"}, "since", "outside the years"),
        ("mentions", {"until": "9999-12-31"}, "until", "outside the years"),
        ("mentions", {"since": "0001-01-01T00:00:00+14:00"}, "since", "outside the years"),
        ("mentions", {"since": "2026-11-25", "until": "2026-11-24"}, "until", "it lies before since"),
        ("mentions", {"since": ["2026-11-25", "2026-11-24"]}, "since", "it stands too often"),
        ("mentions", {"columns": "text,authr"}, "columns", 'Did you mean "author"?'),
        ("mentions", {"columns": ""}, "columns", "it is empty"),
        ("mentions", {"columns": "id,"}, "columns", "there is no column"),
        ("mentions", {"since": ""}, "since", "it is empty"),
        ("mentions", {"shop": ["lumopuoti", ""]}, "shop", "it is empty"),
        ("mentions", {"limit": "0"}, "limit", "from 1 to 500"),
        ("mentions", {"limit": "501"}, "limit", "from 1 to 500"),
        ("mentions", {"limit": "٣"}, "limit", "from 1 to 500"),
        ("mentions", {"limit": "9" * 5000}, "limit", "too long"),
        ("mentions", {"about_only": "maybe"}, "about_only", "true or false"),
        ("mentions", {"cursor": "nonsense!"}, "cursor", "Begin without it."),
        ("mentions", {"words": "x" * 201}, "words", "too long"),
        ("mentions", {"words": "a\0b"}, "words", "no text"),
        ("mentions", {"author": "Mökkiläinen"}, "author", "there is no such parameter"),
        ("alerts", {"state": "closed"}, "state", "Known: open"),
        ("alerts", {"words": "x"}, "words", "there is no such parameter"),
        ("trends", {"step": "year"}, "step", "Known: hour, day, week, month."),
        ("trends", {"since": "2026-11-25T00:00:00Z"}, "since", "is no day"),
        ("trends", {"since": "2026-11-02", "until": "2026-11-01"}, "until", "it lies before since"),
        ("trends", {"since": "2001-01-01"}, "since", "400 periods"),
        ("health", {"x": "1"}, "x", "there is no such parameter"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_key(
    visitor: Visitor, path: str, query: dict[str, Any], parameter: str, said: str
) -> None:
    answer = visitor.api(path, **query)
    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter
    assert said in answer.json()["error"]


@given(
    path=st.sampled_from(PATHS),
    query=st.dictionaries(
        st.sampled_from(["shop", "since", "until", "cursor", "limit", "words", "columns", "step", "x\0"]),
        st.text(max_size=60)
        | st.from_regex(r"-?\d{1,6}-\d\d-\d\d(T\d\d:\d\d([+-]\d\d:\d\d|Z)?)?", fullmatch=True),
        max_size=4,
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_breaks_the_api(filled: World, path: str, query: dict[str, str]) -> None:
    broken = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    answer = visit(filled).api(path, **broken)
    assert answer.status_code in (200, 400)
    assert isinstance(answer.json(), dict)


def test_client_that_asks_too_often_is_told_when_to_come_back(filled: World) -> None:
    visitor = visit(filled)
    answers = [visitor.api("health").status_code for _ in range(PER_MINUTE + 1)]
    assert answers == [200] * PER_MINUTE + [429]
    refused = visitor.api("health")
    assert refused.headers["retry-after"] == "1"
    assert visitor.api("health", KEYS["other"]).status_code == 200
    before = filled.clock.moment
    filled.clock.moment += timedelta(seconds=1)
    assert visitor.api("health").status_code == 200
    filled.clock.moment = before


def test_waiting_as_long_as_told_is_enough(filled: World) -> None:
    clients, now = Clients({"one": TOKEN}, per_minute=1), filled.clock.now()
    assert clients.wait("one", now) == 0
    wait = clients.wait("one", now)
    assert wait == math.ceil(60)
    assert clients.wait("one", now + timedelta(seconds=wait - 1)) > 0
    assert clients.wait("one", now + timedelta(seconds=wait)) == 0


@given(
    times=st.lists(st.integers(0, 5), max_size=25),
    limit=st.integers(1, 9),
    extra=st.integers(0, 3),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_cover_every_mention_once_while_new_ones_come(
    paged: World, times: list[int], limit: int, extra: int
) -> None:
    """Many share a time, and newer posts arrive between the pages."""
    store_posts(paged, times, "old")
    query: dict[str, Any] = {"limit": limit, "columns": "id"}
    visitor, seen = visit(paged), []
    while True:
        page = visitor.api("mentions", **query).json()
        seen += [row["id"] for row in page["mentions"]]
        assert len(page["mentions"]) <= limit
        if page["next"] is None:
            break
        assert len(page["mentions"]) == limit
        query["cursor"] = page["next"]
        store_posts(paged, [9] * extra, f"new{len(seen)}")
    with paged.store.reading() as session:
        whole = paging.mentions_after(session, reads.MentionFilter(), None, 1000)
    assert seen == [row.id for row in whole if row.external_id.startswith("old")]
    assert len(seen) == len(times)


@pytest.fixture
def paged(tmp_path: Path) -> Iterator[World]:
    world = open_world(tmp_path)
    yield world
    world.store.close()


def store_posts(world: World, times: list[int], name: str) -> None:
    shop = Shop(slug="lumopuoti", name="Lumopuoti")
    posts = [
        Post(
            source="forum",
            external_id=f"{name}-{number}",
            text="Lumopuoti",
            thread_key="t",
            posted_at=world.clock.now() + timedelta(minutes=minute) if minute else None,
        )
        for number, minute in enumerate(times)
    ]
    with world.store.transaction() as session:
        if name == "old":
            session.execute(delete(Mention))
        match = Match(shop, ("Lumopuoti",), 1.0)
        writes.add_mentions(session, [(post, match, "f") for post in posts], world.clock.now())


def test_pages_cover_every_alert_once(filled: World) -> None:
    visitor, seen, query = visit(filled), [], {"limit": 1}
    while True:
        page = visitor.api("alerts", **query).json()
        seen += [row["id"] for row in page["alerts"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert sorted(seen) == [1, 2, 3]
    assert len(seen) == 3


@given(st.datetimes(), st.integers(0, 2**63 - 1))
def test_cursor_reads_what_it_wrote(moment: datetime, row_id: int) -> None:
    place = paging.Place(moment.replace(tzinfo=UTC), row_id)
    assert read_cursor(write_cursor(place)) == place


@given(st.text(min_size=1, max_size=150))
def test_cursor_of_a_stranger_is_refused_or_read(written: str) -> None:
    with suppress(Unclear):
        place = read_cursor(written)
        assert place is not None
        assert read_cursor(write_cursor(place)) == place


@pytest.mark.parametrize("said", ["1.2.3", "1", "1.-2", "-1.x", f"1.{2**63}", f"{10**30}.1", "1." + "0" * 90])
def test_cursor_that_was_made_up_is_refused(said: str) -> None:
    with pytest.raises(Unclear, match="Begin without it"):
        read_cursor(base64.urlsafe_b64encode(said.encode()).decode().rstrip("="))


def test_openapi_document_is_valid_and_true(filled: World) -> None:
    visitor = visit(filled)
    document = visitor.get("/api/openapi.json").json()
    validate(document)
    assert document["servers"] == [{"url": ADDRESS}]
    for path, described in document["paths"].items():
        if path.startswith("/api/v1/export/"):
            continue
        answer = described["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        body = visitor.api(path.removeprefix("/api/v1/")).json()
        Draft202012Validator(answer).validate(body)
        refused = visitor.api(path.removeprefix("/api/v1/"), nothing="x").json()
        error = described["get"]["responses"]["400"]["content"]["application/json"]["schema"]
        Draft202012Validator(error).validate(refused)


def test_page_of_the_api_tells_what_the_document_does(filled: World) -> None:
    visitor = visit(filled)
    document, answer = visitor.get("/api/openapi.json").json(), visitor.get("/api")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = BeautifulSoup(answer.text, "html.parser")
    assert [one.code.text for one in page.select("h2")] == list(document["paths"])
    for path, described in document["paths"].items():
        section = page.find(id=path.removeprefix("/api/v1/").replace("/", "-"))
        names = [parameter["name"] for parameter in described["get"]["parameters"]]
        codes = list(described["get"]["responses"])
        assert [one.code.text for one in section.select("dt")] == names + codes
        assert f'"{ADDRESS}{path}"' in section.pre.text
    assert [link["href"] for link in page.select("nav a")] == [
        f"#{one['id']}" for one in page.select("section")
    ]


def test_page_of_the_api_loads_and_runs_nothing(filled: World) -> None:
    answer = visit(filled).get("/api")
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.find_all(["script", "link", "img", "iframe", "form"]) == []
    policy = answer.headers["content-security-policy"]
    assert f"style-src 'nonce-{page.style['nonce']}'; default-src 'none'" in policy
    assert visit(filled).get("/api").headers["content-security-policy"] != policy


def test_every_parameter_of_the_document_is_understood(filled: World) -> None:
    visitor = visit(filled)
    for path, described in visitor.get("/api/openapi.json").json()["paths"].items():
        for parameter in described["get"]["parameters"]:
            answer = visitor.api(path.removeprefix("/api/v1/"), **{parameter["name"]: "\0"})
            assert "no such parameter" not in answer.text, parameter["name"]


def test_database_that_refuses_is_a_503(filled: World) -> None:
    visitor = visit(filled)

    def forbid(connection: Any, _record: object, _proxy: object) -> None:
        raise sqlite_error("database is locked")

    event.listen(filled.store.engine, "checkout", forbid)
    try:
        answer = visitor.api("mentions")
    finally:
        event.remove(filled.store.engine, "checkout", forbid)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert "world.db" not in answer.text


def sqlite_error(said: str) -> Exception:
    return OperationalError("select", {}, sqlite3.OperationalError(said))


def test_answers_are_kept_by_nobody(visitor: Visitor) -> None:
    headers = visitor.api("mentions").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers
    json.loads(visitor.api("mentions").text)
