"""Whether a name stands at one place of a text, in which form, and how surely.

Reads plain text and its fold side by side; knows nothing of shops, links or context.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.matching import tails
from monitor.matching.clean import fold, unaccented
from monitor.matching.names import Name, forms_of, inner_forms, parted_heads, stem_keys
from monitor.matching.paradigm import WordForm
from monitor.matching.stems import RARE, SPOKEN

MISSING_MARKS = 0.85
OTHER_MARK = 0.6
LONG_ENOUGH = 6
MOST_INFLECTED = 4
LONGEST_TAIL = 40
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
COMPOUND_CASES = ("nominative", "genitive", "genitive plural", "nominative plural", "genitive, no gradation")


@dataclass(frozen=True, slots=True)
class Reading:
    """A name read in a text: its span there, how sure the spelling makes it, and what form it is."""

    start: int
    end: int
    weight: float
    what: str


@dataclass(frozen=True, slots=True)
class Words:
    """Folded words: all ordinary ones, and those that may follow the name inside one word."""

    ordinary: frozenset[str]
    after: frozenset[str]


def read(name: Name, text: str, folded: str, at: int, words: Words) -> Reading | None:
    """The longest reading of the name that begins at `at`, or None. `folded` is clean.fold(text)."""
    for place, weight in last_pieces(name, text, folded, at):
        found = _read_last(name, text, folded, place, weight, words, at)
        if found:
            return found
    return None


def last_pieces(name: Name, text: str, folded: str, at: int, index: int = 0) -> Iterator[tuple[int, float]]:
    """Where the last piece of the name may begin, when the pieces before it stand at `at`, and how surely."""
    if index == len(name.pieces) - 1:
        yield at, 1.0
        return
    piece = name.pieces[index]
    plain_only = len(name.pieces) > MOST_INFLECTED or not name.pieces[index + 1].isalpha()
    for form in (fold(piece),) if plain_only else inner_forms(piece):
        marks = (
            _marks(piece, piece, text, at, min(len(form), len(piece))) if folded.startswith(form, at) else 0
        )
        for joint in name.joints[index] if marks else ():
            gap = joint.match(text, at + len(form))
            if gap:
                rest = last_pieces(name, text, folded, gap.end(), index + 1)
                yield from ((place, weight * marks) for place, weight in rest)


def _read_last(
    name: Name, text: str, folded: str, at: int, weight: float, words: Words, start: int
) -> Reading | None:
    end = _word_end(folded, at)
    if _is_parted(text, end):
        joined = _read_last(
            name, text[:end] + text[end + 1 :], folded[:end] + folded[end + 1 :], at, weight, words, start
        )
        if joined:
            return Reading(joined.start, joined.end + 1, joined.weight, joined.what)
    token = folded[at:end]
    if text[end : end + 1].isalnum():  # a letter that does not fold: the word goes on
        return None
    if len(token) > len(name.pieces[-1]) + LONGEST_TAIL:
        return None
    return _read_token(name, token, text, at, weight, words, start) or _read_drawn_out(
        name, token, text, at, weight, words, start
    )


def _read_drawn_out(
    name: Name, token: str, text: str, at: int, weight: float, words: Words, start: int
) -> Reading | None:
    """Lumopuotiiii: see _squeezed."""
    for squeezed in _squeezed(token):
        found = _read_token(name, squeezed, squeezed.rjust(at + len(squeezed)), at, weight, words, start)
        if found:
            return Reading(start, at + len(token), found.weight * SPOKEN, found.what + ", drawn out")
    return None


def _squeezed(token: str) -> tuple[str, ...]:
    """The token with one or two of each letter that it has three times or more in a row."""
    if not _DRAWN_OUT.search(token):
        return ()
    return tuple(_DRAWN_OUT.sub(short, token) for short in (r"\1", r"\1\1"))


def _read_token(
    name: Name, token: str, text: str, at: int, weight: float, words: Words, start: int
) -> Reading | None:
    piece = name.pieces[-1]
    for cut, form, tail in _legal(name, token, words):
        marks = _marks(piece, form.text, text, at, cut)
        if marks < 1 and len(name.pieces) == 1 and token in words.ordinary:
            return None
        if marks:
            stop, what = _extend(text, at + len(token), form.what + tail[1])
            return Reading(start, stop, weight * form.weight * tail[0] * marks, what)
    return None


def _legal(name: Name, token: str, words: Words) -> Iterator[tuple[int, WordForm, tuple[float, str]]]:
    """How the token reads as a form of the last piece and what may follow it, the longest form first."""
    piece = name.pieces[-1]
    forms = forms_of(piece)
    for cut in range(len(token), 0, -1):
        form = forms.get(token[:cut])
        if form:
            tail = _tail(name, piece, form, token[cut:], words)
            if tail:
                yield cut, form, tail


def may_begin(name: Name, token: str, words: Words, written: str = "") -> bool:
    """Whether a folded word may be the name or begin it, whatever follows; as `written` if that is given."""
    piece = name.pieces[0]
    if len(name.pieces) > 1:
        return token.startswith(tuple(stem_keys(piece))) and any(
            not written or _marks(piece, piece, written, 0, min(len(form), len(piece)))
            for form in inner_forms(piece)
            if token.startswith(form)
        )
    if token in parted_heads(piece):
        return True
    if written:
        return _read_last(name, written, token, 0, 1.0, words, 0) is not None
    if len(token) > len(piece) + LONGEST_TAIL:
        return False
    return any(any(_legal(name, spelled, words)) for spelled in (token, *_squeezed(token)))


def _word_end(folded: str, at: int) -> int:
    end = folded.find(" ", at)
    return end if end >= 0 else len(folded)


def _is_parted(text: str, at: int) -> bool:
    """Whether an apostrophe at `at` parts two like vowels (ruo'on)."""
    return (
        text[at : at + 1] in ("'", "’")
        and at + 1 < len(text)
        and text[at - 1].lower() == text[at + 1].lower()
    )


def _tail(name: Name, piece: str, form: WordForm, rest: str, words: Words) -> tuple[float, str] | None:
    """(weight, note) of what follows the form inside the word, or None when it is not legal."""
    if not rest:
        return 1.0, ""
    if tails.is_clitic(rest):
        return 1.0, f", clitic -{rest}"
    if form.what == "nominative":
        if rest == "s":
            return 1.0, ", Swedish or English genitive"
        if not piece.isalpha() and tails.is_bare_case(rest):
            return 1.0, ", case ending"
        if name.letters >= 5 and tails.is_definite(rest):
            return RARE, ", Swedish definite"
    if form.what in COMPOUND_CASES and name.letters >= 4 and len(rest) >= 3:
        if tails.is_shop_head(rest):
            return 0.95, ", compound"
        if name.letters >= 6 and len(rest) >= 4 and rest in words.after and not tails.is_derived(rest):
            return 0.85, ", compound"
    return None


def _extend(text: str, at: int, what: str) -> tuple[int, str]:
    marked = tails.marked_end(text, at)
    if marked > at:
        what, at = what + ", marked ending", marked
    hyphened = tails.hyphened_end(text, at)
    return (hyphened, what + ", compound") if hyphened > at else (at, what)


def _marks(piece: str, form: str, text: str, at: int, cut: int) -> float:
    """1.0 when the diacritics agree, less when the text lacks some or has one too many, else 0.0."""
    if text[at : at + cut].lower() == form[:cut]:
        return 1.0
    weight = 1.0
    others = 0
    for offset in range(cut):
        written, expected = unaccented(text[at + offset].lower()), form[offset]
        if written == expected:
            continue
        if offset < len(piece) and piece[offset] == expected:
            others += not written.isascii()
            weight = min(weight, MISSING_MARKS if written.isascii() else OTHER_MARK)
    return 0.0 if others > (len(piece) >= LONG_ENOUGH) else weight
