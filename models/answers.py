"""From raw logits to an answer: calibrated probabilities, chosen topics, urgency. Pure numbers, no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.labels import SENTIMENTS, TOPICS, URGENCIES
from models.questions import Answer

Numbers = NDArray[np.float64]

_EVEN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Scale:
    """Calibration of one head: logits become slope * logits + shifts."""

    slope: float = 1.0
    shifts: tuple[float, ...] = ()

    def apply(self, logits: Numbers) -> Numbers:
        scaled: Numbers = logits * self.slope + (np.array(self.shifts) if self.shifts else 0.0)
        return scaled


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Everything chosen on dev: calibration per head and the borders of each decision."""

    scales: Mapping[str, Scale] = field(default_factory=dict)
    topic: float = _EVEN
    critical: float = _EVEN
    needs_reply: float = _EVEN
    negative_above: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> "Thresholds":
        """Reads thresholds.json; KeyError, TypeError or ValueError when it has another shape."""
        scales = {
            name: Scale(float(s["slope"]), tuple(map(float, s["shifts"])))
            for name, s in tree["scales"].items()
        }
        negative = {lang: float(value) for lang, value in tree["negative_above"].items()}
        topic, critical, reply = (float(tree[name]) for name in ("topic", "critical", "needs_reply"))
        return cls(scales, topic, critical, reply, negative)

    def scaled(self, name: str, logits: Numbers) -> Numbers:
        return self.scales.get(name, Scale()).apply(logits)


def answer(logits: Mapping[str, Numbers], thresholds: Thresholds) -> Answer:
    """The answer to one question; heads that are absent stay unknown."""
    stance = softmax(thresholds.scaled("stance", logits["stance"]))
    if "topics" not in logits:
        return Answer(sentiment=_named(SENTIMENTS, stance), label=_best(SENTIMENTS, stance))
    urgencies = softmax(thresholds.scaled("urgency", logits["urgency"]))
    topics = _named(TOPICS, sigmoid(thresholds.scaled("topics", logits["topics"])))
    return Answer(
        sentiment=_named(SENTIMENTS, stance),
        label=_best(SENTIMENTS, stance),
        topics=topics,
        chosen_topics=tuple(topic for topic, chance in topics.items() if chance >= thresholds.topic),
        urgency=chosen_urgency(urgencies, thresholds.critical),
        urgency_scores=_named(URGENCIES, urgencies),
        needs_reply=float(sigmoid(thresholds.scaled("needs_reply", logits["needs_reply"]))[0]),
        about_shop=float(sigmoid(thresholds.scaled("about_shop", logits["about_shop"]))[0]),
    )


def chosen_urgency(scores: Numbers, critical: float) -> str:
    """Critical from its own border on; otherwise the likeliest of the rest."""
    if scores[-1] >= critical:
        return URGENCIES[-1]
    return URGENCIES[int(np.argmax(scores[:-1]))]


def softmax(logits: Numbers) -> Numbers:
    """Along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Numbers = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def sigmoid(logits: Numbers) -> Numbers:
    """Element by element, safe for large values."""
    chances: Numbers = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return chances


def _named(names: Sequence[str], values: Numbers) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def _best(names: Sequence[str], values: Numbers) -> str:
    return names[int(np.argmax(values))]
