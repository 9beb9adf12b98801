"""HTML fragments to plain text, with the words of other people marked as quoted."""

import re
from collections.abc import Iterator
from html import unescape

from lxml import etree, html

from monitor.text.cleaning import LINE_LIMIT, TEXT_LIMIT, clean, clean_line

MARKUP_LIMIT = 400_000

_WORDS = re.compile(r"\w+")
_BLOCKS = frozenset(
    _WORDS.findall(
        "address article aside blockquote body br center dd details div dl dt fieldset figcaption figure"
        " footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot"
        " thead tr ul"
    )
)
_DROPPED = frozenset(
    _WORDS.findall("script style head noscript template iframe object svg math button select textarea")
)
_QUOTES = frozenset(("blockquote", "aside"))
_QUOTE_CLASSES = frozenset(("bbCodeBlock--quote", "quote", "quotetop", "quoteheader", "quote-inline"))
_TAG = re.compile(r"<[^<>]*>")
_CODE = re.compile(r"<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_WHITE = re.compile(r"\s+")
_EMPTY_QUOTE = re.compile(r"^>[> ]*$", re.MULTILINE)


def html_to_text(markup: str, limit: int = TEXT_LIMIT) -> str:
    """Return the readable text of a fragment of HTML, cut to `limit` characters.

    Blocks begin new lines, links keep their text, and a line that quotes somebody else (blockquote,
    Discourse's aside.quote and link previews, XenForo's quote blocks) begins with "> ". Of markup
    longer than MARKUP_LIMIT characters the rest is not looked at.
    """
    root = _parsed(markup)
    text = "" if root is None else "".join(_Walk().read(root))
    if not text.strip():
        text = _without_tags(markup)
    return clean(_EMPTY_QUOTE.sub("", clean(text, 4 * limit)), limit)


def html_to_line(markup: str, limit: int = LINE_LIMIT) -> str:
    """Return the text of a title or a name that may hold tags or entities, on one line."""
    if "<" not in markup and "&" not in markup:
        return clean_line(markup, limit)
    return clean_line(html_to_text(markup, 4 * limit), limit)


def _parsed(markup: str) -> etree._Element | None:
    raw = markup[:MARKUP_LIMIT].replace("\x00", "").encode("utf-8", "ignore")
    if not raw.strip():
        return None
    try:
        return html.document_fromstring(raw, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except (etree.LxmlError, ValueError, AssertionError):  # comments alone, for example
        return None


def _without_tags(markup: str) -> str:
    """What the parser gives up on (libxml2 drops what is nested too deep), read in a simpler way."""
    return unescape(_TAG.sub("\n", _CODE.sub("", markup[:MARKUP_LIMIT])))


class _Walk:
    """One pass over a tree, without recursion: hostile HTML may be nested a thousand deep."""

    def __init__(self) -> None:
        self._dropped = 0
        self._quotes = 0
        self._preformatted = 0

    def read(self, root: etree._Element) -> Iterator[str]:
        for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
            if event in ("comment", "pi"):
                yield self._shown(node.tail)
                continue
            yield from self._start(node) if event == "start" else self._end(node)

    def _start(self, node: etree._Element) -> Iterator[str]:
        self._count(node, 1)
        yield self._line(node)
        if node.tag == "img" and "emoji" in node.get("class", ""):
            yield self._shown(node.get("alt"))
        yield self._shown(node.text)

    def _end(self, node: etree._Element) -> Iterator[str]:
        self._count(node, -1)
        yield self._line(node) if node.tag != "br" else ""
        yield self._shown(node.tail)

    def _count(self, node: etree._Element, step: int) -> None:
        self._dropped += step * (node.tag in _DROPPED)
        self._preformatted += step * (node.tag == "pre")
        self._quotes += step * (
            node.tag in _QUOTES or not _QUOTE_CLASSES.isdisjoint(node.get("class", "").split())
        )

    def _line(self, node: etree._Element) -> str:
        if node.tag in ("td", "th"):
            return " "
        return self._break() if node.tag in _BLOCKS and not self._dropped else ""

    def _break(self) -> str:
        return "\n> " if self._quotes else "\n"

    def _shown(self, text: str | None) -> str:
        if not text or self._dropped:
            return ""
        return text.replace("\n", self._break()) if self._preformatted else _WHITE.sub(" ", text)


def _is_quote(node: etree._Element) -> bool:
    return node.tag in _QUOTES or not _QUOTE_CLASSES.isdisjoint(node.get("class", "").split())
