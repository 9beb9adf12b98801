"""Which texts are about the same thing: by the words they share, and rare words tell more than common ones.

Unlike `likeness`, which finds copies, this finds what different people wrote about one matter.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from monitor.text.cleaning import fold

# Finnish and Swedish put their endings last: the first letters of a long word carry its meaning.
_BEGINNING = 6
_SHORTEST = 4
_MOST_LETTERS = 2_000


def similar(text: str, others: Sequence[str], at_least: float = 0.15) -> list[tuple[int, float]]:
    """Places of those texts that are like the first one, with a likeness in 0..1, the most alike first.

    The cosine of their word beginnings, weighted by how rare each is among all of them (TF-IDF).
    """
    counted = [Counter(_beginnings(one)) for one in (text, *others)]
    seen_in = Counter(word for words in counted for word in words)
    weighted = [_weighted(words, seen_in, len(counted)) for words in counted]
    found = ((place, _cosine(weighted[0], other)) for place, other in enumerate(weighted[1:]))
    return sorted((one for one in found if one[1] >= at_least), key=lambda one: -one[1])


def _beginnings(text: str) -> Iterator[str]:
    for word in fold(text[:_MOST_LETTERS]).split():
        letters = "".join(filter(str.isalnum, word))
        if len(letters) >= _SHORTEST:
            yield letters[:_BEGINNING]


def _weighted(words: Mapping[str, int], seen_in: Mapping[str, int], texts: int) -> dict[str, float]:
    weights = {word: (1 + math.log(n)) * math.log(texts / seen_in[word]) for word, n in words.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()} if length else {}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(weight * other[word] for word, weight in one.items() if word in other)
