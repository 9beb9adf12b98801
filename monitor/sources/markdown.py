"""Markdown, as Reddit and Lemmy send it, to plain text in which the addresses of links stay readable."""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from monitor.text import MARKUP_LIMIT, html_to_text

_LIMIT = MARKUP_LIMIT // 4


def markdown_to_text(markup: str) -> str:
    """Return the text of a post; a link whose label hides its address gets it in brackets.

    Quotes begin with "> " as in `html_to_text`. Raw HTML counts as text. Very long markup is cut.
    """
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    tokens = reader.parse(markup[:_LIMIT])
    for token in tokens:
        if token.children:
            token.children = _with_addresses(token.children)
    return html_to_text(reader.renderer.render(tokens, reader.options, {}))


def _with_addresses(tokens: Sequence[Token]) -> list[Token]:
    shown: list[Token] = []
    href, label = "", ""
    for token in tokens:
        if token.type == "link_open":
            href, label = str(token.attrs.get("href", "")), ""
        elif token.type == "link_close" and href and label not in href:
            shown.append(Token("text", "", 0, content=f" ({href})"))
        shown.append(token)
        label += token.content
    return shown
