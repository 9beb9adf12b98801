"""The kind "bluesky": posts with a word, with a link to a domain, or that mention an account.

https://docs.bsky.app/docs/api/app-bsky-feed-search-posts, asked through the account's own server with an
app password. An edit keeps the address of a post and changes its text; reposts are not posts and do not
come. Terms: Bluesky's developer guidelines; the search is for moderate use, the whole network's posts
come with its stream.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field, ValidationError

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceError
from monitor.http import Answer
from monitor.sources.blueskyrecords import Author, Shape, View, as_now, sorted_by, with_links
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, rows_of
from monitor.sources.rechecking import all_at_once
from monitor.sources.searching import Page, Searches, SearchPosition, Way, Window, stamp
from monitor.sources.session import Session, Token

_PAGE = 100
_AT_ONCE = 25  # addresses in one getPosts, accounts in one getProfiles
_MOST_KNOWN = 5_000
# A token lives two hours, what renews it two months. A restart logs in anew (300 times a day are allowed),
# which leaves nothing worth stealing in the database.
_SESSION = timedelta(minutes=90)
_LOGIN = "com.atproto.server"


class BlueskySettings(SourceSettings):
    """`handle` and `password` (an app password) are of an account of your own, at the server `url`.

    `terms`, `domains` and `mentions` (handles) are searched for; where none is given, the shops' names,
    domains and handles. `lang` asks only for posts marked as written in it.

    The search finds words only as they are asked for: of the shops' names the `forms` most usual inflected
    ones are searched for as well, at most `forms_at_once` in one fetch, one after the other in turn.
    """

    url: Address = "https://bsky.social"
    handle: Word
    password: SecretRef
    terms: tuple[Word, ...] = ()
    domains: tuple[Word, ...] = ()
    mentions: tuple[Word, ...] = ()
    lang: Word | None = None
    pages: Pages = 10
    forms: Annotated[int, Field(ge=0, le=12)] = 8
    forms_at_once: Annotated[int, Field(ge=1, le=200)] = 20


class BlueskyPosition(SearchPosition):
    """`next_form` is the inflected form that the next fetch begins with, counted over all names."""

    next_form: int = 0


class _LoggedIn(Shape):
    access_jwt: str
    refresh_jwt: str = ""


class BlueskySource:
    """Searches the network through one account."""

    def __init__(self, settings: BlueskySettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)
        self._session = Session(self._log_in, context.clock, self._renew)
        self._followers: dict[str, int | None] = {}
        self._texts: dict[str, str] = {}

    def fetch(self, cursor: str | None) -> Batch:
        """Return what the searches find, with what a post answers or quotes and its author's followers."""
        position, now = BlueskyPosition.read(cursor, of=self._base), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        chosen = self._settings
        searches = Searches(position, maker, sorted_by, now=now, backfill=chosen.backfill, pages=chosen.pages)
        forms = self._form_ways()
        chosen_forms = _in_turn(forms, position.next_form, chosen.forms_at_once)
        ways = (*self._ways(), *chosen_forms)
        rows = searches.rows(ways, resting=[way.name for way in forms if way not in chosen_forms])
        views = {view.uri: view for view in maker.valid(rows, View)}
        self._complete(views, maker)
        maker.read(views.values(), lambda view: self._parse(view, searches.oldest, maker))
        withdrawn = tuple(uri for uri, view in views.items() if view.is_withdrawn)
        reached = searches.position()
        following = _following(forms, chosen_forms, reached.turn, position.next_form)
        return replace(maker.batch(reached.model_copy(update={"next_form": following})), gone=withdrawn)

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return the posts as they read now, and those that Bluesky no longer shows."""
        names = [post.external_id for post in posts]
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self._host)
        there: dict[str, Post | None] = {}
        for some in _chunks(names):
            rows = rows_of(self._json_of("getPosts", "uris", some), "posts", host=self._host)
            there |= as_now(rows, maker)
        return all_at_once(names, there).batch(posts, self._host)

    def _ways(self) -> Iterator[Way]:
        chosen, shops = self._settings, self._context.shops
        is_chosen = bool(chosen.terms or chosen.domains or chosen.mentions)
        terms = chosen.terms if is_chosen else self._context.names()
        domains = chosen.domains if is_chosen else [name for shop in shops for name in shop.domains]
        handles = chosen.mentions if is_chosen else [name for shop in shops for name in shop.handles]
        for term in terms:
            yield self._way(f"search {term}", {"q": _asked(term)})
        for domain in domains:
            yield self._way(f"links to {domain}", {"q": "*", "domain": domain})
        for handle in (handle.lstrip("@") for handle in handles):
            if "." in handle and "@" not in handle:  # the others are handles elsewhere
                yield self._way(f"mentions of {handle}", {"q": "*", "mentions": handle})

    def _form_ways(self) -> list[Way]:
        """A search for every usual form of the shops' names; terms that were chosen stay as they are."""
        chosen = self._settings
        if chosen.terms or chosen.domains or chosen.mentions:
            return []
        named = {name.casefold() for name in self._context.names()}
        names = [name for shop in self._context.shops for name in (shop.name, *shop.aliases)]
        forms = (form for name in names for form in self._context.inflected(name)[: chosen.forms])
        unlike = {form.casefold(): form for form in forms if form.casefold() not in named}
        return [self._way(f"search {form}", {"q": _asked(form)}) for form in unlike.values()]

    def _way(self, name: str, params: Mapping[str, str]) -> Way:
        lang = {"lang": self._settings.lang} if self._settings.lang else {}
        return Way(name, partial(self._page, {**params, **lang}))

    def _page(self, params: Mapping[str, str], window: Window, more: str | None) -> Page:
        query: dict[str, str | int] = {**params, "sort": "latest", "limit": _PAGE}
        query["since"] = stamp(window.since)
        if window.until:
            query["until"] = stamp(window.until + timedelta(seconds=1))
        if more:
            query["cursor"] = more
        answer = self._json("app.bsky.feed.searchPosts", query)
        rows = rows_of(answer, "posts", host=self._host)
        following = answer.get("cursor")
        return Page(rows, following if isinstance(following, str) and following != more else None)

    def _json(self, method: str, params: Mapping[str, str | int]) -> Any:
        return self._session.use(lambda token: self._ask(method, params, token))

    def _ask(self, method: str, params: Mapping[str, str | int], token: str) -> Any:
        secrets = {"Authorization": f"Bearer {token}"}
        return self._context.get(f"{self._base}/xrpc/{method}", params=params, secret_headers=secrets).json()

    def _log_in(self) -> Token:
        password = self._context.secret(self._settings.password)
        body = {"identifier": self._settings.handle, "password": password}
        return self._lent(self._context.post(f"{self._base}/xrpc/{_LOGIN}.createSession", json=body))

    def _renew(self, renewal: str) -> Token:
        secrets = {"Authorization": f"Bearer {renewal}"}
        return self._lent(
            self._context.post(f"{self._base}/xrpc/{_LOGIN}.refreshSession", secret_headers=secrets)
        )

    def _lent(self, answer: Answer) -> Token:
        try:
            found = _LoggedIn.model_validate(answer.json())
        except ValidationError:
            raise SourceBroken(f"{self._host} answered our login with JSON of another shape.") from None
        return Token(found.access_jwt, self._context.clock.now() + _SESSION, found.refresh_jwt)

    def _complete(self, views: Mapping[str, View], maker: BatchMaker) -> None:
        """Look up the posts that are answered and the authors' followers; without them the rest stands."""
        if len(self._texts) + len(self._followers) > _MOST_KNOWN:
            self._texts, self._followers = {}, {}
        self._texts |= {uri: view.record.text for uri, view in views.items()}
        parents = {view.record.reply.parent.uri for view in views.values()} - self._texts.keys() - {""}
        authors = {view.author.did for view in views.values()} - self._followers.keys() - {""}
        try:
            for some in _chunks(parents):
                rows = rows_of(self._json_of("getPosts", "uris", some), "posts", host=self._host)
                found = maker.valid(rows, View, "answered post")
                self._texts |= dict.fromkeys(some, "") | {view.uri: view.record.text for view in found}
            for some in _chunks(authors):
                rows = rows_of(self._json_of("getProfiles", "actors", some), "profiles", host=self._host)
                profiles = maker.valid(rows, Author, "profile")
                self._followers |= {one.did: one.followers_count for one in profiles}
        except SourceError as failure:
            maker.warn(f"What is answered and how many read it is not known: {failure}")

    def _json_of(self, method: str, name: str, values: Sequence[str]) -> Any:
        place = "app.bsky.actor." if method == "getProfiles" else "app.bsky.feed."
        return self._json(f"{place}{method}?{urlencode([(name, value) for value in values])}", {})

    def _parse(self, view: View, oldest: datetime, maker: BatchMaker) -> Post | None:
        record = view.record
        written = sorted_by(view)
        if view.is_withdrawn or (written and written < oldest):
            return None
        did, _, place = view.uri.removeprefix("at://").partition("/")
        parent = self._texts.get(record.reply.parent.uri, "")
        return maker.post(
            view.uri,
            with_links(record, view.embed.card),
            url=f"https://bsky.app/profile/{did}/post/{place.rpartition('/')[2]}",
            author=view.author.handle or did,
            posted_at=parse_moment(record.created_at) or view.indexed_at,
            thread_key=record.reply.root.uri or view.uri,
            parent_text=parent or view.embed.quoted_text,
            reach=self._followers.get(view.author.did),
            lang=record.langs[0] if record.langs else None,
        )


def _in_turn(ways: Sequence[Way], start: int, most: int) -> list[Way]:
    start %= max(len(ways), 1)
    return [*ways[start:], *ways[:start]][:most]


def _following(ways: Sequence[Way], asked: Sequence[Way], turn: str, before: int) -> int:
    """Where the next fetch begins: behind the last form asked for, or with the one that had to stop."""
    if not asked:
        return before
    names = [way.name for way in ways]
    if turn:
        return names.index(turn) if turn in names else before
    return (names.index(asked[-1].name) + 1) % len(names)


def _asked(term: str) -> str:
    return term if term.isalnum() else _phrase(term)


def _phrase(term: str) -> str:
    return '"' + term.replace('"', " ").strip() + '"'


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


KIND = Kind(
    name="bluesky",
    settings=BlueskySettings,
    build=BlueskySource,
    reads="Bluesky posts with a shop's name, a link to its domain or a mention of its account, with edits",
    needs="a Bluesky account and an app password of it",
    speed="100 posts a request for each name; found about a minute after posting",
    cannot_see="rarer forms of a name than its 8 usual ones (`jetstream` hears all), names in a picture",
    terms="Bluesky's developer guidelines; moderate use of the search",
)
