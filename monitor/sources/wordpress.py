"""The kind "wordpress": comments of a WordPress site by its REST API, or by its comments feed.

https://developer.wordpress.org/rest-api/reference/comments/ . Needs only the site's address. Comments in
moderation, on protected articles and WooCommerce reviews (which REST hides) are not seen; WordPress keeps
no time of change, so an edit shows in the text alone. Terms: what the site publishes to everybody.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from pydantic import Field

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy
from monitor.http import Answer
from monitor.sources.commenttitles import article_of, article_page, comment_number, own_markup
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, host_of
from monitor.sources.feedformats import FeedPost, read_feed
from monitor.sources.moments import OVERLAP
from monitor.sources.reading import BatchMaker, Foreign, Position, rows_of
from monitor.sources.rechecking import all_at_once, readable
from monitor.text import canonical_url, html_to_line, html_to_text

_PAGE = 100


class WordpressSettings(SourceSettings):
    """`url` is the front page of the site; `feed = true` reads the comments feed instead of REST."""

    url: Address
    feed: bool = False
    pages: Pages = 10


class WordpressPosition(Position):
    """`newest` is the time of the newest comment; `resume` where the pages of the last fetch ran out."""

    newest: datetime | None = None
    resume: datetime | None = None


class _Rendered(Foreign):
    rendered: str = ""


class _Embedded(Foreign):
    """A post or a comment that comes along with a comment."""

    title: _Rendered = _Rendered()
    content: _Rendered = _Rendered()


class _Around(Foreign):
    up: list[_Embedded] = Field(default_factory=list)
    answered: list[_Embedded] = Field(default_factory=list, alias="in-reply-to")


class _Content(Foreign):
    rendered: str


class _Comment(Foreign):
    id: int
    content: _Content
    link: str = ""
    author_name: str = ""
    date_gmt: str = ""
    around: _Around = Field(default_factory=_Around, alias="_embedded")


class WordpressSource:
    """Reads the comments of one site."""

    def __init__(self, settings: WordpressSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")

    def fetch(self, cursor: str | None) -> Batch:
        """Return comments from two days before the newest known one on, the oldest first."""
        position = WordpressPosition.read(cursor, of=self._base)
        maker = BatchMaker(self._context.slug, self._context.clock.now(), host_of(self._base))
        start = self._start(position)
        if self._settings.feed:
            self._take_feed(start, maker)
            resume = None
        else:
            resume = self._take_pages(start, maker)
        newest = max(filter(None, (position.newest, maker.newest)), default=None)
        return maker.batch(position.model_copy(update={"newest": newest, "resume": resume}))

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return the comments as REST shows them now, and those it shows no more; the feed cannot tell."""
        if self._settings.feed:
            return Batch()
        asked = [post.external_id for post in posts if post.external_id.isdecimal()]
        maker = BatchMaker(self._context.slug, self._context.clock.now(), host_of(self._base))
        there: dict[str, Post | None] = {}
        for start in range(0, len(asked), _PAGE):
            page = self._ask({"include": ",".join(asked[start : start + _PAGE]), "per_page": _PAGE})
            rows = [row for row in rows_of(page.json(), host=page.host) if isinstance(row, dict)]
            there |= {str(row.get("id")): None for row in rows}
            comments = maker.valid(rows, _Comment, "comment")
            there |= {str(one.id): readable(partial(_parse, maker=maker), one) for one in comments}
        return all_at_once(asked, there).batch(posts, host_of(self._base))

    def _take_pages(self, start: datetime, maker: BatchMaker) -> datetime | None:
        """Read pages upward in time; return where the next fetch must go on when they are too many."""
        for number in range(1, self._settings.pages + 1):
            try:
                page = self._page(start, number)
            except SourceBusy as busy:
                if number == 1:
                    raise
                maker.warn(f"{busy} The rest comes with the next fetch.")
                break
            rows = rows_of(page.json(), host=page.host)
            comments = maker.valid(rows, _Comment, "comment")
            maker.read(comments, lambda row: _since(start, _parse(row, maker)))
            if len(rows) < _PAGE or number >= _total(page):
                return None
        return maker.newest and maker.newest - timedelta(seconds=1)

    def _page(self, start: datetime, number: int) -> Answer:
        params: dict[str, str | int] = {
            "per_page": _PAGE,
            "page": number,
            "orderby": "date_gmt",
            "order": "asc",
            "after": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "_embed": "up,in-reply-to",
        }
        return self._ask(params)

    def _ask(self, params: Mapping[str, str | int]) -> Answer:
        try:
            return self._context.get(f"{self._base}/wp-json/wp/v2/comments", params=params)
        except SourceBroken as failure:
            raise type(failure)(f"{failure} If this site keeps REST closed, set feed = true.") from None

    def _start(self, position: WordpressPosition) -> datetime:
        if position.resume:
            return position.resume
        if position.newest:
            return position.newest - OVERLAP
        return self._context.clock.now() - self._settings.backfill

    def _take_feed(self, start: datetime, maker: BatchMaker) -> None:
        feed = read_feed(self._context.get(f"{self._base}/comments/feed/"))
        maker.warn(feed.flaw)
        markups = {comment_number(row.id, row.link): own_markup(row.markup)[0] for row in feed.posts}
        maker.read(feed.posts, lambda row: _since(start, _parse_feed(row, feed.title, markups, maker)))


def _since(start: datetime, post: Post) -> Post | None:
    return None if post.posted_at and post.posted_at < start else post


def _parse(comment: _Comment, maker: BatchMaker) -> Post:
    up, answered = comment.around.up, comment.around.answered
    return maker.post(
        str(comment.id),
        maker.text_of(comment.content.rendered, f"comment {comment.id}"),
        url=comment.link,
        author=html_to_line(comment.author_name),
        posted_at=comment.date_gmt,
        thread_key=_thread(comment.link),
        thread_title=html_to_line(up[0].title.rendered) if up else "",
        parent_text=maker.text_of(answered[0].content.rendered, "the parent") if answered else "",
    )


def _parse_feed(row: FeedPost, feed_title: str, markups: Mapping[str, str], maker: BatchMaker) -> Post:
    """Read a comment out of the feed, under the id that REST gives it."""
    own_id = comment_number(row.id, row.link)
    if not own_id:
        raise ValueError("it has no comment number")
    author, answered = html_to_line(row.author), own_markup(row.markup)[1]
    return maker.post(
        own_id,
        maker.text_of(markups[own_id], f"comment {own_id}"),
        url=row.link,
        author=author,
        posted_at=row.published,
        thread_key=_thread(row.link),
        thread_title=article_of(html_to_line(row.title), author, row.link, html_to_line(feed_title)) or "",
        parent_text=html_to_text(markups.get(answered, "")) if answered else "",
    )


def _thread(link: str) -> str:
    """Return the address of the article, the same from each of its comment pages."""
    return article_page(canonical_url(link))


def _total(page: Answer) -> float:
    """Return how many pages there are, endless where the server does not say."""
    written = page.headers.get("x-wp-totalpages", "")
    return float(written) if written.isdecimal() else float("inf")


KIND = Kind(
    name="wordpress",
    settings=WordpressSettings,
    build=WordpressSource,
    reads="comments on all articles of a WordPress site, with the comment they answer",
    needs="the site's address; nothing else",
    speed="100 comments a request; one request when little is new",
    cannot_see="comments in moderation, WooCommerce reviews; by feed also edits and deletions",
    terms="what the site publishes to everybody, by its own API or feed",
)
