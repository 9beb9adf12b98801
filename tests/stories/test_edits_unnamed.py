"""A post edited so that the shop's name is gone from it: its old text goes too, and it is judged again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor import pipeline
from monitor.domain import Batch, Post
from monitor.store import reads
from monitor.store.rows import MentionRow
from tests.stories.listening import SLUG, Listening, Site

OLD = "Lumopuodista tuli lamppu rikki, rahat menivät."
NEW = "Eräästä kaupasta tuli lamppu, asia on sovittu."


@dataclass
class Forum(Site):
    """A site that shows its first post with another text, in its lists or only where it stands."""

    now_says: str = ""

    def again(self, posts: Sequence[Post]) -> Batch:
        return Batch(posts=tuple(post.model_copy(update={"text": self.now_says}) for post in posts))


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Listening]:
    story = Listening(tmp_path, every="1h")
    story.site = story.world.places[SLUG] = Forum(clock=story.world.clock)
    story.world.parts = story.world._parts()
    yield story
    story.world.store.close()


def mention(story: Listening) -> MentionRow:
    with story.world.store.reading() as session:
        (row,) = reads.mentions(session, reads.MentionFilter(about_only=False))
    return row


def found(story: Listening, words: str) -> list[MentionRow]:
    with story.world.store.reading() as session:
        return list(reads.mentions(session, reads.MentionFilter(words=words, about_only=False)))


def write(story: Listening, text: str) -> None:
    """Somebody writes in a thread whose title names nobody."""
    story.write(text)
    story.site.posts[-1] = story.site.posts[-1].model_copy(update={"thread_title": "Kuulumisia"})


def edit_in_list(story: Listening) -> None:
    post = story.site.posts[0]
    story.site.posts.append(post.model_copy(update={"text": NEW}))
    story.listen("2h")


def edit_where_it_stands(story: Listening) -> None:
    assert isinstance(story.site, Forum)
    story.site.now_says = NEW
    story.listen("21h")
    pipeline.recheck(story.world.parts)
    story.listen("1h")


@pytest.mark.parametrize("edit", [edit_in_list, edit_where_it_stands])
def test_text_without_the_name_replaces_the_old_one_and_is_judged_again(
    story: Listening, edit: Callable[[Listening], None]
) -> None:
    write(story, OLD)
    story.listen("2h")
    before = mention(story)
    assert before.text == OLD
    assert found(story, "rahat")
    edit(story)
    after = mention(story)
    assert (after.id, after.text, after.words, after.certainty) == (before.id, NEW, (), 0.0)
    assert after.edited_at is not None
    assert after.assessment is not None
    assert after.assessment != before.assessment
    assert not found(story, "rahat")


def test_post_that_never_named_a_shop_is_still_not_stored(story: Listening) -> None:
    write(story, NEW)
    story.listen("2h")
    with story.world.store.reading() as session:
        assert not list(reads.mentions(session, reads.MentionFilter(about_only=False)))
