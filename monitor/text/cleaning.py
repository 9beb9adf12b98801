"""Text without anything invisible or dangerous in it, and a fingerprint that survives small changes."""

import hashlib
import re
import unicodedata

TEXT_LIMIT = 20_000
LINE_LIMIT = 300

_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")
_BLANK_LINES = re.compile(r"\n{3,}")
_JOINER = "\u200d"  # joins emoji into one picture; anywhere else it only hides words from a search
_LONE_JOINER = re.compile(_JOINER + "(?![\u2600-\u27bf\U0001f000-\U0001faff])")
_PILED_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_NOT_WORD = re.compile(r"[\W_]+")
_INVISIBLE = ("Cc", "Cf", "Cs", "Co")


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return text that can be shown and stored anywhere, cut to `limit` characters.

    Control characters, half surrogates, direction overrides, zero-width characters and piles of
    accents go; lines, emoji and letters stay. Line ends become "\\n"; one blank line at most.
    """
    text = _LONE_JOINER.sub("", _BREAKS.sub("\n", text[: 4 * limit]))
    text = "".join(kept for char in text if (kept := _kept(char)))
    text = _PILED_MARKS.sub(r"\1", unicodedata.normalize("NFC", text))
    lines = "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _cut(_BLANK_LINES.sub("\n\n", lines).strip(), limit)


def clean_line(text: str, limit: int = LINE_LIMIT) -> str:
    """Return `clean` text on a single line: for titles, names and mail headers."""
    return _cut(" ".join(clean(text, 4 * limit).split()), limit)


def fold(text: str) -> str:
    """Return the words of a text in one case with single spaces between them, without links."""
    plain = unicodedata.normalize("NFKC", _LINK.sub(" ", text)).casefold()
    return _NOT_WORD.sub(" ", plain).strip()


def fingerprint(text: str) -> str:
    """Return 16 hex digits, equal for texts that differ only in case, punctuation and links.

    A text without words ("", an emoji, a bare link) has no fingerprint: "".
    """
    folded = fold(text)
    return hashlib.sha256(folded.encode("utf-8", "ignore")).hexdigest()[:16] if folded else ""


def _kept(char: str) -> str:
    if char in ("\n", _JOINER) or char.isalnum():
        return char
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in _INVISIBLE else char


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
