"""The kind "feed": RSS 0.9-2, Atom and JSON Feed, also found from a web page; Google Alerts; comment feeds.

A feed holds only what its site puts into it, so a busy one must be asked often. Deletions do not show. A
page is read for its feed only where robots.txt allows that.
Terms: a feed is published to be read by programs; the texts stay their writers' (see each site's terms).
"""

import hashlib
import html
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from pydantic import model_validator

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken
from monitor.http import Answer
from monitor.sources.contract import Address, Kind, SourceContext, SourceSettings
from monitor.sources.feedformats import Feed, FeedPost, feed_link, read_feed
from monitor.sources.moments import floor
from monitor.sources.reading import BatchMaker, Position
from monitor.sources.robots import Robots
from monitor.text import canonical_url, clean, clean_line, fold, html_to_line

_PHPBB_TAIL = re.compile(r"\n+(?:Statistics|Tilastot|Statistik|Statistikk): [^\n]*\Z")
_ANSWER_TITLE = re.compile(r"(?:re|vs|sv|aw)\s*(?::\s*|$)", re.IGNORECASE)
_COMMENT_TITLES = (
    re.compile(r"comment on (?P<title>.+) by .+", re.IGNORECASE),
    re.compile(r"kommentti artikkeliin (?P<title>.+?),? kirjoitti .+", re.IGNORECASE),
    re.compile(r"kommentar (?:på|till) (?P<title>.+) av .+", re.IGNORECASE),
)


class FeedSettings(SourceSettings):
    """Either `url`, of a feed or of a page that names one, or `secret_url` where the address is a key."""

    url: Address | None = None
    secret_url: SecretRef | None = None

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


class FeedSource:
    """Reads one feed."""

    def __init__(self, settings: FeedSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._url = settings.url or (context.secret(settings.secret_url) if settings.secret_url else "")

    def fetch(self, cursor: str | None) -> Batch:
        """Return the posts of the feed; none when the server says that it has not changed."""
        position = FeedPosition.read(cursor, of=self._url)
        answer, found = self._answer(position)
        if answer.not_modified:
            return Batch(cursor=position.write())
        maker = BatchMaker(self._context.slug, self._context.clock.now(), answer.host)
        feed = read_feed(answer)
        self._take(feed, maker, position.newest)
        validators = {} if feed.flaw else answer.validators  # what was cut off is asked for again
        newest = max(filter(None, (position.newest, maker.newest)), default=None)
        return maker.batch(
            position.model_copy(
                update={"found": found, "was_feed": True, "validators": validators, "newest": newest}
            )
        )

    def _take(self, feed: Feed, maker: BatchMaker, newest: datetime | None) -> None:
        oldest = floor(self._context.clock.now(), self._settings.backfill, newest)
        maker.warn(feed.flaw)
        maker.read(feed.posts, lambda row: _since(oldest, _parse(row, maker)))

    def _answer(self, position: FeedPosition) -> tuple[Answer, str | None]:
        """Return the feed document and, where a page led there, its address."""
        if position.found:
            try:
                return self._ask(position.found, position), position.found
            except SourceBroken:  # the feed has moved; its page may know where to
                return self._discover(self._ask(self._url, None))
        answer = self._ask(self._url, position)
        if not answer.is_page:
            return answer, None
        if position.was_feed or self._settings.secret_url:
            raise SourceBroken(_page_instead(answer))
        return self._discover(answer)

    def _discover(self, page: Answer) -> tuple[Answer, str | None]:
        link = feed_link(page) if page.is_page else None
        if link is None:
            raise SourceBroken(_page_instead(page))
        answer = self._ask(link, None, self._pause_after(page))
        if answer.is_page:
            raise SourceBroken(_page_instead(answer))
        return answer, link

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


def _since(oldest: datetime, post: Post) -> Post | None:
    """Leave out what is older than wanted; what has no date stays."""
    moment = post.edited_at or post.posted_at
    return None if moment and moment < oldest else post


def _parse(row: FeedPost, maker: BatchMaker) -> Post:
    link = unwrapped(row.link)
    title = clean_line(html.unescape(html_to_line(row.title)))
    own_id = row.id or link or _hash(row)
    text = _PHPBB_TAIL.sub("", maker.text_of(row.markup, f"post {own_id[:100]}"))
    if not text and not title:
        raise ValueError("it has neither title nor text")
    thread_key, thread_title = _thread(row, link, title)
    return maker.post(
        own_id,
        text or title,
        url=link,
        author=html_to_line(row.author),
        title="" if not text or text.startswith(title.rstrip(" .…")) else title,
        posted_at=row.published,
        edited_at=row.updated if row.updated != row.published else None,
        thread_key=thread_key,
        thread_title=thread_title or title,
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
    answered = _answered_title(title)
    page = canonical_url(link)
    if row.answers:
        return canonical_url(row.answers) or row.answers, answered
    topic = _ANSWER_TITLE.sub("", title.rpartition(" • ")[2], count=1)
    if " • " in title and fold(topic):  # phpBB: "Forum • Re: Topic", each post with a page of its own
        return f"{urlsplit(page).hostname}:{fold(topic)}", topic
    return (page, answered) if urlsplit(link).fragment and page else ("", answered)


def _answered_title(title: str) -> str:
    for pattern in _COMMENT_TITLES:
        found = pattern.fullmatch(title)
        if found:
            return clean(found.group("title"))
    found = _ANSWER_TITLE.match(title)
    return title[found.end() :] if found else ""


KIND = Kind(
    name="feed",
    settings=FeedSettings,
    build=FeedSource,
    reads="RSS, Atom, JSON Feed: blogs, news, forums (XenForo, phpBB, NodeBB), comments, Google Alerts",
    needs="the address of the feed, or of a page that names it",
    speed="as often as you ask; unchanged feeds cost one short answer",
    cannot_see="what the site leaves out, what fell off the feed's end between two fetches, deletions",
    terms="feeds are published for programs to read; the site's own terms hold for the texts",
)
