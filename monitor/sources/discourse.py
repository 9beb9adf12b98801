"""The kind "discourse": newest posts, search and single topics of a Discourse forum.

https://docs.discourse.org/ (posts.json, search.json, t/<id>.json). Posts of the system and of the
forum's own staff, hidden and deleted ones are left out. Terms: public forums only, or with a key that
their owner gave; the forum's own terms hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import Field, model_validator

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceGone
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.discourseposts import ForumPost, Hit
from monitor.sources.moments import floor, parse_moment
from monitor.sources.reading import BatchMaker, Position, rows_of
from monitor.sources.rechecking import missing
from monitor.text import html_to_text

_SPAN = 50  # posts.json looks at this many ids at once, deleted ones included
_CHUNK = 20  # posts of a topic that come with it, or that can be asked for at once
_TOPICS_PER_PAGE = 5


class DiscourseSettings(SourceSettings):
    """`latest` reads all that is new; `search` asks for the shops' names (or `terms`), for forums too busy
    to be read whole; `topics` are ids of topics to follow."""

    url: Address
    latest: bool = True
    search: bool = False
    terms: tuple[Word, ...] = ()
    topics: tuple[int, ...] = ()
    staff: bool = False
    pages: Pages = 10
    key: SecretRef | None = None
    user: Word = "system"

    @model_validator(mode="after")
    def _reads_something(self) -> "DiscourseSettings":
        if not (self.latest or self.search or self.topics):
            raise ValueError("set latest = true, search = true or topics = [...]")
        return self


class DiscoursePosition(Position):
    """`last` is the newest post id for each way of reading; `gap` are ids a fetch had no pages left for."""

    last: Mapping[str, int] = Field(default_factory=dict)
    gap: tuple[int, int] | None = None
    newest: datetime | None = None


@dataclass(slots=True)
class _Visit:
    """What one fetch has read and may still read."""

    last: dict[str, int]
    gap: tuple[int, int] | None
    oldest: datetime
    pages: int
    maker: BatchMaker

    def note(self, way: str, ids: Iterable[int]) -> None:
        self.last[way] = max((self.last.get(way, 0), *ids))


class DiscourseSource:
    """Reads one forum."""

    def __init__(self, settings: DiscourseSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)
        key = context.secret(settings.key) if settings.key else ""
        self._secrets = {"Api-Key": key, "Api-Username": settings.user} if key else {}

    def fetch(self, cursor: str | None) -> Batch:
        """Return what is new; a post that answers another of the same fetch carries its text."""
        position, now = DiscoursePosition.read(cursor, of=self._base), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        oldest = floor(now, self._settings.backfill, position.newest)
        visit = _Visit(dict(position.last), position.gap, oldest, self._settings.pages, maker)
        posts = maker.valid(self._rows(visit), ForumPost)
        by_place = {(post.topic_id, post.post_number): post for post in posts}
        maker.read(posts, lambda post: self._parse(post, by_place, visit))
        newest = max(filter(None, (position.newest, maker.newest)), default=None)
        return maker.batch(
            position.model_copy(update={"last": visit.last, "gap": visit.gap, "newest": newest})
        )

    def gone(self, external_ids: Sequence[str]) -> tuple[str, ...]:
        """Return those posts that the forum no longer shows; SourceError when it cannot tell."""
        asked = [number for number in external_ids if number.isdecimal()]
        return missing(asked, [number for number in asked if self._is_there(number)], self._host)

    def _is_there(self, number: str) -> bool:
        try:
            post = self._json(f"/posts/{number}.json")
        except SourceGone:
            return False
        return not (isinstance(post, dict) and (post.get("user_deleted") or post.get("deleted_at")))

    def _rows(self, visit: _Visit) -> list[Any]:
        rows = self._latest(visit) if self._settings.latest else []
        if self._settings.search:
            for term in self._settings.terms or self._context.names():
                rows += self._searched(term, visit)
        failures = []
        for topic in self._settings.topics:
            try:
                rows += self._topic(topic, visit)
            except SourceBroken as failure:
                visit.maker.warn(f"topic {topic} was left out: {failure}")
                failures.append(failure)
        if failures and len(failures) == len(self._settings.topics) and not rows:
            raise failures[0]
        return rows

    def _latest(self, visit: _Visit) -> list[Any]:
        """Read from the newest post down to the last known one, then on in the gap of earlier fetches."""
        last = visit.last.get("latest", 0)
        low = visit.gap[0] if visit.gap else last
        rows, stopped = self._walk(None, last, visit)
        if stopped is not None:
            visit.gap = (low, stopped)
        elif visit.gap:
            older, stopped = self._walk(visit.gap[1], low, visit)
            rows += older
            visit.gap = (low, stopped) if stopped is not None else None
        visit.note("latest", _ids(rows))
        return rows

    def _walk(self, before: int | None, low: int, visit: _Visit) -> tuple[list[Any], int | None]:
        """Return posts downward until id `low`, and the id where the pages ran out, if they did."""
        rows: list[Any] = []
        empty = 0
        while visit.pages > 0:
            visit.pages -= 1
            page = self._list("/posts.json", {"before": before} if before else {}, "latest_posts")
            rows += page
            lower = [number for number in _ids(page) if before is None or number < before]
            if before is None and not lower:
                return rows, None
            before = min(lower) if lower else (before or 0) - _SPAN
            empty = 0 if lower else empty + 1
            is_far_enough = low == 0 and (empty > 1 or _all_older(page, visit.oldest))
            if is_far_enough or before <= max(low, 1):
                return rows, None
        return rows, before

    def _searched(self, term: str, visit: _Visit) -> list[Any]:
        """Return the posts that contain a term with their whole text, and what stands around them."""
        way = f"search:{term}"
        topics: dict[int, list[Any]] = {}
        for hit in sorted(self._hits(term, visit, visit.last.get(way, 0)), key=lambda hit: hit.id):
            if hit.topic_id not in topics and len(topics) >= _TOPICS_PER_PAGE * self._settings.pages:
                break  # the rest is newer and comes with the next fetch
            near = topics.setdefault(hit.topic_id, [])
            if hit.id not in _ids(near):
                near += self._around(hit, visit)
            visit.note(way, [hit.id])
        return [row for near in topics.values() for row in near]

    def _hits(self, term: str, visit: _Visit, last: int) -> list[Hit]:
        hits: list[Hit] = []
        query = f'"{term}" after:{visit.oldest.astimezone(UTC):%Y-%m-%d} order:latest'
        for page in range(1, self._settings.pages + 1):
            answer = self._json("/search.json", {"q": query, "page": page})
            rows = rows_of(answer, "posts", host=self._host)
            hits += visit.maker.valid(rows, Hit, f"hit for {term}")
            if not _has_more(answer) or (rows and max(_ids(rows), default=0) <= last):
                break
        return [hit for hit in hits if hit.id > last]

    def _around(self, hit: Hit, visit: _Visit) -> list[Any]:
        place = f"/{hit.post_number}" if hit.post_number > _CHUNK else ""
        try:
            topic = self._json(f"/t/{hit.topic_id}{place}.json")
        except SourceBroken as failure:
            visit.maker.warn(f"topic {hit.topic_id} was left out: {failure}")
            return []
        return _stream(topic, topic, self._host)

    def _topic(self, number: int, visit: _Visit) -> list[Any]:
        """Return the new posts of a topic: those that come with it, and the later ones by their ids."""
        way = f"topic:{number}"
        topic = self._json(f"/t/{number}.json")
        rows = _stream(topic, topic, self._host)
        stream = rows_of(topic, "post_stream", "stream", host=self._host)
        known = {*_ids(rows)}
        ids = [i for i in stream if isinstance(i, int) and i > visit.last.get(way, 0) and i not in known]
        ids = ids[-_CHUNK * self._settings.pages :]
        for start in range(0, len(ids), _CHUNK):
            query = "&".join(f"post_ids[]={i}" for i in ids[start : start + _CHUNK])
            more = self._json(f"/t/{number}/posts.json?{query}")
            rows += _stream(more, topic, self._host)
        visit.note(way, _ids(rows))
        return rows

    def _list(self, path: str, params: Mapping[str, int], *keys: str) -> list[Any]:
        return rows_of(self._json(path, params), *keys, host=self._host)

    def _json(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        return self._context.get(self._base + path, params=params, secret_headers=self._secrets).json()

    def _parse(
        self, post: ForumPost, by_place: Mapping[tuple[int, int], ForumPost], visit: _Visit
    ) -> Post | None:
        if not post.is_speech or (post.is_by_staff and not self._settings.staff):
            return None
        is_edited = post.version > 1
        written = parse_moment(post.updated_at if is_edited else post.created_at)
        if written and written < visit.oldest:
            return None
        parent = by_place.get((post.topic_id, post.reply_to_post_number))
        return visit.maker.post(
            str(post.id),
            visit.maker.text_of(post.cooked, f"post {post.id}"),
            url=f"{self._base}/t/{post.topic_slug or '-'}/{post.topic_id}/{post.post_number}",
            author=post.username,
            title=post.topic_title if post.post_number == 1 else "",
            posted_at=post.created_at,
            edited_at=post.updated_at if is_edited else None,
            thread_key=str(post.topic_id),
            thread_title=post.topic_title,
            parent_text=html_to_text(parent.cooked) if parent else "",
            reach=post.reads,
        )


def _stream(answer: Any, topic: Any, host: str) -> list[Any]:
    """Return the posts of a topic, each with the topic's title, as posts.json gives it."""
    rows = rows_of(answer, "post_stream", "posts", host=host)
    about = {"topic_title": topic.get("title"), "topic_slug": topic.get("slug"), "topic_id": topic.get("id")}
    return [{**about, **row} if isinstance(row, dict) else row for row in rows]


def _has_more(answer: Any) -> bool:
    summary = answer.get("grouped_search_result")
    return isinstance(summary, dict) and bool(summary.get("more_full_page_results"))


def _ids(rows: Iterable[Any]) -> list[int]:
    ids = (row.get("id") for row in rows if isinstance(row, dict))
    return [number for number in ids if isinstance(number, int)]


def _all_older(page: Iterable[Any], oldest: datetime) -> bool:
    moments = [parse_moment(row.get("created_at")) for row in page if isinstance(row, dict)]
    return any(moments) and all(moment < oldest for moment in moments if moment)


KIND = Kind(
    name="discourse",
    settings=DiscourseSettings,
    build=DiscourseSource,
    reads="new posts, search hits and chosen topics of a Discourse forum, with edits",
    needs="the forum's address; an API key only for closed forums",
    speed="50 posts a request; one request when little is new",
    cannot_see="closed categories, edits of posts older than the newest 50",
    terms="public posts through the forum's own API; the forum's terms hold",
)
