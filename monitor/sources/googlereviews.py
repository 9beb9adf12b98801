"""The kind "googlereviews": reviews of the shop's own places in Google Search and Maps.

https://developers.google.com/my-business/content/review-data (Business Profile API, reviews.list), with
the owner's consent (OAuth, scope business.manage) in a project that Google has approved. Terms: Business
Profile API policies; own places only. Google knows that its pages after the first can miss reviews, so
the first is read every time.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Foreign, rows_of
from monitor.sources.reviews import Reviewed, stars
from monitor.sources.searching import Page, Searches, SearchPosition, Way, Window, dated
from monitor.sources.session import Session, Token
from monitor.text import clean

_PAGE = 50
_DAY = 86_400
_STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
_TRANSLATED, _ORIGINAL = "(Translated by Google)", "(Original)"
_MANAGE = "https://business.google.com/reviews"
Number = Annotated[str, StringConstraints(pattern=r"^\d{1,30}$")]


class GoogleReviewsSettings(SourceSettings):
    """`account` and `locations` are the numbers of the Business Profile; `client_id`, `client_secret` and
    `refresh_token` are of your project's OAuth client. `about` is the shop's name, needed where several
    shops are listened for.
    """

    url: Address = "https://mybusiness.googleapis.com"
    login: Address = "https://oauth2.googleapis.com"
    account: Number
    locations: Annotated[tuple[Number, ...], Field(min_length=1)]
    client_id: Word
    client_secret: SecretRef
    refresh_token: SecretRef
    about: Word | None = None
    pages: Pages = 10


class _Row(Foreign):
    model_config = ConfigDict(alias_generator=to_camel)


class _Reviewer(_Row):
    display_name: str = ""
    is_anonymous: bool = False


class _Reply(_Row):
    comment: str = ""
    update_time: str = ""


class _Review(_Row):
    name: str
    star_rating: str
    comment: str = ""
    create_time: str = ""
    update_time: str = ""
    reviewer: _Reviewer = _Reviewer()
    review_reply: _Reply = _Reply()

    @property
    def stars(self) -> int:
        """One to five; 0 when Google does not say."""
        return _STARS.get(self.star_rating, 0)


class _Lent(Foreign):
    access_token: str
    expires_in: int = 3_600


class GoogleReviewsSource:
    """Reads the reviews of the places of one account."""

    def __init__(self, settings: GoogleReviewsSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)
        self._session = Session(self._log_in, context.clock)
        self._reviewed = Reviewed(settings.about, context)

    def fetch(self, cursor: str | None) -> Batch:
        """Return new and changed reviews, and the shop's answers to them."""
        of = f"{self._base} {self._settings.account}"
        position, now = SearchPosition.read(cursor, of=of), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        chosen = self._settings
        searches = Searches(position, maker, _updated, now=now, backfill=chosen.backfill, pages=chosen.pages)
        for review in maker.valid(searches.rows(tuple(self._ways())), _Review, "review"):
            reply = (_untranslated(review.review_reply.comment), review.review_reply.update_time)
            self._reviewed.read(review, partial(self._parse, maker=maker), reply, searches.oldest, maker)
        return maker.batch(searches.position())

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return reviews and answers as they read now, and those that are there no more."""
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self._host)
        return self._reviewed.again(posts, partial(self._look, maker=maker), self._host)

    def _look(self, name: str, maker: BatchMaker) -> tuple[Post, str]:
        found = maker.valid([self._json(quote(name, safe="/"), {})], _Review)
        if not found:
            raise SourceBroken(f"{self._host} answered with JSON of another shape than we know.")
        reply = clean(_untranslated(found[0].review_reply.comment))
        return self._parse(found[0], maker), reply

    def _ways(self) -> Iterator[Way]:
        for location in self._settings.locations:
            yield Way(f"location {location}", partial(self._page, location), alone=True, lasting=True)

    def _page(self, location: str, window: Window, more: str | None) -> Page:
        params: dict[str, str | int] = {"pageSize": _PAGE, "orderBy": "updateTime desc"}
        if more:
            params["pageToken"] = more
        answer = self._json(f"accounts/{self._settings.account}/locations/{location}/reviews", params)
        if answer == {}:  # a place without reviews
            return Page([])
        following = answer.get("nextPageToken") if isinstance(answer, dict) else None
        rows = rows_of(answer, "reviews", host=self._host)
        return Page(rows, following if isinstance(following, str) else None)

    def _json(self, path: str, params: dict[str, str | int]) -> Any:
        url = f"{self._base}/v4/{path}"
        return self._session.use(
            lambda token: self._context.get(
                url, params=params, secret_headers={"Authorization": f"Bearer {token}"}
            ).json()
        )

    def _log_in(self) -> Token:
        chosen = self._settings
        body = {
            "grant_type": "refresh_token",
            "client_id": chosen.client_id,
            "client_secret": self._context.secret(chosen.client_secret),
            "refresh_token": self._context.secret(chosen.refresh_token),
        }
        url = f"{chosen.login.rstrip('/')}/token"
        answer = self._context.post(url, form=body)
        try:
            lent = _Lent.model_validate(answer.json())
        except ValidationError:
            raise SourceBroken(f"{answer.host} gave us no token. Give consent anew.") from None
        until = self._context.clock.now() + timedelta(seconds=min(lent.expires_in, _DAY) - 60)
        return Token(lent.access_token, until)

    def _parse(self, review: _Review, maker: BatchMaker) -> Post:
        created, updated = parse_moment(review.create_time), parse_moment(review.update_time)
        text = _untranslated(review.comment) or stars(review.stars)
        if not text:
            raise ValueError("it has neither words nor stars")
        return maker.post(
            review.name,
            text,
            url=_MANAGE,
            author="" if review.reviewer.is_anonymous else review.reviewer.display_name,
            posted_at=review.create_time or review.update_time,
            edited_at=updated if created and updated and updated > created else None,
            thread_title=self._reviewed.name,
            rating=float(review.stars) if review.stars else None,
        )


def _untranslated(comment: str) -> str:
    """Return what was written, without the translation that Google puts before or after it."""
    _, mark, original = comment.partition(_ORIGINAL)
    return (original if mark else comment.partition(_TRANSLATED)[0]).strip()


def _updated(row: Any) -> datetime | None:
    return dated(row.get("updateTime")) if isinstance(row, dict) else None


KIND = Kind(
    name="googlereviews",
    settings=GoogleReviewsSettings,
    build=GoogleReviewsSource,
    reads="reviews of the shop's own places on Google, with stars, changes and the shop's answers",
    needs="a Google Cloud project approved for the Business Profile API, and the owner's consent (OAuth)",
    speed="50 reviews a request; minutes after publication",
    cannot_see="places of others, product reviews",
    terms="Business Profile API policies; own places only",
)
