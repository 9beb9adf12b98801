"""Makes what strangers wrote safe to show in a mail: no control or direction signs, web links only.

HTML is escaped by the templates; this file deals with what escaping leaves in.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

# Signs that reorder or hide text; joiners stay, emoji need them.
_DIRECTION = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
# Dots, at-signs and schemes as they stand in addresses, and what keeps a mail reader from seeing one.
_LOOKS_LIKE_ADDRESS = re.compile(r"(?<=\w)[.@](?=[^\W\d])|(?<=\w):(?=//)")
_JOINER = "\u2060"
_IN_ADDRESSES = "/?:@!$&'()*+,;=-._~%"
_MOST_ADDRESS = 2000
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")
_MANY_MARKS = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")


def clean(text: str) -> str:
    """Text of several lines without control characters, direction signs and stacked accents."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    text = _MANY_MARKS.sub(r"\1", _DIRECTION.sub("", text))
    text = "".join(
        sign for sign in text if sign in "\n\t" or unicodedata.category(sign)[0] != "C" or sign == "\u200d"
    )
    return _BLANK_LINES.sub("\n\n", text).strip()


def one_line(text: str, most: int = 200) -> str:
    """Text in a single line, cut at a word with … when it is longer than `most` characters."""
    return cut(" ".join(clean(text).split()), most)


def cut(text: str, most: int) -> str:
    """The beginning of a text, ended at a word where there is one nearby."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    at_word = head.rsplit(None, 1)[0] if " " in head[most // 2 :] else head
    return at_word.rstrip(" ,.;:–-") + "…"


def unlinked(text: str) -> str:
    """The same to the eye, but no mail reader makes links of the addresses in it."""
    return _LOOKS_LIKE_ADDRESS.sub(lambda sign: sign[0] + _JOINER, text)


@dataclass(frozen=True, slots=True)
class WebLink:
    """An address that may be shown as a link, and the domain a reader should see beside it."""

    url: str
    domain: str


def web_link(url: str) -> WebLink | None:
    """Return the link when it is a plain http(s) address, else None.

    Addresses with a user name (https://bank.example@evil.example) are refused, and letters that look
    like others show as punycode.
    """
    if not url or len(url) > _MOST_ADDRESS or url != clean(url) or any(sign.isspace() for sign in url):
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "\\" in url:
        return None
    path, query, fragment = (quote(part, safe=_IN_ADDRESSES) for part in parts[2:])
    return WebLink(urlunsplit((parts.scheme, host + port, path, query, fragment)), host + port)
