"""Hostile text made plain, one position at a time, so that every find can be shown in the original.

Undoes HTML entities, zero-width characters, soft hyphens, full-width and combining forms and letters
that only look Latin. It does not strip markup, and does not change lengths where there is nothing to undo.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_SPARE = "\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u2bff\u3001\u3002\U0001f000-\U0001faff\ufe0f"
_ODD_LETTER = f"[^\\x00-\\x7f\\xa0-\\xac\\xae-\\xff{_SPARE}]"
_ODD = re.compile(_ODD_LETTER)
_REFERENCE = re.compile(r"&(?:#\w+|\w+);")

_LOOKALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝкмтнвгАЕОРСУХІЈЅНВКМТαοντρικυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧıǀӏ",
    "aeopcyxijshdqwkmthbrAEOPCYXIJSHBKMTaovtpikuxABEZHIKMNOPTYXill",
)
_STROKED = str.maketrans("łŁđĐħĦŧŦŋſ", "lLdDhHtTns")
_KEPT_MARKS = {"\u0308", "\u030a", "\u0301", "\u0300", "\u0302", "\u0303", "\u0327"}


def _fold_table() -> bytes:
    table = bytearray(b" " * 256)
    for code in range(256):
        letter = chr(code)
        base = _SPECIAL.get(letter.lower()) or unicodedata.normalize("NFKD", letter)[0].lower()
        if base.isascii() and base.isalnum() and (letter.isalpha() or letter.isascii()):
            table[code] = ord(base)
    return bytes(table)


_SPECIAL = {"æ": "a", "ø": "o", "ß": "s", "ð": "d", "þ": "t"}
TABLE = _fold_table()


_ACCENTS = str.maketrans("áàâãéèêëíìîïóòôõúùûüñçýÿšžč", "aaaaeeeeiiiioooouuuuncyyszc")


def unaccented(lower: str) -> str:
    """Lower-case text without accents; å, ä, ö and their like stay, because they are letters here."""
    return lower.translate(_ACCENTS)


def fold(text: str) -> str:
    """Lower-case ASCII letters, digits and spaces, one a character: diacritics go, the rest are spaces."""
    return text.encode("latin-1", "replace").translate(TABLE).decode("ascii")


def is_odd(text: str) -> bool:
    """Whether `plain` would change anything in the text."""
    return _ODD.search(text) is not None or ("&" in text and _REFERENCE.search(text) is not None)


@dataclass(frozen=True, slots=True)
class Plain:
    """Text made plain; `starts` and `ends` give each character's place in the original, None for identity."""

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that became [start, end)."""
        if self.starts is None or self.ends is None or end <= start:
            return start, end
        return self.starts[start], self.ends[end - 1]


def plain(text: str) -> Plain:
    """The text with disguises undone; doing it twice changes nothing more."""
    if not is_odd(text):
        return Plain(text)
    found = _undone(text)
    for _ in range(MOST_LAYERS):
        if not is_odd(found.text):
            return found
        again = _undone(found.text)
        if again.text == found.text:
            return found
        found = _through(again, found)
    return Plain(_ENTITY.sub(lambda match: " " + match.group()[1:], found.text), found.starts, found.ends)


def _through(again: Plain, before: Plain) -> Plain:
    """Places in the original of a text that was made plain twice."""
    spans = [before.original(*again.original(at, at + 1)) for at in range(len(again.text))]
    return Plain(again.text, tuple(start for start, _ in spans), tuple(end for _, end in spans))


def _undone(text: str) -> Plain:
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in _DISGUISED.finditer(text):
        start, end = match.span()
        letters = _plain_letters(match.group())
        if letters == match.group():
            continue
        parts += (text[done:start], letters)
        starts += (*range(done, start), *[start] * len(letters))
        ends += (*range(done + 1, start + 1), *[end] * len(letters))
        done = end
    parts.append(text[done:])
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return Plain("".join(parts), tuple(starts), tuple(ends))


MOST_LAYERS = 8
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\ufe00-\ufe0f\ufeff"
)
_ESCAPED_TWICE = re.compile(r"^&(?:amp;)+")
_NAMED = r"&(?:amp;)*(?:#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,30});"
_ENTITY = re.compile(_NAMED)
_DISGUISED = re.compile(
    f"(?:{_NAMED}|[^{_MARKS}{_UNSEEN}])[{_MARKS}{_UNSEEN}]+|{_NAMED}|[{_MARKS}{_UNSEEN}]|{_ODD_LETTER}",
    re.DOTALL,
)
_INVISIBLE = re.compile(f"[{_UNSEEN}]")


@lru_cache(maxsize=4096)
def _plain_letters(written: str) -> str:
    seen = _INVISIBLE.sub("", html.unescape(_ESCAPED_TWICE.sub("&", written)))
    composed = unicodedata.normalize("NFKC", seen).translate(_LOOKALIKE).translate(_STROKED)
    return "".join(_latin(letter) for letter in unicodedata.normalize("NFC", composed))


def _latin(letter: str) -> str:
    if ord(letter) < 256 or not letter.isalpha():
        return "" if unicodedata.combining(letter) else letter
    parts = unicodedata.normalize("NFD", letter)
    if parts[0].isascii():
        return unicodedata.normalize("NFC", parts[0] + "".join(m for m in parts[1:] if m in _KEPT_MARKS))[0]
    return letter
