"""The kind "feed": RSS 0.9-2, Atom and JSON Feed, also found from a web page; Google Alerts; comment feeds.

A feed holds only what its site puts into it, so a busy one must be asked often. Deletions do not show. A
page is read for its feed only where robots.txt allows that; feedlinks.py says which of several is meant.
Terms: a feed is published to be read by programs; the texts stay their writers' (see each site's terms).
"""

import hashlib
import html
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

from pydantic import model_validator

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy, SourceDeaf
from monitor.http import Answer
from monitor.sources.commenttitles import article_of, article_page, is_comment, own_markup
from monitor.sources.contract import Address, Kind, SourceContext, SourceSettings
from monitor.sources.feedformats import Feed, FeedPost, read_feed
from monitor.sources.feedlinks import Wish, chosen_link, feed_links
from monitor.sources.moments import floor
from monitor.sources.reading import BatchMaker, Position
from monitor.sources.robots import Robots
from monitor.text import canonical_url, clean_line, fold, html_to_line

_PHPBB_TAIL = re.compile(r"\n+(?:Statistics|Tilastot|Statistik|Statistikk): [^\n]*\Z")
_ANSWER_TITLE = re.compile(r"(?:re|vs|sv|aw)\s*(?::\s*|$)", re.IGNORECASE)

_REMEDY = 'set page_feed = "posts" or "comments", or write its address into `url`.'


class FeedSettings(SourceSettings):
    """Either `url`, of a feed or of a page that names one, or `secret_url` where the address is a key.

    A page may name several: `page_feed` says whether the site's posts are meant or the comments. Left to
    "guess", an article gives the comments on it and every other page the posts of the site.
    """

    url: Address | None = None
    secret_url: SecretRef | None = None
    page_feed: Literal["guess", "posts", "comments"] = "guess"

    @model_validator(mode="after")
    def _exactly_one(self) -> "FeedSettings":
        if (self.url is None) == (self.secret_url is None):
            raise ValueError('write url = "https://..." or secret_url = { env = "NAME" }')
        return self


class FeedPosition(Position):
    """`found` is the feed that the page at `url` named; `validators` go into the next request."""

    found: str | None = None
    was_feed: bool = False
    validators: Mapping[str, str] = {}
    newest: datetime | None = None


class _Found(NamedTuple):
    """A feed document; where a page led there, its address, and a note about the choice there was.

    None when the feed that a page names has to wait for another fetch; the note says why.
    """

    answer: Answer | None
    link: str | None = None
    note: str = ""


class FeedSource:
    """Reads one feed."""

    def __init__(self, settings: FeedSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._url = settings.url or (context.secret(settings.secret_url) if settings.secret_url else "")
        self._wish = Wish(settings.page_feed)

    def fetch(self, cursor: str | None) -> Batch:
        """Return the posts of the feed; none when the server says that it has not changed."""
        position = FeedPosition.read(cursor, of=f"{self._url}{self._of_wish()}")
        answer, found, note = self._answer(position)
        if answer is None:
            known = position.model_copy(update={"found": found, "validators": {}})
            return Batch(cursor=known.write(), warnings=(note,))
        if answer.not_modified:
            return Batch(cursor=position.write())
        maker = BatchMaker(self._context.slug, self._context.clock.now(), answer.host)
        maker.warn(note)
        feed = read_feed(answer)
        self._take(feed, maker, position.newest)
        validators = {} if feed.flaw else answer.validators  # what was cut off is asked for again
        newest = max(filter(None, (position.newest, maker.newest)), default=None)
        return maker.batch(
            position.model_copy(
                update={"found": found, "was_feed": True, "validators": validators, "newest": newest}
            )
        )

    def _of_wish(self) -> str:
        """Another wish is another feed; the usual one leaves earlier positions as they were."""
        return "" if self._wish is Wish.GUESS else f" {self._wish.value}"

    def _take(self, feed: Feed, maker: BatchMaker, newest: datetime | None) -> None:
        oldest = floor(self._context.clock.now(), self._settings.backfill, newest)
        maker.warn(feed.flaw)
        maker.read(feed.posts, lambda row: _since(oldest, _parse(row, feed.title, maker)))

    def _answer(self, position: FeedPosition) -> "_Found":
        if position.found:
            try:
                return _Found(self._ask(position.found, position), position.found)
            except SourceBroken:  # the feed has moved; its page may know where to
                return self._discover(self._ask(self._url, None))
        answer = self._ask(self._url, position)
        if not answer.is_page:
            return _Found(answer)
        if position.was_feed or self._settings.secret_url:
            raise SourceDeaf(_page_instead(answer))
        return self._discover(answer)

    def _discover(self, page: Answer) -> "_Found":
        links = feed_links(page) if page.is_page else []
        link = chosen_link(links, self._wish)
        if link is None:
            raise SourceBroken(_no_such_feed(page, self._wish)) if links else SourceDeaf(_page_instead(page))
        pause = self._pause_after(page)
        try:
            answer = self._ask(link.url, None, pause)
        except SourceBusy as busy:
            return _Found(None, link.url, f"{busy} {link} is read with the next fetch.")
        if answer.is_page:
            raise SourceDeaf(_page_instead(answer))
        note = f"The page names {len(links)} feeds; {link} is read. For another one {_REMEDY}"
        return _Found(answer, link.url, note if len(links) > 1 else "")

    def _pause_after(self, page: Answer) -> timedelta | None:
        """The pause that the site wants after a page; SourceBroken when programs may not read the page.

        Feeds are there for programs, whatever robots.txt says of their addresses.
        """
        robots = Robots(self._context, page.url)
        if not robots.allows(page.url):
            raise SourceBroken(robots.refusal(page.url, "Write the address of the feed itself into `url`."))
        return robots.delay() or None

    def _ask(self, url: str, position: FeedPosition | None, pause: timedelta | None = None) -> Answer:
        return self._context.get(url, headers=position.validators if position else None, pace=pause)


def _page_instead(answer: Answer) -> str:
    return (
        f"{answer.host} answered with a web page instead of a feed: a login, a captcha or an error page. "
        "Open the address in a browser and look for the address of its feed."
    )


def _no_such_feed(page: Answer, wish: Wish) -> str:
    return f"The page of {page.host} names feeds, but none of {wish.value}. Instead {_REMEDY}"


def _since(oldest: datetime, post: Post) -> Post | None:
    """Leave out what is older than wanted; what has no date stays."""
    moment = post.edited_at or post.posted_at
    return None if moment and moment < oldest else post


def _parse(row: FeedPost, feed_title: str, maker: BatchMaker) -> Post:
    link = unwrapped(row.link)
    title, author = clean_line(html.unescape(html_to_line(row.title))), html_to_line(row.author)
    article = article_of(title, author, link, clean_line(html.unescape(html_to_line(feed_title))))
    own_id = row.id or link or _hash(row)
    markup = row.markup if article is None else own_markup(row.markup)[0]
    text = _PHPBB_TAIL.sub("", maker.text_of(markup, f"post {own_id[:100]}"))
    if not text and (not title or article is not None):
        raise ValueError("it has neither title nor text")
    thread_key, thread_title = _thread(row, link, title)
    is_title_said = article is not None or not text or text.startswith(title.rstrip(" .…"))
    return maker.post(
        own_id,
        text or title,
        url=link,
        author=author,
        title="" if is_title_said else title,
        posted_at=row.published,
        edited_at=row.updated if row.updated != row.published else None,
        thread_key=thread_key,
        thread_title=thread_title or title if article is None else article,
        rating=row.rating,
        lang=row.lang,
    )


def unwrapped(link: str) -> str:
    """Return the address behind a redirect of Google Alerts, or the link as it is."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    host = parts.hostname or ""
    if not (host.startswith(("www.google.", "google.")) and parts.path == "/url"):
        return link
    query = parse_qs(parts.query)
    return next((query[name][0] for name in ("url", "q") if name in query), link)


def _hash(row: FeedPost) -> str:
    written = "\0".join((row.title, row.author, str(row.published), row.markup if not row.title else ""))
    return "sha256:" + hashlib.sha256(written.encode("utf-8", "replace")).hexdigest()


def _thread(row: FeedPost, link: str, title: str) -> tuple[str, str]:
    """Return key and title of the conversation: what the post answers, the page it is on, or its title."""
    found = _ANSWER_TITLE.match(title)
    answered = title[found.end() :] if found else ""
    page = canonical_url(link)
    if is_comment(link):
        page = article_page(page)
        return page, answered
    if row.answers:
        return canonical_url(row.answers) or row.answers, answered
    topic = _ANSWER_TITLE.sub("", title.rpartition(" • ")[2], count=1)
    if " • " in title and fold(topic):  # phpBB: "Forum • Re: Topic", each post with a page of its own
        return f"{urlsplit(page).hostname}:{fold(topic)}", topic
    return (page, answered) if urlsplit(link).fragment and page else ("", answered)


KIND = Kind(
    name="feed",
    settings=FeedSettings,
    build=FeedSource,
    reads="RSS, Atom, JSON Feed: blogs, news, forums (XenForo, phpBB, NodeBB), comments, Google Alerts",
    needs="the address of the feed, or of a page that names it (an article gives its comments)",
    speed="as often as you ask; unchanged feeds cost one short answer",
    cannot_see="what the site leaves out, what fell off the feed's end between two fetches, deletions",
    terms="feeds are published for programs to read; the site's own terms hold for the texts",
)
