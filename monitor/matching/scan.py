"""The one pass over a text for all names: where a name, or a name with a typing error, may begin.

Fast and generous; every candidate is read closely afterwards (see recognise). Cost does not depend
on how many names there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ahocorasick

from monitor.matching import typos
from monitor.matching.clean import TABLE, is_odd
from monitor.matching.links import MOST_LETTERS
from monitor.matching.names import Name, keys_of

MOST_NEEDLES = 6
MARK = "\x01"
SCAN_TABLE = bytes(1 if chr(code) in "&#\xad" else folded for code, folded in enumerate(TABLE))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that may begin at a place; `stem` is set when it would be one with a typing error."""

    name: int
    stem: str = ""


class Scan:
    """All keys of all names in one automaton, behind a check of a few strings when there are few names."""

    def __init__(self, names: Sequence[Name]) -> None:
        wanted: dict[str, list[Candidate]] = {}
        self.finds_typos = len(names) <= typos.MOST_NAMES
        for index, name in enumerate(names):
            for key, stem in _keys(name, len(names), self.finds_typos):
                wanted.setdefault(key, []).append(Candidate(index, stem))
        self._automaton = ahocorasick.Automaton()
        for key, candidates in wanted.items():
            self._automaton.add_word(key, (len(key), tuple(candidates)))
        if wanted:
            self._automaton.make_automaton()
        self._empty = not wanted
        self._needles = needles(list(wanted))

    def may_name(self, text: str) -> bool:
        """Whether a close look is worth it; never False where a name stands."""
        text = text[:MOST_LETTERS]
        try:
            raw = text.encode("latin-1")
        except UnicodeEncodeError:
            if is_odd(text):
                return True
            raw = text.encode("latin-1", "replace")
        folded = raw.translate(SCAN_TABLE).decode("ascii")
        if MARK in folded:
            if "#" in text or is_odd(text):
                return True
            folded = folded.replace(MARK, " ")
        for needle in self._needles:
            if needle in folded:
                break
        else:
            if self._needles:
                return False
        return not self._empty and next(self._automaton.iter(" " + folded), None) is not None

    def candidates(self, folded: str) -> Iterator[tuple[int, Candidate]]:
        """(place, candidate) for every key in the folded text; a key's border may be the text's start."""
        if self._empty:
            return
        for end, (length, found) in self._automaton.iter(" " + folded):
            at = end - length + 1
            for candidate in found:
                yield at, candidate


def _keys(name: Name, names: int, with_typos: bool) -> Iterator[tuple[str, str]]:
    for key in keys_of(name):
        yield key, ""
    if with_typos and typos.is_long_enough(name):
        yield from typos.variants(name, every=names <= typos.MOST_NAMES_ALL_ERRORS)


def needles(keys: list[str]) -> tuple[str, ...]:
    """A few strings such that every key has one of them inside, or none when it would take many."""
    left = sorted((key.strip() for key in keys), key=len)
    chosen: list[str] = []
    while left and len(chosen) <= MOST_NEEDLES:
        needle = _best_needle(left)
        chosen.append(needle)
        left = [key for key in left if needle not in key]
    return tuple(chosen) if not left else ()


def _best_needle(keys: list[str]) -> str:
    """The string of three letters or more that the most keys share, the longest of equals."""
    shares: dict[str, int] = {}
    for key in keys[:400]:
        for start in range(len(key) - 2):
            for size in (3, 4, 5):
                part = key[start : start + size]
                if len(part) == size:
                    shares[part] = shares.get(part, 0) + 1
    return max(shares, key=lambda part: (shares[part] * (len(part) + 1), len(part))) if shares else keys[0]
