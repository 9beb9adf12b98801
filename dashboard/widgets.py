"""The one door through which strangers' text becomes HTML, and the small parts that pages share.

Everything a stranger wrote passes `escaped` (or `marked`); nothing else in the dashboard builds HTML
from it. Streamlit's own Markdown widgets never see such text.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from dashboard.language import say
from monitor.errors import ConfigError, MonitorError
from monitor.text import clean

_STYLE = Path(__file__).parent / "style.css"
_FOLD_OVER = 600
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def style() -> None:
    """Load the dashboard's own style sheet."""
    st.html(_STYLE)


def draw(*parts: str) -> None:
    """Show HTML built by the functions below."""
    st.html("".join(parts))


def escaped(text: str) -> str:
    """Text of a stranger as inert HTML: no markup, no direction tricks, no piles of accents."""
    return f"<bdi>{escape(clean(text))}</bdi>"


def marked(text: str, words: Iterable[str]) -> str:
    """Like `escaped`, with the given words marked wherever they stand."""
    plain = clean(text)
    pieces = (
        f"<mark>{escape(piece)}</mark>" if is_word else escape(piece)
        for piece, is_word in _pieces(plain, words)
    )
    return f"<bdi>{''.join(pieces)}</bdi>"


def _pieces(text: str, words: Iterable[str]) -> Iterator[tuple[str, bool]]:
    wanted = sorted({clean(word) for word in words if clean(word)}, key=len, reverse=True)
    if not wanted:
        yield text, False
        return
    found = re.split("(" + "|".join(map(re.escape, wanted)) + ")", text, flags=re.IGNORECASE)
    for index, piece in enumerate(found):
        yield piece, index % 2 == 1


def excerpt(text: str, words: Iterable[str], limit: int = 220) -> str:
    """The part of a text that names the shop, on one line, cut at word borders."""
    line = " ".join(clean(text).split())
    if len(line) <= limit:
        return line
    places = [place for word in words if (place := line.casefold().find(clean(word).casefold())) >= 0]
    first = min(places, default=0)
    start = first - limit // 3 if first > limit * 3 // 4 else 0
    start = line.find(" ", start) + 1 if start else 0
    cut = line[start : start + limit].rsplit(" ", 1)[0]
    return ("… " if start else "") + cut + (" …" if start + len(cut) < len(line) else "")


def folded(text: str, words: Iterable[str] = ()) -> str:
    """A whole text with marked words; a long one shows its beginning and opens on demand."""
    words = tuple(words)
    plain = clean(text)
    if not plain:
        return paragraph(escape(say("There is no text, or none any more.")), "note")
    if len(plain) <= _FOLD_OVER:
        return f'<div class="mv-text">{marked(plain, words)}</div>'
    begin = plain[:_FOLD_OVER].rsplit(" ", 1)[0]
    return (
        f'<details class="mv-fold"><summary><span class="mv-text">{marked(begin, words)} …</span>'
        f'<span class="mv-more">{escape(say("Show the whole text"))}</span></summary>'
        f'<div class="mv-text">{marked(plain, words)}</div></details>'
    )


def tag(text: str, kind: str = "plain", icon: str = "") -> str:
    """A small label; `kind` gives its colour, `icon` a sign for those who do not see the colour."""
    sign = f'<span class="mv-sign" aria-hidden="true">{escape(icon)}</span>' if icon else ""
    return f'<span class="mv-tag mv-{kind}">{sign}{escape(text)}</span>'


def key(label: str, style: str) -> str:
    """One entry of a chart's legend; `style` is CSS of our own for the sample."""
    sample = f'<i class="mv-key" style="{style}" aria-hidden="true"></i>'
    return f"<span>{sample} {escape(label)}</span>"


def line(*parts: str) -> str:
    """Parts beside each other with a dot between them; empty ones are left out."""
    dot = '<span class="mv-dot" aria-hidden="true">·</span>'
    return f'<div class="mv-line">{dot.join(part for part in parts if part)}</div>'


def row(*parts: str) -> str:
    """Parts beside each other without dots."""
    return f'<div class="mv-line">{"".join(part for part in parts if part)}</div>'


def paragraph(content: str, kind: str = "plain") -> str:
    """A paragraph of HTML made by the functions here."""
    return f'<p class="mv-{kind}">{content}</p>'


def host_of(url: str) -> str:
    """Domain of an http(s) address in its ASCII spelling; "" for any other address."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        return ""
    is_safe = parts.scheme in ("http", "https") and re.fullmatch(r"[a-z0-9.:-]+", host) is not None
    return host if is_safe else ""


def link(url: str, label: str) -> str:
    """A link that leaves the dashboard, with the domain it leads to; only text when it is not http(s)."""
    host = host_of(url)
    if not host:
        return f'<span class="mv-soft">{escape(say("no link"))}</span>'
    return (
        f'<a class="mv-link" href="{escape(url.strip())}" target="_blank" rel="noopener noreferrer">'
        f'{escape(label)} <span class="mv-soft">{escape(host)} ↗</span></a>'
    )


def markdown_safe(text: str) -> str:
    """Text for a label that Streamlit reads as Markdown: every sign with a meaning is escaped."""
    return _MARKDOWN.sub(r"\\\1", " ".join(clean(text).split()))


def refuse(error: MonitorError) -> None:
    """Say what is wrong in words that can be acted on; the trace stays in the log."""
    mistakes = error.mistakes if isinstance(error, ConfigError) else (error,)
    told = "\n\n".join(markdown_safe(str(mistake)) for mistake in mistakes)
    st.error(told, icon=":material/error:")


def empty(headline: str, advice: str) -> None:
    """What stands where nothing is to be shown: what that means, and what to do."""
    draw(
        f'<div class="mv-empty"><p class="mv-empty-head">{escape(headline)}</p><p>{escape(advice)}</p></div>'
    )


def heading(title: str, note: str = "") -> None:
    """The page's title with a quiet line below it."""
    draw(f'<h1 class="mv-title">{escape(title)}</h1>', paragraph(escape(note), "note") if note else "")


def subheading(title: str) -> None:
    """Title of a part of the page."""
    draw(f'<h2 class="mv-subtitle">{escape(title)}</h2>')


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """A list of names and values; the values are HTML made by the functions here."""
    cells = "".join(f"<dt>{escape(label)}</dt><dd>{value}</dd>" for label, value in rows if value)
    return f'<dl class="mv-pairs">{cells}</dl>'
