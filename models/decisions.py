"""Measures of every head under given borders: reply, urgency, topics, about the shop, calibration, alerts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.answers import Thresholds, sigmoid, softmax
from models.calibrate import Rows
from models.labels import CHOICE_HEADS, LANGUAGES, TOPICS, URGENCIES
from models.measures import accuracy, border_for_precision, hits, reliability
from models.posts import Example

_CRITICAL_PRECISION = 0.7


def decisions(logits: Rows, targets: Rows, thresholds: Thresholds, dev: Sequence[Example]) -> dict[str, Any]:
    """Every measure besides the stance tables, under the given thresholds."""
    chances = calibrated(logits, thresholds)
    langs = np.array([one.lang for one in dev])
    return {
        **_reply(chances, targets, thresholds, langs),
        **_urgency(chances, targets, thresholds),
        **_topics(chances, targets, thresholds),
        "about_shop": _about(chances, targets, dev),
        "reliability": _reliability(chances, targets),
        "alerts": _alerts(chances, targets, thresholds, langs),
    }


def calibrated(logits: Rows, thresholds: Thresholds) -> Rows:
    """Probabilities per head."""
    return {
        name: (softmax if name in CHOICE_HEADS else sigmoid)(thresholds.scaled(name, rows))
        for name, rows in logits.items()
    }


def _reply(chances: Rows, targets: Rows, thresholds: Thresholds, langs: np.ndarray) -> dict[str, Any]:
    said = chances["needs_reply"][:, 0] >= thresholds.needs_reply
    truth = targets["needs_reply"][:, 0] > 0.5
    each = {lang: _hits(truth[langs == lang], said[langs == lang]) for lang in LANGUAGES}
    return {"needs_reply": _hits(truth, said), "needs_reply_by_language": each}


def _urgency(chances: Rows, targets: Rows, thresholds: Thresholds) -> dict[str, Any]:
    critical, truth = chances["urgency"][:, -1], targets["urgency"].argmax(1)
    is_critical = truth == len(URGENCIES) - 1
    return {
        "critical": _hits(is_critical, critical >= thresholds.critical),
        "critical_best": _border(border_for_precision(critical, is_critical, _CRITICAL_PRECISION)),
        "urgency_accuracy": round(accuracy(truth, chances["urgency"].argmax(1)), 3),
    }


def _topics(chances: Rows, targets: Rows, thresholds: Thresholds) -> dict[str, Any]:
    said, truth = chances["topics"] >= thresholds.topic, targets["topics"] > 0.5
    each = {name: _hits(truth[:, place], said[:, place]) for place, name in enumerate(TOPICS)}
    return {"topics": _hits(truth, said), "topics_each": each}


def _about(chances: Rows, targets: Rows, dev: Sequence[Example]) -> dict[str, Any]:
    right = (chances["about_shop"][:, 0] >= 0.5) == (targets["about_shop"][:, 0] > 0.5)
    homonym = np.array(["homonym" in one.tags for one in dev])
    return {
        "homonym_accuracy": round(float(right[homonym].mean()), 3),
        "homonym_posts": int(homonym.sum()),
        "accuracy": round(float(right.mean()), 3),
    }


def _reliability(chances: Rows, targets: Rows) -> dict[str, float]:
    stance, truth = chances["stance"], targets["stance"].argmax(1)
    gaps = {
        "stance": reliability(stance.max(1), stance.argmax(1) == truth),
        "negative": reliability(stance[:, 0], truth == 0),
        "needs_reply": reliability(chances["needs_reply"][:, 0], targets["needs_reply"][:, 0] > 0.5),
        "topics": reliability(chances["topics"].ravel(), targets["topics"].ravel() > 0.5),
    }
    return {name: round(gap, 3) for name, gap in gaps.items()}


def _alerts(chances: Rows, targets: Rows, thresholds: Thresholds, langs: np.ndarray) -> dict[str, Any]:
    negative, truth = chances["stance"][:, 0], targets["stance"][:, 0] > 0.5
    return {
        lang: {"above": above, **_hits(truth[langs == lang], negative[langs == lang] >= above)}
        for lang, above in thresholds.negative_above.items()
    }


def _hits(truth: np.ndarray, said: np.ndarray) -> dict[str, float]:
    return {name: round(value, 3) for name, value in hits(truth, said)._asdict().items()}


def _border(border: tuple[float, float, float]) -> dict[str, float]:
    return {
        name: round(value, 3)
        for name, value in zip(("threshold", "precision", "recall"), border, strict=True)
    }
