"""Names written with one typing error: which names a word may be meant as, and how to undo the error.

An error is one letter left out, wrong or too many, or two neighbours swapped, in what all forms of the
name share. What follows is left alone: another letter there makes another word (lumopuotteja is no
lumopuoteja). The search takes as long for many names as for one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from monitor.matching.clean import fold
from monitor.matching.names import Kind, Name, shared_stem, stem_keys

SHORTEST, SHORTEST_PIECE = 8, 6
LEAST_SHARED, HEAD = 5, 7
CERTAINTY = 0.6
ANY = "?"

_VOWELS = set("aeiouy")


def is_long_enough(name: Name) -> bool:
    """Whether typing errors in a name are looked for: eight letters or more in all."""
    return name.kind is Kind.NAME and name.letters >= SHORTEST and not name.foreign


def may_have_error(name: Name, piece: str) -> bool:
    """Whether an error in this piece of the name is looked for."""
    return is_long_enough(name) and piece.isalpha() and len(piece) >= SHORTEST_PIECE


def may_end_with_error(name: Name) -> bool:
    """Whether an error in the last of several pieces is looked for, where the others stand right."""
    return len(name.pieces) > 1 and may_have_error(name, name.pieces[-1])


def _searched(name: Name) -> str:
    """What of the name's first word an error is looked for in; empty when none is."""
    if not name.pieces or not may_have_error(name, name.pieces[0]):
        return ""
    stem = shared_stem(name.pieces[0])
    return stem if len(stem) >= LEAST_SHARED else ""


class Meant(NamedTuple):
    """The folded first word of names, what its forms begin with, and the numbers of the names."""

    word: str
    keys: tuple[str, ...]
    names: list[int]


class Nearby:
    """The names one typing error away from a word.

    Two words one error apart, cut to the same length, have something in common that is left of both when
    one letter goes; so what is left of each name's beginning is kept, and looked up for a word's.
    """

    def __init__(self) -> None:
        self._meant: dict[str, dict[str, Meant]] = {}
        self._stems: dict[str, tuple[str, ...]] = {}
        self._sizes: tuple[int, ...] = ()
        self._firsts: set[str] = set()

    def may_be(self, token: str) -> bool:
        """Whether a folded word may be one of the names, by its first letters: most are not."""
        head = token[:LEAST_SHARED]
        if len(head) < LEAST_SHARED:
            return head in self._firsts
        lefts = (head[1:], head[0] + head[2:], head[:2] + head[3:], head[:3] + head[4:], head[:4])
        return not self._firsts.isdisjoint(lefts)

    @property
    def shortest(self) -> int:
        """How many letters a word must have to be one of these names mistyped; 0 when there are no names."""
        return self._sizes[0] - 1 if self._sizes else 0

    def add(self, index: int, name: Name) -> None:
        """Search for one more name, of the given number, if errors in its first word are looked for."""
        stem = _searched(name)
        if not stem:
            return
        if stem not in self._meant:
            self._meant[stem] = {}
            self._sizes = tuple(sorted({*self._sizes, min(len(stem), HEAD)}))
            self._firsts.update(_lessened(stem[:LEAST_SHARED]))
            for left in set(_lessened(stem[:HEAD])):
                self._stems[left] = (*self._stems.get(left, ()), stem)
        words = self._meant[stem]
        word = fold(name.pieces[0])
        if word not in words:
            words[word] = Meant(word, _beginnings(name.pieces[0], stem), [])
        words[word].names.append(index)

    def candidates(self, token: str) -> Iterator[int]:
        """The numbers of the names that a folded word may be meant as."""
        for stem in self._near(token):
            # A letter before the first makes another word: alumopuoti.
            other_word = token[1:] if token[0] != stem[0] else ""
            for meant in self._meant[stem].values():
                rights = (right for right, _ in mended(meant.word, stem, token) if right != other_word)
                if any(right.startswith(meant.keys) for right in rights):
                    yield from meant.names

    def _near(self, token: str) -> Iterable[str]:
        """The stems that may be one error from the token's beginning."""
        stems = self._stems
        found: dict[str, None] = {}
        for size in self._sizes:
            lefts = _left(token, size)
            if not stems.keys().isdisjoint(lefts):
                found.update((stem, None) for left in lefts for stem in stems.get(left, ()))
        return found


def _beginnings(piece: str, stem: str) -> tuple[str, ...]:
    """The stem with the one letter more that each form of the piece may have."""
    return tuple({key[: len(stem) + 1] for key in stem_keys(piece)})


def _left(token: str, size: int) -> Sequence[str]:
    """What may be left of a beginning when one letter goes; of a token that is one letter short, all."""
    head = token[:size]
    return _lessened(head) if len(head) == size else (head,)


def _lessened(head: str) -> list[str]:
    """The head without one of its letters, each in turn."""
    return [head[:at] + head[at + 1 :] for at in range(len(head))]


def _swapped_at_its_end(word: str, stem: str) -> Iterator[str]:
    for at in range(len(stem) - 1, len(word) - 1):
        if not {word[at], word[at + 1]} <= _VOWELS and word[at] != word[at + 1]:
            yield _swapped(word, at)


def variants(name: Name) -> Iterator[str]:
    """Beginnings, one of which each word has that may be meant as the name; ANY is any letter."""
    stem = _searched(name)
    if not stem:
        return
    ends = {beginning[len(stem) :] for beginning in _beginnings(name.pieces[0], stem)}
    for wrong in _wrong(stem):
        yield from (wrong + end for end in ends)
    yield from _swapped_at_its_end(fold(name.pieces[0]), stem)


def _wrong(stem: str) -> Iterator[str]:
    yield stem + stem[-1]
    for at, letter in enumerate(stem):
        before, after = stem[:at], stem[at + 1 :]
        yield before + after
        yield before + ANY + after
        if at:
            yield before + ANY + letter + after
        if after and after[0] != letter:
            yield _swapped(stem, at)


def _swapped(text: str, at: int) -> str:
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def mendings(piece: str, token: str) -> Iterator[tuple[str, int]]:
    """As `mended`, for a piece of a name."""
    return mended(fold(piece), shared_stem(piece), token)


def mended(word: str, stem: str, token: str) -> Iterator[tuple[str, int]]:
    """Each way to undo one error in what a token has of the stem of a word: the token without it, and by how
    much that made it longer."""
    for swapped in _swapped_at_its_end(word, stem):
        if token.startswith(swapped):
            yield word + token[len(word) :], 0
    pairs = enumerate(zip(stem, token, strict=False))
    at = next((i for i, (right, written) in pairs if right != written), min(len(stem), len(token)))
    rest, found = stem[at:], token[at:]
    if not rest:
        if found[:1] == stem[-1:]:
            yield stem + found[1:], -1
        return
    is_swapped = len(rest) > 1 and found.startswith(rest[1] + rest[0] + rest[2:])
    if is_swapped or (found and found[1:].startswith(rest[1:])):
        yield stem + token[len(stem) :], 0
    if found.startswith(rest[1:]):
        yield stem + token[len(stem) - 1 :], 1
    if found[1:].startswith(rest):
        yield stem + token[len(stem) + 1 :], -1
