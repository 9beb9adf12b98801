"""One page of a shop's site: its links, its text, and the ways to reach people that stand on it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from monitor.http import Answer
from monitor.reachability.businessid import business_ids
from monitor.reachability.words import DATE, HOURS, HOURS_TITLE, MAIL, PHONE
from monitor.text import clean_line, html_to_text, safe_url

_MOST_LINKS = 3_000
_MOST_MARKUP = 2_000_000
_MOST_TEXT = 500_000  # the foot of a long front page says how to reach the shop
_LITTLE_TEXT = 120


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: what it says (with title and label), and where it leads."""

    words: str
    url: str

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether its words are of that kind, or, where it has none (a picture), its address."""
        return bool(pattern.search(self.words or _path(self.url)))


class Page:
    """A page as it came; nothing in it is trusted, and what is very long is cut."""

    def __init__(self, answer: Answer) -> None:
        self.url = answer.url
        self._markup = answer.text()[:_MOST_MARKUP]

    @cached_property
    def text(self) -> str:
        """What a reader sees."""
        return html_to_text(self._markup, _MOST_TEXT)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Links to web pages, in the order of the page."""
        found: dict[str, Link] = {}
        for node in self._nodes("a[@href] | //area"):
            url = safe_url(_joined(self._base, node.get("href", "")))
            label = " ".join((_text(node), node.get("title", ""), node.get("aria-label", "")))
            link = Link(clean_line(label, 200), url)
            if url:
                found.setdefault(f"{url} {link.words}", link)
        return tuple(found.values())

    @property
    def is_empty(self) -> bool:
        """Whether hardly anything can be read without running its scripts."""
        return len(self.text) < _LITTLE_TEXT and not self.links

    @cached_property
    def has_phone(self) -> bool:
        """A telephone number, as a link or in the text."""
        plain = DATE.sub(" ", self.text)
        return any(True for _ in self._nodes("a[starts-with(@href, 'tel:')]")) or bool(PHONE.search(plain))

    @cached_property
    def has_mail(self) -> bool:
        """An e-mail address, or a form that a message can be written into."""
        # Cloudflare hides addresses from programs, and from nobody else.
        in_link = self._nodes("a[starts-with(@href, 'mailto:')] | //form[.//textarea] | //*[@data-cfemail]")
        return any(True for _ in in_link) or bool(MAIL.search(self.text))

    @cached_property
    def has_hours(self) -> bool:
        """Opening hours, in the text or for machines (schema.org)."""
        if "openingHours" in self._markup:
            return True
        return bool(HOURS.search(self.text) or HOURS_TITLE.search(self.text))

    @cached_property
    def business_ids(self) -> Sequence[str]:
        """Business ids, right or not."""
        return business_ids(self.text)

    def mentions(self, pattern: re.Pattern[str]) -> bool:
        """Whether the text speaks of it."""
        return bool(pattern.search(self.text))

    @cached_property
    def _base(self) -> str:
        """What links are relative to."""
        named = next(self._nodes("base[@href]"), None)
        return self.url if named is None else _joined(self.url, named.get("href", "")) or self.url

    def _nodes(self, path: str) -> Iterator[html.HtmlElement]:
        if self._root is None:
            return
        for number, node in enumerate(self._root.xpath(f"//{path}")):
            if number >= _MOST_LINKS:
                return
            yield node

    @cached_property
    def _root(self) -> html.HtmlElement | None:
        raw = self._markup.replace("\x00", "").encode("utf-8", "ignore")
        try:
            return html.document_fromstring(raw, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
        except (etree.LxmlError, ValueError, AssertionError):
            return None


def _text(node: html.HtmlElement) -> str:
    """Words of a link, those that stand for its pictures included."""
    pictures = " ".join(str(alt) for alt in node.xpath(".//img/@alt")[:3])
    return f"{''.join(node.itertext())[:400]} {pictures}"


def _joined(base: str, written: str) -> str:
    try:
        return urljoin(base, written.strip())
    except ValueError:
        return ""


def _path(url: str) -> str:
    return urlsplit(url).path
