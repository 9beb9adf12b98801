"""A post edited where it stood, in a place whose lists say that nothing has changed: seen within a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from monitor import pipeline
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceError
from monitor.sources import SOURCES
from tests.sources.support import context_for
from tests.stories.listening import SLUG, Listening, Site

DAY = timedelta(days=1)


@dataclass
class Forum(Site):
    """A site that shows single posts; after the first fetch its list answers "not modified" (304)."""

    now_says: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)
    patience: int = 1_000
    refusal: SourceError | None = None

    def again(self, posts: Sequence[Post]) -> Batch:
        self.asked.append(len(posts))
        if self.refusal is not None:
            raise self.refusal
        shown = [post for post in posts[: self.patience] if post.external_id not in self.deleted]
        texts = (self.now_says.get(post.external_id, post.text) for post in shown)
        return Batch(
            posts=tuple(
                post.model_copy(update={"text": text}) for post, text in zip(shown, texts, strict=True)
            ),
            gone=tuple(post.external_id for post in posts if post.external_id in self.deleted),
            more=len(posts) > self.patience,
        )


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


def hours(story: Listening, number: int) -> None:
    for _ in range(number):
        story.listen("1h")
        pipeline.recheck(story.world.parts)


def test_edit_is_seen_within_a_day_and_judged_again(story: Listening) -> None:
    story.write("Lumopuodin peitto on ihana.")
    story.write("Lumopuodista tuli lamppu.")
    hours(story, 2)
    before = story.mentions
    assert story.world.mailbox == []
    forum(story).now_says = {"forum-2": "Lumopuodista tuli lamppu, ja se oli rikki."}
    hours(story, 24)
    after = story.mentions["forum-2"]
    assert after.text == "Lumopuodista tuli lamppu, ja se oli rikki."
    assert after.edited_at is not None
    assert after.assessment != before["forum-2"].assessment
    assert after.thread_key == before["forum-2"].thread_key
    assert story.world.mailbox


def test_post_that_reads_the_same_is_not_judged_again(story: Listening) -> None:
    story.write("Lumopuodin peitto on ihana.")
    hours(story, 2)
    before = story.mentions["forum-1"]
    hours(story, 30)
    assert forum(story).asked == [1]
    assert story.mentions["forum-1"] == before


def test_deleted_post_loses_its_text_and_others_keep_theirs(story: Listening) -> None:
    story.write("Lumopuodista tuli lamppu rikki.")
    story.write("Lumopuodin peitto on ihana.")
    hours(story, 2)
    forum(story).deleted = {"forum-1"}
    hours(story, 24)
    assert (story.mentions["forum-1"].text, story.mentions["forum-2"].text) == (
        "",
        "Lumopuodin peitto on ihana.",
    )


def test_what_a_round_did_not_reach_is_looked_at_in_the_next_one(story: Listening) -> None:
    for _ in range(10):
        story.write("Lumopuodin peitto on ihana.")
    story.listen("1h")
    forum(story).patience = 4
    story.listen("20h")
    for _ in range(4):
        pipeline.recheck(story.world.parts)
    assert forum(story).asked == [10, 6, 2]


def test_place_that_cannot_tell_is_asked_again_tomorrow(story: Listening) -> None:
    story.write("Lumopuodin peitto on ihana.")
    forum(story).refusal = SourceBroken("it shows none of the posts that it showed before")
    hours(story, 72)
    assert 2 <= len(forum(story).asked) <= 4
    assert story.mentions["forum-1"].text


def test_edit_below_the_newest_posts_of_a_real_forum_is_seen(story: Listening) -> None:
    """Discourse lists its newest posts only; the edited one is read by its own address."""
    clock = story.world.clock
    old = {
        "id": 7,
        "topic_id": 1,
        "cooked": "<p>Lumopuodista tuli lamppu.</p>",
        "username": "maija",
        "user_id": 5,
        "created_at": clock.now().isoformat(),
        "topic_title": "Lamppuja",
    }
    pages = [[old], []]

    def site(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/posts/7.json":
            edited = {"cooked": "<p>Lumopuodista tuli lamppu rikki.</p>", "version": 2}
            return httpx.Response(200, json={**old, **edited, "updated_at": clock.now().isoformat()})
        rows = pages.pop(0) if len(pages) > 1 and "before" not in request.url.params else []
        return httpx.Response(200, json={"latest_posts": rows})

    source = SOURCES["discourse"].make({"url": "https://foorumi.example"}, context_for(site, clock))  # type: ignore[arg-type]
    story.world.places[SLUG] = source  # type: ignore[assignment]
    story.world.parts = story.world._parts()
    hours(story, 26)
    (mention,) = story.mentions.values()
    assert mention.text == "Lumopuodista tuli lamppu rikki."
    assert mention.thread_title == "Lamppuja"
