"""The kind "discourse": newest posts, search and single topics of a Discourse forum.

https://docs.discourse.org/ (posts.json, search.json, t/<id>.json). Posts of the system and of the
forum's own staff, hidden and deleted ones are left out. Terms: public forums only, or with a key that
their owner gave; the forum's own terms hold.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import Field, model_validator

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy, SourceGone
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.discourseposts import ForumPost, Hit, Visit, all_older, has_more, ids_of, stream_rows
from monitor.sources.moments import floor, parse_moment
from monitor.sources.reading import BatchMaker, Position, rows_of
from monitor.sources.rechecking import one_by_one
from monitor.text import html_to_text

_SPAN = 50  # posts.json looks at this many ids at once, deleted ones included
_CHUNK = 20  # posts of a topic that come with it, or that can be asked for at once
_TOPICS_PER_PAGE = 5
_TOPIC = "topic:"


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
    """`last` is the newest post id for each way of reading; `gap` are ids a fetch had no pages left for.

    `turn` is the way that the next fetch begins with, where the forum wanted us to wait.
    """

    last: Mapping[str, int] = Field(default_factory=dict)
    gap: tuple[int, int] | None = None
    turn: str = ""
    newest: datetime | None = None


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
        visit = Visit(
            maker=maker,
            last=dict(position.last),
            gap=position.gap,
            oldest=oldest,
            pages=self._settings.pages,
        )
        rows, turn = self._rows(position.turn, visit)
        posts = maker.valid(rows, ForumPost)
        by_place = {(post.topic_id, post.post_number): post for post in posts}
        maker.read(posts, lambda post: self._parse(post, by_place, visit))
        newest = max(filter(None, (position.newest, maker.newest)), default=None)
        return maker.batch(
            position.model_copy(update={"last": visit.last, "gap": visit.gap, "turn": turn, "newest": newest})
        )

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return the posts as they read now, and those that the forum no longer shows."""
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self._host)
        asked = [post for post in posts if post.external_id.isdecimal()]
        return one_by_one(asked, lambda post: self._look(post.external_id, maker)).batch(posts, self._host)

    def _look(self, number: str, maker: BatchMaker) -> Post | None:
        row = self._json(f"/posts/{number}.json")
        if isinstance(row, dict) and (row.get("user_deleted") or row.get("deleted_at")):
            raise SourceGone(f"{self._host} marks post {number} as deleted.")
        found = maker.valid([row], ForumPost)
        if not found or not found[0].is_speech:
            return None
        post = found[0]
        edited_at = post.updated_at if post.version > 1 else None
        return maker.post(number, maker.text_of(post.cooked, f"post {number}"), edited_at=edited_at)

    def _rows(self, turn: str, visit: Visit) -> tuple[list[Any], str]:
        """Read every way, beginning with the one whose turn it is; return the rows and whose turn is next."""
        ways = self._ways(visit)
        names = list(ways)
        start = names.index(turn) if turn in ways else 0
        rows: list[Any] = []
        failures: list[SourceBroken] = []
        for name in (*names[start:], *names[:start]):
            try:
                rows += ways[name]()
            except SourceBroken as failure:
                if not name.startswith(_TOPIC):
                    raise
                visit.maker.warn(f"{name.replace(':', ' ')} was left out: {failure}")
                failures.append(failure)
            if visit.is_stopped:
                return rows, name
        if failures and len(failures) == len(self._settings.topics) and not rows:
            raise failures[0]
        return rows, ""

    def _ways(self, visit: Visit) -> dict[str, Callable[[], list[Any]]]:
        ways: dict[str, Callable[[], list[Any]]] = {}
        if self._settings.latest:
            ways["latest"] = partial(self._latest, visit)
        if self._settings.search:
            terms = self._settings.terms or self._context.names()
            ways |= {f"search:{term}": partial(self._searched, term, visit) for term in terms}
        return ways | {
            f"{_TOPIC}{topic}": partial(self._topic, topic, visit) for topic in self._settings.topics
        }

    def _latest(self, visit: Visit) -> list[Any]:
        """Read from the newest post down to the last known one, then on in the gap of earlier fetches."""
        last = visit.last.get("latest", 0)
        low = visit.gap[0] if visit.gap else last
        rows, stopped = self._walk(None, last, visit)
        if stopped is not None:
            visit.gap = (low, stopped)
        elif visit.gap and not visit.is_stopped:
            older, stopped = self._walk(visit.gap[1], low, visit)
            rows += older
            visit.gap = (low, stopped) if stopped is not None else None
        visit.note("latest", ids_of(rows))
        return rows

    def _walk(self, before: int | None, low: int, visit: Visit) -> tuple[list[Any], int | None]:
        """Return posts downward until id `low`, and the id where the pages ran out, if they did."""
        rows: list[Any] = []
        empty = 0
        while visit.pages > 0:
            visit.pages -= 1
            try:
                page = self._list("/posts.json", {"before": before} if before else {}, "latest_posts")
            except SourceBusy as busy:
                visit.stop(busy)
                return rows, before
            visit.has_read = True
            rows += page
            lower = [number for number in ids_of(page) if before is None or number < before]
            if before is None and not lower:
                return rows, None
            before = min(lower) if lower else (before or 0) - _SPAN
            empty = 0 if lower else empty + 1
            is_far_enough = low == 0 and (empty > 1 or all_older(page, visit.oldest))
            if is_far_enough or before <= max(low, 1):
                return rows, None
        return rows, before

    def _searched(self, term: str, visit: Visit) -> list[Any]:
        """Return the posts that contain a term with their whole text, and what stands around them."""
        way = f"search:{term}"
        topics: dict[int, list[Any]] = {}
        try:
            hits = self._hits(term, visit, visit.last.get(way, 0))
        except SourceBusy as busy:
            visit.stop(busy)
            return []
        visit.has_read = True
        for hit in sorted(hits, key=lambda hit: hit.id):
            if hit.topic_id not in topics and len(topics) >= _TOPICS_PER_PAGE * self._settings.pages:
                break  # the rest is newer and comes with the next fetch
            near = topics.setdefault(hit.topic_id, [])
            if hit.id not in ids_of(near):
                try:
                    near += self._around(hit, visit)
                except SourceBusy as busy:
                    visit.stop(busy)
                    break
            visit.note(way, [hit.id])
        return [row for near in topics.values() for row in near]

    def _hits(self, term: str, visit: Visit, last: int) -> list[Hit]:
        hits: list[Hit] = []
        query = f'"{term}" after:{visit.oldest.astimezone(UTC):%Y-%m-%d} order:latest'
        for page in range(1, self._settings.pages + 1):
            answer = self._json("/search.json", {"q": query, "page": page})
            rows = rows_of(answer, "posts", host=self._host)
            hits += visit.maker.valid(rows, Hit, f"hit for {term}")
            if not has_more(answer) or (rows and max(ids_of(rows), default=0) <= last):
                break
        return [hit for hit in hits if hit.id > last]

    def _around(self, hit: Hit, visit: Visit) -> list[Any]:
        place = f"/{hit.post_number}" if hit.post_number > _CHUNK else ""
        try:
            topic = self._json(f"/t/{hit.topic_id}{place}.json")
        except SourceBroken as failure:
            visit.maker.warn(f"topic {hit.topic_id} was left out: {failure}")
            return []
        return stream_rows(topic, topic, self._host)

    def _topic(self, number: int, visit: Visit) -> list[Any]:
        """Return the new posts of a topic: those that come with it, and the later ones by their ids."""
        way = f"{_TOPIC}{number}"
        try:
            topic = self._json(f"/t/{number}.json")
        except SourceBusy as busy:
            visit.stop(busy)
            return []
        visit.has_read = True
        rows = stream_rows(topic, topic, self._host)
        stream = rows_of(topic, "post_stream", "stream", host=self._host)
        known = {*ids_of(rows)}
        ids = [i for i in stream if isinstance(i, int) and i > visit.last.get(way, 0) and i not in known]
        ids = ids[-_CHUNK * self._settings.pages :]
        for start in range(0, len(ids), _CHUNK):
            query = "&".join(f"post_ids[]={i}" for i in ids[start : start + _CHUNK])
            try:
                more = self._json(f"/t/{number}/posts.json?{query}")
            except SourceBusy as busy:
                visit.stop(busy)
                break
            rows += stream_rows(more, topic, self._host)
        visit.note(way, ids_of(rows))
        return rows

    def _list(self, path: str, params: Mapping[str, int], *keys: str) -> list[Any]:
        return rows_of(self._json(path, params), *keys, host=self._host)

    def _json(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        return self._context.get(self._base + path, params=params, secret_headers=self._secrets).json()

    def _parse(
        self, post: ForumPost, by_place: Mapping[tuple[int, int], ForumPost], visit: Visit
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


KIND = Kind(
    name="discourse",
    settings=DiscourseSettings,
    build=DiscourseSource,
    reads="new posts, search hits and chosen topics of a Discourse forum, with edits",
    needs="the forum's address; an API key only for closed forums",
    speed="50 posts a request; one request when little is new",
    cannot_see="closed categories; with search alone also inflected names",
    terms="public posts through the forum's own API; the forum's terms hold",
)
