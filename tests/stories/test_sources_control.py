"""A person pauses a source, resumes it, wants it now, or has it read again from a day on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import control, pipeline
from monitor.domain import Batch
from monitor.errors import SourceBroken, SourceBusy
from monitor.health import Status
from monitor.store import reads
from tests.stories.listening import SLUG, Listening, Site
from tests.stories.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Listening]:
    story = Listening(tmp_path, every="1h")
    yield story
    story.world.store.close()


def test_paused_source_rests_and_raises_no_alarm(story: Listening) -> None:
    story.site.trouble = SourceBroken("a login page came instead")
    story.do("pause")
    story.write("Lumopuodista tuli lamppu rikki.")
    story.listen("3d")
    assert (story.site.fetches, story.world.mailbox) == ([], [])
    assert story.status is Status.PAUSED
    assert story.state.paused_by == "Maija"


def test_resumed_source_is_fetched_at_once_and_misses_nothing(story: Listening) -> None:
    story.do("pause")
    story.write("Lumopuodista tuli lamppu rikki.")
    story.listen("5h")
    story.do("resume")
    story.tick()
    assert story.world.alert.mentions == 1
    assert story.status is Status.OK


def test_canary_has_its_whole_time_after_a_pause(tmp_path: Path) -> None:
    story = Listening(tmp_path, every="1h", canary="sähköposti", canary_every="4h")
    story.listen("2h")
    story.do("pause")
    story.listen("2d")
    story.do("resume")
    story.listen("3h")
    assert story.status is Status.OK
    story.listen("2h")
    assert story.status is Status.DEAF
    story.world.store.close()


@pytest.mark.parametrize("rests", [True, False])
def test_source_that_is_wanted_now_is_fetched_once(story: Listening, rests: bool) -> None:
    story.site.trouble = SourceBusy("come back later", retry_after=86400)
    story.listen("1h")
    if rests:
        story.do("pause")
    story.do("run_now")
    assert pipeline.wanted(story.world.parts) == [SLUG]
    story.tick()
    story.tick()
    assert len(story.site.fetches) == 2
    assert pipeline.wanted(story.world.parts) == []


class Archive(Site):
    """A site whose source reads two posts a fetch, and begins `reach` back."""

    reach = timedelta(days=7)

    def fetch(self, cursor: str | None) -> Batch:
        if self.trouble is not None:
            raise self.trouble
        assert self.clock is not None
        oldest = self.clock.now() - self.reach
        posts = [post for post in self.posts if post.posted_at and post.posted_at >= oldest]
        start = int(cursor or 0)
        return Batch(tuple(posts[start : start + 2]), str(min(start + 2, len(posts))))


@pytest.fixture
def archive(story: Listening) -> Archive:
    """The story's site, with a post a day for a month; its source can be made to reach further back."""
    site = Archive(clock=story.world.clock)
    story.site = story.world.places[SLUG] = site

    def reach_back(slug: str, length: timedelta) -> Archive:
        assert slug == SLUG
        further = Archive(posts=site.posts, clock=site.clock, trouble=site.trouble)
        further.reach = length
        return further

    story.world.parts = replace(story.world.parts, reaching_back=reach_back)
    for days in range(30, 0, -1):
        story.world.post(SLUG, "Lumopuodin peitto on ihana.", thread=f"t{days}", days_ago=days)
    return site


def mentions(story: Listening) -> int:
    with story.world.store.reading() as session:
        return reads.count_mentions(session, reads.MentionFilter())


def test_source_is_read_again_from_a_day_on_with_as_many_fetches_as_it_takes(
    story: Listening, archive: Archive
) -> None:
    story.listen("6h")
    assert mentions(story) == 6
    story.do("replay", story.world.clock.now() - timedelta(days=20, hours=12))
    story.tick()
    assert mentions(story) == 20
    assert story.state.replay_from is None
    assert story.world.mailbox == []


def test_reading_again_goes_on_where_the_source_made_it_wait(story: Listening, archive: Archive) -> None:
    story.do("replay", story.world.clock.now() - timedelta(days=20, hours=12))
    told: list[int] = []

    def wait_after_three(run: object) -> None:
        told.append(1)
        if len(told) == 3:
            source.trouble = SourceBusy("slowly, please")

    state = story.state
    assert state.replay_from is not None
    source = Archive(posts=archive.posts, clock=archive.clock)
    source.reach = timedelta(days=20, hours=12)
    story.world.parts = replace(story.world.parts, reaching_back=lambda slug, length: source)
    runs = pipeline.read_again(story.world.parts, SLUG, wait_after_three)
    assert ([run.outcome for run in runs], mentions(story)) == (["ok", "ok", "ok", "busy"], 6)
    source.trouble = None
    story.listen("1h")
    assert mentions(story) == 20
    assert story.state.replay_from is None


def test_reading_again_never_begins_later_than_reading_had_come(story: Listening, archive: Archive) -> None:
    story.listen("1h")
    read_until = story.world.clock.now()
    story.do("pause")
    story.listen("3d")
    story.do("replay", story.world.clock.now() - HOUR)
    assert story.state.replay_from == read_until


def test_replay_asked_for_during_a_fetch_is_not_lost(world: World) -> None:
    for number in range(3):
        world.post("forum", f"Lumopuoti {number}.", thread=f"t{number}")
    world.run()
    place = world.places["forum"]
    cursors: list[str | None] = []
    fetch = place.fetch

    def ask_meanwhile(cursor: str | None) -> Batch:
        with world.store.transaction() as session:
            now = world.clock.now()
            control.replay(session, "forum", now - timedelta(days=30), "Maija", now)
        place.fetch = remember
        return fetch(cursor)

    def remember(cursor: str | None) -> Batch:
        cursors.append(cursor)
        return fetch(cursor)

    place.fetch = ask_meanwhile
    pipeline.collect(world.parts, "forum")
    pipeline.collect_due(world.parts, "forum")
    assert cursors[0] is None
