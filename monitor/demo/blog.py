"""The review site of the demo as RSS 2.0 and Atom, written like WordPress writes them."""

from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from xml.etree import ElementTree

from monitor.demo.answers import Answer, Question, conditional
from monitor.demo.stream import Place
from monitor.demo.timeline import Dated, Timeline

NAME = "Ostosraati"

_NEWEST = 50
_FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)
_RATING = {"fi": "Arvosana", "sv": "Betyg", "en": "Rating"}
_RSS_NAMES = {
    "version": "2.0",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:atom": "http://www.w3.org/2005/Atom",
}


class Blog:
    """Answers for the two feeds; `base` is the address of the server without a final slash."""

    def __init__(self, timeline: Timeline, base: str) -> None:
        self._timeline = timeline
        self._base = base

    def rss(self, question: Question) -> Answer:
        reviews = self._newest()
        root = ElementTree.Element("rss", _RSS_NAMES)
        channel = ElementTree.SubElement(root, "channel")
        _leaf(channel, "title", NAME)
        _leaf(channel, "atom:link", href=f"{self._base}/feed.xml", rel="self", type="application/rss+xml")
        _leaf(channel, "link", f"{self._base}/blog/")
        _leaf(channel, "description", "Kokemuksia verkkokaupoista")
        _leaf(channel, "lastBuildDate", format_datetime(_modified(reviews)))
        _leaf(channel, "language", "fi")
        for review in reviews:
            self._add_rss_review(channel, review)
        return _feed(question, "application/rss+xml; charset=utf-8", root, reviews)

    def atom(self, question: Question) -> Answer:
        reviews = self._newest()
        root = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "fi"})
        _leaf(root, "title", NAME)
        _leaf(root, "id", "tag:ostosraati.example,2026:feed")
        _leaf(root, "link", rel="self", href=f"{self._base}/atom.xml")
        _leaf(root, "link", rel="alternate", type="text/html", href=f"{self._base}/blog/")
        _leaf(root, "updated", _modified(reviews).isoformat())
        for review in reviews:
            self._add_atom_review(root, review)
        return _feed(question, "application/atom+xml; charset=utf-8", root, reviews)

    def _newest(self) -> list[Dated]:
        return self._timeline.visible(Place.BLOG)[-_NEWEST:][::-1]

    def _add_rss_review(self, channel: ElementTree.Element, review: Dated) -> None:
        post = review.post
        node = ElementTree.SubElement(channel, "item")
        _leaf(node, "title", post.title)
        _leaf(node, "link", f"{self._base}/blog/{post.id}")
        _leaf(node, "dc:creator", post.author)
        _leaf(node, "pubDate", format_datetime(review.posted_at))
        _leaf(node, "guid", _stable_id(review), isPermaLink="false")
        _leaf(node, "description", post.text)
        _leaf(node, "content:encoded", _html(review))

    def _add_atom_review(self, root: ElementTree.Element, review: Dated) -> None:
        post = review.post
        node = ElementTree.SubElement(root, "entry", {"xml:lang": post.lang})
        _leaf(node, "title", post.title)
        _leaf(node, "id", _stable_id(review))
        _leaf(node, "link", rel="alternate", type="text/html", href=f"{self._base}/blog/{post.id}")
        _leaf(node, "published", review.posted_at.isoformat())
        _leaf(node, "updated", (review.edited_at or review.posted_at).isoformat())
        _leaf(ElementTree.SubElement(node, "author"), "name", post.author)
        _leaf(node, "content", _html(review), type="html")


def _stable_id(review: Dated) -> str:
    """Name the review without the port, which may be another one after the next start."""
    return f"tag:ostosraati.example,2026:{review.post.id}"


def _html(review: Dated) -> str:
    post = review.post
    paragraphs = [f"<p>{escape(part)}</p>" for part in post.text.split("\n\n")]
    if post.rating is not None:
        paragraphs.insert(0, f"<p><strong>{_RATING[post.lang]}: {post.rating}/5</strong></p>")
    return "\n".join(paragraphs)


def _leaf(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> None:
    ElementTree.SubElement(parent, tag, attributes).text = text


def _modified(reviews: list[Dated]) -> datetime:
    return max((review.edited_at or review.posted_at for review in reviews), default=_FOUNDED)


def _feed(question: Question, content_type: str, root: ElementTree.Element, reviews: list[Dated]) -> Answer:
    body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return conditional(question, content_type, body, _modified(reviews))
