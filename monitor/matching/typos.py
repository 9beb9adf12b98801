"""Names written with one typing error: which spellings to look for, and how to undo the error.

An error is one letter left out, doubled, wrong or too many, or two neighbours swapped, in what all forms
of the name share. What follows is left alone: another letter there makes another word (lumopuotteja
is no lumopuoteja).
"""

from collections.abc import Iterator
from itertools import pairwise

from monitor.matching.clean import fold
from monitor.matching.names import Kind, Name, shared_stem, stem_keys

SHORTEST, SHORTEST_PIECE = 8, 6
HEAD = 9
LEAST_SHARED = 5
MOST_NAMES_ALL_ERRORS = 300
MOST_NAMES = 3000
CERTAINTY = 0.6

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_VOWELS = set("aeiouy")
_ROWS = ("qwertyuiopa", "asdfghjkloa", "zxcvbnm")
_SOUNDS = ("ck", "vw", "iy", "sz", "kq", "bp", "dt", "gk", "sc", "ij", "ae", "ao", "uo")


def _neighbours() -> dict[str, str]:
    near: dict[str, set[str]] = {letter: set() for letter in _LETTERS}
    for row in _ROWS:
        for left, right in pairwise(row):
            near[left].add(right)
            near[right].add(left)
    for upper, lower in pairwise(_ROWS):
        for at, letter in enumerate(lower):
            for other in upper[at : at + 2]:
                near[letter].add(other)
                near[other].add(letter)
    for pair in _SOUNDS:
        near[pair[0]].add(pair[1])
        near[pair[1]].add(pair[0])
    return {letter: "".join(sorted(others)) for letter, others in near.items()}


def is_long_enough(name: Name) -> bool:
    """Whether typing errors in a name are looked for: eight letters or more in all."""
    return name.kind is Kind.NAME and name.letters >= SHORTEST and not name.foreign


def may_have_error(name: Name, piece: str) -> bool:
    """Whether an error in this piece of the name is looked for."""
    return is_long_enough(name) and piece.isalpha() and len(piece) >= SHORTEST_PIECE


def variants(name: Name, every: bool) -> Iterator[tuple[str, str]]:
    """(scan key, what stands right): beginnings of the name with one error in them."""
    if not may_have_error(name, name.pieces[0]):
        return
    word = fold(name.pieces[0])
    stem = shared_stem(name.pieces[0])
    if len(stem) < LEAST_SHARED:
        return
    if len(stem) > HEAD:
        yield " " + stem[:HEAD], stem
    ends = {key[len(stem) : max(len(stem), HEAD)] for key in stem_keys(name.pieces[0])}
    for wrong in _wrong(stem[:HEAD], _neighbours(), every):
        yield from ((f" {wrong}{end}", stem) for end in ends)
    for at in range(len(stem) - 1, len(word) - 1):
        if not {word[at], word[at + 1]} <= _VOWELS and word[at] != word[at + 1]:
            yield " " + _swapped(word, at), word


def _wrong(head: str, near: dict[str, str], every: bool) -> Iterator[str]:
    for at, letter in enumerate(head):
        before, after = head[:at], head[at + 1 :]
        if after and after[0] != letter:
            yield _swapped(head, at)
        yield before + after
        yield before + letter + letter + after
        others = _LETTERS if every else near[letter]
        yield from (before + other + after for other in others if other != letter)
        if every and at:
            yield from (before + other + letter + after for other in _LETTERS if other != letter)


def _swapped(text: str, at: int) -> str:
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def mended(stem: str, token: str) -> tuple[str, int] | None:
    """The token with its one error in the stem undone, and by how much that made it longer.

    None when the token has not exactly one error there.
    """
    pairs = enumerate(zip(stem, token, strict=False))
    at = next((i for i, (right, written) in pairs if right != written), min(len(stem), len(token)))
    rest, found = stem[at:], token[at:]
    if not rest:
        return (stem + found[1:], -1) if found[:1] == stem[-1:] else None
    if len(rest) > 1 and found.startswith(rest[1] + rest[0] + rest[2:]):
        return stem + token[len(stem) :], 0
    if found[1:].startswith(rest[1:]):
        return stem + token[len(stem) :], 0
    if found.startswith(rest[1:]):
        return stem + token[len(stem) - 1 :], 1
    if found[1:].startswith(rest):
        return stem + token[len(stem) + 1 :], -1
    return None
