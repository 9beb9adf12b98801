"""One server with Mastodon's API: its lists of statuses, read forward from where the last fetch ended.

https://docs.joinmastodon.org/methods/timelines/ and /notifications/. Makes no posts.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from monitor.domain import Post
from monitor.errors import SourceBroken, SourceError
from monitor.sources.contract import SourceContext, host_of
from monitor.sources.mastodonlists import Listing, Reading, in_turn, remembered, statuses_of
from monitor.sources.mastodonposts import Gathered, Shown, Status, Threads, as_now, from_activity
from monitor.sources.reading import BatchMaker, identifier, rows_of
from monitor.sources.rechecking import Looks, one_by_one

_log = logging.getLogger(__name__)
_PAGE = 40
_MOST_IDS = 10_000
_LEARN_EVERY = timedelta(hours=20)
_OF_STATUS = r"(?:(?:/[^/?#]+)*/statuses/([0-9A-Za-z]+)|/[^/?#]+/p/\d+\.\d+)"
_SEARCH, _MENTIONS = "/api/v2/search", "/api/v1/notifications"


class ServerPosition(BaseModel):
    """`seen` holds the newest ids of each list, oldest first; the next fetch starts at the first.

    `deeper` holds the id below which a list was not read yet, `accounts` the ids of accounts by their names,
    `turn` the list that the next fetch begins with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seen: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    deeper: Mapping[str, str] = Field(default_factory=dict)
    accounts: Mapping[str, str] = Field(default_factory=dict)
    turn: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is read of one server: hashtags without "#", accounts, words to search for, and whole lists."""

    hashtags: Sequence[str]
    accounts: Sequence[str]
    terms: Sequence[str]
    public: bool
    mentions: bool
    pages: int


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
        self._ids: dict[str, str] = {}
        self._learnt_at: datetime | None = None

    def read(
        self, before: ServerPosition, oldest: datetime, gathered: Gathered, maker: BatchMaker
    ) -> tuple[ServerPosition, bool]:
        """Gather what is new in every list; return where the next fetch starts, and whether there is more.

        When the server wants us to wait in the middle, what is read so far counts, and the next fetch begins
        with the list that had to stop.
        """
        accounts, deeper, seen = dict(before.accounts), dict(before.deeper), dict(before.seen)
        known: dict[str, Status] = {}
        is_more, turn, has_answered = False, "", False
        for one in in_turn(list(self._lists(accounts, maker)), before.turn):
            reading = Reading(self.page, one, seen.get(one.name, ()), deeper.pop(one.name, ""), oldest)
            rows = reading.rows(self._choice.pages, has_answered)
            has_answered, is_more = True, is_more or reading.is_more
            seen[one.name] = remembered(seen.get(one.name, ()), reading.newer)
            deeper |= {one.name: reading.deeper} if reading.deeper else {}
            statuses = maker.valid(statuses_of(rows, one.inside), Status, f"status of {one.name}")
            known |= {status.id: status for status in statuses}
            self._note_ids(statuses)
            for status in statuses:
                gathered.add(Shown(status, self._threads, is_addressed=bool(one.inside)))
            if reading.busy is not None:
                maker.warn(f"{reading.busy} The rest comes with the next fetch.")
                turn, is_more = one.name, False
                break
        self._threads.learn(known)
        return ServerPosition(seen=seen, deeper=deeper, accounts=accounts, turn=turn), is_more

    def again(self, posts: Sequence[Post], pages: int) -> Looks:
        """Look at those statuses whose id here is known; SourceError when the server cannot tell.

        An address as Mastodon and GoToSocial make it holds the id to ask by, one of snac is shown to all.
        Statuses of other servers are known by the lists they stood in.
        """
        foreign = [post for post in posts if not self._own_status.fullmatch(post.external_id)]
        if any(post.external_id not in self._ids for post in foreign):
            self._learn_ids(foreign, pages)
        own = [post for post in posts if post not in foreign or post.external_id in self._ids]
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self.host)
        return one_by_one(own, lambda post: self._look(post.external_id, maker))

    def page(self, one: Listing, window: Mapping[str, str | int]) -> list[Any]:
        """Ask for one page of a list."""
        answer = self._json(one.path, {**one.params, **window, "limit": _PAGE})
        return rows_of(answer, *one.keys, host=self.host)

    def _look(self, uri: str, maker: BatchMaker) -> Post | None:
        found = self._own_status.fullmatch(uri)
        number = found.group(1) if found else self._ids[uri]
        if number:
            return as_now(uri, self._json(f"/api/v1/statuses/{number}", {}), maker)
        note = self._context.get(uri, headers={"Accept": "application/activity+json"})
        return as_now(uri, from_activity(note.json()), maker)

    def _learn_ids(self, posts: Sequence[Post], pages: int) -> None:
        """Go through the lists once more: by which ids statuses go here is forgotten at a restart."""
        now = self._context.clock.now()
        if self._learnt_at is not None and now - self._learnt_at < _LEARN_EVERY:
            return
        self._learnt_at = now
        oldest = min((post.posted_at for post in posts if post.posted_at), default=now)
        maker = BatchMaker(self._context.slug, now, self.host)
        try:
            for one in self._lists({}, maker):
                rows = Reading(self.page, one, (), "", oldest).rows(pages)
                self._note_ids(maker.valid(statuses_of(rows, one.inside), Status))
        except SourceError as failure:
            _log.info("%s: not all lists could be gone through again: %s", self._context.slug, failure)

    def _note_ids(self, statuses: Sequence[Status]) -> None:
        if len(self._ids) > _MOST_IDS:
            self._ids = {}
        self._ids |= {status.uri: status.id for status in statuses}

    def _lists(self, accounts: dict[str, str], maker: BatchMaker) -> Iterator[Listing]:
        chosen = self._choice
        for tag in chosen.hashtags:
            yield Listing(f"#{tag}", f"/api/v1/timelines/tag/{tag}", {})
        for account in chosen.accounts:
            accounts[account] = accounts.get(account) or self._account_id(account, maker)
            if accounts[account]:
                path = f"/api/v1/accounts/{accounts[account]}/statuses"
                yield Listing(f"@{account}", path, {"exclude_reblogs": "true"})
        for term in chosen.terms:
            params = {"q": term, "type": "statuses", "resolve": "false"}
            yield Listing(f"search {term}", _SEARCH, params, ("statuses",), pages=False)
        if chosen.mentions:
            # Filtered are those of people whom the account does not know, and whom we want to hear above all.
            params = {"types[]": "mention", "include_filtered": "true"}
            yield Listing("mentions", _MENTIONS, params, inside="status")
        if chosen.public:
            yield Listing("public", "/api/v1/timelines/public", {"local": "true"})

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
