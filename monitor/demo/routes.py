"""Which address of the demo is answered by what."""

import re
from collections.abc import Callable

from monitor.demo.answers import Answer, Question
from monitor.demo.blog import Blog
from monitor.demo.forum import Forum
from monitor.demo.mastodon import Mastodon
from monitor.demo.pages import Pages
from monitor.demo.stream import Place
from monitor.demo.timeline import Timeline

FORUM_PATH = "/forum"

Answerer = Callable[[Question, re.Match[str]], Answer]


class Site:
    """All three places behind one address; `base` is that address without a final slash."""

    def __init__(self, timeline: Timeline, base: str) -> None:
        self._pages = Pages(timeline)
        self._routes = [
            *_blog_routes(Blog(timeline, base), self._pages),
            *_forum_routes(Forum(timeline), self._pages),
            *_mastodon_routes(Mastodon(timeline, base), self._pages),
            _route("/", lambda question, found: self._pages.front()),
        ]

    def answer(self, question: Question) -> Answer:
        """Answer one question; an address that nobody knows gets a page that says so."""
        for pattern, answerer in self._routes:
            if found := pattern.fullmatch(question.path):
                return answerer(question, found)
        return self._pages.missing()


def _route(pattern: str, answerer: Answerer) -> tuple[re.Pattern[str], Answerer]:
    return re.compile(pattern), answerer


def _blog_routes(blog: Blog, pages: Pages) -> list[tuple[re.Pattern[str], Answerer]]:
    return [
        _route("/feed.xml", lambda question, found: blog.rss(question)),
        _route("/atom.xml", lambda question, found: blog.atom(question)),
        _route("/blog/?", lambda question, found: pages.site(Place.BLOG)),
        _route(r"/blog/(\d{1,9})", lambda question, found: pages.post(Place.BLOG, int(found[1]))),
    ]


def _forum_routes(forum: Forum, pages: Pages) -> list[tuple[re.Pattern[str], Answerer]]:
    # Discourse leaves the folder it is installed in out of post_url, so its pages answer at both addresses.
    page = rf"(?:{FORUM_PATH})?/t/(?:[^/]+/)?(\d{{1,9}})"
    return [
        _route(f"{FORUM_PATH}/?", lambda question, found: pages.site(Place.FORUM)),
        _route(f"{FORUM_PATH}/posts.json", lambda question, found: forum.posts(question)),
        _route(f"{FORUM_PATH}/latest.json", lambda question, found: forum.latest(question)),
        _route(f"{FORUM_PATH}/search.json", lambda question, found: forum.search(question)),
        _route(rf"{FORUM_PATH}/posts/(\d{{1,9}}).json", lambda question, found: forum.post(int(found[1]))),
        _route(
            rf"{FORUM_PATH}/t/(?:[^/]+/)?(\d{{1,9}}).json",
            lambda question, found: forum.topic(question, int(found[1])),
        ),
        _route(rf"{page}/(\d{{1,9}})", lambda question, found: pages.thread(Place.FORUM, *_numbers(found))),
        _route(page, lambda question, found: pages.thread(Place.FORUM, int(found[1]))),
    ]


def _numbers(found: re.Match[str]) -> tuple[int, int]:
    return int(found[1]), int(found[2])


def _mastodon_routes(mastodon: Mastodon, pages: Pages) -> list[tuple[re.Pattern[str], Answerer]]:
    api = "/api/v1"
    return [
        _route(f"{api}/timelines/public", lambda question, found: mastodon.public(question)),
        _route(f"{api}/timelines/tag/([^/]+)", lambda question, found: mastodon.tag(question, found[1])),
        _route("/api/v2/search", lambda question, found: mastodon.search(question)),
        _route(f"{api}/accounts/lookup", lambda question, found: mastodon.lookup(question)),
        _route(
            rf"{api}/accounts/(\d{{1,18}})/statuses",
            lambda question, found: mastodon.account_statuses(question, int(found[1])),
        ),
        _route(rf"{api}/statuses/(\d{{1,18}})", lambda question, found: mastodon.status(int(found[1]))),
        _route(
            rf"{api}/statuses/(\d{{1,18}})/context", lambda question, found: mastodon.context(int(found[1]))
        ),
        _route("/public", lambda question, found: pages.site(Place.MASTODON)),
        _route("/tags/([^/]+)", lambda question, found: pages.tag(found[1])),
        _route("/@([^/]+)", lambda question, found: pages.author(found[1])),
        _route(r"/@[^/]+/(\d{1,18})", lambda question, found: pages.status(int(found[1]))),
    ]
