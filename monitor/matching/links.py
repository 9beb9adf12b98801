"""Links, mail addresses, handles, hashtags and quoted passages of a text, and what they name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_LETTERS = 200_000
_TLD = (
    "fi|se|com|net|org|nu|eu|io|co|info|shop|store|dk|no|ee|de|uk|ax|app|me|tv|biz|online|"
    "site|dev|example|test"
)
_LINK = re.compile(
    r"(?P<url>(?:https?://|www\.)[^\s<>\"”’]{1,2000})"
    rf"|(?P<mail>(?<![@\w.+-])[\w.+-]{{1,64}}@(?:[\w-]{{1,63}}\.){{1,6}}[A-Za-z]{{2,12}}\b)"
    rf"|(?P<host>(?<![\w@.-])(?:[\w-]{{1,63}}\.){{1,6}}(?:{_TLD})\b(?![\w-])(?:/[^\s<>\"”’]{{0,2000}})?)",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"[\w-]\.\w|//")
_HANDLE = re.compile(r"(?<![\w@])@[\w.-]{1,100}(?:@[\w.-]{1,200})?")
_HASHTAG = re.compile(r"#\w{2,120}")


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the text that is not plain words: kind "url", "mail", "host", "handle" or "hashtag"."""

    start: int
    end: int
    kind: str
    host: str = ""


def places(text: str) -> list[Place]:
    """Every link, mail address, handle and hashtag, in the order of the text."""
    found: list[Place] = []
    if _DOTTED.search(text):
        found += [_link(match) for match in _LINK.finditer(text)]
    if "@" in text:
        found += [
            Place(m.start(), m.end(), "handle")
            for m in _HANDLE.finditer(text)
            if not _inside(found, m.start())
        ]
    if "#" in text:
        found += [
            Place(m.start(), m.end(), "hashtag")
            for m in _HASHTAG.finditer(text)
            if not _inside(found, m.start())
        ]
    return sorted(found, key=lambda place: place.start)


def _inside(found: list[Place], at: int) -> bool:
    return any(place.start <= at < place.end for place in found)


def _link(match: re.Match[str]) -> Place:
    kind = match.lastgroup or "url"
    text = match.group()
    if kind == "mail":
        host = text.rpartition("@")[2]
        start = match.start()
    else:
        rest = re.sub(r"^https?://", "", text, flags=re.IGNORECASE)
        authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
        host = authority.rpartition("@")[2].partition(":")[0]
        start = match.start()
    return Place(start, match.end(), kind, host.rstrip(".,;!)").lower())


_QUOTE_BLOCK = re.compile(r"\[quote\b[^\]]{0,200}\].*?(?:\[/quote\]|\Z)", re.IGNORECASE | re.DOTALL)
_QUOTE_LINE = re.compile(r"^[ \t]{0,3}(?:>|&gt;).*$", re.MULTILINE)
_QUOTE_WROTE = re.compile(
    r"^[^\n]{1,80}\b(?:kirjoitti|skrev|wrote|sanoi)\b[^\n]{0,40}:[ \t]*(?P<block>(?:\n(?![ \t]*\n)[^\n]*)+)",
    re.MULTILINE | re.IGNORECASE,
)


def quoted(text: str) -> bytes:
    """One byte a letter, not 0 where the post repeats somebody else; empty when it does nowhere."""
    spans: list[tuple[int, int]] = []
    if "[" in text:
        spans += [match.span() for match in _QUOTE_BLOCK.finditer(text)]
    if ">" in text or "&gt;" in text:
        spans += [match.span() for match in _QUOTE_LINE.finditer(text)]
    if ":" in text:
        spans += [match.span("block") for match in _QUOTE_WROTE.finditer(text)]
    mask = bytearray(len(text) if spans else 0)
    for start, end in spans:
        mask[start:end] = b"\x01" * (end - start)
    return bytes(mask)


_CAMEL = re.compile(r"(?<=[a-zäöåé0-9])(?=[A-ZÄÖÅ])|(?<=[A-ZÄÖÅ])(?=[A-ZÄÖÅ][a-zäöåé])|_")
_LEADS = re.compile(
    r"#(boikotoi|boikottiin|boikotti|boikot|boycott|bojkotta|bojkott|ala(?:osta|tilaa)?|ei|never|no|not|stop|kiitos"
    r"|tack|thanks|thankyou|hey|hei|hej|love|my|team|mun|oma|hyvahyva|hyva|huono|paska|bad|good|best|worst|only|save)",
    re.IGNORECASE,
)


def inner_starts(tag: str, folded: str) -> Iterator[int]:
    """Offsets in a hashtag at which a name may begin besides its first letter."""
    for match in _CAMEL.finditer(tag):
        if match.end() > 1:
            yield match.end()
    lead = _LEADS.match("#" + folded[1:])
    if lead:
        yield lead.end()
