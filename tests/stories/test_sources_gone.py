"""A post deleted where it stood: its text goes here too within a day, and the count stays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import control, pipeline
from monitor.domain import Batch
from monitor.errors import SourceBroken, SourceBusy, SourceError
from monitor.store import reads
from monitor.store.rows import MentionRow
from tests.stories.listening import SLUG, Listening, Site

DAY = timedelta(days=1)


@dataclass
class Forum(Site):
    """A site that can be asked for posts by their ids."""

    deleted: set[str] = field(default_factory=set)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    refusal: SourceError | None = None

    def gone(self, external_ids: Sequence[str]) -> list[str]:
        self.asked.append(tuple(external_ids))
        if self.refusal is not None:
            raise self.refusal
        return [name for name in external_ids if name in self.deleted]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Listening]:
    story = Listening(tmp_path, every="1h")
    story.site = story.world.places[SLUG] = Forum(clock=story.world.clock)
    story.world.parts = story.world._parts()
    yield story
    story.world.store.close()


def forum(story: Listening) -> Forum:
    assert isinstance(story.site, Forum)
    return story.site


def days(story: Listening, number: int) -> None:
    for _ in range(24 * number):
        story.listen("1h")
        pipeline.recheck(story.world.parts)


def mentions(story: Listening) -> dict[str, MentionRow]:
    with story.world.store.reading() as session:
        return {row.external_id: row for row in reads.mentions(session, reads.MentionFilter())}


def test_deleted_post_loses_text_and_author_within_a_day_and_still_counts(story: Listening) -> None:
    story.write("Lumopuodista tuli lamppu rikki.")
    story.write("Lumopuodin peitto on ihana.")
    days(story, 2)
    deleted_at = story.world.clock.now()
    forum(story).deleted = {"forum-1"}
    days(story, 1)
    gone, kept = mentions(story)["forum-1"], mentions(story)["forum-2"]
    assert (gone.text, gone.author, gone.url, gone.words) == ("", "", "", ())
    assert gone.gone_at is not None
    assert gone.gone_at - deleted_at <= DAY
    assert gone.assessment is not None
    assert (kept.text, kept.gone_at) == ("Lumopuodin peitto on ihana.", None)


def test_alert_of_a_deleted_post_can_still_be_seen(story: Listening) -> None:
    story.write("Lumopuodista tuli lamppu rikki.")
    story.listen("1h")
    forum(story).deleted = {"forum-1"}
    days(story, 2)
    assert (story.world.alert.first.text, story.world.alert.mentions) == ("", 1)
    story.world.advance("1d")


def test_each_post_is_looked_at_once_a_day_for_a_week(story: Listening) -> None:
    story.write("Lumopuodin peitto on ihana.")
    days(story, 10)
    assert 6 <= len(forum(story).asked) <= 9
    days(story, 3)
    assert len(forum(story).asked) <= 9


def test_few_posts_are_asked_for_at_once_and_each_gets_its_turn(story: Listening) -> None:
    for _ in range(120):
        story.write("Lumopuodin peitto on ihana.")
    story.listen("1h")
    story.listen("20h")
    for _ in range(4):
        pipeline.recheck(story.world.parts)
    assert [len(names) for names in forum(story).asked] == [50, 50, 20]
    assert len({name for names in forum(story).asked for name in names}) == 120


@pytest.mark.parametrize("rests", ["broken", "paused"])
def test_source_in_trouble_or_at_rest_is_not_asked(story: Listening, rests: str) -> None:
    story.write("Lumopuodin peitto on ihana.")
    story.listen("1h")
    if rests == "broken":
        story.site.trouble = SourceBroken("a login page came instead")
    else:
        story.do("pause")
    days(story, 2)
    assert forum(story).asked == []


def test_source_that_cannot_tell_is_asked_again_tomorrow(story: Listening) -> None:
    story.write("Lumopuodin peitto on ihana.")
    forum(story).refusal = SourceBroken("it shows none of the posts that it showed before")
    days(story, 3)
    assert 2 <= len(forum(story).asked) <= 4
    assert mentions(story)["forum-1"].text


def test_source_that_wants_us_to_wait_is_asked_again_soon(story: Listening) -> None:
    story.write("Lumopuodin peitto on ihana.")
    forum(story).refusal = SourceBusy("slowly, please")
    days(story, 1)
    assert len(forum(story).asked) > 2


def test_post_that_was_erased_does_not_come_back_with_the_overlap(story: Listening) -> None:
    story.write("Lumopuodin peitto on ihana.")
    story.listen("1h")
    forum(story).deleted = {"forum-1"}
    days(story, 2)
    with story.world.store.transaction() as session:
        control.replay(session, SLUG, story.world.clock.now() - 3 * DAY, "Maija", story.world.clock.now())
    story.tick()
    assert mentions(story)["forum-1"].text == ""


def test_source_that_tells_of_deletions_itself_needs_no_second_look(tmp_path: Path) -> None:
    class Stream(Site):
        def fetch(self, cursor: str | None) -> Batch:
            if cursor is None:
                return super().fetch(cursor)
            return Batch(cursor=cursor, gone=("forum-1", "somebody-elses"))

    story = Listening(tmp_path, every="1h")
    story.site = story.world.places[SLUG] = Stream(clock=story.world.clock)
    story.write("Lumopuodin peitto on ihana.")
    story.listen("2h")
    assert mentions(story)["forum-1"].text == ""
    story.world.store.close()
