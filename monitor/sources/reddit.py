"""The kind "reddit": new posts and comments of subreddits, and posts anywhere that the search finds.

https://www.reddit.com/dev/api with an application of your own (client_id and secret, "client
credentials"), or Reddit's feeds with the account's feed token from reddit.com/prefs/feeds. Reddit's
search does not read comments, so those come only from chosen subreddits. Terms: Reddit's Responsible
Builder Policy and Data API Terms: applications need approval, commercial use an agreement, and what
is deleted there must be deleted here.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import StringConstraints, ValidationError, model_validator

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceDeaf, SourceError
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.feedformats import FeedPost, read_feed
from monitor.sources.reading import BatchMaker, Foreign
from monitor.sources.rechecking import all_at_once, readable
from monitor.sources.redditposts import SITE, Thing, listing, parse_feed_post, parse_thing, written_at
from monitor.sources.searching import Page, Searches, SearchPosition, Way, Window
from monitor.sources.session import Session, Token

_PAGE = 100
_MOST_KNOWN = 5_000
_DAY = 86_400
Subreddit = Annotated[str, StringConstraints(pattern=r"^(r/)?\w{2,30}$")]


class RedditSettings(SourceSettings):
    """`subreddits` are read whole; `search` looks for the shops' names (or `terms`) in all of Reddit.

    Either `client_id` and `secret` of an approved application, or `user` and `feed_token`. With neither
    Reddit answers about one question a minute.
    """

    url: Address = SITE
    api: Address = "https://oauth.reddit.com"
    subreddits: tuple[Subreddit, ...] = ()
    comments: bool = True
    search: bool = True
    terms: tuple[Word, ...] = ()
    client_id: Word | None = None
    secret: SecretRef | None = None
    user: Word | None = None
    feed_token: SecretRef | None = None
    pages: Pages = 10

    @model_validator(mode="after")
    def _whole(self) -> "RedditSettings":
        if (self.client_id is None) != (self.secret is None):
            raise ValueError("client_id and secret belong together")
        if (self.user is None) != (self.feed_token is None):
            raise ValueError("user and feed_token belong together")
        if not self.search and not self.subreddits:
            raise ValueError('set search = true or subreddits = ["Suomi"]')
        return self


class _Lent(Foreign):
    access_token: str
    expires_in: int = 3_600


class RedditSource:
    """Reads Reddit through its API or its feeds."""

    def __init__(self, settings: RedditSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._has_api = settings.client_id is not None
        self._base = (settings.api if self._has_api else settings.url).rstrip("/")
        self._host = host_of(self._base)
        self._session = Session(self._log_in, context.clock)
        self._texts: dict[str, str] = {}

    def fetch(self, cursor: str | None) -> Batch:
        """Return new posts and comments; a comment comes with what it answers where the API tells."""
        # The same ids come from API and feeds, but the pages of one mean nothing to the other.
        position = SearchPosition.read(cursor, of=f"reddit {self._has_api}")
        chosen, now = self._settings, self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        searches = Searches(
            position, maker, written_at, now=now, backfill=chosen.backfill, pages=chosen.pages
        )
        rows = searches.rows(tuple(self._ways(maker)))
        if self._has_api:
            gone = self._read_things(rows, searches.oldest, maker)
            return replace(maker.batch(searches.position()), gone=gone)
        posts = [row for row in rows if isinstance(row, FeedPost)]
        maker.read(posts, lambda row: parse_feed_post(row, searches.oldest, maker))
        return maker.batch(searches.position())

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return posts and comments as they read now, and those deleted or removed; feeds do not tell."""
        if not self._has_api:
            return Batch()
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self._host)
        names = [post.external_id for post in posts]
        things = [thing for thing in self._named(names, maker) if not thing.is_gone]
        long_ago = datetime.min.replace(tzinfo=UTC)
        parse = partial(parse_thing, texts={}, oldest=long_ago, maker=maker)
        there = {thing.name: readable(parse, thing) for thing in things}
        return all_at_once(names, there).batch(posts, self._host)

    def _ways(self, maker: BatchMaker) -> Iterator[Way]:
        chosen = self._settings
        ask = self._listing if self._has_api else partial(self._feed, maker)
        ending = "" if self._has_api else "/.rss"
        place = "+".join(name.removeprefix("r/") for name in chosen.subreddits)
        if place:
            yield Way(f"posts of {place}", partial(ask, f"/r/{place}/new{ending}", {}), lasting=True)
        if place and chosen.comments:
            yield Way(f"comments of {place}", partial(ask, f"/r/{place}/comments{ending}", {}), lasting=True)
        if chosen.search:
            path = "/search" if self._has_api else "/search.rss"
            for term in chosen.terms or self._context.names():
                query = {"q": '"' + term.replace('"', " ").strip() + '"', "sort": "new", "t": "all"}
                yield Way(f"search {term}", partial(ask, path, query), lasting=True)

    def _read_things(self, rows: Iterable[Any], oldest: datetime, maker: BatchMaker) -> tuple[str, ...]:
        """Hand on what is wanted, and return the names of what is gone."""
        things = {thing.name: thing for thing in maker.valid(rows, Thing)}
        self._learn_parents(things, maker)
        maker.read(things.values(), lambda thing: parse_thing(thing, self._texts, oldest, maker))
        return tuple(name for name, thing in things.items() if thing.is_gone)

    def _learn_parents(self, things: Mapping[str, Thing], maker: BatchMaker) -> None:
        if len(self._texts) > _MOST_KNOWN:
            self._texts = {}
        self._texts |= {thing.name: thing.text for thing in things.values() if thing.is_wanted}
        wanted = sorted({thing.parent_id for thing in things.values()} - self._texts.keys() - {""})
        try:
            parents = self._named(wanted, maker)
            self._texts |= dict.fromkeys(wanted, "") | {
                one.name: one.text for one in parents if one.is_wanted
            }
        except SourceError as failure:
            maker.warn(f"What the comments answer is not known: {failure}")

    def _named(self, names: Sequence[str], maker: BatchMaker) -> list[Thing]:
        """Return the things of these names that Reddit knows."""
        found: list[Thing] = []
        for start in range(0, len(names), _PAGE):
            ids = ",".join(names[start : start + _PAGE])
            rows = listing(self._json("/api/info", {"id": ids}), self._host).rows
            found += maker.valid(rows, Thing, "named post")
        return found

    def _listing(self, path: str, params: Mapping[str, str], window: Window, more: str | None) -> Page:
        following = {"after": more} if more else {}
        return listing(self._json(path, {**params, **following}), self._host)

    def _json(self, path: str, params: Mapping[str, str | int]) -> Any:
        query = {**params, "limit": _PAGE, "raw_json": 1}
        return self._session.use(lambda token: self._ask(path, query, token))

    def _ask(self, path: str, query: Mapping[str, str | int], token: str) -> Any:
        secrets = {"Authorization": f"Bearer {token}"}
        return self._context.get(self._base + path, params=query, secret_headers=secrets).json()

    def _log_in(self) -> Token:
        secret = self._context.secret(self._settings.secret) if self._settings.secret else ""
        both = base64.b64encode(f"{self._settings.client_id}:{secret}".encode()).decode()
        answer = self._context.post(
            f"{self._settings.url.rstrip('/')}/api/v1/access_token",
            form={"grant_type": "client_credentials"},
            secret_headers={"Authorization": f"Basic {both}"},
        )
        try:
            lent = _Lent.model_validate(answer.json())
        except ValidationError:
            raise SourceBroken(f"{answer.host} gave us no token. Check client_id and secret.") from None
        return Token(
            lent.access_token, self._context.clock.now() + timedelta(seconds=min(lent.expires_in, _DAY) - 60)
        )

    def _feed(
        self, maker: BatchMaker, path: str, params: Mapping[str, str], window: Window, more: str | None
    ) -> Page:
        chosen = self._settings
        query: dict[str, str | int] = {**params, "limit": _PAGE}
        if more:
            query["after"] = more
        if chosen.user and chosen.feed_token:
            query |= {"feed": self._context.secret(chosen.feed_token), "user": chosen.user}
        answer = self._context.get(self._base + path, params=query)
        if answer.is_page:
            raise SourceDeaf(f"{answer.host} answered with a web page instead of a feed.")
        feed = read_feed(answer)
        maker.warn(feed.flaw)
        return Page(feed.posts, feed.posts[-1].id if len(feed.posts) >= _PAGE else None)


KIND = Kind(
    name="reddit",
    settings=RedditSettings,
    build=RedditSource,
    reads="all new posts and comments of chosen subreddits; posts anywhere with a shop's name; edits",
    needs="an approved Reddit application (client id and secret), or a user name and its feed token",
    speed="100 posts a request, 100 requests a minute; by feed about one request a minute",
    cannot_see="comments outside the chosen subreddits, inflected names there; by feed also edits, removals",
    terms="Reddit's Responsible Builder Policy and Data API Terms; commercial use needs an agreement",
)
