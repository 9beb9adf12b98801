"""Which names a word or text may begin, or be meant as with a typing error: all names in one automaton.

Generous: every candidate is read closely afterwards (see recognise).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ahocorasick

from monitor.matching.names import Name, keys_of
from monitor.matching.typos import Nearby, may_end_with_error


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that may begin at a place, or a word that may be it with a typing error."""

    name: int
    mistyped: bool = False


class Scan:
    """All keys of all names in one automaton, and what is left of the names when a letter goes.

    `ordinary` are folded words that are never taken for a name with a typing error.
    """

    def __init__(self, names: Sequence[Name], ordinary: frozenset[str] = frozenset()) -> None:
        wanted: dict[str, list[Candidate]] = {}
        self._nearby = Nearby()
        for index, name in enumerate(names):
            candidates = [Candidate(index)]
            if may_end_with_error(name):
                candidates.append(Candidate(index, mistyped=True))
            for key in keys_of(name):
                wanted.setdefault(key, []).extend(candidates)
            self._nearby.add(index, name)
        self.keys = tuple(wanted)
        self._automaton = ahocorasick.Automaton()
        for key, found in wanted.items():
            self._automaton.add_word(key, (len(key), tuple(found)))
        if wanted:
            self._automaton.make_automaton()
        self._ordinary = ordinary

    def named(self, folded: str) -> Iterator[tuple[int, int, Candidate]]:
        """(place, length of the key, candidate) for every key in a folded text; its start is a border."""
        if self.keys:
            for end, (length, found) in self._automaton.iter(" " + folded):
                at = end - length + 1
                for candidate in found:
                    yield at, length, candidate

    def may_begin(self, word: str) -> bool:
        """Whether `beginning` may give anything; False for most words, and told in a fraction of its time."""
        if self.keys and next(self._automaton.iter(" " + word), None) is not None:
            return True
        return len(word) >= self._nearby.shortest > 0 and self._nearby.may_be(word)

    def beginning(self, word: str) -> list[Candidate]:
        """The names that a folded word may be, begin, or be meant as (an ordinary word as no other)."""
        found: list[Candidate] = []
        if self.keys:
            for _, (_, candidates) in self._automaton.iter(" " + word):
                found += candidates
        if len(word) >= self._nearby.shortest > 0 and word not in self._ordinary:
            found += [Candidate(index, mistyped=True) for index in self._nearby.candidates(word)]
        return found
