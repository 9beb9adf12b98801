"""A post deleted where it stood: its text goes here too within a day, and the count stays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import control, pipeline
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy, SourceError
from monitor.sources.rechecking import all_at_once
from tests.stories.listening import SLUG, Listening, Site

DAY = timedelta(days=1)


@dataclass
class Forum(Site):
    """A site that can be asked for posts by their ids."""

    deleted: set[str] = field(default_factory=set)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    refusal: SourceError | None = None

    def again(self, posts: Sequence[Post]) -> Batch:
        names = [post.external_id for post in posts]
        self.asked.append(tuple(names))
        if self.refusal is not None:
            raise self.refusal
        there = {post.external_id: post for post in posts if post.external_id not in self.deleted}
        return all_at_once(names, there).batch(posts, "foorumi.example")


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


def test_deleted_post_loses_text_and_author_within_a_day_and_still_counts(story: Listening) -> None:
    story.write("Lumopuodista tuli lamppu rikki.")
    story.write("Lumopuodin peitto on ihana.")
    days(story, 2)
    deleted_at = story.world.clock.now()
    forum(story).deleted = {"forum-1"}
    days(story, 1)
    gone, kept = story.mentions["forum-1"], story.mentions["forum-2"]
    assert (gone.text, gone.author, gone.url, gone.words) == ("", "", "", ())
    assert gone.gone_at is not None
    assert gone.gone_at - deleted_at <= DAY
    assert gone.assessment is not None
    assert (kept.text, kept.gone_at) == ("Lumopuodin peitto on ihana.", None)


def write_of_something_else(story: Listening) -> None:
    """Somebody writes in a thread whose title names nobody."""
    story.write()
    story.site.posts[-1] = story.site.posts[-1].model_copy(update={"thread_title": "Kuulumisia"})


def made_anew(story: Listening) -> list[timedelta]:
    """Let the source be made a second time, as the service can; returns how far back each time."""
    made: list[timedelta] = []

    def reaching_back(slug: str, length: timedelta) -> Forum:
        made.append(length)
        return forum(story)

    story.world.parts = replace(story.world.parts, reaching_back=reaching_back)
    return made


def test_many_posts_deleted_together_lose_their_texts_when_the_source_still_shows_others(
    story: Listening,
) -> None:
    made = made_anew(story)
    for _ in range(6):
        story.write("Lumopuodista tuli lamppu rikki.")
    write_of_something_else(story)
    story.listen("1h")
    forum(story).deleted = {f"forum-{number}" for number in range(1, 7)}
    days(story, 1)
    assert [row.text for row in story.mentions.values()] == [""] * 6
    assert len(made) == 1


@pytest.mark.parametrize("shows", ["nothing else", "others in its lists alone"])
def test_source_that_finds_nothing_it_is_asked_for_is_not_believed(story: Listening, shows: str) -> None:
    made = made_anew(story)
    for _ in range(6):
        story.write("Lumopuodista tuli lamppu rikki.")
    if shows != "nothing else":
        write_of_something_else(story)
    story.listen("1h")
    forum(story).deleted = {f"forum-{number}" for number in range(1, 8)}
    days(story, 2)
    assert {row.text for row in story.mentions.values()} == {"Lumopuodista tuli lamppu rikki."}
    assert 1 <= len(made) <= 3


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
    assert story.mentions["forum-1"].text


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
    assert story.mentions["forum-1"].text == ""


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
    assert story.mentions["forum-1"].text == ""
    story.world.store.close()
