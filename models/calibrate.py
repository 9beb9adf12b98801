"""Fits on dev what turns logits into honest probabilities: python -m models.calibrate --corpus CORPUS

Writes thresholds.json: slope and shifts per head (Platt, or its many-class form), the borders for topics,
critical and reply, and per language the alert border for a precision of 0.85. Trains nothing.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from models.answers import Scale, Thresholds, sigmoid, softmax
from models.engine import TorchEngine
from models.labels import CHOICE_HEADS, HEADS, LANGUAGES
from models.measures import best_f1_border, border_for_precision
from models.posts import Example, read_posts
from models.sentiment import SHIPPED, Engine
from models.storage import THRESHOLDS, write_checksums

ALERT_PRECISION = 0.85
CRITICAL_PRECISION = 0.72
_LEAST_BORDER = 0.4
_PULL = 0.01

Rows = dict[str, NDArray[np.float64]]


def raw_logits(engine: Engine, examples: Sequence[Example]) -> Rows:
    """Raw logits per head, [examples, outputs]."""
    found = engine.logits([example.question for example in examples])
    return {name: np.array([one[name] for one in found], np.float64) for name in HEADS}


def targets_of(examples: Sequence[Example]) -> Rows:
    """Targets per head, [examples, outputs]."""
    return {name: np.array([one.targets[name] for one in examples], np.float64) for name in HEADS}


def fit(logits: Rows, targets: Rows, langs: Sequence[str]) -> Thresholds:
    """All of thresholds.json from one labelled set."""
    scales = {name: _scale(name, logits[name], targets[name]) for name in HEADS}
    scales["about_shop"] = _centred(scales["about_shop"], logits["about_shop"], targets["about_shop"])
    plain = Thresholds(scales)
    stance = softmax(plain.scaled("stance", logits["stance"]))
    urgency = softmax(plain.scaled("urgency", logits["urgency"]))
    topics = sigmoid(plain.scaled("topics", logits["topics"]))
    reply = sigmoid(plain.scaled("needs_reply", logits["needs_reply"]))
    return Thresholds(
        scales,
        topic=best_f1_border(topics, targets["topics"] > 0.5),
        critical=border_for_precision(
            urgency[:, -1], targets["urgency"][:, -1] > 0.5, CRITICAL_PRECISION
        ).threshold,
        needs_reply=best_f1_border(reply, targets["needs_reply"] > 0.5),
        negative_above=_alert_borders(stance[:, 0], targets["stance"][:, 0] > 0.5, np.array(langs)),
    )


def to_tree(thresholds: Thresholds) -> dict[str, Any]:
    """What thresholds.json holds; Thresholds.from_tree reads it."""
    scales = {
        name: {"slope": round(scale.slope, 4), "shifts": [round(shift, 4) for shift in scale.shifts]}
        for name, scale in thresholds.scales.items()
    }
    return {
        "scales": scales,
        "topic": round(thresholds.topic, 3),
        "critical": round(thresholds.critical, 3),
        "needs_reply": round(thresholds.needs_reply, 3),
        "negative_above": dict(thresholds.negative_above),
    }


def _alert_borders(
    negative: NDArray[np.float64], truth: NDArray[np.bool_], langs: NDArray[np.str_]
) -> Mapping[str, float]:
    found = {}
    for lang in LANGUAGES:
        mine = langs == lang
        border = border_for_precision(negative[mine], truth[mine], ALERT_PRECISION, _LEAST_BORDER)
        found[lang] = round(border.threshold, 3)
    return found


def _scale(name: str, logits: NDArray[np.float64], targets: NDArray[np.float64]) -> Scale:
    """Maximum likelihood of slope and shifts, shifts gently pulled to 0 (dev has few rare labels)."""
    scores, wanted = torch.tensor(logits), torch.tensor(targets)
    slope = torch.ones((), dtype=torch.float64, requires_grad=True)
    shifts = torch.zeros(logits.shape[1], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([slope, shifts], max_iter=200, line_search_fn="strong_wolfe")

    def step() -> torch.Tensor:
        optimiser.zero_grad()
        value = _unlikelihood(name, scores * slope + shifts, wanted) + _PULL * shifts.square().mean()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(step)  # type: ignore[no-untyped-call]
    return Scale(float(slope.detach()), tuple(float(shift) for shift in shifts.detach()))


def _centred(scale: Scale, logits: NDArray[np.float64], targets: NDArray[np.float64]) -> Scale:
    """The scale moved so that 0.5 is the border that tells posts of somebody else best (F1).

    They are few, and whoever reads the probability decides at one half.
    """
    others = targets < 0.5
    if not others.any():
        return scale
    border = best_f1_border(1.0 - sigmoid(scale.apply(logits)), others)
    return Scale(scale.slope, tuple(shift + math.log(border / (1.0 - border)) for shift in scale.shifts))


def _unlikelihood(name: str, scores: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    if name in CHOICE_HEADS:
        return -(wanted * functional.log_softmax(scores, -1)).sum(-1).mean()
    return functional.binary_cross_entropy_with_logits(scores, wanted)


def calibrate(folder: Path, corpus: Path) -> None:
    """Fits on CORPUS/dev.jsonl with the very weights that are shipped; rewrites thresholds and checksums."""
    dev = read_posts(corpus / "dev.jsonl")
    logits = raw_logits(TorchEngine.from_folder(folder), dev)
    tree = to_tree(fit(logits, targets_of(dev), [example.lang for example in dev]))
    (folder / THRESHOLDS).write_text(json.dumps(tree, indent=1) + "\n", encoding="utf-8")
    write_checksums(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.calibrate", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with dev.jsonl")
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    chosen = parser.parse_args(arguments)
    calibrate(chosen.weights, chosen.corpus)


if __name__ == "__main__":
    main()
