"""A few short strings, one of which stands in every text that may name one of a few shops."""

from collections.abc import Sequence

from monitor.matching.names import Name, keys_of
from monitor.matching.typos import ANY, variants

MOST_NEEDLES = 6
SIZES = ((4, 5), (3, 4, 5))
SAMPLE = 400


def needles_of(names: Sequence[Name]) -> tuple[str, ...]:
    """The needles of all names, typing errors included; none when it would take many."""
    keys = sorted({key.strip() for name in names for key in (*keys_of(name), *variants(name))}, key=len)
    sets = [needles(keys, sizes) for sizes in SIZES]
    return min((chosen for chosen in sets if chosen), key=len, default=())


def needles(keys: Sequence[str], sizes: Sequence[int]) -> tuple[str, ...]:
    """A few strings such that every key has one of them inside, or none when it would take many."""
    left = list(keys)
    chosen: list[str] = []
    while left and len(chosen) <= MOST_NEEDLES:
        needle = _best_needle(left, sizes)
        if ANY in needle:
            return ()
        chosen.append(needle)
        left = [key for key in left if needle not in key]
    return () if left else tuple(_without_longer(chosen))


def _best_needle(keys: list[str], sizes: Sequence[int]) -> str:
    """The string of one of the sizes that the most keys share, the longest of equals."""
    shares: dict[str, int] = {}
    for key in keys[:SAMPLE]:
        for part in {key[start : start + size] for size in sizes for start in range(len(key) - size + 1)}:
            if ANY not in part:
                shares[part] = shares.get(part, 0) + 1
    return max(shares, key=lambda part: (shares[part], len(part), part)) if shares else keys[0]


def _without_longer(needles: list[str]) -> list[str]:
    return [one for one in needles if not any(other in one for other in needles if other != one)]
