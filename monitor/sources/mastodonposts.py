"""Statuses as servers with Mastodon's API send them, what we make of them, and the thread they stand in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.domain import Post
from monitor.errors import SourceError
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Foreign
from monitor.text import html_to_text

_PUBLIC = ("public", "unlisted", "")
_MOST_LOOKUPS = 20  # conversations that one fetch asks for; each costs a request
_MOST_KNOWN = 2_000


class _Account(Foreign):
    acct: str = ""
    display_name: str = ""
    followers_count: int | None = None
    noindex: bool = False


class _Quoted(Foreign):
    content: str = ""


class _Quote(Foreign):
    quoted_status: _Quoted = _Quoted()


class Status(Foreign):
    """One status. Ids are those of the server that shows it; `uri` is the same everywhere."""

    id: str
    uri: str
    content: str
    url: str = ""
    account: _Account = _Account()
    created_at: str = ""
    edited_at: str = ""
    visibility: str = ""
    spoiler_text: str = ""
    language: str = ""
    in_reply_to_id: str = ""
    reblog: Any = None
    quote: _Quote = _Quote()


@dataclass(frozen=True, slots=True)
class Shown:
    """A status with the server's view of it: its thread, and the text that it answers or quotes, as HTML.

    `is_addressed` marks what was written to an account of the shop's own.
    """

    status: Status
    thread: "Threads"
    is_addressed: bool = False

    @property
    def edited(self) -> str:
        return self.status.edited_at


class Threads:
    """Which conversation a status of one server stands in.

    `ask` gives what a status answers, from the first on. What it says is remembered.
    """

    def __init__(self, host: str, ask: Callable[[str], list[Status]]) -> None:
        self._host, self._ask = host, ask
        self._known: dict[str, Status] = {}
        self._above: dict[str, list[Status]] = {}
        self._left = 0

    def learn(self, statuses: Mapping[str, Status]) -> None:
        """Begin a fetch with the statuses that it brought, by their ids."""
        if len(self._known) + len(self._above) > _MOST_KNOWN:
            self._known, self._above = {}, {}
        self._known |= statuses
        self._left = _MOST_LOOKUPS

    def parent(self, status: Status) -> Status | None:
        """What a status answers, as far as that can be found out."""
        self._root(status)
        return self._known.get(status.in_reply_to_id)

    def key(self, status: Status) -> str:
        """The address of the first status of the conversation, which is the same on every server.

        Where that is not to be had, what stands for it is good for this server alone.
        """
        root = self._root(status)
        return root.uri if not root.in_reply_to_id else f"{self._host}/{root.in_reply_to_id}"

    def _root(self, status: Status) -> Status:
        top = self._top(status)
        if not top.in_reply_to_id:
            return top
        above = self._ancestors(top.id)
        self._known |= {one.id: one for one in above if one.id not in self._known}
        return self._top(top)

    def _top(self, status: Status) -> Status:
        way = {status.id}
        while status.in_reply_to_id in self._known and status.in_reply_to_id not in way:
            status = self._known[status.in_reply_to_id]
            way.add(status.id)
        return status

    def _ancestors(self, own_id: str) -> list[Status]:
        if own_id not in self._above and self._left > 0:
            self._left -= 1
            try:
                self._above[own_id] = self._ask(own_id)
            except SourceError:
                self._above[own_id] = []
        return self._above.get(own_id, [])


@dataclass(slots=True)
class Gathered:
    """Statuses of all servers by their address. Of two copies the one edited last counts.

    `edits` are the times of edits that were seen before: who has not heard of one shows an old text.
    """

    edits: dict[str, str] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)

    def add(self, one: Shown) -> None:
        uri = one.status.uri
        if one.edited < self.edits.get(uri, ""):
            return
        before = self.shown.get(uri)
        if before is not None and before.edited > one.edited:
            return
        is_addressed = one.is_addressed or (before is not None and before.is_addressed)
        self.shown[uri] = Shown(one.status, one.thread, is_addressed)
        if one.edited:
            self.edits[uri] = one.edited


def parse(one: Shown, oldest: datetime, maker: BatchMaker) -> Post | None:
    """Return the post, or None for boosts, what is not public, old, or asks not to be listed."""
    status = one.status
    written = parse_moment(status.edited_at or status.created_at)
    is_hidden = status.account.noindex and not one.is_addressed
    if status.reblog is not None or is_hidden or status.visibility not in _PUBLIC:
        return None
    if written and written < oldest:
        return None
    answered = one.thread.parent(status) if status.in_reply_to_id else None
    return maker.post(
        status.uri,
        maker.text_of(status.content, f"status {status.id}"),
        url=status.url or status.uri,
        author=status.account.display_name or status.account.acct,
        title=status.spoiler_text,
        posted_at=status.created_at,
        edited_at=status.edited_at,
        thread_key=one.thread.key(status),
        parent_text=html_to_text((answered or status.quote.quoted_status).content),
        reach=status.account.followers_count,
        lang=status.language,
    )


def as_now(uri: str, row: object, maker: BatchMaker) -> Post | None:
    """Return the words of one status, None when the row is none that can be read."""
    found = maker.valid([row], Status)
    if not found or found[0].uri != uri:
        return None
    status = found[0]
    text = maker.text_of(status.content, f"status {status.id}")
    return maker.post(uri, text, title=status.spoiler_text, edited_at=status.edited_at)


def from_activity(note: Any) -> object:
    """Return a note of ActivityPub as far as it looks like a status."""
    if not isinstance(note, dict):
        return note
    about = {"spoiler_text": note.get("summary"), "edited_at": note.get("updated")}
    return {"id": note.get("id"), "uri": note.get("id"), "content": note.get("content"), **about}
