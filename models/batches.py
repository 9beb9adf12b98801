"""Examples to padded tensors: token ids once, then batches of similar length, each within a token budget."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from models.inputs import pair, windows
from models.labels import HEADS
from models.posts import Example

# Sorting happens inside pools of this many examples, so that batches still differ from epoch to epoch.
_POOL = 512
_WIDTH_STEP = 8
# <s>, <pad>, </s> and <unk> come first in the vocabulary.
_LAST_SPECIAL = 3


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids of one example (its first window) and its targets."""

    ids: list[int]
    targets: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of one step; known[head] is 1.0 for the rows that have a label for that head."""

    input_ids: Tensor
    attention_mask: Tensor
    targets: dict[str, Tensor]
    known: dict[str, Tensor]

    def to(self, device: torch.device) -> "Batch":
        return Batch(
            self.input_ids.to(device),
            self.attention_mask.to(device),
            {name: value.to(device) for name, value in self.targets.items()},
            {name: value.to(device) for name, value in self.known.items()},
        )


def encode(examples: Sequence[Example], tokenizer: PreTrainedTokenizerFast, max_tokens: int) -> list[Row]:
    """Tokenises once; a long post contributes its first window, which holds its verdict most of the time."""
    pairs = [pair(example.question) for example in examples]
    found = windows(pairs, tokenizer, max_tokens)
    return [Row(parts[0], example.targets) for parts, example in zip(found, examples, strict=True)]


def shuffled(rows: Sequence[Row], budget: int, chance: random.Random) -> list[list[Row]]:
    """All rows in random batches of similar length, at most `budget` tokens each with the padding."""
    order = list(rows)
    chance.shuffle(order)
    batches: list[list[Row]] = []
    for first in range(0, len(order), _POOL):
        pool = sorted(order[first : first + _POOL], key=lambda row: len(row.ids))
        batches += _cut(pool, budget)
    chance.shuffle(batches)
    return batches


def _cut(pool: Sequence[Row], budget: int) -> list[list[Row]]:
    batches: list[list[Row]] = []
    for row in pool:
        if batches and (len(batches[-1]) + 1) * _rounded(len(row.ids)) <= budget:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def collate(rows: Sequence[Row], pad: int) -> Batch:
    """Right-padded tensors of one batch."""
    ids, mask = padded([row.ids for row in rows], pad)
    targets, known = {}, {}
    for name, size in HEADS.items():
        targets[name] = torch.tensor([row.targets.get(name, (0.0,) * size) for row in rows])
        known[name] = torch.tensor([float(name in row.targets) for row in rows])
    return Batch(ids, mask, targets, known)


def masked(ids: Tensor, share: float, mask: int) -> Tensor:
    """A random share of ordinary tokens replaced by the mask, so that no single word is learnt by heart."""
    if share == 0.0:
        return ids
    chosen = (torch.rand(ids.shape, device=ids.device) < share) & (ids > _LAST_SPECIAL)
    return torch.where(chosen, torch.full_like(ids, mask), ids)


def padded(ids: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Token ids and attention mask, [rows, width]; widths are rounded up, for kernels are built per shape."""
    longest = _rounded(max(map(len, ids)))
    full = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
    return full, mask


def _rounded(length: int) -> int:
    return -(-length // _WIDTH_STEP) * _WIDTH_STEP
