"""The sweep counts for the trends what happened; the figures are right before it did, and after."""

import logging
from datetime import timedelta

import pytest
from sqlmodel import select

from monitor import trends
from monitor.store.tables import CountedDay, StaleTime
from monitor.trends import Point, Step
from tests.stories.world import HELSINKI, World


def figures(world: World, days: int) -> list[Point]:
    now = world.clock.now()
    until = now.astimezone(HELSINKI).date() + timedelta(days=1)
    since = until - timedelta(days=days)
    with world.store.reading() as session:
        return trends.by_step(session, ["lumopuoti"], since, until, HELSINKI, now, Step.MONTH, split=())


def kept(world: World) -> tuple[int, int]:
    """How many days are counted, and how many marks wait."""
    with world.store.reading() as session:
        days, marks = (session.execute(select(table)).all() for table in (CountedDay, StaleTime))
    return len(days), len(marks)


def test_database_that_was_never_counted_is_counted_bit_by_bit(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for days_ago in (0, 100):
        world.post("forum", "Lumopuodin lamppu on rikki.", thread=str(days_ago), days_ago=days_ago)
    world.run_without_mail()
    before = figures(world, 120)
    assert sum(point.mentions for point in before) == 2
    with caplog.at_level(logging.INFO):
        world.run()
    assert "counted 60 days for the trends, 41 wait" in caplog.text
    assert kept(world)[0] == 60
    assert figures(world, 120) == before
    world.run()
    assert kept(world) == (101, 0)
    assert figures(world, 120) == before


def test_edit_and_what_comes_later_are_in_the_figures_at_once(world: World) -> None:
    world.post("forum", "Lumopuodin lamppu on rikki ja surkea.", post_id="p")
    world.run()
    (point,) = figures(world, 1)
    assert (point.mentions, point.negative) == (1, 1)
    world.post("forum", "EDIT: Lumopuoti hoiti asian, kiitos.", post_id="p")
    world.post("forum", "Lumopuoti on surkea.", thread="t2")
    world.run_without_mail()
    assert kept(world)[1] > 0
    (point,) = figures(world, 1)
    assert (point.mentions, point.negative) == (2, 1)
    world.run()
    assert kept(world)[1] == 0
    assert figures(world, 1)[0].mentions == 2
