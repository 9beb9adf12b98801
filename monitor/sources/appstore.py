"""The kind "appstore": customer reviews of an app in the App Store, country by country.

Apple's public feed of reviews (itunes.apple.com/<country>/rss/customerreviews), newest first, 500 a
country. A reviewer has one review of an app; changing it keeps its id and renews its date. Answers of
the maker do not show. Terms: Apple's media services terms; the feed is published for reading.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Foreign, rows_of
from monitor.sources.reviews import Reviewed
from monitor.sources.searching import Page, Searches, SearchPosition, Way, Window, dated

_PAGE, _LAST_PAGE = 50, 10
_STARS = re.compile(r"[1-5]")
Country = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class AppStoreSettings(SourceSettings):
    """`app` is the number in the address of the app's page; `about` is the shop's name, which a review
    rarely says, and is needed where several shops are listened for.
    """

    url: Address = "https://itunes.apple.com"
    app: Annotated[str, StringConstraints(pattern=r"^\d{4,15}$")]
    countries: Annotated[tuple[Country, ...], Field(min_length=1)] = ("fi",)
    about: Word | None = None
    pages: Pages = _LAST_PAGE


class _Label(Foreign):
    label: str = ""


class _Author(Foreign):
    name: _Label = _Label()


class _Review(Foreign):
    own_id: _Label = Field(alias="id")
    rating: _Label = Field(alias="im:rating")
    content: _Label
    title: _Label = _Label()
    author: _Author = _Author()
    updated: _Label = _Label()
    country: str = ""


class AppStoreSource:
    """Reads the reviews of one app."""

    def __init__(self, settings: AppStoreSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)
        self._about = Reviewed(settings.about, context).name

    def fetch(self, cursor: str | None) -> Batch:
        """Return new and changed reviews."""
        of = f"{self._base} {self._settings.app}"
        position, now = SearchPosition.read(cursor, of=of), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        chosen = self._settings
        searches = Searches(position, maker, _updated, now=now, backfill=chosen.backfill, pages=chosen.pages)
        reviews = maker.valid(searches.rows(tuple(self._ways(position, maker))), _Review, "review")
        maker.read(reviews, lambda review: self._parse(review, searches.oldest, maker))
        return maker.batch(searches.position())

    def _ways(self, position: SearchPosition, maker: BatchMaker) -> Iterator[Way]:
        for country in self._settings.countries:
            name = f"reviews of {country}"
            ask = partial(self._page, country, name in position.reached, maker)
            yield Way(name, ask, alone=True, lasting=True)

    def _page(
        self, country: str, has_reviews: bool, maker: BatchMaker, window: Window, more: str | None
    ) -> Page:
        number = int(more or 1)
        place = f"{country}/rss/customerreviews/page={number}/id={self._settings.app}/sortBy=mostRecent/json"
        rows = _entries(self._context.get(f"{self._base}/{place}").json(), self._host)
        if not rows and number == 1 and has_reviews:
            maker.warn(f"{self._host} sent no reviews of {country}, where there were some before.")
        reviews = [row | {"country": country} if isinstance(row, dict) else row for row in rows]
        following = str(number + 1) if len(rows) >= _PAGE and number < _LAST_PAGE else None
        return Page([row for row in reviews if not _is_app(row)], following)

    def _parse(self, review: _Review, oldest: datetime, maker: BatchMaker) -> Post | None:
        written = parse_moment(review.updated.label)
        if written and written < oldest:
            return None
        title, text = review.title.label, review.content.label
        if not (text or title):
            raise ValueError("it has neither title nor text")
        stars = _STARS.fullmatch(review.rating.label.strip())
        return maker.post(
            review.own_id.label,
            text or title,
            url=f"https://apps.apple.com/{review.country}/app/id{self._settings.app}?see-all=reviews",
            author=review.author.name.label,
            title=title if text else "",
            posted_at=review.updated.label,
            thread_title=self._about,
            rating=float(stars.group()) if stars else None,
        )


def _entries(answer: Any, host: str) -> list[Any]:
    """Return the rows of a feed, which Apple leaves out when there is none, and unwraps when there is one."""
    if not isinstance(answer, dict) or not isinstance(answer.get("feed"), dict):
        raise SourceBroken(f"{host} answered with JSON of another shape than we know.")
    entry = answer["feed"].get("entry", [])
    return [entry] if isinstance(entry, dict) else rows_of({"entry": entry}, "entry", host=host)


def _is_app(row: Any) -> bool:
    """Whether a row is the app itself, with which some feeds begin."""
    return isinstance(row, dict) and "im:rating" not in row and "im:name" in row


def _updated(row: Any) -> datetime | None:
    updated = row.get("updated") if isinstance(row, dict) else None
    return dated(updated.get("label")) if isinstance(updated, dict) else None


KIND = Kind(
    name="appstore",
    settings=AppStoreSettings,
    build=AppStoreSource,
    reads="customer reviews of an app in the App Store, with stars and changes",
    needs="the app's number and the countries",
    speed="50 reviews a request; a review shows within a day",
    cannot_see="stars without words, more than 500 reviews a country, deletions",
    terms="Apple's media services terms; a feed published for reading",
)
