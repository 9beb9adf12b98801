"""The kind "mastodon": hashtags, accounts, search and the public timeline of a server with Mastodon's API.

https://docs.joinmastodon.org/methods/timelines/ (Mastodon, GoToSocial, Pleroma, snac and others). Boosts
are left out, and so is who asks programs not to list them (noindex). Terms: each server's own rules;
many want a token for everything.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceGone
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.moments import floor, parse_moment
from monitor.sources.reading import BatchMaker, Foreign, Position, identifier, rows_of
from monitor.sources.rechecking import missing
from monitor.text import html_to_text

_PAGE = 40
_SHORT = 20  # a page with fewer statuses than any server's limit is the last one
_REMEMBERED = 20  # statuses read again each time, so that edits are seen
_OF_STATUS = r"(?:/[^/?#]+)*/statuses/([0-9A-Za-z]+)"
_NOT_TAG = re.compile(r"[^\w]+")
_PUBLIC = ("public", "unlisted", "")


class MastodonSettings(SourceSettings):
    """`hashtags` without "#"; where nothing is chosen, the shops' names are the hashtags.

    `accounts` are written "name" or "name@server". `search` looks for the shops' names (or `terms`) in
    what the server lets be searched, and needs a token. `public` reads all that is local to the server.
    """

    url: Address
    hashtags: tuple[Word, ...] = ()
    accounts: tuple[Word, ...] = ()
    search: bool = False
    terms: tuple[Word, ...] = ()
    public: bool = False
    token: SecretRef | None = None
    pages: Pages = 10

    @model_validator(mode="after")
    def _search_has_token(self) -> "MastodonSettings":
        if self.search and self.token is None:
            raise ValueError('search needs token = { env = "NAME" } of an account on this server')
        return self


class MastodonPosition(Position):
    """`seen` holds the newest ids of each timeline, oldest first; the next fetch starts at the first.

    `accounts` holds the ids of accounts by their names.
    """

    seen: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    accounts: Mapping[str, str] = Field(default_factory=dict)
    newest: datetime | None = None


class _Account(Foreign):
    acct: str = ""
    display_name: str = ""
    followers_count: int | None = None
    noindex: bool = False


class _Pleroma(Foreign):
    conversation_id: int | None = None


class _Quoted(Foreign):
    content: str = ""


class _Quote(Foreign):
    quoted_status: _Quoted = _Quoted()


class _Status(Foreign):
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
    pleroma: _Pleroma = _Pleroma()


@dataclass(frozen=True, slots=True)
class _Timeline:
    """One list of statuses; `pages` is False where the server cannot page by id."""

    name: str
    path: str
    params: Mapping[str, str | int]
    keys: tuple[str, ...] = ()
    pages: bool = True


class MastodonSource:
    """Reads one server."""

    def __init__(self, settings: MastodonSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self._base))
        self._own_status = re.compile(re.escape(origin) + _OF_STATUS)
        token = context.secret(settings.token) if settings.token else ""
        self._secrets = {"Authorization": f"Bearer {token}"} if token else {}

    def fetch(self, cursor: str | None) -> Batch:
        """Return what is new in every timeline; a post found in two of them comes once."""
        position, now = MastodonPosition.read(cursor, of=self._base), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        oldest = floor(now, self._settings.backfill, position.newest)
        seen, accounts = dict(position.seen), dict(position.accounts)
        statuses: dict[str, _Status] = {}
        for timeline in self._timelines(accounts, maker):
            rows = self._new(timeline, seen.get(timeline.name, ()), oldest)
            page = maker.valid(rows, _Status, f"status of {timeline.name}")
            statuses |= {status.id: status for status in page}
            seen[timeline.name] = _remembered(seen.get(timeline.name, ()), rows)
        maker.read(statuses.values(), lambda status: self._parse(status, statuses, oldest, maker))
        newest = max(filter(None, (position.newest, maker.newest)), default=None)
        update = {"seen": seen, "accounts": accounts, "newest": newest}
        return maker.batch(position.model_copy(update=update))

    def gone(self, external_ids: Sequence[str]) -> tuple[str, ...]:
        """Return those statuses of this server that it no longer shows; SourceError when it cannot tell.

        Only an address as Mastodon and GoToSocial make it holds the id to ask by; of the others, and of
        statuses from other servers, nothing is claimed.
        """
        ids = {uri: found[1] for uri in external_ids if (found := self._own_status.fullmatch(uri))}
        return missing(list(ids), [uri for uri, number in ids.items() if self._is_there(number)], self._host)

    def _is_there(self, number: str) -> bool:
        try:
            self._json(f"/api/v1/statuses/{number}", {})
        except SourceGone:
            return False
        return True

    def _timelines(self, accounts: dict[str, str], maker: BatchMaker) -> Iterator[_Timeline]:
        for tag in self._hashtags():
            yield _Timeline(f"#{tag}", f"/api/v1/timelines/tag/{tag}", {})
        for account in self._settings.accounts:
            accounts[account] = accounts.get(account) or self._account_id(account, maker)
            if accounts[account]:
                path = f"/api/v1/accounts/{accounts[account]}/statuses"
                yield _Timeline(f"@{account}", path, {"exclude_reblogs": "true"})
        if self._settings.search:
            for term in self._settings.terms or self._context.names():
                params = {"q": term, "type": "statuses", "resolve": "false"}
                yield _Timeline(f"search {term}", "/api/v2/search", params, ("statuses",), pages=False)
        if self._settings.public:
            yield _Timeline("public", "/api/v1/timelines/public", {"local": "true"})

    def _hashtags(self) -> tuple[str, ...]:
        chosen = self._settings
        if chosen.hashtags or chosen.accounts or chosen.search or chosen.public:
            words = chosen.hashtags
        else:
            words = tuple(name for shop in self._context.shops for name in (shop.name, *shop.aliases))
        tags = (_NOT_TAG.sub("", word).casefold() for word in words)
        return tuple(dict.fromkeys(tag for tag in tags if tag))

    def _account_id(self, account: str, maker: BatchMaker) -> str:
        try:
            found = self._json("/api/v1/accounts/lookup", {"acct": account.lstrip("@")})
        except SourceBroken as failure:
            maker.warn(f"account {account} was left out: {failure}")
            return ""
        return identifier(str(found.get("id") or "")) if isinstance(found, dict) else ""

    def _new(self, timeline: _Timeline, seen: tuple[str, ...], oldest: datetime) -> list[Any]:
        """Return rows newer than those seen, walking forward; at first, backward to the back-fill's end."""
        if not timeline.pages:
            return self._page(timeline, {})
        return self._forward(timeline, seen) if seen else self._backward(timeline, oldest)

    def _forward(self, timeline: _Timeline, seen: tuple[str, ...]) -> list[Any]:
        rows: list[Any] = []
        start = seen[0]
        for _ in range(self._settings.pages):
            page = self._page(timeline, {"min_id": start})
            rows = page + rows
            newest = _row_ids(page)[:1]
            if len(page) < _SHORT or not newest or newest[0] == start:
                break
            start = newest[0]
        return rows

    def _backward(self, timeline: _Timeline, oldest: datetime) -> list[Any]:
        rows: list[Any] = []
        end: dict[str, str | int] = {}
        for _ in range(self._settings.pages):
            page = self._page(timeline, end)
            rows += page
            ids = _row_ids(page)
            if len(page) < _SHORT or not ids or _is_older(page[-1], oldest) or end.get("max_id") == ids[-1]:
                break
            end = {"max_id": ids[-1]}
        return rows

    def _page(self, timeline: _Timeline, window: Mapping[str, str | int]) -> list[Any]:
        answer = self._json(timeline.path, {**timeline.params, **window, "limit": _PAGE})
        return rows_of(answer, *timeline.keys, host=self._host)

    def _json(self, path: str, params: Mapping[str, str | int]) -> Any:
        return self._context.get(self._base + path, params=params, secret_headers=self._secrets).json()

    def _parse(
        self, status: _Status, known: Mapping[str, _Status], oldest: datetime, maker: BatchMaker
    ) -> Post | None:
        written = parse_moment(status.edited_at or status.created_at)
        is_unwanted = status.reblog is not None or status.account.noindex or status.visibility not in _PUBLIC
        if is_unwanted or (written and written < oldest):
            return None
        answered = known.get(status.in_reply_to_id)
        return maker.post(
            status.uri,
            maker.text_of(status.content, f"status {status.id}"),
            url=status.url or status.uri,
            author=status.account.display_name or status.account.acct,
            title=status.spoiler_text,
            posted_at=status.created_at,
            edited_at=status.edited_at,
            thread_key=f"{self._host}/{self._root(status, known)}",
            parent_text=html_to_text((answered or status.quote.quoted_status).content),
            reach=status.account.followers_count,
            lang=status.language,
        )

    def _root(self, status: _Status, known: Mapping[str, _Status]) -> str:
        """Return the id of the first status of a conversation, as far up as this fetch shows it."""
        if status.pleroma.conversation_id is not None:
            return f"conversation-{status.pleroma.conversation_id}"
        way = {status.id}
        while status.in_reply_to_id in known and status.in_reply_to_id not in way:
            status = known[status.in_reply_to_id]
            way.add(status.id)
        return status.in_reply_to_id or status.id


def _row_ids(rows: list[Any]) -> list[str]:
    return [identifier(str(row["id"])) for row in rows if isinstance(row, dict) and row.get("id")]


def _remembered(seen: tuple[str, ...], rows: list[Any]) -> tuple[str, ...]:
    """Return the newest ids, oldest first; rows come newest first."""
    ids = [*seen, *(number for number in reversed(_row_ids(rows)) if number not in seen)]
    return tuple(ids[-_REMEMBERED:])


def _is_older(row: Any, oldest: datetime) -> bool:
    moment = parse_moment(row.get("created_at")) if isinstance(row, dict) else None
    return moment is not None and moment < oldest


KIND = Kind(
    name="mastodon",
    settings=MastodonSettings,
    build=MastodonSource,
    reads="hashtags, accounts, search and the public timeline of Mastodon, GoToSocial, Pleroma or snac",
    needs="the server's address; for search, and on many servers for everything, a token",
    speed="40 statuses a request, 300 requests in 5 minutes",
    cannot_see="what other servers did not send there, private posts, unlisted people, remote deletions",
    terms="the server's rules; noindex is respected",
)
