"""What Reddit sends: listings of its API, and the posts and comments of its feeds. Fetches nothing."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.domain import Post
from monitor.errors import SourceBroken
from monitor.sources.feedformats import FeedPost
from monitor.sources.markdown import markdown_to_text
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Foreign, rows_of
from monitor.sources.searching import Page, epoch
from monitor.text import canonical_url, html_to_line

SITE = "https://www.reddit.com"
_GONE = (
    "[deleted]",
    "[removed]",
    "[ Removed by Reddit ]",
    "[ Removed by Reddit in response to a copyright notice. ]",
)
_BOTS = ("AutoModerator",)
_OWN_TEXT = re.compile(r"<!-- SC_OFF -->(.*)<!-- SC_ON -->", re.DOTALL)
_LINK = re.compile(r'<a href="([^"]+)">\[link\]</a>')
_THREAD = re.compile(r"/comments/([a-z0-9]+)")
_COMMENT_TITLE = re.compile(r"/u/\S+ on (?P<title>.+)", re.DOTALL)


class _Crossposted(Foreign):
    title: str = ""
    selftext: str = ""


class Thing(Foreign):
    """A post (t3) or a comment (t1)."""

    name: str
    author: str = ""
    title: str = ""
    selftext: str = ""
    body: str = ""
    url: str = ""
    is_self: bool = True
    permalink: str = ""
    created_utc: float = 0.0
    edited: float | bool = False
    link_id: str = ""
    link_title: str = ""
    parent_id: str = ""
    subreddit_subscribers: int | None = None
    removed_by_category: str = ""
    crosspost_parent_list: tuple[_Crossposted, ...] = ()

    @property
    def text(self) -> str:
        """What its author wrote, and the address where the post is a link."""
        own = markdown_to_text(self.body or self.selftext)
        link = "" if self.is_self or self.crosspost_parent_list else canonical_url(self.url)
        return "\n".join(filter(None, (own, link))) or self.title

    @property
    def is_gone(self) -> bool:
        has_no_words = (self.body or self.selftext).strip() in _GONE or self.title in _GONE
        return has_no_words or bool(self.removed_by_category)

    @property
    def is_wanted(self) -> bool:
        return not self.is_gone and self.author not in _BOTS

    @property
    def edited_at(self) -> float | None:
        return epoch(self.edited)


def listing(answer: Any, host: str) -> Page:
    """Return the things of a listing and the name of the one to go on after."""
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict):
        raise SourceBroken(f"{host} answered with JSON of another shape than we know.")
    children = rows_of(answer, "data", "children", host=host)
    after = answer["data"].get("after")
    rows = [child.get("data") if isinstance(child, dict) else child for child in children]
    return Page(rows, after if isinstance(after, str) and after else None)


def written_at(row: Any) -> datetime | None:
    """The time by which Reddit sorts, of a row of a listing or of a feed."""
    if isinstance(row, FeedPost):
        return parse_moment(row.published or row.updated)
    return parse_moment(epoch(row.get("created_utc"))) if isinstance(row, dict) else None


def parse_thing(thing: Thing, texts: Mapping[str, str], oldest: datetime, maker: BatchMaker) -> Post | None:
    """Return the post of a thing; None when it is gone, a bot's or too old. `texts`: what is answered."""
    written = parse_moment(thing.edited_at or epoch(thing.created_utc))
    if not thing.is_wanted or (written and written < oldest):
        return None
    if not thing.text:
        raise ValueError("it has neither words nor title")
    is_comment = thing.name.startswith("t1_")
    crossposted = "\n".join(f"{one.title}\n{one.selftext}" for one in thing.crosspost_parent_list)
    return maker.post(
        thing.name,
        thing.text,
        url=f"{SITE}{thing.permalink}" if thing.permalink.startswith("/") else thing.permalink,
        author="" if thing.author in _GONE else thing.author,
        title="" if is_comment or thing.text == thing.title else thing.title,
        posted_at=epoch(thing.created_utc),
        edited_at=thing.edited_at,
        thread_key=thing.link_id or thing.name,
        thread_title=thing.link_title if is_comment else thing.title,
        parent_text=texts.get(thing.parent_id, "") if is_comment else markdown_to_text(crossposted),
        reach=thing.subreddit_subscribers,
    )


def parse_feed_post(row: FeedPost, oldest: datetime, maker: BatchMaker) -> Post | None:
    """Return the post of a row of a feed; None when it is gone, a bot's or too old."""
    title, author = html_to_line(row.title), row.author.removeprefix("/u/")
    own = _OWN_TEXT.search(row.markup)
    text = maker.text_of(own.group(1), f"post {row.id[:100]}") if own else ""
    written = written_at(row)
    if author in _BOTS or text.strip() in _GONE or (written and written < oldest):
        return None
    link = _LINK.search(row.markup)
    outside = canonical_url(html_to_line(link.group(1))) if link else ""
    if outside and "reddit.com/" not in outside:
        text = "\n".join(filter(None, (text, outside)))
    thread, comment = _THREAD.search(row.link), _COMMENT_TITLE.fullmatch(title)
    is_comment = row.id.startswith("t1_")
    return maker.post(
        row.id,
        text or title,
        url=row.link,
        author="" if author in _GONE else author,
        title="" if is_comment or not text else title,
        posted_at=row.published or row.updated,
        edited_at=row.updated if row.published and row.updated != row.published else None,
        thread_key=f"t3_{thread.group(1)}" if thread else row.id,
        thread_title=comment.group("title") if is_comment and comment else title,
    )
