"""What training minimises: one loss per head over the rows that have its label, rare labels weighed up."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from models.batches import Batch
from models.labels import CHOICE_HEADS, HEADS
from models.posts import Example

_MOST_WEIGHT = 6.0


def label_weights(examples: Sequence[Example]) -> dict[str, Tensor]:
    """Per head: class weights (choice heads, mean 1) or weights of "yes" (others), both by square root."""
    found = {}
    for name, size in HEADS.items():
        rows = [example.targets[name] for example in examples if name in example.targets]
        share = torch.tensor(rows).mean(0).clamp(1e-3, 1.0) if rows else torch.full((size,), 0.5)
        found[name] = _choice(share) if name in CHOICE_HEADS else _yes(share)
    return found


def loss(
    logits: Mapping[str, Tensor],
    batch: Batch,
    weights: Mapping[str, Tensor],
    importance: Mapping[str, float],
    smoothing: float,
) -> Tensor:
    """The weighted sum over heads; rows without a label for a head do not count there."""
    total = torch.zeros((), device=batch.input_ids.device)
    for name, scores in logits.items():
        known = batch.known[name]
        if not bool(known.any()):
            continue
        target = _smoothed(batch.targets[name], smoothing, name)
        per_row = _choice_loss if name in CHOICE_HEADS else _yes_loss
        rows = per_row(scores, target, weights[name].to(scores.device))
        total = total + importance[name] * (rows * known).sum() / known.sum()
    return total


def _choice(share: Tensor) -> Tensor:
    weight = share.rsqrt().clamp(max=_MOST_WEIGHT)
    return weight / (weight * share).sum()


def _yes(share: Tensor) -> Tensor:
    return ((1 - share) / share).sqrt().clamp(1.0, _MOST_WEIGHT)


def _smoothed(target: Tensor, smoothing: float, name: str) -> Tensor:
    middle = 1.0 / target.shape[1] if name in CHOICE_HEADS else 0.5
    return target * (1 - smoothing) + smoothing * middle


def _choice_loss(scores: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    return -(weight * target * functional.log_softmax(scores, dim=-1)).sum(-1)


def _yes_loss(scores: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(
        scores, target, pos_weight=weight, reduction="none"
    ).sum(-1)
