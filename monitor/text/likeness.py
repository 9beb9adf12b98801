"""How alike two texts are: for copies that were passed on, syndicated, or pasted with small changes."""

from monitor.text.cleaning import fold

_RUN = 3
_SHORT = 6


def likeness(one: str, other: str) -> float:
    """Return 0..1: the share of word runs that two texts have in common (Jaccard, runs of three words).

    Texts of fewer than six words say too little to be copies of each other unless they are equal: many
    people write "Sama kokemus täällä" on their own.
    """
    first, second = fold(one).split(), fold(other).split()
    if first == second:
        return 1.0 if first else 0.0
    if min(len(first), len(second)) < _SHORT:
        return 0.0
    return _jaccard(_runs(first), _runs(second))


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)}


def _jaccard(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)
