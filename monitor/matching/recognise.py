"""Whether a name stands at one place of a text, in which form, and how surely.

Reads plain text and its fold side by side; knows nothing of shops, links or context.
"""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.matching import tails
from monitor.matching.clean import unaccented
from monitor.matching.names import Name, forms_of, inner_forms
from monitor.matching.paradigm import RARE, WordForm

MISSING_MARKS = 0.85
COMPOUND_CASES = ("nominative", "genitive", "genitive plural", "nominative plural", "genitive, no gradation")


@dataclass(frozen=True, slots=True)
class Reading:
    """A name read in a text: its span there, how sure the spelling makes it, and what form it is."""

    start: int
    end: int
    weight: float
    what: str


IsWord = Callable[[str], bool]


def read(name: Name, text: str, folded: str, at: int, is_word: IsWord) -> Reading | None:
    """The longest reading of the name that begins at `at`, or None. `folded` is clean.fold(text)."""
    return _read_from(name, 0, text, folded, at, 1.0, is_word, at)


def _read_from(
    name: Name, index: int, text: str, folded: str, at: int, weight: float, is_word: IsWord, start: int
) -> Reading | None:
    if index == len(name.pieces) - 1:
        return _read_last(name, text, folded, at, weight, is_word, start)
    piece = name.pieces[index]
    for form in inner_forms(piece):
        if not folded.startswith(form, at):
            continue
        marks = _marks(piece, piece, text, at, min(len(form), len(piece)))
        for joint in name.joints[index] if marks else ():
            gap = joint.match(text, at + len(form))
            if gap:
                found = _read_from(name, index + 1, text, folded, gap.end(), weight * marks, is_word, start)
                if found:
                    return found
    return None


def _read_last(
    name: Name, text: str, folded: str, at: int, weight: float, is_word: IsWord, start: int
) -> Reading | None:
    end = _word_end(folded, at)
    if _is_parted(text, end):
        joined = _read_last(name, text[:end] + text[end + 1 :], folded[:end] + folded[end + 1 :], at, weight, is_word, start)
        if joined:
            return Reading(joined.start, joined.end + 1, joined.weight, joined.what)
    token = folded[at:end]
    piece = name.pieces[-1]
    forms = forms_of(piece)
    for cut in range(len(token), 0, -1):
        form = forms.get(token[:cut])
        if form is None:
            continue
        tail = _tail(name, piece, form, token[cut:], is_word)
        marks = _marks(piece, form.text, text, at, cut) if tail else 0.0
        if marks:
            stop, what = _extend(text, at + len(token), form.what + tail[1])
            return Reading(start, stop, weight * form.weight * tail[0] * marks, what)
    return None


def _word_end(folded: str, at: int) -> int:
    end = folded.find(" ", at)
    return end if end >= 0 else len(folded)


def _is_parted(text: str, at: int) -> bool:
    """Whether an apostrophe at `at` parts two like vowels (ruo'on)."""
    return text[at : at + 1] in ("'", "’") and at + 1 < len(text) and text[at - 1].lower() == text[at + 1].lower()


def _tail(name: Name, piece: str, form: WordForm, rest: str, is_word: IsWord) -> tuple[float, str] | tuple[()]:
    """(weight, note) of what follows the form inside the word, or nothing when it is not legal."""
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
        if name.letters >= 6 and len(rest) >= 4 and is_word(rest):
            return 0.85, ", compound"
    return ()


def _extend(text: str, at: int, what: str) -> tuple[int, str]:
    marked = tails.marked_end(text, at)
    if marked > at:
        what, at = what + ", marked ending", marked
    hyphened = tails.hyphened_end(text, at)
    return (hyphened, what + ", compound") if hyphened > at else (at, what)


def _marks(piece: str, form: str, text: str, at: int, cut: int) -> float:
    """1.0 when the diacritics agree, less when the text lacks some, 0.0 when it has others in the stem."""
    weight = 1.0
    for offset in range(cut):
        written, expected = unaccented(text[at + offset].lower()), form[offset]
        if written == expected:
            continue
        if offset < len(piece) and piece[offset] == expected:
            if not written.isascii():
                return 0.0
            weight = MISSING_MARKS
    return weight
