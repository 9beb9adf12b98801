"""Measures over labels and probabilities, in numpy; each says how it counts. Decides nothing."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Chances = NDArray[np.float64]


class Hits(NamedTuple):
    """Precision, recall and F1 of one class; 0 where there is nothing to count."""

    precision: float
    recall: float
    f1: float


def hits(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> Hits:
    """How well "yes" was said, over all elements (micro for a matrix)."""
    both = float((truth & said).sum())
    precision = both / max(float(said.sum()), 1.0)
    recall = both / max(float(truth.sum()), 1.0)
    return Hits(precision, recall, 2 * precision * recall / max(precision + recall, 1e-12))


def accuracy(truth: Labels, said: Labels) -> float:
    """Share of equal labels."""
    return float((truth == said).mean()) if len(truth) else 0.0


def class_f1(truth: Labels, said: Labels, label: int) -> float:
    """F1 of one class."""
    return hits(truth == label, said == label).f1


def macro_f1(truth: Labels, said: Labels, labels: Iterable[int] = range(3)) -> float:
    """Mean F1 over the classes that occur in the truth or among the verdicts."""
    present = [label for label in labels if bool((truth == label).any() or (said == label).any())]
    return float(np.mean([class_f1(truth, said, label) for label in present])) if present else 0.0


def reliability(chances: Chances, right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error: gap between probability and share right, weighed over equal-width bins."""
    if not len(chances):
        return 0.0
    place = np.minimum((chances * bins).astype(int), bins - 1)
    gaps = [
        abs(float(chances[place == one].mean()) - float(right[place == one].mean()))
        * float((place == one).mean())
        for one in range(bins)
        if bool((place == one).any())
    ]
    return float(sum(gaps))


class Border(NamedTuple):
    """A threshold and what it gives."""

    threshold: float
    precision: float
    recall: float


def border_for_precision(
    chances: Chances, truth: NDArray[np.bool_], wanted: float, least: float = 0.0
) -> Border:
    """The threshold >= least with the wanted precision and the greatest recall; the most precise if none."""
    found = [_border(chances, truth, float(at)) for at in sorted(set(np.round(chances, 3))) if at >= least]
    good = [one for one in found if one.precision >= wanted]
    if good:
        return max(good, key=lambda one: (one.recall, -one.threshold))
    return max(found, key=lambda one: (one.precision, one.recall), default=Border(1.0, 0.0, 0.0))


def best_f1_border(chances: Chances, truth: NDArray[np.bool_]) -> float:
    """The threshold, on a grid of hundredths, with the best micro F1."""
    grid = np.arange(0.1, 0.91, 0.01)
    return float(max(grid, key=lambda at: hits(truth, chances >= at).f1))


def _border(chances: Chances, truth: NDArray[np.bool_], threshold: float) -> Border:
    found = hits(truth, chances >= threshold)
    return Border(threshold, found.precision, found.recall)


def mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Mean and sample standard deviation (0 for one value)."""
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return float(np.mean(values)), spread
