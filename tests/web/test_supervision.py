"""What supervisors see: healthy, or the reason why not; figures that name no secret."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from monitor import pipeline
from monitor.app import make_web
from monitor.config import SourceConfig
from monitor.web import Pulse
from tests.stories.world import World
from tests.web.test_api import sqlite_error
from tests.web.visiting import TOKEN, Visitor, open_world, visit

BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def pulse(world: World) -> Pulse:
    return Pulse(world.clock)


def fall() -> None:
    raise OSError("it fell")


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_healthz_is_well_after_the_start_and_while_the_stages_run(world: World, pulse: Pulse) -> None:
    visitor = visit(world, pulse)
    assert visitor.get("/healthz").status_code == 200
    world.clock.moment += timedelta(hours=1)
    for stage in ("sweep", "assess"):
        pulse.watch(stage, lambda: pipeline.sweep(world.parts))()
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


@pytest.mark.parametrize(("stage", "other"), [("sweep", "assess"), ("assess", "sweep")])
def test_healthz_names_the_stage_that_stands_still(
    world: World, pulse: Pulse, stage: str, other: str
) -> None:
    world.clock.moment += timedelta(minutes=16)
    pulse.watch(other, lambda: None)()
    answer = visit(world, pulse).get("/healthz")
    assert answer.status_code == 503
    assert answer.text == f"{stage} has not ended well for too long\n"


def test_healthz_counts_only_stages_that_end_well(world: World, pulse: Pulse) -> None:
    pulse.watch("assess", lambda: None)()
    pulse.watch("sweep", lambda: None)()
    world.clock.moment += timedelta(minutes=6)
    with pytest.raises(OSError, match="it fell"):
        pulse.watch("sweep", fall)()
    assert visit(world, pulse).get("/healthz").status_code == 503
    assert pulse.beats()["sweep"].failures == 1


def test_long_queue_of_assessing_is_a_sign_of_life(world: World, pulse: Pulse) -> None:
    world.clock.moment += timedelta(hours=2)
    world.post("forum", "Lumopuoti")
    world.run()
    pulse.watch("sweep", lambda: None)()
    assert visit(world, pulse).get("/healthz").status_code == 200


def test_healthz_says_that_the_database_does_not_answer_and_no_more(world: World) -> None:
    visitor = visit(world)

    def forbid(connection: object, _record: object, _proxy: object) -> None:
        raise sqlite_error("unable to open database file")

    event.listen(world.store.engine, "checkout", forbid)
    answer = visitor.get("/healthz")
    event.remove(world.store.engine, "checkout", forbid)
    assert (answer.status_code, answer.text) == (503, "the database does not answer\n")


def test_metrics_tell_what_came_and_what_waits(world: World, pulse: Pulse) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:52")
    world.run()
    world.office.is_closed = True
    world.post("forum", "Lumopuoti vei rahat, menen oikeuteen.", thread="t2")
    world.run()
    world.clock.moment += timedelta(days=1)
    pulse.watch("sweep", lambda: None)()
    seen = figures(visit(world, pulse).get("/metrics", headers=BEARER).text)
    assert seen["mainevahti_mentions", "lumopuoti"] == 2
    assert seen["mainevahti_mentions", "vinterbo"] == 0
    assert seen["mainevahti_alerts_open", "lumopuoti", "critical"] == 1
    assert seen["mainevahti_alerts_overdue", "lumopuoti"] == 2
    assert seen["mainevahti_deliveries", "sent"] == 2
    assert seen["mainevahti_deliveries", "failed"] == 0
    assert seen["mainevahti_deliveries_overdue",] == seen["mainevahti_deliveries", "due"]
    assert seen["mainevahti_stage_last_success_age_seconds", "sweep"] == 0
    assert seen["mainevahti_stage_failures_total", "sweep"] == 0


def test_metrics_tell_how_long_ago_each_source_was_read(world: World) -> None:
    world.run()
    world.clock.moment += timedelta(seconds=90)
    options = {"url": "https://blog.example/feed.xml"}
    sources = tuple(SourceConfig(slug=slug, kind="feed", options=options) for slug in ("forum", "silent"))
    config = world.config.model_copy(update={"sources": sources})
    visitor = Visitor(make_web(config, world.store, world.clock, Pulse(world.clock)))
    seen = figures(visitor.get("/metrics", headers=BEARER).text)
    assert seen["mainevahti_source_last_success_age_seconds", "forum"] == 90
    assert ("mainevahti_source_last_success_age_seconds", "silent") not in seen
    assert seen["mainevahti_source_failures_in_row", "forum"] == 0
    assert seen["mainevahti_source_status", "forum", "ok"] == 1
    assert seen["mainevahti_source_status", "silent", "waiting"] == 1


def test_metrics_name_no_secret_and_no_person(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", author="Mökkiläinen")
    world.run()
    text = visit(world).get("/metrics", headers=BEARER).text
    for word in (TOKEN, "Mökkiläinen", "omistaja", "world.db", "http"):
        assert word not in text


def test_metrics_need_a_token_where_there_are_some(world: World) -> None:
    assert visit(world).get("/metrics").status_code == 401
    assert visit(world).get("/metrics", headers=BEARER).status_code == 200


@pytest.fixture
def private(tmp_path: Path) -> Iterator[World]:
    world = open_world(tmp_path, web={})
    yield world
    world.store.close()


def test_metrics_on_this_machine_are_open_but_not_under_a_strangers_name(private: World) -> None:
    visitor = visit(private)
    assert visitor.get("/metrics").status_code == 200
    assert visitor.get("/metrics", headers={"Host": "localhost:8502"}).status_code == 200
    assert visitor.get("/metrics", headers={"Host": "evil.example"}).status_code == 401


def test_metrics_behind_a_public_address_need_a_token(tmp_path: Path) -> None:
    world = open_world(tmp_path, web={"url": "https://vahti.example"})
    assert visit(world).get("/metrics").status_code == 401
    world.store.close()


def test_front_page_leads_to_the_dashboard(world: World) -> None:
    answer = visit(world).get("/")
    assert answer.headers["location"] == world.config.dashboard.base_url
