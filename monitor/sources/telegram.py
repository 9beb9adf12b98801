"""The kind "telegram": public channels, by the preview pages that Telegram shows without an account.

https://t.me/s/<channel>: 20 posts a page, not documented, so it is read slowly and with robots.txt
respected. Cannot see groups, private channels, comments under posts. Terms: Telegram's terms
of service; the texts stay their writers'.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from monitor.config import Duration
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, host_of
from monitor.sources.forum.page import Page
from monitor.sources.forum.profile import Pick, first_value
from monitor.sources.forum.rows import ForumPost, read_posts
from monitor.sources.moments import floor
from monitor.sources.patience import Patience
from monitor.sources.reading import BatchMaker, Position
from monitor.sources.rechecking import Looks, raise_if_closed
from monitor.sources.robots import Robots, moved
from monitor.sources.telegramrows import message_rows
from monitor.text import html_to_text

_COUNT = re.compile(r"([\d.]+)([KM]?)")
_FACTORS = {"": 1, "K": 1_000, "M": 1_000_000}
Channel = Annotated[str, StringConstraints(pattern=r"^@?[A-Za-z][A-Za-z0-9_]{3,31}$")]


class TelegramSettings(SourceSettings):
    """`channels` are names with or without "@"; `pages` is the most that one fetch reads of each."""

    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    url: Address = "https://t.me"
    pages: Pages = 10
    pace: Duration = timedelta(seconds=3)


class TelegramPosition(Position):
    """`last` is, for each channel, the highest number up to which every post was read.

    `deeper` is the number below which a channel's back-fill goes on; `turn` is the channel that the next
    fetch begins with, where Telegram wanted us to wait.
    """

    last: Mapping[str, int] = Field(default_factory=dict)
    deeper: Mapping[str, int] = Field(default_factory=dict)
    turn: str = ""
    newest: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether pages ran out; where Telegram wants us to wait, there is no hurry."""
        return bool(self.deeper) and not self.turn


@dataclass(frozen=True, slots=True)
class _Message:
    number: int
    post: ForumPost
    views: str
    answered: str


@dataclass(slots=True, kw_only=True)
class _Visit(Patience):
    now: datetime
    oldest: datetime
    pace: timedelta
    deeper: dict[str, int] = field(default_factory=dict)


class TelegramSource:
    """Reads the public pages of some channels."""

    def __init__(self, settings: TelegramSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._robots = Robots(context, self._base)
        self._rows = message_rows()
        self._views = Pick(css=".tgme_widget_message_views")
        self._snippet = Pick(css=".tgme_widget_message_reply .js-message_reply_text")

    def fetch(self, cursor: str | None) -> Batch:
        """Return the newest page of every channel, and what lies between it and the last fetch."""
        position = TelegramPosition.read(cursor, of=self._base)
        visit, last, failures = self._visit(position.newest), dict(position.last), []
        maker = visit.maker
        turn, names, visit.deeper = "", self._names(), dict(position.deeper)
        start = names.index(position.turn) if position.turn in names else 0
        for name in (*names[start:], *names[:start]):
            try:
                last[name] = self._channel(name, last.get(name, 0), visit)
            except SourceBusy as busy:
                visit.stop(busy)
            except SourceBroken as failure:
                maker.warn(f"channel {name} was left out: {failure}")
                failures.append(failure)
            if visit.is_stopped:
                turn = name
                break
        if len(failures) == len(self._names()):
            raise failures[0]
        newest = max(filter(None, (position.newest, maker.newest)), default=None)
        deeper = {name: number for name, number in visit.deeper.items() if number and name in names}
        update = {"last": last, "deeper": deeper, "turn": turn, "newest": newest}
        return maker.batch(position.model_copy(update=update))

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return posts as their channel's pages show them now, and those missing between others there."""
        visit, looks, failures = self._visit(None), Looks(), list[SourceBroken]()
        for name in self._names():
            prefix = f"{name.lower()}/"
            ids = (post.external_id for post in posts if post.external_id.startswith(prefix))
            numbers = {int(one.removeprefix(prefix)) for one in ids}
            try:
                self._look(name, numbers, visit, looks)
            except SourceBusy:
                if not looks.asked:
                    raise
                looks.is_cut = True
                break
            except SourceBroken as failure:
                failures.append(failure)
                raise_if_closed(failures, looks)
                looks.in_vain += [_id(name, number) for number in numbers]
        if failures and not looks.asked:
            raise failures[0]
        return looks.batch(posts, host_of(self._base))

    def _look(self, name: str, numbers: set[int], visit: _Visit, looks: Looks) -> None:
        """Look at the pages that end with the highest numbers; what a page spans and lacks is gone."""
        while numbers:
            page = {one.number: one for one in self._page(name, f"?before={max(numbers) + 1}", visit)}
            spanned = {number for number in numbers if page and number >= min(page)}
            if not spanned:  # a page without posts, or with others than those asked for, proves nothing
                looks.in_vain += [_id(name, number) for number in numbers]
                break
            looks.asked += [_id(name, number) for number in spanned]
            shown = [page[number] for number in spanned & page.keys()]
            looks.there |= {_id(name, one.number): _as_now(one, name, visit) for one in shown}
            numbers = numbers - spanned

    def _names(self) -> list[str]:
        return [channel.lstrip("@") for channel in self._settings.channels]

    def _visit(self, newest: datetime | None) -> _Visit:
        now = self._context.clock.now()
        return _Visit(
            maker=BatchMaker(self._context.slug, now, host_of(self._base)),
            now=now,
            oldest=floor(now, self._settings.backfill, newest),
            pace=max(self._settings.pace, self._robots.delay()),
        )

    def _channel(self, name: str, last: int, visit: _Visit) -> int:
        """Read one channel; return the number up to which nothing is missing."""
        messages = self._page(name, "", visit)
        reached = max((one.number for one in messages), default=last)
        lowest = min((one.number for one in messages), default=0)
        if last and lowest > last + 1:
            between, reached = self._forward(name, last, lowest, reached, visit)
            messages += between
        deeper = visit.deeper.get(name, 0) if last else _bottom(messages, visit.oldest)
        messages += self._backward(name, deeper, visit)
        known = {one.number: html_to_text(one.post.markup) for one in messages}
        visit.maker.read(
            sorted(messages, key=lambda one: one.number), lambda one: _parse(one, name, known, visit)
        )
        return max(reached, last)

    def _forward(
        self, name: str, last: int, lowest: int, newest: int, visit: _Visit
    ) -> tuple[list[_Message], int]:
        """Read the gap upward, so that what has no pages left now comes with the next fetch."""
        found: list[_Message] = []
        for _ in range(self._settings.pages - 1):
            try:
                page = [one for one in self._page(name, f"?after={last}", visit) if one.number > last]
            except SourceBusy as busy:
                visit.stop(busy)
                break
            found += page
            last = max((one.number for one in page), default=newest)
            if last >= lowest - 1:
                return found, newest
        return found, last

    def _backward(self, name: str, lowest: int, visit: _Visit) -> list[_Message]:
        """Read down from a number to the back-fill's end; notes where the pages ran out."""
        found: list[_Message] = []
        for _ in range(max(self._settings.pages - 1, 1)):
            if not lowest or visit.is_stopped:
                break
            try:
                page = [one for one in self._page(name, f"?before={lowest}", visit) if one.number < lowest]
            except SourceBusy as busy:
                visit.stop(busy)
                break
            found += page
            lowest = _bottom(page, visit.oldest)
        visit.deeper = {**visit.deeper, name: lowest}
        return found

    def _page(self, name: str, query: str, visit: _Visit) -> list[_Message]:
        url = f"{self._base}/s/{name}{query}"
        if not self._robots.allows(url):
            raise SourceBroken(self._robots.refusal(url, "Leave this channel out."))
        answer = self._context.get(url, pace=visit.pace)
        visit.has_read = True
        if answer.host != host_of(self._base):
            raise SourceBroken(moved(host_of(self._base), answer.host))
        page = Page(answer)
        if not urlsplit(answer.url).path.lower().endswith(f"/s/{name}".lower()):
            raise SourceBroken(f"{name} is no public channel with a preview page. Check its name.")
        if not page.is_whole:
            visit.maker.warn("A page is cut off; what could be read was taken.")
        return self._messages(page, name, visit)

    def _messages(self, page: Page, name: str, visit: _Visit) -> list[_Message]:
        """Return the messages of a page, [] where a channel shows none; UnknownPage for other pages."""
        has_head = bool(Pick(css=".tgme_channel_info, .tgme_header_info").nodes(page.root))
        nodes = Pick(css=self._rows.post).nodes(page.root)
        if not nodes and has_head:
            visit.maker.warn(f"channel {name} shows no posts.")
            return []
        found = read_posts(page, self._rows, visit.now, self._context.zone, "the posts of a channel")
        return [
            _Message(
                number=int(post.id),
                post=post,
                views=first_value([self._views], node),
                answered=first_value([self._snippet], node),
            )
            for node, post in zip(nodes, found.posts, strict=True)
            if post.id
        ]


def _bottom(page: Sequence[_Message], oldest: datetime) -> int:
    """The number below which a back-fill goes on; 0 where it ends."""
    times = [one.post.at for one in page if one.post.at]
    lowest = min((one.number for one in page), default=0)
    return lowest if lowest > 1 and times and min(times) >= oldest else 0


def _id(name: str, number: int) -> str:
    return f"{name.lower()}/{number}"


def _as_now(message: _Message, name: str, visit: _Visit) -> Post | None:
    text = html_to_text(message.post.markup)
    return visit.maker.post(_id(name, message.number), text) if text else None


def _parse(message: _Message, name: str, known: Mapping[int, str], visit: _Visit) -> Post | None:
    post, text = message.post, known[message.number]
    if not text or (post.at and post.at < visit.oldest):
        return None
    answered = int(post.answers or 0)
    return visit.maker.post(
        _id(name, message.number),
        text,
        url=post.url,
        author=post.author or name,
        posted_at=post.at,
        thread_key=_id(name, answered or message.number),
        parent_text=known.get(answered, "") or message.answered,
        reach=_count(message.views),
    )


def _count(written: str) -> int | None:
    """Return "4.02K" as 4020."""
    found = _COUNT.fullmatch(written.strip().upper())
    try:
        return round(float(found.group(1)) * _FACTORS[found.group(2)]) if found else None
    except ValueError:
        return None


KIND = Kind(
    name="telegram",
    settings=TelegramSettings,
    build=TelegramSource,
    reads="posts of public Telegram channels, with views and the post they answer",
    needs="the channels' names; no account",
    speed="20 posts a request, one request in 3 seconds",
    cannot_see="groups, private channels, comments under posts, edits after a week",
    terms="Telegram's terms of service; only what it shows to everybody",
)
