"""The kind "trustpilot": reviews of one shop on Trustpilot, through its own API.

https://developers.trustpilot.com (business units API, public endpoints). The shop's public answers come
too. Terms: Trustpilot's API terms, with a key of a business account; its pages are never scraped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from pydantic import ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceGone
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Foreign, rows_of
from monitor.sources.reviews import Reviewed, stars
from monitor.sources.searching import Page, Searches, SearchPosition, Way, Window, dated
from monitor.text import clean

_PAGE = 100
# The list is by the time of writing, and unhappy people change their reviews when they got an answer.
_OVERLAP = timedelta(days=14)
_GONE = ("archived", "deleted", "hidden", "removed")


class TrustpilotSettings(SourceSettings):
    """Either `domain` of the shop, or `unit`, the id of its business unit. `about` is the shop's name,
    needed where several shops are listened for. `language` asks only for reviews in it.
    """

    url: Address = "https://api.trustpilot.com"
    key: SecretRef
    domain: Word | None = None
    unit: Word | None = None
    about: Word | None = None
    language: Word | None = None
    pages: Pages = 10

    @model_validator(mode="after")
    def _exactly_one(self) -> "TrustpilotSettings":
        if (self.domain is None) == (self.unit is None):
            raise ValueError('write domain = "shop.fi" or unit = "..."')
        return self


class _Row(Foreign):
    model_config = ConfigDict(alias_generator=to_camel)


class _Consumer(_Row):
    display_name: str = ""


class _Reply(_Row):
    text: str = ""
    created_at: str = ""


class _Review(_Row):
    id: str
    stars: int
    title: str = ""
    text: str = ""
    language: str = ""
    created_at: str = ""
    updated_at: str = ""
    status: str = ""
    consumer: _Consumer = _Consumer()
    company_reply: _Reply = _Reply()


class TrustpilotSource:
    """Reads the reviews of one business unit."""

    def __init__(self, settings: TrustpilotSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)
        self._secrets = {"apikey": context.secret(settings.key)}
        self._reviewed = Reviewed(settings.about, context)
        self._unit = settings.unit

    def fetch(self, cursor: str | None) -> Batch:
        """Return new and changed reviews, and the shop's answers to them."""
        of = f"{self._base} {self._settings.unit or self._settings.domain}"
        position, now = SearchPosition.read(cursor, of=of), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        chosen = self._settings
        searches = Searches(
            position,
            maker,
            _created,
            now=now,
            backfill=chosen.backfill,
            pages=chosen.pages,
            overlap=_OVERLAP,
        )
        reviews = maker.valid(searches.rows(tuple(self._ways())), _Review, "review")
        for review in (review for review in reviews if review.status.lower() not in _GONE):
            reply = (review.company_reply.text, review.company_reply.created_at)
            self._reviewed.read(review, partial(self._parse, maker=maker), reply, searches.oldest, maker)
        gone = tuple(review.id for review in reviews if review.status.lower() in _GONE)
        return replace(maker.batch(searches.position()), gone=gone)

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return reviews and answers as they read now, and those that are there no more."""
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self._host)
        return self._reviewed.again(posts, partial(self._look, maker=maker), self._host)

    def _look(self, review_id: str, maker: BatchMaker) -> tuple[Post, str]:
        url = f"{self._base}/v1/reviews/{quote(review_id, safe='')}"
        found = maker.valid([self._context.get(url, secret_headers=self._secrets).json()], _Review)
        if not found:
            raise SourceBroken(f"{self._host} answered with JSON of another shape than we know.")
        if found[0].status.lower() in _GONE:
            raise SourceGone(f"{self._host} marks review {review_id} as {found[0].status}.")
        return self._parse(found[0], maker), clean(found[0].company_reply.text)

    def _ways(self) -> Iterator[Way]:
        yield Way("reviews", self._page, lasting=True)

    def _page(self, window: Window, more: str | None) -> Page:
        number = int(more or 1)
        params: dict[str, str | int] = {"perPage": _PAGE, "page": number, "orderBy": "createdat.desc"}
        if self._settings.language:
            params["language"] = self._settings.language
        unit = quote(self._unit_id(), safe="")
        rows = rows_of(self._json(f"{unit}/reviews", params), "reviews", host=self._host)
        return Page(rows, str(number + 1) if len(rows) >= _PAGE else None)

    def _unit_id(self) -> str:
        if self._unit is None:
            found = self._json("find", {"name": self._settings.domain or ""})
            if not isinstance(found, dict) or not isinstance(found.get("id"), str):
                raise SourceBroken(f"{self._host} answered with JSON of another shape than we know.")
            self._unit = found["id"]
        return self._unit

    def _json(self, path: str, params: dict[str, str | int]) -> Any:
        url = f"{self._base}/v1/business-units/{path}"
        return self._context.get(url, params=params, secret_headers=self._secrets).json()

    def _parse(self, review: _Review, maker: BatchMaker) -> Post:
        posted, updated = parse_moment(review.created_at), parse_moment(review.updated_at)
        text = review.text or review.title or stars(review.stars)
        if not text:
            raise ValueError("it has neither words nor stars")
        return maker.post(
            review.id,
            text,
            url=f"https://www.trustpilot.com/reviews/{quote(review.id, safe='')}",
            author=review.consumer.display_name,
            title=review.title
            if review.text and not review.text.startswith(review.title.rstrip("…."))
            else "",
            posted_at=review.created_at,
            edited_at=updated if posted and updated and updated > posted else None,
            thread_title=self._reviewed.name,
            rating=float(review.stars) if 1 <= review.stars <= 5 else None,
            lang=review.language,
        )


def _created(row: Any) -> datetime | None:
    return dated(row.get("createdAt")) if isinstance(row, dict) else None


KIND = Kind(
    name="trustpilot",
    settings=TrustpilotSettings,
    build=TrustpilotSource,
    reads="reviews of a shop on Trustpilot with stars, changes and the shop's answers",
    needs="an API key of a Trustpilot business account",
    speed="100 reviews a request; at once after publication",
    cannot_see="changes of reviews older than two weeks, order numbers",
    terms="Trustpilot's API terms; pages are not scraped",
)
