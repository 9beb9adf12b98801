"""Which of the feeds that a web page names is meant: the posts of the site, or the comments on an article."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml import etree, html

from monitor.http import Answer
from monitor.text import clean_line

_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_COMMENTS = re.compile(r"comment|kommen", re.IGNORECASE)
_MOST = 50


class Wish(StrEnum):
    """What is wanted of a page that names several feeds."""

    GUESS = "guess"
    POSTS = "posts"
    COMMENTS = "comments"


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names. `is_own` when it stands below the address of the page itself."""

    url: str
    is_comments: bool
    is_own: bool

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        what = "comments" if self.is_comments else "posts"
        of = "of that page" if self.is_own else "of the site"
        return clean_line(f"{parts.path or '/'}{'?' * bool(parts.query)}{parts.query} ({what} {of})", 300)


def feed_links(answer: Answer) -> list[FeedLink]:
    """Return the feeds that a web page names, in its order, each once."""
    try:
        page = html.document_fromstring(answer.content, parser=html.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):
        return []
    found: dict[str, FeedLink] = {}
    for link in page.iterfind(".//link[@href]"):
        is_alternate = "alternate" in link.get("rel", "").lower().split()
        if is_alternate and link.get("type", "").lower().strip() in _TYPES and len(found) < _MOST:
            one = _feed_link(answer.url, str(link.get("href", "")).strip(), str(link.get("title", "")))
            if one is not None:
                found.setdefault(one.url, one)
    return list(found.values())


def chosen_link(links: Sequence[FeedLink], wish: Wish) -> FeedLink | None:
    """Return the feed that is meant, None when the page names none of that kind.

    A page's own feed comes before that of the whole site, and posts before comments: so a front page gives
    the posts of the site, and an article, which has no posts of its own, the comments on it.
    """
    if wish is Wish.COMMENTS:
        wanted = [link for link in links if link.is_comments or link.is_own]
        return min(wanted, key=lambda link: (not link.is_own, not link.is_comments), default=None)
    wanted = [link for link in links if wish is Wish.GUESS or not link.is_comments]
    return min(wanted, key=lambda link: (not link.is_own, link.is_comments), default=None)


def _feed_link(page: str, href: str, title: str) -> FeedLink | None:
    try:
        url = urljoin(page, href) if href else ""
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    is_comments = _COMMENTS.search(f"{parts.path}?{parts.query} {title}") is not None
    return FeedLink(url, is_comments, _is_below(url, page))


def _is_below(url: str, page: str) -> bool:
    """Whether a feed stands below a page: /article/feed/ below /article/, ?p=5&feed=rss2 below ?p=5."""
    own, feed = urlsplit(page), urlsplit(url)
    if own.hostname != feed.hostname:
        return False
    asked = {pair for pair in parse_qsl(own.query) if not pair[0].startswith("utm_")}
    path = own.path.rstrip("/") + "/"
    is_front = path == "/" and not asked
    return not is_front and feed.path.startswith(path) and asked <= set(parse_qsl(feed.query))
