"""Opens the pages of posts that were handed on, also of threads in which nobody writes any more."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from monitor.domain import Post
from monitor.errors import SourceBroken, SourceBusy, SourceGone
from monitor.sources.contract import host_of
from monitor.sources.forum.profile import Profile
from monitor.sources.forum.rows import ForumPost, PostsPage, UnknownPage, read_posts
from monitor.sources.forum.visit import Pages, Visit
from monitor.sources.rechecking import Looks


@dataclass(slots=True)
class Rereading:
    """One round. A page shows many posts of its thread, so each is opened once.

    That a post is gone is claimed only where the profile knows an address of the post itself.
    """

    pages: Pages
    profile: Profile
    home: str
    visit: Visit
    looks: Looks = field(default_factory=Looks)
    _shown: dict[str, ForumPost] = field(default_factory=dict)
    _deleted: set[str] = field(default_factory=set)
    _opened: set[str] = field(default_factory=set)

    def look(self, posts: Iterable[Post]) -> Looks:
        """Look at the posts, as many as the pages of a visit reach for; see Rereads."""
        for post in posts:
            if post.external_id not in self._shown and post.external_id not in self._deleted:
                if self.visit.pages <= 0:
                    self.looks.is_cut = True
                    break
                try:
                    self._open(post)
                except SourceBusy:
                    if not self._opened:
                        raise
                    self.looks.is_cut = True
                    break
            self._note(post)
        return self.looks

    def _open(self, post: Post) -> None:
        own = self._own_address(post)
        url = own or post.url.partition("#")[0]
        if not url or host_of(url) != host_of(self.home) or url in self._opened:
            return
        try:
            page = self.pages.page(url, self.visit)
            read = read_posts(page, self.profile.posts, self.visit.now, self.visit.zone)
        except SourceGone:
            if own:
                self._deleted.add(post.external_id)
            return
        except SourceBroken as failure:
            if own or not isinstance(failure, UnknownPage):
                raise
            return  # a thread may have changed its address; that says nothing about the post
        finally:
            self._opened.add(url)
        self._take(read)

    def _take(self, page: PostsPage) -> None:
        self._shown |= {one.id: one for one in page.posts}
        self._deleted |= set(page.deleted)

    def _note(self, post: Post) -> None:
        name = post.external_id
        if name in self._deleted:
            self.looks.asked.append(name)
        elif name in self._shown:
            self.looks.asked.append(name)
            self.looks.there[name] = self._as_now(self._shown[name])
        elif self._own_address(post):
            self.looks.asked.append(name)
            self.looks.there[name] = None

    def _own_address(self, post: Post) -> str:
        if not self.profile.post_url or not post.external_id.isalnum():
            return ""
        return self.home.rstrip("/") + self.profile.post_url.replace("{id}", post.external_id)

    def _as_now(self, row: ForumPost) -> Post | None:
        text = self.visit.maker.text_of(row.markup, f"post {row.id[:100]}")
        if not text:
            return None
        return self.visit.maker.post(row.id, text, title=row.title, edited_at=row.edited, rating=row.rating)
