"""The groups a split is measured in: all, languages, sources, hard and plain lines, commoner tags."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models.labels import HARD_TAGS
from models.posts import Example

_FEWEST = 5


def groups_of(examples: Sequence[Example]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """(group, name, which examples) one after another."""
    yield "all", "all", np.ones(len(examples), bool)
    hard = np.array([bool(set(one.tags) & set(HARD_TAGS)) for one in examples], bool)
    yield "kind", "hard", hard
    yield "kind", "plain", ~hard
    for lang in sorted({one.lang for one in examples}):
        yield "language", lang, np.array([one.lang == lang for one in examples], bool)
    for source in sorted({one.source for one in examples}):
        yield from _if_enough("source", source, np.array([one.source == source for one in examples], bool))
    for tag in sorted({tag for one in examples for tag in one.tags}):
        yield from _if_enough("tag", tag, np.array([tag in one.tags for one in examples], bool))


def _if_enough(
    group: str, name: str, mine: NDArray[np.bool_]
) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    if mine.sum() >= _FEWEST:
        yield group, name, mine
