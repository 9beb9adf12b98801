"""The kind "lemmy": posts and comments of a Lemmy server, by its search or of chosen communities.

https://join-lemmy.org/api/ in both its versions: v3 of the 0.19 servers and v4 of 1.0. What a server
shows includes posts of other servers that it knows. Deleted and removed ones are left out. Terms: each
server's own rules; its limits on searching are narrow.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from pydantic import model_validator

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy, SourceGone
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.markdown import markdown_to_text
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Foreign, rows_of
from monitor.sources.rechecking import one_by_one
from monitor.sources.searching import Page, Searches, SearchPosition, Way, Window, dated
from monitor.text import canonical_url

_PAGE = 50
_MOST_PARENTS = 20  # each costs a request
_MOST_KNOWN = 5_000
_LISTS = ("items", "search", "posts", "comments")


class LemmySettings(SourceSettings):
    """`communities` ("name" or "name@server") are read whole; `search` looks for the shops' names (or
    `terms`) in all that the server knows. `api` is found out where it is not given.
    """

    url: Address
    api: Literal["v3", "v4"] | None = None
    communities: tuple[Word, ...] = ()
    search: bool = True
    terms: tuple[Word, ...] = ()
    token: SecretRef | None = None
    pages: Pages = 10

    @model_validator(mode="after")
    def _reads_something(self) -> "LemmySettings":
        if not self.search and not self.communities:
            raise ValueError('set search = true or communities = ["suomi"]')
        return self


class _Dated(Foreign):
    """What both versions know of posts and comments; v4 renamed the times."""

    ap_id: str
    id: int = 0
    published: str = ""
    published_at: str = ""
    updated: str = ""
    updated_at: str = ""
    deleted: bool = False
    removed: bool = False

    @property
    def posted(self) -> datetime | None:
        return parse_moment(self.published_at or self.published)

    @property
    def edited(self) -> datetime | None:
        return parse_moment(self.updated_at or self.updated)


class _Thread(_Dated):
    name: str
    body: str = ""
    url: str = ""

    @property
    def text(self) -> str:
        own = markdown_to_text(self.body)
        link = canonical_url(self.url)
        return "\n".join(filter(None, (own, link if link not in own else "")))


class _Comment(_Dated):
    content: str
    path: str = ""

    @property
    def parent(self) -> int:
        """The id of the comment that this one answers; 0 when it answers the post itself."""
        steps = self.path.split(".")
        return int(steps[-2]) if len(steps) > 2 and steps[-2].isdecimal() else 0


class _Creator(Foreign):
    name: str = ""
    deleted: bool = False


class _Community(Foreign):
    subscribers: int | None = None


class _View(Foreign):
    """A row of a list: a post, or a comment with its post."""

    post: _Thread
    comment: _Comment | None = None
    creator: _Creator = _Creator()
    community: _Community = _Community()

    @model_validator(mode="before")
    @classmethod
    def _comment_can_be_read(cls, row: Any) -> Any:
        """A comment without its text is not its post once more."""
        if isinstance(row, dict) and row.get("comment") is not None:
            _Comment.model_validate(row["comment"])
        return row

    @property
    def own(self) -> _Thread | _Comment:
        return self.comment or self.post


class LemmySource:
    """Reads one server."""

    def __init__(self, settings: LemmySettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)
        token = context.secret(settings.token) if settings.token else ""
        self._secrets = {"Authorization": f"Bearer {token}"} if token else {}
        self._api: Literal["v3", "v4"] | None = None
        self._comments: dict[int, str] = {}

    def fetch(self, cursor: str | None) -> Batch:
        """Return what is new; a comment comes with its post's title and what it answers."""
        position, now = SearchPosition.read(cursor, of=self._base), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        chosen = self._settings
        self._api = api = chosen.api or self._api or self._spoken()
        searches = Searches(position, maker, _posted, now=now, backfill=chosen.backfill, pages=chosen.pages)
        try:
            rows = searches.rows(tuple(self._ways(api)))
        except SourceBroken:
            self._api = None  # the server may have moved to its next version
            raise
        views = {view.own.ap_id: view for view in maker.valid(rows, _View)}
        self._learn_parents(views.values(), api, searches.oldest, maker)
        maker.read(views.values(), lambda view: self._parse(view, searches.oldest, maker))
        gone = tuple(name for name, view in views.items() if view.own.deleted or view.own.removed)
        return replace(maker.batch(searches.position()), gone=gone)

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return the posts of this server as they read now, and the deleted; of others nothing is claimed."""
        api = self._api = self._settings.api or self._api or self._spoken()
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self._host)
        own = re.compile(re.escape(self._base) + r"/(post|comment)/([0-9]{1,18})")
        asked = {post.external_id: found for post in posts if (found := own.fullmatch(post.external_id))}
        some = (post for post in posts if post.external_id in asked)
        return one_by_one(some, lambda one: self._look(api, asked[one.external_id], maker)).batch(
            posts, self._host
        )

    def _look(self, api: str, place: re.Match[str], maker: BatchMaker) -> Post | None:
        kind, number = place.groups()
        answer = self._json(f"/api/{api}/{kind}", {"id": number})
        row = answer.get(f"{kind}_view") if isinstance(answer, dict) else None
        if not isinstance(row, dict) or not isinstance(row.get(kind), dict):
            raise SourceBroken(f"{self._host} answered with JSON of another shape than we know.")
        if row[kind].get("deleted") or row[kind].get("removed"):
            raise SourceGone(f"{self._host} marks {kind} {number} as deleted.")
        views = maker.valid([row], _View)
        return self._parse(views[0], datetime.min.replace(tzinfo=UTC), maker) if views else None

    def _spoken(self) -> Literal["v3", "v4"]:
        """Find out which version the server speaks; SourceBroken when neither."""
        try:
            site = self._json("/api/v4/site", {})
        except SourceBroken:
            site = self._json("/api/v3/site", {})
            if isinstance(site, dict) and "site_view" in site:
                return "v3"
        if not isinstance(site, dict) or "site_view" not in site:
            raise SourceBroken(f"{self._host} is no Lemmy server that we know. Check the address.")
        return "v4"

    def _ways(self, api: str) -> Iterator[Way]:
        old = api == "v3"
        kinds = ("post", "comment")
        for name in self._settings.communities:
            query = {"community_name": name, "sort": "New" if old else "new"}
            for kind in kinds:
                ask = partial(self._page, f"/api/{api}/{kind}/list", query)
                yield Way(f"{kind}s of {name}", ask, alone=True, lasting=True)
        if not self._settings.search:
            return
        for term in self._settings.terms or self._context.names():
            for kind in kinds:
                query = {"q": term, "type_": f"{kind.title()}s" if old else f"{kind}s"}
                query |= (
                    {"sort": "New", "listing_type": "All"} if old else {"sort": "new", "listing_type": "all"}
                )
                ask = partial(self._page, f"/api/{api}/search", query)
                yield Way(f"{kind}s with {term}", ask, lasting=True)

    def _page(self, path: str, params: Mapping[str, str], window: Window, more: str | None) -> Page:
        is_old = path.startswith("/api/v3/")
        query: dict[str, str | int] = {**params, "limit": _PAGE}
        if is_old:
            query["page"] = more or "1"
        elif more:
            query["page_cursor"] = more
        answer = self._json(path, query)
        if not isinstance(answer, dict) or not any(name in answer for name in _LISTS):
            raise SourceBroken(f"{self._host} answered with JSON of another shape than we know.")
        lists = (rows_of(answer, name, host=self._host) for name in _LISTS if name in answer)
        rows = [row for rows in lists for row in rows if _is_speech(row)]
        if is_old:
            return Page(rows, str(int(query["page"]) + 1) if len(rows) >= _PAGE else None)
        following = answer.get("next_page")
        return Page(rows, following if isinstance(following, str) else None)

    def _json(self, path: str, params: Mapping[str, str | int]) -> Any:
        return self._context.get(self._base + path, params=params, secret_headers=self._secrets).json()

    def _learn_parents(self, views: Iterable[_View], api: str, oldest: datetime, maker: BatchMaker) -> None:
        if len(self._comments) > _MOST_KNOWN:
            self._comments = {}
        comments = [view.comment for view in views if view.comment and not _is_old(view, oldest)]
        self._comments |= {one.id: markdown_to_text(one.content) for one in comments}
        wanted = sorted({one.parent for one in comments} - self._comments.keys() - {0}, reverse=True)
        for number in wanted[:_MOST_PARENTS]:
            try:
                answer = self._json(f"/api/{api}/comment", {"id": number})
            except SourceBroken:  # deleted by now
                self._comments[number] = ""
                continue
            except SourceBusy as busy:
                maker.warn(f"What some comments answer is not known: {busy}")
                return
            row = answer.get("comment_view") if isinstance(answer, dict) else None
            found = maker.valid([row], _View, "answered comment") if row else []
            self._comments[number] = next(
                (markdown_to_text(view.comment.content) for view in found if view.comment), ""
            )

    def _parse(self, view: _View, oldest: datetime, maker: BatchMaker) -> Post | None:
        own, thread = view.own, view.post
        if own.deleted or own.removed or thread.removed or _is_old(view, oldest):
            return None
        answered = self._comments.get(view.comment.parent, "") if view.comment else ""
        answers_post = view.comment is not None and view.comment.parent == 0
        return maker.post(
            own.ap_id,
            markdown_to_text(view.comment.content) if view.comment else thread.text or thread.name,
            url=own.ap_id,
            author="" if view.creator.deleted else view.creator.name,
            title=thread.name if view.comment is None and thread.text else "",
            posted_at=own.posted,
            edited_at=own.edited,
            thread_key=thread.ap_id,
            thread_title=thread.name,
            parent_text=thread.text if answers_post else answered,
            reach=view.community.subscribers,
        )


def _is_speech(row: Any) -> bool:
    """Whether a row is a post or a comment; the searches of v4 may also find people and communities."""
    return not isinstance(row, dict) or row.get("type_", "post") in ("post", "comment", "Post", "Comment")


def _posted(row: Any) -> datetime | None:
    if not isinstance(row, dict):
        return None
    own = row.get("comment") or row.get("post")
    return dated(own.get("published_at") or own.get("published")) if isinstance(own, dict) else None


def _is_old(view: _View, oldest: datetime) -> bool:
    written = view.own.edited or view.own.posted
    return written is not None and written < oldest


KIND = Kind(
    name="lemmy",
    settings=LemmySettings,
    build=LemmySource,
    reads="posts and comments with a shop's name, and all of chosen communities, with edits",
    needs="a server's address; a token only where it shows nothing to guests",
    speed="50 posts a request; many servers allow a search every few seconds",
    cannot_see="communities nobody there follows, inflected names, deletions of posts of other servers",
    terms="the server's own rules",
)
