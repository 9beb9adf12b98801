"""What another program writes down about the shop."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from monitor.store.tables import ShopEvent
from tests.stories.world import World
from tests.web.visiting import TOKEN, visit

DEPLOY = {
    "title": "uusi kassa",
    "kind": "deploy",
    "shop": "lumopuoti",
    "key": "v41",
    "at": "2026-11-25T13:40:00+02:00",
}


def send(world: World, event: Any, token: str = TOKEN) -> httpx.Response:
    raw = event if isinstance(event, bytes) else json.dumps(event).encode()
    return visit(world).post("/api/v1/events", content=raw, headers={"Authorization": f"Bearer {token}"})


def kept(world: World) -> list[ShopEvent]:
    with world.store.reading() as session:
        return list(session.execute(select(ShopEvent)).scalars())


def test_event_is_written_down_once(world: World) -> None:
    assert send(world, DEPLOY).status_code == 201
    assert send(world, DEPLOY).status_code == 200
    (event,) = kept(world)
    assert (event.title, event.kind, event.who, event.via) == ("uusi kassa", "deploy", "reader", "webhook")
    assert event.at.isoformat() == "2026-11-25T11:40:00+00:00"


def test_event_without_a_time_happens_now(world: World) -> None:
    assert send(world, {"title": "kampanja", "key": "k"}).status_code == 201
    assert kept(world)[0].at == world.clock.now()


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"title": ""}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"kind": "party"}, "kind"),
        ({"shop": "muu"}, "shop"),
        ({"at": "2026-11-25T13:40:00"}, "at"),
        ({"at": "eilen"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"until": "9999-12-31T23:59:59-14:00"}, "until"),
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"key": ""}, "key"),
        ({"extra": 1}, "extra"),
    ],
)
def test_event_that_cannot_be_is_refused(world: World, wrong: dict[str, Any], word: str) -> None:
    answer = send(world, {**DEPLOY, **wrong})
    assert answer.status_code == 400
    assert word in answer.json()["error"]
    assert kept(world) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"{" * 9000])
def test_event_that_is_none_is_refused(world: World, body: bytes) -> None:
    assert send(world, body).status_code == 400


def test_event_needs_a_token(world: World) -> None:
    assert send(world, DEPLOY, token="wrong").status_code == 401
    assert visit(world).get("/api/v1/events").status_code == 405


def test_event_too_large_is_refused(world: World) -> None:
    assert send(world, b" " * 20_000).status_code == 413
