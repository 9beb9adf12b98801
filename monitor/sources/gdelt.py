"""The kind "gdelt": news articles that name a shop, found by the GDELT Project and read where they stand.

https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/ (mode artlist). GDELT tells address, title and when
it saw an article; the text comes from the newspaper's page, where its robots.txt allows that. What cannot
be read counts with its title alone. Terms: free with attribution, one request in five seconds, and often
overloaded; the articles are their publishers'.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urljoin

from pydantic import StringConstraints

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy, SourceError, SourceGone
from monitor.http import Answer
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Foreign, rows_of
from monitor.sources.rechecking import Looks
from monitor.sources.robots import Robots
from monitor.sources.searching import Page, Searches, SearchPosition, Way, Window, dated
from monitor.text import canonical_url, clean_line, html_to_line

_PAGE = 250
_PACE = timedelta(seconds=5)
_TERMS_AT_ONCE = 6
_LONGEST_PAGE = 2_000_000
_MOST_NEWSPAPERS = 500
_MOST_REMEMBERED = 1_000
_LOOSE_MARK = re.compile(r"\s+([,.:;!?])")
_PLAIN = re.compile(r"\w+")
_LANGUAGES = {
    "Finnish": "fi",
    "Swedish": "sv",
    "English": "en",
    "Norwegian": "no",
    "Danish": "da",
    "Estonian": "et",
    "German": "de",
    "Russian": "ru",
}
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class GdeltSettings(SourceSettings):
    """`countries` are two letters as GDELT (FIPS) writes them: FI, SW (Sweden), NO, DA, EN (Estonia).

    `articles` reads the pages that are found, `most` at a time; the others wait for the next fetch.
    """

    url: Address = "https://api.gdeltproject.org"
    terms: tuple[Word, ...] = ()
    countries: tuple[Country, ...] = ("FI",)
    articles: bool = True
    most: Pages = 20
    pages: Pages = 4


class GdeltPosition(SearchPosition):
    """`seen` are short hashes of the newest articles that were handed on, oldest first."""

    seen: tuple[str, ...] = ()


class _Article(Foreign):
    url: str
    title: str = ""
    seendate: str = ""
    domain: str = ""
    language: str = ""

    @property
    def own_id(self) -> str:
        return canonical_url(self.url)

    @property
    def mark(self) -> str:
        return hashlib.sha256(self.own_id.encode()).hexdigest()[:10]


class _NotYet(SourceBusy):
    """A newspaper's pause between two articles is not over."""


class GdeltSource:
    """Searches the news."""

    def __init__(self, settings: GdeltSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)
        self._robots: dict[str, Robots] = {}
        self._free_at: dict[str, datetime] = {}

    def fetch(self, cursor: str | None) -> Batch:
        """Return new articles, each once; what a newspaper asks us to wait with comes later."""
        position, now = GdeltPosition.read(cursor, of=self._base), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        chosen = self._settings
        searches = Searches(position, maker, _seen_at, now=now, backfill=chosen.backfill, pages=chosen.pages)
        found = maker.valid(searches.rows(tuple(self._ways())), _Article)
        articles = {article.mark: article for article in found if article.own_id}
        new = [article for mark, article in articles.items() if mark not in position.seen]
        seen = self._take(new, searches.oldest, maker)
        remembered = (*position.seen, *seen)[-_MOST_REMEMBERED:]
        reached = searches.position().model_copy(update={"seen": remembered})
        return maker.batch(reached, or_broken=not articles)

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return in `gone` the articles that are there no more; what is changed in one is not followed.

        A newspaper in trouble keeps nobody from looking at the others.
        """
        looks = Looks()
        if not self._settings.articles:
            return Batch()
        for name in (post.external_id for post in posts if post.external_id.startswith("http")):
            try:
                self._look(name)
            except SourceGone:
                looks.asked.append(name)
            except _NotYet:
                looks.is_cut = True
            except SourceError:
                looks.in_vain.append(name)
            else:
                looks.asked.append(name)
                looks.there[name] = None
        return looks.batch(posts, self._host)

    def _look(self, url: str) -> None:
        """SourceGone when nothing is at the address of an article any more."""
        home = urljoin(url, "/")
        try:
            robots = self._robots_of(home)
            may_read = robots.allows(url)
        except SourceGone as failure:  # its robots.txt is, which says nothing about the article
            raise SourceBroken(str(failure)) from None
        if may_read:
            self._wait_for_turn(home, robots.delay())
            self._context.get(url)

    def _ways(self) -> Iterator[Way]:
        terms = self._settings.terms or self._context.names()
        for start in range(0, len(terms), _TERMS_AT_ONCE):
            query = _any_of(_quoted(term) for term in terms[start : start + _TERMS_AT_ONCE])
            countries = _any_of(f"sourcecountry:{country}" for country in self._settings.countries)
            whole = f"{query} {countries}".strip()
            yield Way(f"search {whole}", partial(self._page, whole))

    def _page(self, query: str, window: Window, more: str | None) -> Page:
        params: dict[str, str | int] = {
            "query": query,
            "mode": "artlist",
            "format": "json",
            "sort": "datedesc",
            "maxrecords": _PAGE,
            "startdatetime": _digits(window.since),
            "enddatetime": more or _digits(window.until or self._context.clock.now()),
        }
        answer = self._context.get(f"{self._base}/api/v2/doc/doc", params=params, pace=_PACE)
        articles = _json(answer)
        rows = [] if articles == {} else rows_of(articles, "articles", host=self._host)
        if len(rows) < _PAGE:
            return Page(rows)
        last = _seen_at(rows[-1])
        following = _digits(last) if last else None
        return Page(rows, following if following != params["enddatetime"] else None)

    def _take(self, articles: Iterable[_Article], oldest: datetime, maker: BatchMaker) -> list[str]:
        """Hand on the articles, and return the marks of those that are done with."""
        done: list[str] = []
        for article in articles:
            seen_at = parse_moment(article.seendate)
            if len(done) >= self._settings.most and self._settings.articles:
                break
            if seen_at and seen_at < oldest:
                continue
            try:
                text = self._text(article) if self._settings.articles else ""
            except SourceBusy:
                continue
            maker.read([article], partial(_parse, text=text, maker=maker), lambda one: one.own_id[:100])
            done.append(article.mark)
        return done

    def _text(self, article: _Article) -> str:
        """Return the article itself, "" where it may not or cannot be read; SourceBusy: later."""
        home = urljoin(article.own_id, "/")
        robots = self._robots_of(home)
        try:
            if not robots.allows(article.own_id):
                return ""
            self._wait_for_turn(home, robots.delay())
            return _article_text(self._context.get(article.own_id).text())
        except SourceBroken:
            return ""

    def _robots_of(self, home: str) -> Robots:
        if len(self._robots) > _MOST_NEWSPAPERS:
            self._robots, self._free_at = {}, {}
        return self._robots.setdefault(home, Robots(self._context, home))

    def _wait_for_turn(self, home: str, delay: timedelta) -> None:
        """_NotYet when this newspaper wants a longer pause than a fetch should sleep."""
        now = self._context.clock.now()
        free_at = self._free_at.get(home, now)
        if free_at > now:
            raise _NotYet(f"{host_of(home)} wants a pause between two articles.")
        self._free_at[home] = now + delay


def _parse(article: _Article, text: str, maker: BatchMaker) -> Post:
    title = _LOOSE_MARK.sub(r"\1", html_to_line(article.title))
    if not title and not text:
        raise ValueError("it has neither title nor text")
    return maker.post(
        article.own_id,
        text or title,
        url=article.url,
        author=article.domain,
        title=title if text else "",
        posted_at=article.seendate,
        thread_title=title,
        lang=_LANGUAGES.get(article.language),
    )


def _article_text(page: str) -> str:
    from trafilatura import extract  # takes half a second, so only where articles are read

    found = extract(page[:_LONGEST_PAGE], include_comments=False, include_tables=False, favor_precision=True)
    return found if isinstance(found, str) else ""


def _json(answer: Answer) -> Any:
    try:
        return answer.json()
    except SourceBroken:
        said = clean_line(answer.text(), 200)
        if answer.is_page or not said[:1].isalpha():
            raise
        raise SourceBroken(f"{answer.host} did not take our question: {said}") from None


def _quoted(term: str) -> str:
    words = term.replace('"', " ").split()
    return words[0] if len(words) == 1 and _PLAIN.fullmatch(words[0]) else f'"{" ".join(words)}"'


def _any_of(words: Iterable[str]) -> str:
    choice = list(words)
    return f"({' OR '.join(choice)})" if len(choice) > 1 else "".join(choice)


def _digits(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}"


def _seen_at(row: Any) -> datetime | None:
    return dated(row.get("seendate")) if isinstance(row, Mapping) else None


KIND = Kind(
    name="gdelt",
    settings=GdeltSettings,
    build=GdeltSource,
    reads="news articles that name a shop, of chosen countries, with their text where it may be read",
    needs="nothing",
    speed="one request in 5 seconds; an article is known about 15 minutes after it appears",
    cannot_see="inflected names, paywalled texts (only titles), edits, papers GDELT lacks; often overloaded",
    terms="GDELT is free with attribution; each newspaper's robots.txt is respected",
)
