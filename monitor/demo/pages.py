"""What a person sees who follows a link into the demo: plain pages of the three places.

Everything that comes from a post is escaped by the template.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from jinja2 import Environment, Template

from monitor.demo import blog, forum, mastodon
from monitor.demo.answers import Answer, html_answer
from monitor.demo.stream import Place
from monitor.demo.timeline import Dated, Timeline

_FEEDS = (("application/rss+xml", "/feed.xml"), ("application/atom+xml", "/atom.xml"))


@dataclass(frozen=True, slots=True)
class Link:
    """One line of a list."""

    name: str
    address: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    id: int
    author: str
    address: str
    posted_at: datetime
    lang: str
    text: str
    answers: str
    rating: int | None
    edited: bool


SITES = {
    Place.BLOG: Link(blog.NAME, "/blog/", "reviews; RSS at /feed.xml, Atom at /atom.xml"),
    Place.FORUM: Link(forum.NAME, "/forum/", "a forum; Discourse JSON under /forum"),
    Place.MASTODON: Link(mastodon.NAME, "/public", "a social feed; Mastodon API under /api"),
}


class Pages:
    """Answers in HTML."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._template = _load_template()

    def front(self) -> Answer:
        return self._render("Mainevahti demo", links=list(SITES.values()))

    def site(self, place: Place) -> Answer:
        """List a place: threads of the forum, reviews of the blog, statuses of the social feed."""
        newest = self._timeline.visible(place)[::-1]
        if place is Place.MASTODON:
            return self._render(SITES[place].name, place, posts=newest)
        threads = {post.post.thread: post for post in newest}
        links = [Link(post.post.title, address(post), post.post.author) for post in threads.values()]
        return self._render(SITES[place].name, place, links=links)

    def thread(self, place: Place, thread: int, number: int | None = None) -> Answer:
        """Show a whole thread, with one post of it marked."""
        posts = [post for post in self._timeline.visible(place) if post.post.thread == thread]
        if not posts:
            return self.missing()
        marked = next((post for post in posts if post.number == number), None)
        return self._render(posts[0].post.title or posts[0].post.author, place, posts=posts, marked=marked)

    def post(self, place: Place, post_id: int) -> Answer:
        """Show the thread of one post."""
        found = next((post for post in self._timeline.visible(place) if post.post.id == post_id), None)
        return self.thread(place, found.post.thread, found.number) if found else self.missing()

    def status(self, status_id: int) -> Answer:
        """Show the thread of one status, named by its Mastodon id."""
        statuses = self._timeline.visible(Place.MASTODON)
        found = next((one for one in statuses if mastodon.status_id(one) == status_id), None)
        return self.thread(Place.MASTODON, found.post.thread, found.number) if found else self.missing()

    def author(self, name: str) -> Answer:
        """Show what one account of the social feed has written."""
        own = [one for one in self._timeline.visible(Place.MASTODON)[::-1] if one.post.author == name]
        return self._render(f"@{name}", Place.MASTODON, posts=own) if own else self.missing()

    def tag(self, tag: str) -> Answer:
        """Show the statuses that carry a hashtag."""
        newest = self._timeline.visible(Place.MASTODON)[::-1]
        tagged = [one for one in newest if tag.casefold() in mastodon.tags(one)]
        return self._render(f"#{tag}", Place.MASTODON, posts=tagged)

    def missing(self) -> Answer:
        return self._render("Not found", status=404)

    def _render(
        self,
        title: str,
        place: Place | None = None,
        *,
        links: Sequence[Link] = (),
        posts: Sequence[Dated] = (),
        marked: Dated | None = None,
        status: int = 200,
    ) -> Answer:
        page = self._template.render(
            title=title,
            lang=posts[0].post.lang if posts else "fi",
            site=SITES[place] if place else None,
            feeds=_FEEDS if place is Place.BLOG else (),
            links=links,
            posts=_shown(posts),
            shown=marked.post.id if marked else None,
        )
        return html_answer(page, status)


def address(dated: Dated) -> str:
    """Return the path of a post's page."""
    post = dated.post
    match post.place:
        case Place.BLOG:
            return f"/blog/{post.id}"
        case Place.FORUM:
            return f"/forum/t/{forum.slug(post.title)}/{post.thread}/{dated.number}"
        case Place.MASTODON:
            return f"/@{post.author}/{mastodon.status_id(dated)}"


def _load_template() -> Template:
    source = resources.files("monitor.demo").joinpath("page.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(source)


def _shown(posts: Sequence[Dated]) -> list[_Shown]:
    authors = {dated.post.id: dated.post.author for dated in posts}
    return [_show(dated, authors.get(dated.post.parent or 0, "")) for dated in posts]


def _show(dated: Dated, answers: str) -> _Shown:
    post = dated.post
    return _Shown(
        id=post.id,
        author=post.author,
        address=address(dated),
        posted_at=dated.posted_at,
        lang=post.lang,
        text=post.text,
        answers=answers,
        rating=post.rating,
        edited=dated.edited_at is not None,
    )
