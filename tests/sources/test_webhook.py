"""The kind "webhook": letters that wait in the box, as they came."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from monitor.domain import Batch
from monitor.sources import SOURCES
from tests.sources.support import NOW, TOKEN, Site, context_for, recording


@dataclass(frozen=True)
class Pushed:
    id: int
    body: str


@dataclass
class Box:
    """Letters of one source; notes which were done with."""

    bodies: list[str] = field(default_factory=list)
    done: set[int] = field(default_factory=set)

    def __call__(self, source: str, done: Sequence[int], limit: int) -> Sequence[Pushed]:
        self.done.update(done)
        waiting = [Pushed(number, body) for number, body in enumerate(self.bodies, 1)]
        return [letter for letter in waiting if letter.id not in self.done][:limit]


def fetch(box: Box, cursor: str | None = None, **options: object) -> Batch:
    context = replace(context_for(Site({})), letters=box)
    return SOURCES["webhook"].make({"secret": TOKEN, **options}, context).fetch(cursor)


def recorded(*names: str) -> Box:
    return Box([recording("webhook", name).decode() for name in names])


def test_webhook_reads_what_was_pushed() -> None:
    first, second = fetch(recorded("page.json")).posts
    assert (first.external_id, first.author, first.reach) == ("ig-1", "Vuokko", 412)
    assert first.posted_at == datetime(2026, 11, 24, 7, 12, tzinfo=UTC)
    assert second.text == "Kiitos @lumopuoti, paketti tuli jo!"
    assert second.posted_at == datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
    assert second.rating == 5


def test_webhook_names_the_post_that_cannot_be_read_and_keeps_the_others() -> None:
    batch = fetch(recorded("page.json", "broken.json"))
    assert [post.external_id[:7] for post in batch.posts] == ["ig-1", "ig-2", "sha256:"]
    assert batch.unreadable == 4
    assert any(warning.startswith("letter 1, post 3 ") for warning in batch.warnings)
    assert batch.posts[2].posted_at is None


def test_webhook_tells_of_posts_that_were_taken_back() -> None:
    assert fetch(recorded("page.json")).gone == ("ig-0",)


def test_webhook_goes_on_after_the_last_letter_it_read() -> None:
    box = recorded("page.json")
    start = fetch(box)
    assert box.done == set()
    box.bodies.append('{"text": "Lumopuoti aukesi", "id": 9}')
    again = fetch(box, start.cursor)
    assert [post.external_id for post in again.posts] == ["9"]
    assert box.done == {1}


def test_webhook_goes_on_at_once_while_many_letters_wait() -> None:
    box = Box([f'{{"text": "Lumopuoti {number}", "id": {number}}}' for number in range(501)])
    start = fetch(box)
    rest = fetch(box, start.cursor)
    assert (len(start.posts), start.more, len(rest.posts), rest.more) == (500, True, 1, False)


def test_webhook_without_letters_is_an_empty_batch() -> None:
    batch = fetch(recorded("empty.json"))
    assert (batch.posts, batch.warnings, batch.unreadable) == ((), (), 0)


@pytest.mark.parametrize(
    "body", ["[]", "{}", "[[[]]]", "7", '"text"', "[" * 50_000, '{"posts": {"text": "a"}}']
)
def test_webhook_survives_odd_letters(body: str) -> None:
    batch = fetch(Box([body, '{"text": "Lumopuoti on hyvä", "id": "a"}']))
    assert [post.external_id for post in batch.posts] == ["a"]


def test_webhook_maps_columns_by_hand() -> None:
    (post,) = fetch(
        Box(['{"caption": "Lumopuoti!", "pk": 1}']), columns={"text": "caption", "id": "pk"}
    ).posts
    assert (post.text, post.external_id) == ("Lumopuoti!", "1")


def test_webhook_refuses_a_window_that_guards_nothing() -> None:
    with pytest.raises(ValidationError):
        fetch(Box(), window="2d")
    assert NOW.tzinfo is UTC
