"""A source that fails is asked more and more seldom, and as often as before once it answers again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import SourceBroken, SourceBusy, SourceSpent
from monitor.health import Status
from tests.stories.listening import Listening

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Listening]:
    story = Listening(tmp_path, every="10m", slowest="2h")
    yield story
    story.world.store.close()


def test_failing_source_is_asked_more_and_more_seldom_within_bounds(story: Listening) -> None:
    story.site.trouble = SourceBusy("the server does not answer in time")
    story.listen("12h")
    pauses = story.pauses()
    assert pauses[:2] == [10 * MINUTE, 10 * MINUTE]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 2 * HOUR
    assert len(story.site.fetches) < 15


def test_source_that_answers_again_is_soon_asked_as_often_as_before(story: Listening) -> None:
    story.site.trouble = SourceBusy("the server does not answer in time")
    story.listen("12h")
    story.site.trouble = None
    story.write("Lumopuodista tuli lamppu rikki.")
    story.listen("5h")
    assert story.world.alert.mentions == 1
    asked = len(story.site.fetches)
    story.listen("1h")
    assert len(story.site.fetches) == asked + 6


def test_one_failure_changes_nothing(story: Listening) -> None:
    story.site.trouble = SourceBusy("the server does not answer in time")
    story.listen("10m")
    story.site.trouble = None
    story.listen("30m")
    assert set(story.pauses()) == {10 * MINUTE}


def test_source_that_asks_for_quiet_gets_it(story: Listening) -> None:
    story.site.trouble = SourceBusy("come back later", retry_after=3000)
    story.listen("10m")
    story.site.trouble = None
    story.listen("1h")
    assert story.pauses() == [50 * MINUTE, 10 * MINUTE]


def test_quiet_place_is_looked_at_more_seldom_and_a_busy_one_as_asked(story: Listening) -> None:
    story.write()
    story.listen("4h")
    assert set(story.pauses()) == {10 * MINUTE}
    story.site.fetches.clear()
    story.listen("5d")
    assert max(story.pauses()) == 2 * HOUR
    story.write()
    story.listen("2h")
    story.site.fetches.clear()
    story.listen("1h")
    assert set(story.pauses()) == {10 * MINUTE}


def test_quiet_place_without_a_slowest_interval_is_asked_on(tmp_path: Path) -> None:
    story = Listening(tmp_path, every="1h")
    story.write()
    story.listen("4d")
    assert set(story.pauses()) == {HOUR}
    story.world.store.close()


def test_broken_source_slows_down_too(story: Listening) -> None:
    story.site.trouble = SourceBroken("a login page came instead")
    story.listen("6h")
    assert max(story.pauses()) > HOUR


def test_source_that_used_up_its_day_waits_for_the_next_one_and_nobody_is_mailed(story: Listening) -> None:
    story.listen("10m")
    story.site.trouble = SourceSpent("The daily_quota of forum is used up for today.", retry_after=8 * 3600)
    story.listen("10m")
    asked = len(story.site.fetches)
    story.listen("7h")
    assert (len(story.site.fetches), story.status) == (asked, Status.SPENT)
    story.site.trouble = None
    story.listen("90m")
    assert story.status is Status.OK
    assert story.world.mailbox == []


def test_source_that_used_up_every_day_without_a_single_fetch_is_deaf(story: Listening) -> None:
    story.listen("10m")
    story.site.trouble = SourceSpent("The daily_quota of forum is used up for today.", retry_after=8 * 3600)
    story.listen("30h")
    assert story.status is Status.DEAF
