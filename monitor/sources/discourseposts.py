"""The rows that a Discourse forum sends, as far as we read them. Asks for nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.sources.moments import parse_moment
from monitor.sources.patience import Patience
from monitor.sources.reading import Foreign, rows_of

_REGULAR = 1


class ForumPost(Foreign):
    """A row of posts.json, or of the stream of a topic."""

    id: int
    topic_id: int
    cooked: str
    post_number: int = 1
    post_type: int = _REGULAR
    username: str = ""
    user_id: int = 0
    created_at: str = ""
    updated_at: str = ""
    version: int = 1
    topic_title: str = ""
    topic_slug: str = ""
    reply_to_post_number: int = 0
    staff: bool = False
    admin: bool = False
    moderator: bool = False
    hidden: bool = False
    user_deleted: bool = False
    deleted_at: str = ""
    reads: int | None = None

    @property
    def is_speech(self) -> bool:
        """Whether a person wrote this for others to read."""
        is_gone = self.hidden or self.user_deleted or self.deleted_at
        return self.post_type == _REGULAR and self.user_id >= 0 and self.username != "system" and not is_gone

    @property
    def is_by_staff(self) -> bool:
        """Whether the writer runs the forum."""
        return self.staff or self.admin or self.moderator


class Hit(Foreign):
    """A row of search.json; its text is cut, so only the place counts."""

    id: int
    topic_id: int
    post_number: int = 1


def stream_rows(answer: Any, topic: Any, host: str) -> list[Any]:
    """Return the posts of a topic, each with the topic's title, as posts.json gives it."""
    rows = rows_of(answer, "post_stream", "posts", host=host)
    about = {"topic_title": topic.get("title"), "topic_slug": topic.get("slug"), "topic_id": topic.get("id")}
    return [{**about, **row} if isinstance(row, dict) else row for row in rows]


def has_more(answer: Any) -> bool:
    """Whether a search has further pages."""
    summary = answer.get("grouped_search_result")
    return isinstance(summary, dict) and bool(summary.get("more_full_page_results"))


def ids_of(rows: Iterable[Any]) -> list[int]:
    """Return the ids of rows."""
    ids = (row.get("id") for row in rows if isinstance(row, dict))
    return [number for number in ids if isinstance(number, int)]


def all_older(page: Iterable[Any], oldest: datetime) -> bool:
    """Whether every dated row is older than that, and there is one."""
    moments = [parse_moment(row.get("created_at")) for row in page if isinstance(row, dict)]
    return any(moments) and all(moment < oldest for moment in moments if moment)


@dataclass(slots=True, kw_only=True)
class Visit(Patience):
    """What one fetch has read and may still read."""

    last: dict[str, int]
    gap: tuple[int, int] | None
    oldest: datetime
    pages: int

    def note(self, way: str, ids: Iterable[int]) -> None:
        """Remember the newest of these as read by a way."""
        self.last[way] = max((self.last.get(way, 0), *ids))
