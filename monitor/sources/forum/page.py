"""A web page as a tree, with its links, and why it may not be the page that was asked for."""

import copy
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from lxml import etree, html

from monitor.errors import SourceBroken
from monitor.http import Answer
from monitor.sources.forum.profile import Node, Pick, first_value

_END = 5_000  # characters at the end of a page in which </html> stands when the page is whole
_CAPTCHA = re.compile(
    r"g-recaptcha|h-?captcha|cf-turnstile|cf-challenge|challenge-platform|captcha|beep boop"
    r"|just a moment\.\.\.|are you (?:a )?human|oletko (?:ihminen|robotti)",
    re.IGNORECASE,
)


class Page:
    """One page of a site. `is_whole` is False when its end did not arrive."""

    def __init__(self, answer: Answer, drop_params: Sequence[str] = ()) -> None:
        self.url, self.host = answer.url, answer.host
        self._drop_params = frozenset(drop_params)
        self._text = answer.text()
        self.root = _tree(self._text, answer.host)
        self.is_whole = "</html" in self._text[-_END:].lower()

    def link(self, written: str, *, keep_fragment: bool = False) -> str:
        """Return a link of this page as a whole address; "" when it leads to another host or nowhere."""
        if not written:
            return ""
        try:
            parts = urlsplit(urljoin(self.url, written))
            is_ours = parts.scheme in ("http", "https") and parts.hostname == self.host
        except ValueError:
            return ""
        if not is_ours or parts.username:
            return ""
        query = parts.query
        if self._drop_params:
            pairs = parse_qsl(query, keep_blank_values=True)
            query = urlencode([pair for pair in pairs if pair[0] not in self._drop_params])
        fragment = parts.fragment if keep_fragment else ""
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, fragment))

    def linked(self, picks: Sequence[Pick]) -> str:
        """Return the first link to another page of this site that picks find, or ""."""
        link = self.link(first_value(picks, self.root))
        return "" if link == self.link(self.url) else link

    def refusal(self, wanted: str) -> str:
        """Return the sentence that says what came instead of the wanted page, as far as one can tell."""
        if self.root.xpath("boolean(//input[@type='password'])"):
            what = "it wants a login"
        elif _CAPTCHA.search(self._text):
            what = "it wants proof that we are human, and Mainevahti does not get around that"
        else:
            what = "a notice, an error page, or a new look that the profile does not know"
        return f"{self.host} answered with a web page instead of {wanted}: {what}. Look at it in a browser."


def without(node: Node, dropped: Sequence[Node]) -> Node:
    """Return a copy of an element from which some of its descendants are taken out."""
    if not dropped:
        return node
    paths = [_path(node, inner) for inner in dict.fromkeys(dropped) if inner is not node]
    twin = copy.deepcopy(node)
    for inner in [_at(twin, path) for path in paths if path]:
        inner.drop_tree()
    return twin


def markup_of(nodes: Sequence[Node]) -> str:
    """Return the HTML of elements, each once, in the order of the page."""
    outer = set(nodes)
    return "\n".join(
        html.tostring(node, encoding="unicode", with_tail=False)
        for node in nodes
        if not any(above in outer for above in node.iterancestors())
    )


def _path(top: Node, inner: Node) -> list[int]:
    """Return the way down to an element as numbers of children; [] when it is not below."""
    path: list[int] = []
    while inner is not top:
        above = inner.getparent()
        if above is None:
            return []
        path.append(above.index(inner))
        inner = above
    return path[::-1]


def _at(top: Node, path: Sequence[int]) -> Node:
    for number in path:
        top = top[number]
    return top


def _tree(text: str, host: str) -> Node:
    raw = text.replace("\x00", "").encode("utf-8", "ignore")
    try:
        return html.document_fromstring(raw, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except (etree.LxmlError, ValueError, AssertionError):
        raise SourceBroken(f"{host} answered with nothing that is a web page.") from None
