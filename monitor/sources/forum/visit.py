"""One visit to a forum: what it may still read, what it has read, and the way its pages are fetched."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from monitor.errors import SourceBroken, SourceBusy
from monitor.sources.contract import SourceContext, host_of
from monitor.sources.forum.page import Page
from monitor.sources.forum.profile import Profile
from monitor.sources.forum.rows import PostsPage, read_posts
from monitor.sources.forum.settings import SeenThread, WaitingThread
from monitor.sources.reading import BatchMaker
from monitor.sources.robots import Robots, moved

_PAGES_OF_A_THREAD = 10
_REMEDY = "Choose other areas."
_MANY = 3  # so many threads that cannot be read, and not one that can, are no coincidence


@dataclass(slots=True)
class Visit:
    """`pages` are left to read; `texts` are the posts read so far, by their ids; `gone` are deleted.

    `turn` says where the next fetch begins when this one had to stop.
    """

    maker: BatchMaker
    now: datetime
    oldest: datetime
    pages: int
    pace: timedelta
    zone: tzinfo
    threads: dict[str, SeenThread]
    deeper: dict[str, str]
    waiting: dict[str, WaitingThread] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    failures: list[SourceBroken] = field(default_factory=list)
    has_list: bool = False
    has_read: bool = False
    turn: str = ""

    def stop(self, busy: SourceBusy, turn: str, rest: str) -> None:
        """Read no further: the forum wants us to wait. Raises `busy` when nothing was read by then."""
        if not self.has_read:
            raise busy
        self.maker.warn(f"{busy} {rest} come with the next fetch.")
        self.pages, self.turn = 0, turn

    def note(self, what: str, failure: SourceBroken) -> None:
        """Remember that something could not be read."""
        self.maker.warn(f"{what} was left out: {failure}")
        self.failures.append(failure)

    def raise_if_deaf(self) -> None:
        """Raise the first failure when no list, or no thread of several, could be read."""
        if self.failures and not self.texts and (not self.has_list or len(self.failures) >= _MANY):
            raise self.failures[0]


class Pages:
    """Fetches pages of one forum: those that robots.txt leaves open, at its pace, of its host alone."""

    def __init__(self, context: SourceContext, home: str, profile: Profile) -> None:
        self._context, self._host, self._profile = context, host_of(home), profile
        self._robots = Robots(context, home)

    def delay(self) -> timedelta:
        """The pause that robots.txt asks for."""
        return self._robots.delay()

    def page(self, url: str, visit: Visit) -> Page:
        """Fetch any page of the forum."""
        if not self._robots.allows(url):
            raise SourceBroken(self._robots.refusal(url, _REMEDY))
        visit.pages -= 1
        answer = self._context.get(url, pace=visit.pace)
        visit.has_read = True
        if answer.host != self._host:
            raise SourceBroken(moved(self._host, answer.host))
        page = Page(answer, self._profile.drop_params)
        if not page.is_whole:
            visit.maker.warn("A page is cut off; what could be read was taken.")
        return page

    def new_pages(
        self, url: str, seen: SeenThread | None, oldest: datetime, visit: Visit
    ) -> tuple[list[PostsPage], bool]:
        """Return the pages of a thread that may hold something new, in order, and whether that is all.

        A known thread is read on from its last page, a long new one backward from its end.
        """
        try:
            first = self._posts(seen.page if seen else url, visit)
        except SourceBroken:
            if seen is None or seen.page == url:
                raise
            seen, first = None, self._posts(url, visit)  # pages were moved or merged
        if seen is None and first.last and first.last != first.next:
            return [first, *self._from_the_end(first, oldest, visit)], True
        return self._to_the_end(first, visit)

    def _to_the_end(self, first: PostsPage, visit: Visit) -> tuple[list[PostsPage], bool]:
        pages = [first]
        while pages[-1].next and len(pages) < _PAGES_OF_A_THREAD:
            try:
                pages.append(self._posts(pages[-1].next, visit))
            except SourceBroken as failure:
                visit.maker.warn(f"The next page of a thread was left out: {failure}")
                break
        return pages, not pages[-1].next

    def _from_the_end(self, first: PostsPage, oldest: datetime, visit: Visit) -> list[PostsPage]:
        pages = [self._posts(first.last, visit)]
        while pages[0].previous not in ("", first.url) and not _begins_before(oldest, pages[0]):
            if len(pages) >= _PAGES_OF_A_THREAD:
                visit.maker.warn("A thread is very long; only its newest pages were read.")
                break
            page = self._posts(pages[0].previous, visit)
            if _first_id(page) == _first_id(first):  # the first page under another address
                break
            pages.insert(0, page)
        return pages

    def _posts(self, url: str, visit: Visit) -> PostsPage:
        page = self.page(url, visit)
        posts = read_posts(page, self._profile.posts, visit.now, visit.zone)
        return replace(
            posts,
            next=self._open(posts.next, visit),
            previous=self._open(posts.previous, visit),
            last=self._open(posts.last, visit),
        )

    def _open(self, url: str, visit: Visit) -> str:
        """Return an address unless robots.txt closes it."""
        if not url or self._robots.allows(url):
            return url
        visit.maker.warn(self._robots.refusal(url, _REMEDY))
        return ""


def _first_id(page: PostsPage) -> str:
    return next((post.id for post in page.posts), "")


def _begins_before(oldest: datetime, page: PostsPage) -> bool:
    moment = next((post.at for post in page.posts), None)
    return moment is not None and moment < oldest
