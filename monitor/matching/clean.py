"""Hostile text made plain, one position at a time, so that every find can be shown in the original.

Undoes HTML entities, zero-width characters, soft hyphens, full-width and combining forms and letters
that only look Latin. It does not strip markup, and does not change lengths where there is nothing to undo.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_SPARE = "\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u2bff\u3001\u3002\U0001f000-\U0001faff\ufe0f"
_ODD = re.compile(f"[^\\x00-\\x7f\\xa0-\\xac\\xae-\\xff{_SPARE}]|&(?:#\\w+|\\w+);")
_ENTITY = re.compile(r"&(?:#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,30});")

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
        if base.isascii() and base.isalnum() and letter.isalnum():
            table[code] = ord(base)
    return bytes(table)


_SPECIAL = {"æ": "a", "ø": "o", "ß": "s", "ð": "d", "þ": "t"}
TABLE = _fold_table()


_ACCENTS = str.maketrans("áàâãéèêëíìîïóòôõúùûüñçýÿšžč", "aaaaeeeeiiiioooouuuuncyyszc")


def unaccented(lower: str) -> str:
    """Lower-case text without accents; å, ä, ö and their like stay, because they are letters here."""
    return lower.translate(_ACCENTS)


def fold(text: str) -> str:
    """Lower-case ASCII letters, digits and spaces, one for each character: diacritics go, all else is a space."""
    return text.encode("latin-1", "replace").translate(TABLE).decode("ascii")


def is_odd(text: str) -> bool:
    """Whether `plain` would change anything in the text."""
    return _ODD.search(text) is not None


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
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, written in _clusters(text):
        for letter in _plain_letters(written):
            letters.append(letter)
            starts.append(start)
            ends.append(end)
    return Plain("".join(letters), tuple(starts), tuple(ends))


def _clusters(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, characters) of each base character with its combining marks, or of an entity."""
    at = 0
    while at < len(text):
        entity = _ENTITY.match(text, at) if text[at] == "&" else None
        end = entity.end() if entity else at + 1
        written = html.unescape(entity.group()) if entity else text[at]
        while end < len(text) and (unicodedata.combining(text[end]) or text[end] in _INVISIBLE):
            written += text[end]
            end += 1
        yield at, end, written
        at = end


_INVISIBLE = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c"
                       "\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff\ufe00\ufe01\ufe0e")


def _plain_letters(written: str) -> str:
    seen = "".join(letter for letter in written if letter not in _INVISIBLE)
    composed = unicodedata.normalize("NFKC", seen).translate(_LOOKALIKE).translate(_STROKED)
    return "".join(_latin(letter) for letter in unicodedata.normalize("NFC", composed))


def _latin(letter: str) -> str:
    if ord(letter) < 256 or not letter.isalpha():
        return "" if unicodedata.combining(letter) else letter
    parts = unicodedata.normalize("NFD", letter)
    if parts[0].isascii():
        return unicodedata.normalize("NFC", parts[0] + "".join(m for m in parts[1:] if m in _KEPT_MARKS))[0]
    return letter
