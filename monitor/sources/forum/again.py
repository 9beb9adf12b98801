"""Opens the pages of posts that were handed on, also of threads in which nobody writes any more."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from monitor.domain import Post
from monitor.errors import SourceBroken, SourceBusy, SourceGone
from monitor.sources.contract import host_of
from monitor.sources.forum.profile import Profile
from monitor.sources.forum.rows import ForumPost, PostsPage, UnknownPage, read_posts
from monitor.sources.forum.visit import Pages, Visit
from monitor.sources.rechecking import Looks, raise_if_closed, readable

_PAGE_OF_THREAD = re.compile(r"[?]|/page[-/]?\d")


@dataclass(slots=True)
class Rereading:
    """One round. A page shows many posts of its thread, so each is opened once.

    That a post is gone is claimed where nothing is at its own address any more, or, in a forum whose posts
    have none, at those of its page and its thread (404, 410); not where a page does not show it, which may
    have moved on.
    """

    pages: Pages
    profile: Profile
    home: str
    visit: Visit
    looks: Looks = field(default_factory=Looks)
    failures: list[SourceBroken] = field(default_factory=list)
    _shown: dict[str, ForumPost] = field(default_factory=dict)
    _deleted: set[str] = field(default_factory=set)
    _opened: set[str] = field(default_factory=set)
    _gone: set[str] = field(default_factory=set)

    def look(self, posts: Iterable[Post]) -> Looks:
        """Look at the posts, as many as the pages of a visit reach for; see Rereads.

        SourceBroken when no page can be read.
        """
        for post in posts:
            if post.external_id not in self._shown and post.external_id not in self._deleted:
                if self.visit.pages <= 0:
                    self.looks.is_cut = True
                    break
                try:
                    self._open(post)
                except SourceBusy:
                    if not self.visit.has_read:
                        raise
                    self.looks.is_cut = True
                    break
                except SourceBroken as failure:
                    self.failures.append(failure)
                    raise_if_closed(self.failures, self.looks)
                    self.looks.in_vain.append(post.external_id)
                    continue
            self._note(post)
        if self.failures and not self.looks.asked:
            raise self.failures[0]
        return self.looks

    def _open(self, post: Post) -> None:
        own, url = self._own_address(post), self._address(post)
        if not url or host_of(url) != host_of(self.home) or url in self._opened:
            return
        try:
            page = self.pages.page(url, self.visit)
            read = read_posts(page, self.profile.posts, self.visit.now, self.visit.zone)
        except SourceGone:
            if own or not self._stands(url):
                self._gone.add(url)
            return
        except SourceBroken as failure:
            if own or not isinstance(failure, UnknownPage):
                raise
            return  # a thread may have changed its address; that says nothing about the post
        finally:
            self._opened.add(url)
        self._take(read)

    def _stands(self, url: str) -> bool:
        """Whether the thread of a page that is there no more still is: its posts moved up to other pages."""
        thread = _PAGE_OF_THREAD.split(url, maxsplit=1)[0]
        try:
            return thread != url and bool(self.pages.page(thread, self.visit))
        except SourceGone:
            return False

    def _take(self, page: PostsPage) -> None:
        self._shown |= {one.id: one for one in page.posts}
        self._deleted |= set(page.deleted)

    def _note(self, post: Post) -> None:
        name = post.external_id
        if name in self._deleted or self._address(post) in self._gone:
            self.looks.asked.append(name)
        elif name in self._shown:
            self.looks.asked.append(name)
            self.looks.there[name] = readable(self._as_now, self._shown[name])
        elif self._own_address(post):
            self.looks.asked.append(name)
            self.looks.there[name] = None
        else:
            self.looks.in_vain.append(name)

    def _address(self, post: Post) -> str:
        return self._own_address(post) or post.url.partition("#")[0]

    def _own_address(self, post: Post) -> str:
        if not self.profile.post_url or not post.external_id.isalnum():
            return ""
        return self.home.rstrip("/") + self.profile.post_url.replace("{id}", post.external_id)

    def _as_now(self, row: ForumPost) -> Post | None:
        text = self.visit.maker.text_of(row.markup, f"post {row.id[:100]}")
        if not text:
            return None
        return self.visit.maker.post(row.id, text, title=row.title, edited_at=row.edited, rating=row.rating)
