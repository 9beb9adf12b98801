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
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")
# So much of a monstrous text is looked at for each character that will be shown.
_SPARE = 8
_MANY_MARKS = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")


def clean(text: str) -> str:
    """Text of several lines without control characters, direction signs and stacked accents."""
    text = _LINE_END.sub("\n", text.encode("utf-8", "replace").decode("utf-8"))
    text = _MANY_MARKS.sub(r"\1", _DIRECTION.sub("", text))
    text = "".join(sign for sign in text if _is_shown(sign))
    return _BLANK_LINES.sub("\n\n", text).strip()


def _is_shown(sign: str) -> bool:
    return sign in "\n\t\u200d" or unicodedata.category(sign)[0] != "C"


def opening(text: str, most: int) -> tuple[str, bool]:
    """The cleaned beginning of a text of several lines, and whether something was left out."""
    whole = clean(text[: _SPARE * most])
    return cut(whole, most), len(whole) > most or len(text) > _SPARE * most


def one_line(text: str, most: int = 200) -> str:
    """Text in a single line, cut at a word with … when it is longer than `most` characters."""
    return cut(" ".join(clean(text[: _SPARE * most]).split()), most)


def cut(text: str, most: int) -> str:
    """The beginning of a text, ended at a word where there is one nearby."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    if not (head[-1].isspace() or text[most - 1].isspace()) and " " in head[most // 2 :]:
        head = head.rsplit(None, 1)[0]
    return head.rstrip(" ,.;:–-") + "…"


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
