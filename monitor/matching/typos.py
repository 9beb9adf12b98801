"""Names written with one typing error: which spellings to look for, and when a find is no typing error.

An error is one letter left out, doubled, wrong or too many, or two neighbours swapped, in the part of
the name that all its forms share. The last consonants before the ending are left alone where another
letter there makes another word (lumopuotteja is no lumopuoteja).
"""

from collections.abc import Iterator

from monitor.matching.clean import fold
from monitor.matching.gradation import split_last_onset
from monitor.matching.names import Kind, Name, stem_keys

SHORTEST = 8
HEAD = 9
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
        for left, right in zip(row, row[1:], strict=False):
            near[left].add(right)
            near[right].add(left)
    for upper, lower in zip(_ROWS, _ROWS[1:], strict=False):
        for at, letter in enumerate(lower):
            for other in upper[at : at + 2]:
                near[letter].add(other)
                near[other].add(letter)
    for pair in _SOUNDS:
        near[pair[0]].add(pair[1])
        near[pair[1]].add(pair[0])
    return {letter: "".join(sorted(others)) for letter, others in near.items()}


def is_long_enough(name: Name) -> bool:
    """Whether typing errors in a name are looked for: eight letters or more, one piece, letters only."""
    return name.kind is Kind.NAME and len(name.pieces) == 1 and len(name.pieces[0]) >= SHORTEST and fold(name.pieces[0]).isalpha()


def variants(name: Name, every: bool) -> Iterator[tuple[str, str]]:
    """(scan key, the stem it stands for): beginnings of the name with one error in them."""
    near = _neighbours()
    word = name.pieces[0]
    cut = split_last_onset(word)
    safe = len(fold(cut[0])) if cut else len(word) - 1
    for stem in stem_keys(word):
        head = stem[:HEAD]
        if len(stem) > HEAD:
            yield " " + head, stem
        for wrong in _wrong(head, min(safe, len(head)), near, every):
            yield " " + wrong, stem


def _wrong(head: str, safe: int, near: dict[str, str], every: bool) -> Iterator[str]:
    for at in range(len(head)):
        before, letter, after = head[:at], head[at], head[at + 1 :]
        if after and after[0] != letter and (at + 1 < safe or not {letter, after[0]} <= _VOWELS):
            yield before + after[0] + letter + after[1:]
        if at >= safe:
            continue
        yield before + after
        yield before + letter + letter + after
        others = _LETTERS if every else near[letter] if letter in near else ""
        yield from (before + other + after for other in others if other != letter)
        if every and at:
            yield from (before + other + letter + after for other in _LETTERS if other != letter)


def mended(stem: str, token: str) -> tuple[str, int] | None:
    """The token with its one error in the stem undone, and by how much that made it longer; None when it has not one."""
    at = next((i for i, (a, b) in enumerate(zip(stem, token, strict=False)) if a != b), min(len(stem), len(token)))
    if at >= len(stem):
        return None
    rest = stem[at:]
    if token[at : at + 2] == rest[1:2] + rest[:1] and token[at + 2 :].startswith(rest[2:]) and len(rest) > 1:
        return stem + token[len(stem) :], 0
    if token[at + 1 :].startswith(rest[1:]):
        return stem + token[len(stem) :], 0
    if token[at:].startswith(rest[1:]):
        return stem + token[len(stem) - 1 :], 1
    if token[at + 1 :].startswith(rest):
        return stem + token[len(stem) + 1 :], -1
    return None
