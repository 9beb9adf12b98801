"""From the letter of another program to the stored mention and back, over the real endpoint."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from monitor import control, pipeline
from monitor.http import Http
from monitor.listening import Frame
from monitor.signing import ID, SIGNATURE, TIME, sign
from monitor.store.states import requested_sources
from monitor.store.tables import Letter, Mention
from tests.stories.world import World
from tests.web.visiting import open_world, visit

SECRET = "a-secret-that-only-the-tests-know"
POST = {"id": "ig-1", "text": "Lumopuodista tuli lamppu rikki.", "author": "Vuokko"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    (tmp_path / "hook.secret").write_text(SECRET, encoding="utf-8")
    hook = {"slug": "kuvat", "kind": "webhook", "every": "1m", "options": {"secret": {"file": "hook.secret"}}}
    world = open_world(tmp_path, sources=[hook])
    yield world
    world.store.close()


def push(
    world: World, body: Any, key: str = "msg-1", slug: str = "kuvat", late: int = 0, **more: str
) -> httpx.Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = int(world.clock.now().timestamp()) - late
    headers = {ID: key, TIME: str(at), SIGNATURE: sign(SECRET, key, at, raw), **more}
    return visit(world).post(f"/hooks/{slug}", content=raw, headers=headers)


def letters(world: World) -> list[str]:
    with world.store.reading() as session:
        return [row.body for row in session.execute(select(Letter)).scalars()]


def collect(world: World) -> list[str]:
    """Run the real source over the real box, as the service does; returns the texts stored."""
    http = Http("Mainevahti test", world.clock)
    frame = Frame(world.config, tuple(world.parts.shops.values()), world.clock, http, world.store)
    world.parts.sources.update(frame.sources())
    pipeline.collect(world.parts, "kuvat")
    http.close()
    with world.store.reading() as session:
        return list(session.execute(select(col(Mention.text)).order_by(col(Mention.id))).scalars())


def test_pushed_post_is_stored_and_asked_for_at_once(world: World) -> None:
    answer = push(world, POST)
    assert (answer.status_code, answer.json()) == (202, {"taken": True})
    with world.store.reading() as session:
        assert requested_sources(session) == ["kuvat"]


def test_pushed_post_becomes_a_mention_and_the_letter_is_emptied(world: World) -> None:
    push(world, POST)
    assert collect(world) == ["Lumopuodista tuli lamppu rikki."]
    push(
        world,
        {"posts": [{**POST, "text": "Lumopuodista tuli lamppu rikki. EDIT: saatiin uusi."}]},
        key="msg-2",
    )
    assert collect(world) == ["Lumopuodista tuli lamppu rikki. EDIT: saatiin uusi."]
    assert letters(world)[0] == ""


def test_post_taken_back_loses_its_text_and_keeps_its_count(world: World) -> None:
    push(world, POST)
    collect(world)
    push(world, {"id": "ig-1", "deleted": True}, key="msg-2")
    assert collect(world) == [""]


def test_source_that_rests_goes_on_resting_while_letters_wait(world: World) -> None:
    with world.store.transaction() as session:
        control.pause(session, "kuvat", "Maija", world.clock.now())
    assert push(world, POST).status_code == 202
    assert len(letters(world)) == 1
    with world.store.reading() as session:
        assert requested_sources(session) == []


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({SIGNATURE: "v1,nonsense"}, 401),
        ({TIME: "1"}, 401),
        ({TIME: "yesterday"}, 400),
        ({ID: "x" * 201}, 400),
        ({SIGNATURE: ""}, 401),
    ],
)
def test_letter_that_is_not_ours_is_refused(world: World, more: dict[str, str], status: int) -> None:
    assert push(world, POST, **more).status_code == status
    assert letters(world) == []


def test_same_letter_twice_is_kept_once(world: World) -> None:
    assert push(world, POST).status_code == 202
    again = push(world, POST)
    assert (again.status_code, again.json()) == (200, {"taken": False})
    assert len(letters(world)) == 1


@pytest.mark.parametrize(("late", "status"), [(299, 202), (301, 401), (-301, 401)])
def test_letter_counts_only_within_the_window(world: World, late: int, status: int) -> None:
    assert push(world, POST, late=late).status_code == status


@pytest.mark.parametrize("body", [b"", b"not json", b"7", b"\xff\xfe", b"[" * 100_000])
def test_letter_that_is_no_json_is_refused(world: World, body: bytes) -> None:
    assert push(world, body).status_code == 400
    assert letters(world) == []


def test_letter_larger_than_a_megabyte_is_refused(world: World) -> None:
    assert push(world, b" " * (2**20 + 1)).status_code == 413


def test_hook_that_is_not_there_is_not_found(world: World) -> None:
    assert push(world, POST, slug="muu").status_code == 404
    assert visit(world).get("/hooks/kuvat").status_code == 405


def test_secret_never_shows_in_what_is_said(world: World, caplog: pytest.LogCaptureFixture) -> None:
    answer = push(world, POST, **{SIGNATURE: "v1,wrong"})
    assert SECRET not in answer.text + caplog.text
