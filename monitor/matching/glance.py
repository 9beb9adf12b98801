"""The first look at a text: whether it may name anybody at all. Most texts name nobody and end here.

Each word is asked about once and the answer remembered, so that a text costs as much for 50,000 names
as for a dozen: one look whether all its words are known to name nobody.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import filterfalse
from typing import NamedTuple

from monitor.matching.clean import TABLE, is_odd
from monitor.matching.names import Name
from monitor.matching.needles import needles_of
from monitor.matching.scan import Candidate, Scan

FEW_NAMES = 12
MOST_REMEMBERED, LONGEST_REMEMBERED = 30_000, 40
_MARK = "\x01"
_MARKED = {*"&#\xad", *(chr(code) for code in range(256) if chr(code).isalnum() and TABLE[code] == 32)}
_TABLE = bytes(1 if chr(code) in _MARKED else folded for code, folded in enumerate(TABLE))


class Told(NamedTuple):
    """What one folded word tells: which names it may be or begin in ordinary text, which only in a link or
    handle, and whether a name of several words may begin with it."""

    named: tuple[Candidate, ...] = ()
    inside: tuple[Candidate, ...] = ()
    begins: bool = False


NOTHING = Told()


class Glance:
    """Whether texts may name anybody, and who it may be; safe to share between threads.

    `in_order` are folded ordinary words, sorted. `may_begin` says whether a folded word may be what a
    candidate takes it for, or begin it, in ordinary text; `may_read` says so of a lower-case word as written.
    """

    def __init__(
        self,
        names: Sequence[Name],
        scan: Scan,
        in_order: Sequence[str],
        may_begin: Callable[[Candidate, str], bool],
        may_read: Callable[[Candidate, str], bool],
    ) -> None:
        self._scan = scan
        self._may_begin = may_begin
        self._may_read = may_read
        self._needles = needles_of(names) if len(names) <= FEW_NAMES else ()
        self._openers = {key.split()[0] for key in scan.keys if " " in key[1:]}
        self._foreign = any(name.foreign for name in names)
        self._ordinary = frozenset() if self._needles else _naming_nobody(in_order, scan.keys)
        self._nothing = set(self._ordinary)
        self._told: dict[str, Told] = {}
        self._written: dict[str, tuple[Candidate, ...]] = {}

    def may_name(self, text: str) -> bool:
        """Whether a close look is worth it; never False where a name stands."""
        try:
            raw = text.encode("latin-1")
        except UnicodeEncodeError:
            if is_odd(text):
                return True
            raw = text.encode("latin-1", "replace")
        folded = raw.translate(_TABLE).decode("ascii")
        if _MARK in folded:
            if self._foreign or "#" in text or is_odd(text):
                return True
            folded = folded.replace(_MARK, " ")
        for needle in self._needles:
            if needle in folded:
                break
        else:
            if self._needles:
                return False
        words = folded.split()
        return not self._nothing.issuperset(words) and self._may_name(text, folded, words)

    def _may_name(self, text: str, folded: str, words: list[str]) -> bool:
        begins = False
        for word in filterfalse(self._nothing.__contains__, words):
            told = self._told.get(word) or self._ask(word)
            if told is NOTHING:
                continue
            for at in _places(word, folded):
                if told.named and self._read_as(text[at : at + len(word)].lower(), told):
                    return True
                if told.inside and _is_marked(text, at, at + len(word)):
                    return True
            begins = begins or told.begins
        return begins and any(True for _ in self._of_several_words(folded))

    def candidates(self, text: str, folded: str, inside: bool) -> Iterator[tuple[int, Candidate]]:
        """(place, candidate) for every name that may begin in a text; `inside` where it may have links."""
        begins = False
        at = 0
        for word in folded.split(" "):
            if word and word not in self._nothing:
                told = self._told.get(word) or self._ask(word)
                begins = begins or told.begins
                named = self._read_as(text[at : at + len(word)].lower(), told) if told.named else ()
                for candidate in (*named, *told.inside) if inside else named:
                    yield at, candidate
            at += len(word) + 1
        if begins:
            yield from self._of_several_words(folded)

    def beginning(self, text: str, folded: str) -> list[Candidate]:
        """The names that may begin where the text does."""
        return [candidate for at, candidate in self.candidates(text, folded, inside=True) if at == 0]

    def _of_several_words(self, folded: str) -> Iterator[tuple[int, Candidate]]:
        for at, length, candidate in self._scan.named(folded):
            if " " in folded[at : at + length - 1]:
                yield at, candidate

    def _ask(self, word: str) -> Told:
        """What a word tells; remembered unless it is long."""
        told = self._answer(word) if word in self._openers or self._scan.may_begin(word) else NOTHING
        if len(word) <= LONGEST_REMEMBERED:
            if told is not NOTHING:
                self._told = self._told if len(self._told) < MOST_REMEMBERED else {}
                self._told[word] = told
            else:
                self._remember_nothing(word)
        return told

    def _remember_nothing(self, word: str) -> None:
        """That a word names nobody; of the many ordinary ones that is known from the start."""
        if len(self._nothing) >= len(self._ordinary) + MOST_REMEMBERED:
            self._nothing = set(self._ordinary)
        self._nothing.add(word)

    def _answer(self, word: str) -> Told:
        found = dict.fromkeys(self._scan.beginning(word))
        begins = word in self._openers
        if not found and not begins:
            return NOTHING
        named = tuple(candidate for candidate in found if self._may_begin(candidate, word))
        inside = tuple(one for one in found if one not in named and not one.mistyped)
        return Told(named, inside, begins) if named or inside or begins else NOTHING

    def _read_as(self, written: str, told: Told) -> tuple[Candidate, ...]:
        """Which of the names that a word may be by its fold it may be as it is written, in lower case."""
        read_as = self._written.get(written)
        if read_as is None:
            read_as = tuple(candidate for candidate in told.named if self._may_read(candidate, written))
            if len(written) <= LONGEST_REMEMBERED:
                self._written = self._written if len(self._written) < MOST_REMEMBERED else {}
                self._written[written] = read_as
        return read_as


def _places(word: str, folded: str) -> Iterator[int]:
    """Where a word of the text stands, alone or inside others."""
    at = folded.find(word)
    while at >= 0:
        yield at
        at = folded.find(word, at + len(word))


def _is_marked(text: str, start: int, end: int) -> bool:
    """Whether a word stands as in a link or handle, or before a mark and more."""
    after, next_one = text[end : end + 1], text[end + 1 : end + 2]
    return text[start - 1 : start] in _BEFORE or (after in _AFTER and next_one.isalnum())


_BEFORE = frozenset("@./")
_AFTER = frozenset("@.'’-_")


def _naming_nobody(in_order: Sequence[str], keys: Sequence[str]) -> frozenset[str]:
    """The words that no key begins with, or begins."""
    left = set(in_order)
    for key in keys:
        head, *more = key.split()
        if more:
            left.discard(head)
            continue
        at = bisect_left(in_order, head)
        while at < len(in_order) and in_order[at].startswith(head):
            left.discard(in_order[at])
            at += 1
    return frozenset(left)
