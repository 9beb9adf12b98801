"""Reads one forum: lists first, then the threads in which something is new, the longest quiet first."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from monitor.domain import Batch, Post
from monitor.errors import ConfigError, Mistake, SourceBroken, SourceBusy, SourceGone
from monitor.sources.contract import SourceContext, host_of
from monitor.sources.forum.again import Rereading
from monitor.sources.forum.profile import Profile, ThreadRows
from monitor.sources.forum.rows import ForumPost, PostsPage, ThreadLink, UnknownPage, read_threads
from monitor.sources.forum.settings import THREADS, ForumPosition, ForumSettings, SeenThread, WaitingThread
from monitor.sources.forum.visit import Pages, Visit
from monitor.sources.moments import floor
from monitor.sources.reading import BatchMaker
from monitor.text import html_to_text

_MOST_THREADS = 400
_MOST_WAITING = 300
_TRIES = 3
_SHORTLY = timedelta(minutes=10)


class ForumSource:
    """Reads one forum by its profile."""

    def __init__(self, settings: ForumSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._profile = _profile(settings, context)
        self._home = settings.url or self._profile.url
        self._pages = Pages(context, self._home, self._profile)
        self._areas = self._addresses()

    def fetch(self, cursor: str | None) -> Batch:
        """Return the new posts of threads that changed. Raises SourceBroken until terms are accepted."""
        if self._profile.needs_acceptance and not self._settings.accept_terms:
            raise SourceBroken(
                f"{self._profile.title} is off: {self._profile.terms}. "
                "If it may, write accept_terms = true for this source."
            )
        position = ForumPosition.read(cursor, of=f"{self._settings.profile} {self._home}")
        visit = self._visit(position)
        waiting = _waiting(position)
        if position.turn == THREADS:
            self._open(waiting.values(), visit)
            waiting = {}
        self._open(self._changed(waiting, position.turn, visit), visit)
        visit.raise_if_deaf()
        newest = max(filter(None, (position.newest, visit.maker.newest)), default=None)
        update = {
            "threads": dict(list(visit.threads.items())[-_MOST_THREADS:]),
            "waiting": dict(list(visit.waiting.items())[:_MOST_WAITING]),
            "deeper": visit.deeper,
            "turn": visit.turn,
            "newest": newest,
        }
        batch = visit.maker.batch(position.model_copy(update=update))
        return replace(batch, gone=tuple(visit.gone))

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return the posts as their pages show them now, and those whose own address leads nowhere."""
        if not any(post.url or self._profile.post_url for post in posts):
            return Batch()
        visit = self._visit(ForumPosition())
        looks = Rereading(self._pages, self._profile, self._home, visit).look(posts)
        return looks.batch(posts, host_of(self._home))

    def _visit(self, position: ForumPosition) -> Visit:
        now = self._context.clock.now()
        return Visit(
            maker=BatchMaker(self._context.slug, now, host_of(self._home)),
            now=now,
            oldest=floor(now, self._settings.backfill, position.newest),
            pages=self._settings.pages + len(self._areas),
            pace=max(self._settings.pace, self._pages.delay()),
            zone=ZoneInfo(self._profile.zone) if self._profile.zone else self._context.zone,
            threads=dict(position.threads),
            deeper=dict(position.deeper),
        )

    def _addresses(self) -> list[str]:
        """Return the addresses of the lists; a search stands there once for each name."""
        base = self._home.rstrip("/")
        addresses = []
        for area in self._settings.areas or self._profile.areas:
            names = self._context.names() if "{name}" in area else ("",)
            addresses += [f"{base}/{area.lstrip('/')}".replace("{name}", quote(name)) for name in names]
        return list(dict.fromkeys(addresses)) or [self._home]

    def _open(self, links: Iterable[ThreadLink], visit: Visit) -> None:
        for link in links:
            self._follow(link, visit)

    def _changed(self, waiting: dict[str, ThreadLink], turn: str, visit: Visit) -> list[ThreadLink]:
        """Return the threads to open: those left over from last time, then the longest quiet first."""
        start = self._areas.index(turn) if turn in self._areas else 0
        listed: list[ThreadLink] = []
        for area in (*self._areas[start:], *self._areas[:start]):
            listed += self._listed(area, visit) if not visit.turn else []
        links = {link.key: link for link in sorted(listed, key=lambda link: link.last or visit.now)}
        return list({**waiting, **links}.values())

    def _listed(self, area: str, visit: Visit) -> list[ThreadLink]:
        """Return the threads of one area that changed; a list that cannot be read is noted, not raised."""
        rows = self._profile.threads
        if rows is None:
            return [ThreadLink(area, area)]
        try:
            links, stopped = self._walk(area, rows, visit)
            if not stopped and area in visit.deeper:
                more, stopped = self._walk(visit.deeper[area], rows, visit)
                links += more
        except SourceBusy as busy:
            visit.stop(busy, area, "The other lists and the threads")
            return []
        except SourceBroken as failure:
            visit.note("an area", failure)
            return []
        visit.has_list = True
        if stopped:
            visit.deeper[area] = stopped
        else:
            visit.deeper.pop(area, None)
        return links

    def _walk(self, url: str, rows: ThreadRows, visit: Visit) -> tuple[list[ThreadLink], str]:
        """Go down a list until what is known or too old; return where the pages ran out, if they did.

        Further pages of lists take half of all pages at most, so that some are left for the threads.
        """
        changed: list[ThreadLink] = []
        while url:
            page = self._pages.page(url, visit)
            links = read_threads(page, rows, visit.now, visit.zone)
            new = [link for link in links if _is_news(link, visit)]
            changed += new
            is_known_below = any(link not in new and not link.is_pinned for link in links)
            if is_known_below or not any(link.mark for link in links):
                return changed, ""
            url = page.linked(rows.next)
            if visit.pages <= self._settings.pages // 2:
                return changed, url
        return changed, ""

    def _follow(self, link: ThreadLink, visit: Visit) -> None:
        """Read what is new in one thread and note how far; what fails is a warning."""
        seen = visit.threads.get(link.key)
        if visit.pages <= 0:
            _wait(link, visit)
            return
        try:
            pages, is_all = self._pages.new_pages(link.url, seen, visit.oldest, visit)
        except SourceBusy as busy:
            visit.stop(busy, visit.turn if visit.texts else THREADS, "The other threads")
            _wait(link, visit)
            return
        except SourceBroken as failure:
            visit.note(f"thread {link.key[:100]}", failure)
            _note(link, _failed(link, seen, failure), visit)
            return
        is_first = seen is None or seen.page == link.url
        self._take(link, pages, is_first, visit)
        if is_all:
            _doubt(link, pages, visit)
        was_cut_before = seen is not None and not seen.mark
        is_read = is_all and (was_cut_before or all(page.is_whole for page in pages))
        _note(link, SeenThread(mark=link.mark if is_read else "", page=pages[-1].url), visit)
        if not is_all:
            _wait(link, visit)

    def _take(self, link: ThreadLink, pages: Sequence[PostsPage], is_first: bool, visit: Visit) -> None:
        """Parse the posts of pages in order; `is_first` says that reading began at the thread's address."""
        is_start = not pages[0].previous and (is_first or bool(self._profile.posts.previous))
        visit.gone += [own_id for page in pages for own_id in page.deleted]
        rows = [(post, page) for page in pages for post in page.posts]
        opening = _named(rows[0][0], link) if is_start and rows else None
        if opening is not None:
            rows[0] = (opening, rows[0][1])
        visit.texts |= {post.id: html_to_text(post.markup) for post, _ in rows if post.id}
        visit.maker.read(
            rows,
            lambda row: self._parse(*row, link, opening, visit),
            lambda row: f"post {row[0].id[:100] or 'without an id'}",
        )

    def _parse(
        self, post: ForumPost, page: PostsPage, link: ThreadLink, opening: ForumPost | None, visit: Visit
    ) -> Post | None:
        if (post.edited or post.at or visit.now) < visit.oldest:
            return None
        is_opening = post is opening
        text = visit.maker.text_of(post.markup, f"post {post.id[:100]}")
        title = post.about or page.title or link.title
        if not text and not is_opening:
            raise ValueError("it has no text")
        return visit.maker.post(
            post.id,
            text or title,
            url=post.url or page.url,
            author=post.author,
            title=post.title or (title if is_opening and not post.thread else ""),
            posted_at=post.at,
            edited_at=post.edited,
            thread_key=post.thread or link.key,
            thread_title=title,
            parent_text=_parent(post, opening, visit),
            rating=post.rating,
        )


def _waiting(position: ForumPosition) -> dict[str, ThreadLink]:
    return {
        key: ThreadLink(key, thread.url, thread.title, thread.mark)
        for key, thread in position.waiting.items()
    }


def _named(opening: ForumPost, link: ThreadLink) -> ForumPost:
    """Return the post that opened a thread; where posts have ids and this one has none, the thread's."""
    return opening if opening.id else replace(opening, id=f"thread-{link.key}")


def _parent(post: ForumPost, opening: ForumPost | None, visit: Visit) -> str:
    """Return the text that a post answers: what it names, or what opened the thread."""
    if post.answers in visit.texts:
        return visit.texts[post.answers]
    if post.answers or opening is None or post is opening or post.thread:
        return ""
    return visit.texts.get(opening.id, "")


def _is_news(link: ThreadLink, visit: Visit) -> bool:
    if link.last and link.last < visit.oldest:
        return False
    seen = visit.threads.get(link.key)
    return seen is None or not link.mark or seen.mark != link.mark


def _doubt(link: ThreadLink, pages: Sequence[PostsPage], visit: Visit) -> None:
    """Say so when the list knows of a newer post than the thread's pages show."""
    times = [moment for page in pages for post in page.posts for moment in (post.at, post.edited) if moment]
    if link.last and times and link.last - max(times) > _SHORTLY:
        visit.maker.warn(
            f"thread {link.key[:100]} should hold newer posts than its pages show; "
            "the profile's selector of the next page may be wrong."
        )


def _wait(link: ThreadLink, visit: Visit) -> None:
    visit.waiting[link.key] = WaitingThread(url=link.url, title=link.title, mark=link.mark)


def _failed(link: ThreadLink, seen: SeenThread | None, failure: SourceBroken) -> SeenThread:
    """Return what to remember of a thread that could not be read.

    One that has gone, or was refused three times, is not asked for again before it changes; a page that
    the profile does not know is asked for until it does.
    """
    tries = (seen.tries if seen else 0) + 1
    is_given_up = isinstance(failure, SourceGone) or (
        tries >= _TRIES and not isinstance(failure, UnknownPage)
    )
    page = seen.page if seen else link.url
    return SeenThread(mark=link.mark if is_given_up else "", page=page, tries=0 if is_given_up else tries)


def _note(link: ThreadLink, seen: SeenThread, visit: Visit) -> None:
    """Write down how far a thread is read; the threads read last stand at the end."""
    visit.threads.pop(link.key, None)
    visit.threads[link.key] = seen


def _profile(settings: ForumSettings, context: SourceContext) -> Profile:
    path = f"sources.{context.slug}"
    try:
        profile = settings.site(context.folder)
    except ValueError as error:
        remedy = "Mend the profile or name another one."
        raise ConfigError([Mistake(f"{path}.profile", f"{error}.", remedy)]) from None
    if not (settings.url or profile.url):
        raise ConfigError([Mistake(f"{path}.url", "is missing.", 'Write url = "https://..." of the forum.')])
    return profile
