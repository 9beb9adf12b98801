"""Comments in feeds as WordPress makes them, and the feed that is meant where a page names several."""

from dataclasses import replace

import httpx
import pytest

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken
from monitor.matching import Matcher
from monitor.sources import SOURCES, Source
from monitor.sources.quota import MemoryLedger, Quota
from tests.sources.support import LUMOPUOTI, Site, StillClock, context_for

HOME = "https://blogi.example"
ARTICLE = f"{HOME}/lumopuodin-lamppu/"


def source(site: Site, url: str = f"{HOME}/feed/", **options: object) -> Source:
    return SOURCES["feed"].make({"url": url, **options}, context_for(site))


def rss(channel: str, *entries: tuple[str, str, str]) -> bytes:
    """A feed as WordPress writes it; entries are title, name of the writer, and HTML."""
    rows = "".join(
        f"<item><title>\n\t\t{title}\t\t</title><link>{ARTICLE}comment-page-{number}/#comment-{number}</link>"
        f"<dc:creator><![CDATA[{name}]]></dc:creator><guid>{HOME}/?p=5#comment-{number}</guid>"
        f"<content:encoded><![CDATA[{markup}]]></content:encoded></item>"
        for number, (title, name, markup) in enumerate(entries, 1)
    )
    spaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    head = f"<title>\n\t{channel}\t</title><link>{ARTICLE}</link>"
    return f'<rss version="2.0" {spaces}><channel>{head}{rows}</channel></rss>'.encode()


def read(channel: str, title: str, name: str = "Maija", markup: str = "<p>Meni rikki heti.</p>") -> Post:
    (post,) = source(Site({"/feed/": rss(channel, (title, name, markup))})).fetch(None).posts
    return post


@pytest.mark.parametrize(
    ("channel", "title"),
    [
        ("Comments for Blogi", "Comment on Lumopuodin lamppu by Maija"),
        ("Comments on: Lumopuodin lamppu", "By: Maija"),
        ("Kommentit sivustolle Blogi", "Kommentti artikkeliin Lumopuodin lamppu, kirjoitti Maija"),
        ("Kommentit sivustolle Blogi", "Kommentti artikkeliin Lumopuodin lamppu kirjoittanut Maija"),
        ("Kommentit artikkeliin: Lumopuodin lamppu", "Kirjoittanut: Maija"),
        ("Kommentarer för Blogi", "Kommentar till Lumopuodin lamppu av Maija"),
        ("Kommentarer på: Lumopuodin lamppu", "Av: Maija"),
        ("Kommentaarid: Lumopuodin lamppu", "Autor: Maija"),
    ],
)
def test_comment_has_the_article_as_its_thread_and_no_title_of_its_own(channel: str, title: str) -> None:
    post = read(channel, title)
    assert (post.title, post.thread_title, post.text) == ("", "Lumopuodin lamppu", "Meni rikki heti.")
    assert post.thread_key == ARTICLE
    (match,) = Matcher([LUMOPUOTI]).find_shops(post)
    assert match.where == "thread"


def test_writer_with_a_shops_name_is_no_mention_of_it() -> None:
    post = read("Comments on: Kuksa", "By: Lumopuoti", name="Lumopuoti")
    answer = read(
        "Comments on: Kuksa",
        "By: Maija",
        markup='<p>In reply to <a href="https://blogi.example/kuksa/#comment-1">Lumopuoti</a>.</p>\n<p>Kiitos!</p>',
    )
    assert (answer.text, answer.thread_title) == ("Kiitos!", "Kuksa")
    assert [Matcher([LUMOPUOTI]).find_shops(one) for one in (post, answer)] == [(), ()]


def test_name_and_title_with_the_word_between_them_are_told_apart() -> None:
    assert (
        read("Comments for B", "Comment on Stand by me by By Hand", "By Hand").thread_title == "Stand by me"
    )


def test_title_of_an_article_that_begins_like_a_comment_stays_its_title() -> None:
    document = rss("Comments on: x", ("By: design", "", "<p>Uusi.</p>")).replace(b"#comment-1", b"")
    (post,) = source(Site({"/feed/": document})).fetch(None).posts
    assert post.title == "By: design"


def page(*feeds: tuple[str, str]) -> bytes:
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'
        for href, title in feeds
    )
    return f"<!DOCTYPE html><html><head>{links}</head><body></body></html>".encode()


SITE_FEEDS = (("/feed/", "Blogi &raquo; Syöte"), ("/comments/feed/", "Blogi &raquo; Kommenttien syöte"))
OWN_FEED = ("/lumopuodin-lamppu/feed/", "Blogi &raquo; Lumopuodin lamppu Kommenttien syöte")


def asked_of(url: str, *feeds: tuple[str, str], **options: object) -> tuple[str, Batch]:
    """Read a page and return which feed was asked for, and what came."""
    document = rss("Comments on: Lumopuodin lamppu", ("By: Maija", "Maija", "<p>Hei.</p>"))
    site = Site({"/robots.txt": b"", "feed": document, "": page(*feeds)})
    batch = source(site, url, **options).fetch(None)
    target = site.asked[-1].url
    return f"{target.path}?{target.query.decode()}".rstrip("?"), batch


@pytest.mark.parametrize(
    ("url", "options", "chosen"),
    [
        (f"{HOME}/", {}, "/feed/"),
        (f"{HOME}/?utm_source=x", {}, "/feed/"),
        (ARTICLE, {}, "/lumopuodin-lamppu/feed/"),
        (ARTICLE, {"page_feed": "posts"}, "/feed/"),
        (ARTICLE, {"page_feed": "comments"}, "/lumopuodin-lamppu/feed/"),
        (f"{HOME}/", {"page_feed": "comments"}, "/comments/feed/"),
        (f"{HOME}/muu-sivu/", {}, "/feed/"),
    ],
)
def test_page_that_names_several_feeds_gives_the_one_that_is_meant(
    url: str, options: dict[str, object], chosen: str
) -> None:
    path, batch = asked_of(url, *SITE_FEEDS, OWN_FEED, **options)
    assert path == chosen
    assert any(f"names 3 feeds; {chosen} (" in warning for warning in batch.warnings)


def test_blog_below_a_site_gives_its_posts() -> None:
    feeds = (("/blogi/comments/feed/", "Kommentit"), ("/blogi/feed/", "Blogi"))
    assert asked_of(f"{HOME}/blogi/", *feeds)[0] == "/blogi/feed/"


def test_article_with_its_number_in_the_query_gives_its_comments() -> None:
    feeds = (
        ("/?feed=rss2", "Blogi"),
        ("/?feed=comments-rss2", "Kommentit"),
        ("/?feed=rss2&amp;p=5", "Lamppu"),
    )
    assert asked_of(f"{HOME}/?p=5", *feeds)[0] == "/?feed=rss2&p=5"


def test_page_without_the_wanted_feed_says_so() -> None:
    with pytest.raises(SourceBroken, match="names feeds, but none of comments"):
        asked_of(f"{HOME}/", SITE_FEEDS[0], page_feed="comments")


def test_another_wish_begins_anew() -> None:
    document = rss("Comments on: Lumopuodin lamppu", ("By: Maija", "Maija", "<p>Hei.</p>"))
    site = Site({"/robots.txt": b"", "feed": document, "": page(*SITE_FEEDS, OWN_FEED)})
    start = source(site, ARTICLE).fetch(None)
    source(site, ARTICLE, page_feed="posts").fetch(start.cursor)
    assert site.asked[-1].url.path == "/feed/"


def test_feed_that_its_page_names_is_found_with_an_allowance_too_small_for_all_at_once() -> None:
    """Page, robots.txt and feed are three requests; what is known by then is not asked for again."""
    head = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed/"></head></html>'
    clock, site = (
        StillClock(),
        Site(
            {
                "/feed/": rss("Blogi", ("Tervetuloa", "Maija", "<p>Lumopuoti</p>")),
                "robots": b"",
                HOME: lambda request: httpx.Response(200, html=head),
            }
        ),
    )
    context = context_for(site, clock)
    quota = Quota("The daily_quota of blogi", "source blogi", 2, context.zone, clock, MemoryLedger())
    blog = SOURCES["feed"].make({"url": f"{HOME}/"}, replace(context, allowance=quota.take))
    first = blog.fetch(None)
    assert first.posts == ()
    assert any("/feed/" in warning and "next fetch" in warning for warning in first.warnings)
    clock.advance(days=1)
    (post,) = blog.fetch(first.cursor).posts
    assert "Lumopuoti" in post.text
