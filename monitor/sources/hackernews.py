"""The kind "hackernews": stories and comments of Hacker News with a shop's name.

https://hn.algolia.com/api (search_by_date), the search that Hacker News itself links to. Deleted ones drop
out of it; a text can be edited for two hours. Terms: free to use, without promise; about 10,000 requests
an hour from one address.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from pydantic import Field

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceGone
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Foreign, rows_of
from monitor.sources.rechecking import one_by_one
from monitor.sources.searching import Page, Searches, SearchPosition, Way, Window, epoch
from monitor.text import canonical_url, html_to_text

_SITE = "https://news.ycombinator.com/item?id="
_PAGE = 100


class HackerNewsSettings(SourceSettings):
    """`terms` are searched for; where none is given, the shops' names."""

    url: Address = "https://hn.algolia.com"
    terms: tuple[Word, ...] = ()
    pages: Pages = 10


class _Hit(Foreign):
    own_id: str = Field(alias="objectID")
    created_at_i: int = 0
    author: str = ""
    title: str = ""
    url: str = ""
    story_text: str = ""
    comment_text: str = ""
    story_id: str = ""
    story_title: str = ""
    parent_id: str = ""

    @property
    def is_comment(self) -> bool:
        return bool(self.parent_id or self.comment_text)


class HackerNewsSource:
    """Searches Hacker News."""

    def __init__(self, settings: HackerNewsSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)

    def fetch(self, cursor: str | None) -> Batch:
        """Return what the search finds; a comment that answers another of this fetch carries its text."""
        position, now = SearchPosition.read(cursor, of=self._base), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        chosen = self._settings
        searches = Searches(position, maker, _created, now=now, backfill=chosen.backfill, pages=chosen.pages)
        hits = {hit.own_id: hit for hit in maker.valid(searches.rows(tuple(self._ways())), _Hit)}
        maker.read(hits.values(), lambda hit: self._parse(hit, hits, searches.oldest, maker))
        return maker.batch(searches.position())

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return stories and comments as they read now, and those that the search dropped."""
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self._host)
        return one_by_one(posts, lambda post: self._look(post.external_id, maker)).batch(posts, self._host)

    def _look(self, own_id: str, maker: BatchMaker) -> Post | None:
        row = self._context.get(f"{self._base}/api/v1/items/{quote(own_id, safe='')}").json()
        if not isinstance(row, dict) or "id" not in row:
            raise SourceBroken(f"{self._host} answered with JSON of another shape than we know.")
        if not (row.get("text") or row.get("title")):
            raise SourceGone(f"{self._host} shows {own_id} without its words.")
        found = maker.valid([{**row, "objectID": own_id, "story_text": row.get("text")}], _Hit)
        text, title = _words(found[0], maker) if found else ("", "")
        return maker.post(own_id, text, title=title) if text else None

    def _ways(self) -> Iterator[Way]:
        for term in self._settings.terms or self._context.names():
            yield Way(f"search {term}", partial(self._page, term))

    def _page(self, term: str, window: Window, more: str | None) -> Page:
        times = [f"created_at_i>={int(window.since.timestamp())}"]
        if window.until:
            times.append(f"created_at_i<={int(window.until.timestamp())}")
        params: dict[str, str | int] = {
            "query": '"' + term.replace('"', " ").strip() + '"',
            "tags": "(story,comment)",
            "numericFilters": ",".join(times),
            "advancedSyntax": "true",
            "typoTolerance": "false",
            "hitsPerPage": _PAGE,
            "page": more or "0",
        }
        answer = self._context.get(f"{self._base}/api/v1/search_by_date", params=params).json()
        rows = rows_of(answer, "hits", host=self._host)
        following = int(params["page"]) + 1
        pages = answer.get("nbPages")
        return Page(rows, str(following) if isinstance(pages, int) and following < pages else None)

    def _parse(self, hit: _Hit, hits: Mapping[str, _Hit], oldest: datetime, maker: BatchMaker) -> Post | None:
        written = parse_moment(epoch(hit.created_at_i))
        if (written and written < oldest) or not (hit.title or hit.comment_text):
            return None
        text, title = _words(hit, maker)
        parent = hits.get(hit.parent_id)
        return maker.post(
            hit.own_id,
            text,
            url=_SITE + hit.own_id,
            author=hit.author,
            title=title,
            posted_at=written,
            thread_key=hit.story_id or hit.own_id,
            thread_title=hit.story_title or hit.title,
            parent_text=html_to_text(parent.comment_text or parent.story_text) if parent else "",
            lang="en",
        )


def _words(hit: _Hit, maker: BatchMaker) -> tuple[str, str]:
    """Return text and title; a title that stands alone is the text."""
    link = "" if hit.is_comment else canonical_url(hit.url)
    own = maker.text_of(hit.comment_text or hit.story_text, f"post {hit.own_id}")
    text = "\n".join(filter(None, (own, link)))
    return text or hit.title, hit.title if text and not hit.is_comment else ""


def _created(row: Any) -> datetime | None:
    return parse_moment(epoch(row.get("created_at_i"))) if isinstance(row, dict) else None


KIND = Kind(
    name="hackernews",
    settings=HackerNewsSettings,
    build=HackerNewsSource,
    reads="stories and comments of Hacker News with a shop's name",
    needs="nothing",
    speed="100 hits a request, found within minutes",
    cannot_see="edits after a week, inflected names",
    terms="a free search without promise; 10,000 requests an hour",
)
