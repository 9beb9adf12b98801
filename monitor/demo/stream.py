"""The posts of the demo as they lie in stream.jsonl; when they appear is timeline's business."""

import json
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources


class Place(StrEnum):
    """The site a post was written on; each speaks another format."""

    BLOG = "blog"
    FORUM = "forum"
    MASTODON = "mastodon"


@dataclass(frozen=True, slots=True)
class DemoPost:
    """One invented post.

    `id` is unique over the whole stream and grows with time. `posted_after` and `edited_after` count
    seconds from the start of the demo, negative for what was written before it. `parent` is the id of
    the post this one answers, None for a reply to the thread as a whole. `rating` is in stars 1-5.
    """

    id: int
    place: Place
    author: str
    posted_after: int
    thread: int
    title: str
    parent: int | None
    lang: str
    text: str
    rating: int | None = None
    reach: int | None = None
    edited_after: int | None = None


def load_stream() -> tuple[DemoPost, ...]:
    """Return every post of the demo, oldest first."""
    lines = resources.files("monitor.demo").joinpath("stream.jsonl").read_text(encoding="utf-8")
    return tuple(_parse(line) for line in lines.splitlines())


def _parse(line: str) -> DemoPost:
    fields = json.loads(line)
    return DemoPost(**{**fields, "place": Place(fields["place"])})
