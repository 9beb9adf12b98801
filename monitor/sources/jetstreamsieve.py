"""What of the Bluesky stream matters: wanted posts, deletions, and authors who left; the rest is counted.

Reads messages, connects to nothing. Most posts are passed over at a first look, before they are cleaned and
checked, which is the dear part.
"""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from monitor.domain import Batch, Post
from monitor.sources.blueskyrecords import Embed, Record, with_links
from monitor.sources.contract import SourceContext
from monitor.sources.jetstreamevents import Commit, Event, Leaving, plain_words, read_event
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Position, language_code

_MOST_WAITING = 2_000
_MOST_AHEAD = timedelta(minutes=1)
_LONG_GAP_US = 3_600_000_000


class JetstreamPosition(Position):
    """The time of the newest event, in microseconds since 1970; 0 is nowhere yet."""

    at: int = 0


class Sieve:
    """Takes messages in, keeps what matters, counts the rest; `emptied` gives it as a batch."""

    def __init__(
        self, context: SourceContext, host: str, langs: Collection[str], position: JetstreamPosition
    ) -> None:
        self._context, self._host = context, host
        self._position, self._at = position, position.at
        self._langs = {language_code(lang) for lang in langs}
        self._now = asyncio.get_running_loop().time
        self.last_sign = self._now()
        self._begin()

    def _begin(self) -> None:
        now = self._context.clock.now()
        self._maker = BatchMaker(self._context.slug, now, self._host)
        self._latest = microseconds(now + _MOST_AHEAD)
        self._posts: dict[str, Post] = {}
        self._gone: dict[str, None] = {}
        self._left: dict[str, None] = {}
        self._passed = self._unreadable = self._left_out = self._newest = 0

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be taken in before it is emptied."""
        return len(self._posts) + len(self._gone) + len(self._left) >= _MOST_WAITING

    def emptied(self) -> Batch:
        """Return what was kept since the last time, and begin anew."""
        if self.is_full:
            self.last_sign = self._now()
        batch = replace(
            self._maker.batch(self._position.model_copy(update={"at": self._at})),
            posts=tuple(self._posts.values()),
            unreadable=self._unreadable,
            left_out=self._left_out,
            gone=tuple(self._gone),
            gone_authors=tuple(self._left),
            passed=self._passed,
            newest=moment_of(self._newest) if self._newest else None,
        )
        self._begin()
        return batch

    @property
    def has_moved(self) -> bool:
        """Whether anything was heard since the position it began with."""
        return self._at != self._position.at

    def take(self, message: bytes) -> None:
        """Keep what a message says, if it matters."""
        try:
            event = read_event(message)
            # A time that cannot be must not carry the position into the future.
            event = event._replace(at=min(event.at, self._latest))
            self._sort(event)
        except ValueError as error:
            self._unreadable += 1
            self.last_sign = self._now()
            self._maker.warn(f"a message cannot be read: {_why(error)}")
            return
        self._move_to(event.at)

    def _sort(self, event: Event) -> None:
        if isinstance(event, Commit):
            self._sort_commit(event)
            self.last_sign = self._now()
        elif isinstance(event, Leaving):
            self._left[event.did] = None
            self._posts = {uri: post for uri, post in self._posts.items() if post.author != event.did}
        else:
            self._left_out += 1
            self._maker.warn(event.notice)

    def _sort_commit(self, event: Commit) -> None:
        """Take in one post. Every edit is handed on: what it says no more may be stored."""
        post = self._wanted(event) if event.record else None
        if post is None and event.operation == "update":
            post = post_of(event, self._maker)
        self._newest = max(self._newest, event.at)
        if post is not None:
            self._posts[event.uri] = post
            self._gone.pop(event.uri, None)
            return
        if event.record:
            self._passed += 1
        if event.operation == "delete":
            self._posts.pop(event.uri, None)
            self._gone[event.uri] = None

    def _wanted(self, event: Commit) -> Post | None:
        """Make a post of the event if anybody wants it; most are passed over at the first look."""
        if self._langs and not self._is_in_our_languages(event.record.get("langs")):
            return None
        words = plain_words(event.record)
        if words is not None and not self._context.wanted(_sketch(words)):
            return None
        post = post_of(event, self._maker)
        return post if self._context.wanted(post) else None

    def _is_in_our_languages(self, langs: object) -> bool:
        """What is not marked may be in any language."""
        marked = {language_code(str(lang)) for lang in langs} if isinstance(langs, list) else set()
        return not marked or bool(marked & self._langs)

    def _move_to(self, at: int) -> None:
        if self._at and at - self._at > _LONG_GAP_US:
            since, until = (f"{moment_of(one):%Y-%m-%d %H:%M} UTC" for one in (self._at, at))
            self._maker.warn(f"Nothing came between {since} and {until}; the server may keep less.")
        self._at = max(self._at, at)


def _sketch(words: str) -> Post:
    """Return a post for a first look, made without the cost of checking it."""
    return Post.model_construct(source="-", external_id="-", thread_key="-", text=words)


def post_of(event: Commit, maker: BatchMaker) -> Post:
    """Make a post of what somebody wrote or changed. Raises ValueError when it cannot be one."""
    record = Record.model_validate(event.record)
    embed = event.record.get("embed")
    embed = Embed.model_validate(embed if isinstance(embed, dict) else {})
    seen = moment_of(event.at)
    written = parse_moment(record.created_at)
    return maker.post(
        event.uri,
        with_links(record, embed.card),
        url=f"https://bsky.app/profile/{event.did}/post/{event.key}",
        author=event.did,
        posted_at=min(written, seen) if written else seen,
        edited_at=seen if event.operation == "update" else None,
        thread_key=record.reply.root.uri or event.uri,
        parent_text=embed.quoted_text,
        lang=record.langs[0] if record.langs else None,
    )


def _why(error: ValueError) -> str:
    return "its post is of another kind." if isinstance(error, ValidationError) else f"{error}."


def microseconds(moment: datetime) -> int:
    """Return a time as cursors have it: microseconds since 1970."""
    return int(moment.timestamp() * 1_000_000)


def moment_of(at: int) -> datetime:
    """Return the time that a cursor means."""
    return datetime.fromtimestamp(at / 1_000_000, UTC)
