"""The kind "mastodon": hashtags, accounts, search, mentions of the shop's own account, public timelines.

https://docs.joinmastodon.org/api/ (Mastodon, GoToSocial, Pleroma, snac and others); several servers may be
read as one source. Boosts are left out, and so is who asks programs not to list them (noindex), unless they
write to the shop. Terms: each server's own rules; many want a token for everything.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceError
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.mastodonposts import Gathered, parse
from monitor.sources.mastodonserver import Choice, Server, ServerPosition
from monitor.sources.moments import floor
from monitor.sources.reading import BatchMaker, Position
from monitor.sources.rechecking import Looks

_OF = "mastodon"
_MOST_EDITS = 200
_NOT_TAG = re.compile(r"[^\w]+")


class ServerSettings(BaseModel):
    """One of several servers. A token is of an account there, with the right to read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Address
    token: SecretRef | None = None


class MastodonSettings(SourceSettings):
    """Either `url` (and `token`) of one server, or `servers`; a post that several show comes once.

    `hashtags` stand without "#"; where nothing is chosen, the shops' names are the hashtags. `accounts` are
    written "name" or "name@server". `search` looks for the shops' names (or `terms`) in what a server lets
    be searched, `mentions` reads what was written to the account of the token; both leave out servers
    without a token. `public` reads all that is local to a server.
    """

    url: Address | None = None
    token: SecretRef | None = None
    servers: Annotated[tuple[ServerSettings, ...], Field(max_length=50)] = ()
    hashtags: tuple[Word, ...] = ()
    accounts: tuple[Word, ...] = ()
    search: bool = False
    mentions: bool = False
    terms: tuple[Word, ...] = ()
    public: bool = False
    pages: Pages = 10

    @property
    def all_servers(self) -> tuple[ServerSettings, ...]:
        """The servers, however they are written."""
        return self.servers if self.url is None else (ServerSettings(url=self.url, token=self.token),)

    @model_validator(mode="after")
    def _makes_sense(self) -> "MastodonSettings":
        if (self.url is None) == (not self.servers) or (self.servers and self.token):
            raise ValueError('write url = "https://..." or servers = [{ url = "https://..." }]')
        if len({one.url.rstrip("/") for one in self.servers}) < len(self.servers):
            raise ValueError("name each server once")
        has_token = any(one.token for one in self.all_servers)
        if (self.search or self.mentions) and not has_token:
            raise ValueError('search and mentions need token = { env = "NAME" } of an account on the server')
        if self.servers and not all("@" in account.lstrip("@") for account in self.accounts):
            raise ValueError('with several servers write accounts as "name@server"')
        return self


class MastodonPosition(Position):
    """`servers` holds where each one stands, by its address; `edits` when statuses were edited last."""

    servers: Mapping[str, ServerPosition] = Field(default_factory=dict)
    edits: Mapping[str, str] = Field(default_factory=dict)
    newest: datetime | None = None


class MastodonSource:
    """Reads one server or several."""

    def __init__(self, settings: MastodonSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._servers = [self._server(one) for one in settings.all_servers]

    def fetch(self, cursor: str | None) -> Batch:
        """Return what is new in every list; a post found in two of them, or on two servers, comes once."""
        position, now = MastodonPosition.read(cursor, of=_OF), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._servers[0].host)
        oldest = floor(now, self._settings.backfill, position.newest)
        gathered = Gathered(dict(position.edits))
        reached, is_more = self._read(position, oldest, gathered, maker)
        maker.read(gathered.shown.values(), lambda one: parse(one, oldest, maker))
        newest = max(filter(None, (position.newest, maker.newest)), default=None)
        edits = dict(list(gathered.edits.items())[-_MOST_EDITS:]) if len(self._servers) > 1 else {}
        update = {"servers": reached, "edits": edits, "newest": newest}
        return replace(maker.batch(position.model_copy(update=update)), more=is_more)

    def again(self, posts: Sequence[Post]) -> Batch:
        """Look at the statuses at the servers that showed them; SourceError when none can tell.

        Gone is what no server that knew it shows any more.
        """
        looks, failures = Looks(), []
        for server in self._servers:
            try:
                one = server.again(posts, self._settings.pages)
            except SourceError as failure:
                failures.append(failure)
                continue
            looks.asked += [name for name in one.asked if name not in looks.asked]
            looks.there = {**one.there, **looks.there}
            looks.in_vain += one.in_vain
            looks.is_cut = looks.is_cut or one.is_cut
        if len(failures) == len(self._servers):
            raise failures[0]
        untold = {*looks.in_vain} - looks.there.keys()
        looks.asked = [name for name in looks.asked if name not in untold]
        return looks.batch(posts, self._servers[0].host)

    def _read(
        self, position: MastodonPosition, oldest: datetime, gathered: Gathered, maker: BatchMaker
    ) -> tuple[dict[str, ServerPosition], bool]:
        """Read every server; one that fails is left out, unless it is the only one or all fail."""
        reached = {
            server.base: position.servers.get(server.base, ServerPosition()) for server in self._servers
        }
        failures: list[SourceError] = []
        is_more = False
        for server in self._servers:
            try:
                reached[server.base], has_more = server.read(reached[server.base], oldest, gathered, maker)
            except SourceError as failure:
                maker.warn(f"{server.host} was left out: {failure}")
                failures.append(failure)
            else:
                is_more = is_more or has_more
        if len(failures) == len(self._servers):
            raise next((one for one in failures if isinstance(one, SourceBroken)), failures[0])
        return reached, is_more

    def _server(self, one: ServerSettings) -> Server:
        chosen = self._settings
        has_token = one.token is not None
        choice = Choice(
            hashtags=self._hashtags(),
            accounts=self._accounts(one),
            terms=(chosen.terms or self._context.names()) if chosen.search and has_token else (),
            public=chosen.public,
            mentions=chosen.mentions and has_token,
            pages=chosen.pages,
        )
        token = self._context.secret(one.token) if one.token else ""
        return Server(one.url, token, choice, self._context)

    def _accounts(self, one: ServerSettings) -> list[str]:
        """The accounts to read here: those at home here, and on the first server those at home on none."""
        hosts = [host_of(server.url) for server in self._settings.all_servers]
        here = host_of(one.url)
        found = []
        for account in (name.lstrip("@") for name in self._settings.accounts):
            name, _, home = account.partition("@")
            if home.lower() == here:
                found.append(name)
            elif here == hosts[0] and home.lower() not in hosts:
                found.append(account)
        return found

    def _hashtags(self) -> tuple[str, ...]:
        chosen = self._settings
        if chosen.hashtags or chosen.accounts or chosen.search or chosen.mentions or chosen.public:
            words = chosen.hashtags
        else:
            words = tuple(name for shop in self._context.shops for name in (shop.name, *shop.aliases))
        tags = (_NOT_TAG.sub("", word).casefold() for word in words)
        return tuple(dict.fromkeys(tag for tag in tags if tag))


KIND = Kind(
    name="mastodon",
    settings=MastodonSettings,
    build=MastodonSource,
    reads="hashtags, accounts, search, mentions of you and local timelines of Mastodon, GoToSocial or snac",
    needs="the server's address, or several; for search and mentions, and on many servers for all, a token",
    speed="40 statuses a request, 300 requests in 5 minutes",
    cannot_see="what other servers did not send there, private posts, unlisted people; inflected names",
    terms="the server's rules; noindex is respected",
)
