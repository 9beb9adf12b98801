"""The kind "youtube": comments under chosen videos and channels, and under videos that name a shop.

https://developers.google.com/youtube/v3/docs (search, videos, commentThreads, comments). Google counts by
the day of California: 100 searches, and 10,000 units for all else; both are counted here. Terms: YouTube
API Services Terms of Service; stored texts must be refreshed or deleted within 30 days of reading, and
what is deleted there must go here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from monitor.config import Duration, SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy, SourceError
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.quota import Quota, ledger_name
from monitor.sources.reading import BatchMaker, rows_of
from monitor.sources.rechecking import all_at_once
from monitor.sources.searching import Page, Searches, SearchPosition, Way, Window, stamp
from monitor.sources.youtubelimits import raise_if_limited
from monitor.sources.youtubeposts import (
    Comment,
    Thread,
    Video,
    as_now,
    parse_comment,
    parse_video,
    written_at,
)

_PAGE = 100
_VIDEOS_AT_ONCE = 50
_TERMS_AT_ONCE = 8
_MOST_FOLLOWED = 100
_MOST_THREADS = 20  # whose further replies one fetch asks for; each costs a unit
_LATE = timedelta(days=1)  # what the search may take to show a new video
_VIDEO_ID = 11  # characters; ids of comments are longer
_CALIFORNIA = "America/Los_Angeles"


class YouTubeSettings(SourceSettings):
    """`videos` are ids, `channels` ids ("UC...") or handles ("@name").

    `search` looks every `search_every` for new videos with the shops' names (or `terms`), and follows the
    comments under them for the time of `follow`. `searches` and `units` are what the key may be used for in
    a day, by all sources that have it.
    """

    url: Address = "https://youtube.googleapis.com"
    key: SecretRef
    videos: tuple[Word, ...] = ()
    channels: tuple[Word, ...] = ()
    search: bool = True
    terms: tuple[Word, ...] = ()
    search_every: Duration = timedelta(hours=1)
    follow: Duration = timedelta(days=14)
    searches: int = Field(default=100, ge=1)
    units: int = Field(default=10_000, ge=1)
    pages: Pages = 5

    @model_validator(mode="after")
    def _reads_something(self) -> "YouTubeSettings":
        if not (self.search or self.videos or self.channels):
            raise ValueError("set search = true, videos = [...] or channels = [...]")
        return self


class YouTubePosition(SearchPosition):
    """`followed` holds when each video was found."""

    searched_at: datetime | None = None
    followed: Mapping[str, datetime] = Field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Old comments can wait: the day's allowance must last the day."""
        return False


class YouTubeSource:
    """Reads comments with one key."""

    def __init__(self, settings: YouTubeSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)
        key = context.secret(settings.key)
        self._secrets = {"X-Goog-Api-Key": key}
        self._searches = self._quota("searches", key, settings.searches)
        self._units = self._quota("requests", key, settings.units)
        self._channels: dict[str, str] = {}
        self._counted: dict[str, int] = {}

    def _quota(self, what: str, key: str, limit: int) -> Quota:
        zone, name = ZoneInfo(_CALIFORNIA), ledger_name(f"youtube {what}", key)
        title = f"The allowance of YouTube {what}"
        context = self._context
        return Quota(title, name, limit, zone, context.clock, context.ledger, context.zone)

    def fetch(self, cursor: str | None) -> Batch:
        """Return new comments, and the videos that the search found."""
        position, now = YouTubePosition.read(cursor, of=self._base), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        chosen = self._settings
        searches = Searches(
            position, maker, written_at, now=now, backfill=chosen.backfill, pages=chosen.pages
        )
        followed, searched_at = self._found(position, now, maker)
        update = {"searched_at": searched_at, "followed": followed}
        try:
            videos = self._described([*chosen.videos, *followed], maker)
        except SourceBusy as busy:
            if followed == position.followed:
                raise
            maker.warn(f"{busy} The comments come with the next fetch.")
            return maker.batch(position.model_copy(update=update))
        found = [video for video in videos.values() if video.id in followed]
        maker.read(found, lambda video: parse_video(video, searches.oldest, maker))
        ways = tuple(self._ways([name for name in (*chosen.videos, *followed) if name in videos]))
        threads = {thread.id: thread for thread in maker.valid(searches.rows(ways), Thread)}
        self._read_threads(threads.values(), videos, searches.oldest, maker)
        return maker.batch(searches.position().model_copy(update=update))

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return comments and videos as they read now, and those that are there no more."""
        names = [post.external_id for post in posts]
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self._host)
        there: dict[str, Post | None] = {}
        for path in ("videos", "comments"):
            some = [name for name in names if (len(name) == _VIDEO_ID) == (path == "videos")]
            for start in range(0, len(some), _VIDEOS_AT_ONCE):
                self._units.take()
                ids = ",".join(some[start : start + _VIDEOS_AT_ONCE])
                plain = {"textFormat": "plainText"} if path == "comments" else {}
                rows = self._rows(path, {"part": "snippet", "id": ids, **plain})
                there |= {str(row["id"]): None for row in rows if isinstance(row, dict) and "id" in row}
                there |= {post.external_id: post for post in as_now(path, rows, maker)}
        return all_at_once(names, there).batch(posts, self._host)

    def _found(
        self, position: YouTubePosition, now: datetime, maker: BatchMaker
    ) -> tuple[dict[str, datetime], datetime | None]:
        """Return the videos to follow, newest first, and when they were last searched for."""
        before = position.searched_at
        kept = {name: at for name, at in position.followed.items() if now - at < self._settings.follow}
        if not self._settings.search or (before and now - before < self._settings.search_every):
            return kept, before
        since = before - _LATE if before else now - self._settings.backfill
        names: list[str] = []
        try:
            for query in self._queries():
                names += self._search(query, since)
        except SourceError as failure:
            if not (names or kept or self._settings.videos or self._settings.channels):
                raise
            maker.warn(f"New videos were not searched for: {failure}")
            searched_at = before
        else:
            searched_at = now
        new = {name: now for name in names if name not in kept and name not in self._settings.videos}
        return dict(list({**new, **kept}.items())[:_MOST_FOLLOWED]), searched_at

    def _queries(self) -> Iterator[str]:
        terms = self._settings.terms or self._context.names()
        for start in range(0, len(terms), _TERMS_AT_ONCE):
            yield "|".join(f'"{term}"' for term in terms[start : start + _TERMS_AT_ONCE])

    def _search(self, query: str, since: datetime) -> list[str]:
        self._searches.take()
        params = {"part": "id", "type": "video", "order": "date", "q": query, "publishedAfter": stamp(since)}
        rows = self._rows("search", {**params, "maxResults": _VIDEOS_AT_ONCE})
        ids = (row.get("id") for row in rows if isinstance(row, dict))
        return [str(one["videoId"]) for one in ids if isinstance(one, dict) and one.get("videoId")]

    def _described(self, names: Sequence[str], maker: BatchMaker) -> dict[str, Video]:
        """Return the videos that are there."""
        found: dict[str, Video] = {}
        for start in range(0, len(names), _VIDEOS_AT_ONCE):
            self._units.take()
            ids = ",".join(names[start : start + _VIDEOS_AT_ONCE])
            rows = self._rows(
                "videos", {"part": "snippet,statistics", "id": ids, "maxResults": _VIDEOS_AT_ONCE}
            )
            found |= {video.id: video for video in maker.valid(rows, Video, "video")}
        for name in sorted({*self._settings.videos} - found.keys()):
            maker.warn(f"Video {name} is not there, or not public.")
        return found

    def _ways(self, videos: Iterable[str]) -> Iterator[Way]:
        for channel in self._settings.channels:
            ask = partial(self._threads, "allThreadsRelatedToChannelId", channel)
            yield Way(f"channel {channel}", ask, alone=True, lasting=True)
        for video in videos:
            yield Way(f"video {video}", partial(self._threads, "videoId", video), alone=True, lasting=True)

    def _threads(self, place: str, name: str, window: Window, more: str | None) -> Page:
        own_id = self._channel_id(name) if name.startswith("@") else name
        self._units.take()
        params = {"part": "snippet,replies", place: own_id, "order": "time", "textFormat": "plainText"}
        following = {"pageToken": more} if more else {}
        answer = self._json("commentThreads", {**params, **following, "maxResults": _PAGE})
        token = answer.get("nextPageToken") if isinstance(answer, dict) else None
        return Page(rows_of(answer, "items", host=self._host), token if isinstance(token, str) else None)

    def _channel_id(self, handle: str) -> str:
        if handle not in self._channels:
            self._units.take()
            rows = self._rows("channels", {"part": "id", "forHandle": handle})
            if not rows or not isinstance(rows[0], dict) or not rows[0].get("id"):
                raise SourceBroken(f"{self._host} knows no channel {handle}.")
            self._channels[handle] = str(rows[0]["id"])
        return self._channels[handle]

    def _read_threads(
        self, threads: Iterable[Thread], videos: Mapping[str, Video], oldest: datetime, maker: BatchMaker
    ) -> None:
        further = 0
        for thread in threads:
            comments = [
                thread.snippet.top_level_comment,
                *maker.valid(thread.replies.comments, Comment, "reply"),
            ]
            is_whole = thread.snippet.total_reply_count < len(comments)
            is_new = self._counted.get(thread.id) != thread.snippet.total_reply_count
            if not is_whole and is_new and further < _MOST_THREADS:
                further += 1
                comments += self._replies(thread, maker)
            video = videos.get(thread.snippet.video_id)
            parse = partial(parse_comment, thread=thread, video=video, oldest=oldest, maker=maker)
            maker.read(comments, parse, lambda comment: f"comment {comment.id[:100]}")

    def _replies(self, thread: Thread, maker: BatchMaker) -> list[Comment]:
        """Return the replies that did not come with their thread; without them the rest stands."""
        params = {"part": "snippet", "parentId": thread.id, "textFormat": "plainText"}
        try:
            self._units.take()
            rows = self._rows("comments", {**params, "maxResults": _PAGE})
        except SourceError as failure:
            maker.warn(f"Some replies were not read: {failure}")
            return []
        self._counted[thread.id] = thread.snippet.total_reply_count
        return maker.valid(rows, Comment, "reply")

    def _rows(self, name: str, params: Mapping[str, str | int]) -> list[Any]:
        return rows_of(self._json(name, params), "items", host=self._host)

    def _json(self, name: str, params: Mapping[str, str | int]) -> Any:
        url = f"{self._base}/youtube/v3/{name}"
        quota = self._searches if name == "search" else self._units
        heard = partial(raise_if_limited, quota=quota)
        return self._context.get(url, params=params, secret_headers=self._secrets, on_refusal=heard).json()


KIND = Kind(
    name="youtube",
    settings=YouTubeSettings,
    build=YouTubeSource,
    reads="new videos with a shop's name and the comments under them; comments of chosen videos and channels",
    needs="an API key of a Google Cloud project (free)",
    speed="100 comments a request; 100 searches and 10,000 requests a day, both counted",
    cannot_see="inflected names, late replies to comments older than two days, speech in videos, live chat",
    terms="YouTube API Services Terms; texts must be refreshed or deleted within 30 days",
)
