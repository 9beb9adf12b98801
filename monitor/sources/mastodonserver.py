"""One server with Mastodon's API: its lists of statuses, read forward from where the last fetch ended.

https://docs.joinmastodon.org/methods/timelines/ and /notifications/. Makes no posts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from monitor.errors import SourceBroken, SourceGone
from monitor.sources.contract import SourceContext, host_of
from monitor.sources.mastodonposts import Gathered, Shown, Status, Threads
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, identifier, rows_of
from monitor.sources.rechecking import missing

_PAGE = 40
_SHORT = 20  # a page with fewer statuses than any server's limit is the last one
_REMEMBERED = 20  # statuses read again each time, so that edits are seen
_OF_STATUS = r"(?:(?:/[^/?#]+)*/statuses/([0-9A-Za-z]+)|/[^/?#]+/p/\d+\.\d+)"
_SEARCH, _MENTIONS = "/api/v2/search", "/api/v1/notifications"


class ServerPosition(BaseModel):
    """`seen` holds the newest ids of each list, oldest first; the next fetch starts at the first.

    `deeper` holds the id below which a list was not read yet, `accounts` the ids of accounts by their names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seen: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    deeper: Mapping[str, str] = Field(default_factory=dict)
    accounts: Mapping[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is read of one server: hashtags without "#", accounts, words to search for, and whole lists."""

    hashtags: Sequence[str]
    accounts: Sequence[str]
    terms: Sequence[str]
    public: bool
    mentions: bool
    pages: int


@dataclass(frozen=True, slots=True)
class _List:
    """One list of statuses; `pages` is False where the server cannot page by id.

    `inside` names the field of a row that holds the status, where a row is not the status itself.
    """

    name: str
    path: str
    params: Mapping[str, str | int]
    keys: tuple[str, ...] = ()
    pages: bool = True
    inside: str = ""


class Server:
    """Reads one server; `token` may be empty."""

    def __init__(self, url: str, token: str, choice: Choice, context: SourceContext) -> None:
        self.base = url.rstrip("/")
        self.host = host_of(self.base)
        self._choice, self._context = choice, context
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.base))
        self._own_status = re.compile(re.escape(origin) + _OF_STATUS)
        self._secrets = {"Authorization": f"Bearer {token}"} if token else {}
        self._threads = Threads(self.host, self._above)

    def read(
        self, before: ServerPosition, oldest: datetime, gathered: Gathered, maker: BatchMaker
    ) -> tuple[ServerPosition, bool]:
        """Gather what is new in every list; return where the next fetch starts, and whether there is more."""
        accounts, deeper, seen = dict(before.accounts), dict(before.deeper), dict(before.seen)
        known: dict[str, Status] = {}
        is_more = False
        for one in self._lists(accounts, maker):
            reading = _Reading(self, one, seen.get(one.name, ()), deeper.pop(one.name, ""), oldest)
            rows = reading.rows(self._choice.pages)
            is_more = is_more or reading.is_more
            seen[one.name] = _remembered(seen.get(one.name, ()), reading.newer)
            deeper |= {one.name: reading.deeper} if reading.deeper else {}
            statuses = maker.valid(_statuses(rows, one.inside), Status, f"status of {one.name}")
            known |= {status.id: status for status in statuses}
            for status in statuses:
                gathered.add(Shown(status, self._threads, is_addressed=bool(one.inside)))
        self._threads.learn(known)
        return ServerPosition(seen=seen, deeper=deeper, accounts=accounts), is_more

    def gone(self, external_ids: Sequence[str]) -> tuple[str, ...]:
        """Return those statuses of this server that it no longer shows; SourceError when it cannot tell.

        An address as Mastodon and GoToSocial make it holds the id to ask by, one of snac is shown to all;
        of the others, and of statuses from other servers, nothing is claimed.
        """
        ids = {uri: found[1] for uri in external_ids if (found := self._own_status.fullmatch(uri))}
        there = [uri for uri, number in ids.items() if self._is_there(uri, number)]
        return missing(list(ids), there, self.host)

    def page(self, one: _List, window: Mapping[str, str | int]) -> list[Any]:
        """Ask for one page of a list."""
        answer = self._json(one.path, {**one.params, **window, "limit": _PAGE})
        return rows_of(answer, *one.keys, host=self.host)

    def _is_there(self, uri: str, number: str | None) -> bool:
        try:
            if number:
                self._json(f"/api/v1/statuses/{number}", {})
            else:
                self._context.get(uri, headers={"Accept": "application/activity+json"})
        except SourceGone:
            return False
        return True

    def _lists(self, accounts: dict[str, str], maker: BatchMaker) -> Iterator[_List]:
        chosen = self._choice
        for tag in chosen.hashtags:
            yield _List(f"#{tag}", f"/api/v1/timelines/tag/{tag}", {})
        for account in chosen.accounts:
            accounts[account] = accounts.get(account) or self._account_id(account, maker)
            if accounts[account]:
                path = f"/api/v1/accounts/{accounts[account]}/statuses"
                yield _List(f"@{account}", path, {"exclude_reblogs": "true"})
        for term in chosen.terms:
            params = {"q": term, "type": "statuses", "resolve": "false"}
            yield _List(f"search {term}", _SEARCH, params, ("statuses",), pages=False)
        if chosen.mentions:
            # Filtered are those of people whom the account does not know, and whom we want to hear above all.
            params = {"types[]": "mention", "include_filtered": "true"}
            yield _List("mentions", _MENTIONS, params, inside="status")
        if chosen.public:
            yield _List("public", "/api/v1/timelines/public", {"local": "true"})

    def _account_id(self, account: str, maker: BatchMaker) -> str:
        try:
            found = self._json("/api/v1/accounts/lookup", {"acct": account})
        except SourceBroken as failure:
            maker.warn(f"account {account} was left out: {failure}")
            return ""
        return identifier(str(found.get("id") or "")) if isinstance(found, dict) else ""

    def _above(self, own_id: str) -> list[Status]:
        answer = self._json(f"/api/v1/statuses/{own_id}/context", {})
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self.host)
        return maker.valid(rows_of(answer, "ancestors", host=self.host), Status)

    def _json(self, path: str, params: Mapping[str, str | int]) -> Any:
        return self._context.get(self.base + path, params=params, secret_headers=self._secrets).json()


class _Reading:
    """One list in one fetch: `newer` are the rows from its top, `deeper` the id to read on below from."""

    def __init__(
        self, server: Server, one: _List, seen: tuple[str, ...], deeper: str, oldest: datetime
    ) -> None:
        self._server, self._list, self._seen, self._oldest = server, one, seen, oldest
        self.newer: list[Any] = []
        self.deeper = deeper
        self.is_more = False

    def rows(self, pages: int) -> list[Any]:
        """Return rows newer than those seen, walking forward; at first, backward to the back-fill's end."""
        if not self._list.pages:
            self.newer = self._server.page(self._list, {})
            return self.newer
        # Nothing newer than the oldest known one: it is the only one, or the server has forgotten its id.
        self.newer = self._forward(pages) if self._seen else []
        older = self._backward(self.deeper, pages) if self.deeper else []
        if not self.newer:
            self.newer = self._backward("", pages)
        self.is_more = self.is_more or bool(self.deeper)
        return [*self.newer, *older]

    def _forward(self, pages: int) -> list[Any]:
        rows: list[Any] = []
        start = self._seen[0]
        for _ in range(pages):
            page = self._server.page(self._list, {"min_id": start})
            rows = page + rows
            newest = _row_ids(page)[:1]
            if len(page) < _SHORT or not newest or newest[0] == start:
                return rows
            start = newest[0]
        self.is_more = True
        return rows

    def _backward(self, end: str, pages: int) -> list[Any]:
        """Walk down from an id, "" for the top; notes where the pages ran out."""
        rows: list[Any] = []
        for _ in range(pages):
            page = self._server.page(self._list, {"max_id": end} if end else {})
            rows += page
            ids = _row_ids(page)
            if len(page) < _SHORT or not ids or _is_older(page[-1], self._oldest) or end == ids[-1]:
                self.deeper = ""
                return rows
            end = ids[-1]
        self.deeper = end
        return rows


def _statuses(rows: Sequence[Any], inside: str) -> list[Any]:
    """Return the statuses of rows; a mention that was deleted has none."""
    if not inside:
        return list(rows)
    return [row[inside] if isinstance(row, dict) else row for row in rows if _has_status(row, inside)]


def _has_status(row: Any, inside: str) -> bool:
    return not isinstance(row, dict) or (row.get("type") == "mention" and row.get(inside) is not None)


def _row_ids(rows: Sequence[Any]) -> list[str]:
    return [identifier(str(row["id"])) for row in rows if isinstance(row, dict) and row.get("id")]


def _remembered(seen: tuple[str, ...], rows: Sequence[Any]) -> tuple[str, ...]:
    """Return the newest ids, oldest first; rows come newest first."""
    ids = [*seen, *(number for number in reversed(_row_ids(rows)) if number not in seen)]
    return tuple(ids[-_REMEMBERED:])


def _is_older(row: Any, oldest: datetime) -> bool:
    moment = parse_moment(row.get("created_at")) if isinstance(row, dict) else None
    return moment is not None and moment < oldest
