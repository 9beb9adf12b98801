"""Pages of a forum into rows: the threads that a list names, and the posts of a page of a thread.

A profile says where everything stands; nothing is fetched here, and no post is cleaned yet.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from html import escape
from re import compile as pattern

from monitor.errors import SourceDeaf
from monitor.sources.forum.dates import shown_moment
from monitor.sources.forum.jsonld import StructuredPost, structured_posts
from monitor.sources.forum.page import Page, markup_of, without
from monitor.sources.forum.profile import Node, PostRows, Selector, ThreadRows, first_value

_TAGS = pattern(r"</?(?:p|br|div|span|a|b|i|em|strong|ul|li|blockquote)\b")


class UnknownPage(SourceDeaf):
    """A page came, and it is not what the profile describes."""


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """A thread in a list. `mark` changes when somebody writes in it; "" when the list does not tell."""

    key: str
    url: str
    title: str = ""
    mark: str = ""
    last: datetime | None = None
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class ForumPost:
    """A post as it stands on a page; `answers` is the id of the post it answers."""

    id: str
    markup: str
    author: str = ""
    at: datetime | None = None
    edited: datetime | None = None
    url: str = ""
    answers: str = ""
    title: str = ""
    about: str = ""
    thread: str = ""
    rating: float | None = None


@dataclass(frozen=True, slots=True)
class PostsPage:
    """One page of a thread, with the addresses of its neighbours where there are any.

    `deleted` are ids of posts of which only a mark is left.
    """

    url: str
    title: str
    posts: Sequence[ForumPost]
    next: str = ""
    previous: str = ""
    last: str = ""
    deleted: tuple[str, ...] = ()
    is_whole: bool = True


def read_threads(page: Page, rows: ThreadRows, now: datetime, zone: tzinfo) -> list[ThreadLink]:
    """Return the threads of a list, [] where it is empty; UnknownPage where it is no list of threads."""
    if not Selector(rows.frame).nodes(page.root):
        raise UnknownPage(page.refusal("a list of threads"))
    nodes = Selector(rows.row).nodes(page.root)
    links = [_thread(node, page, rows, now, zone) for node in nodes]
    threads = {link.key: link for link in reversed(links) if link is not None}
    if nodes and not threads:
        raise UnknownPage(
            f"{page.host} sent a list of {len(nodes)} threads and none of them could be read. "
            "Its look may have changed; the profile has to follow."
        )
    return list(reversed(threads.values()))


def _thread(node: Node, page: Page, rows: ThreadRows, now: datetime, zone: tzinfo) -> ThreadLink | None:
    url = page.link(first_value(rows.url, node))
    key = first_value(rows.thread, node) if rows.thread else url
    if not url or not key:
        return None
    shown, replies = first_value(rows.last, node), first_value(rows.replies, node)
    return ThreadLink(
        key=key,
        url=url,
        title=first_value(rows.title, node),
        mark=hashlib.sha256(f"{shown}\0{replies}".encode()).hexdigest()[:10] if shown or replies else "",
        last=shown_moment(shown, now, zone) if shown else None,
        is_pinned=bool(Selector(rows.pinned).nodes(node)),
    )


def read_posts(
    page: Page, rows: PostRows, now: datetime, zone: tzinfo, wanted: str = "the posts of a thread"
) -> PostsPage:
    """Return the posts of a page; UnknownPage, which names what was wanted, where there is none."""
    moments = _Moments(now, zone)
    marks = Selector(rows.deleted)
    nodes = Selector(rows.post).nodes(page.root)
    deleted = [node for node in nodes if marks.nodes(node)]
    shown = [node for node in nodes if node not in deleted]
    posts = _selected(shown, page, rows, moments) if rows.post else _structured(page, moments)
    if not posts and not deleted:
        raise UnknownPage(page.refusal(wanted))
    return PostsPage(
        url=page.link(page.url) or page.url,
        title=first_value(rows.title, page.root),
        posts=posts,
        next=page.linked(rows.next),
        previous=page.linked(rows.previous),
        last=page.linked(rows.last),
        deleted=tuple(filter(None, (first_value(rows.id, node) for node in deleted))),
        is_whole=page.is_whole,
    )


@dataclass(frozen=True, slots=True)
class _Moments:
    now: datetime
    zone: tzinfo

    def read(self, written: str) -> datetime | None:
        return shown_moment(written, self.now, self.zone) if written else None


def _selected(nodes: Sequence[Node], page: Page, rows: PostRows, moments: _Moments) -> list[ForumPost]:
    """Return the posts of these elements, each without the posts that stand inside of it."""
    select, drop = Selector(rows.post), Selector(rows.drop)
    posts = []
    for node in nodes:
        alone = without(node, [one for one in select.nodes(node) if one is not node])
        text = without(alone, [one for one in drop.nodes(alone) if one is not alone])
        posts.append(_post(alone, text, page, rows, moments))
    return posts


def _post(node: Node, text: Node, page: Page, rows: PostRows, moments: _Moments) -> ForumPost:
    texts = next((found for pick in rows.text if (found := pick.nodes(text))), [])
    return ForumPost(
        id=first_value(rows.id, node),
        markup=markup_of(texts),
        author=first_value(rows.author, node),
        at=moments.read(first_value(rows.at, node)),
        edited=moments.read(first_value(rows.edited, node)),
        url=page.link(first_value(rows.url, node), keep_fragment=True),
        answers=first_value(rows.answers, node),
    )


def _structured(page: Page, moments: _Moments) -> list[ForumPost]:
    return [_from_structured(post, moments) for post in structured_posts(page.root)]


def _from_structured(post: StructuredPost, moments: _Moments) -> ForumPost:
    root = post
    while root.parent is not None:
        root = root.parent
    return ForumPost(
        id=post.id,
        markup=post.text if _TAGS.search(post.text) else f"<pre>{escape(post.text)}</pre>",
        author=post.author,
        at=moments.read(post.at),
        edited=moments.read(post.edited) if post.edited != post.at else None,
        url=post.url,
        answers=post.parent.id if post.parent else "",
        title=post.title,
        about=root.title or root.about,
        thread=root.id,
        rating=post.rating,
    )
