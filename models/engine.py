"""Runs the network over many posts: windows, length-sorted batches, the fastest format the scores bear.

Gives raw logits per post; what they mean is decided in models.answers.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import PreTrainedTokenizerFast

from models.batches import padded
from models.inputs import MAX_TOKENS, pair, windows
from models.labels import HEADS
from models.machine import has_bf16
from models.network import Reader
from models.questions import Question
from models.storage import load_reader, load_tokenizer

Format = Literal["auto", "fp32", "bf16"]
Logits = dict[str, NDArray[np.float64]]

_BATCH_TOKENS = 1536
# A long post has one stance, but one window that tells of a leak is enough for topics, reply and urgency.
_MEAN_HEADS = ("stance", "about_shop", "urgency")


class TorchEngine:
    """The network in PyTorch; bfloat16 where the processor multiplies it in hardware, else float32."""

    def __init__(
        self, reader: Reader, tokenizer: PreTrainedTokenizerFast, number_format: Format = "auto"
    ) -> None:
        self.tokenizer = tokenizer
        self.max_tokens = min(MAX_TOKENS, reader.config.max_position_embeddings)
        self.pad = int(reader.config.pad_token_id or 0)
        fast = number_format == "bf16" or (number_format == "auto" and has_bf16())
        if fast:
            nn.Module.to(reader.encoder, torch.bfloat16)
        self.number_format = "bf16" if fast else "fp32"
        self.reader = reader.eval()

    @classmethod
    def from_folder(cls, folder: Path, number_format: Format = "auto") -> "TorchEngine":
        """Loads a run's folder or a packed one; WeightsError when a file of it cannot be used."""
        return cls(load_reader(folder), load_tokenizer(folder), number_format)

    def logits(self, questions: Sequence[Question]) -> list[Logits]:
        """Raw outputs per question and head, in the order of the questions."""
        if not questions:
            return []
        found = windows([pair(one) for one in questions], self.tokenizer, self.max_tokens)
        outputs = self._run([ids for parts in found for ids in parts])
        borders = np.cumsum([len(parts) for parts in found])[:-1]
        split = {name: np.split(rows, borders) for name, rows in outputs.items()}
        return [_joined({name: rows[place] for name, rows in split.items()}) for place in range(len(found))]

    def _run(self, sequences: Sequence[list[int]]) -> Logits:
        order = sorted(range(len(sequences)), key=lambda place: len(sequences[place]))
        outputs = {name: np.empty((len(sequences), size), np.float64) for name, size in HEADS.items()}
        with torch.inference_mode():
            for batch in _batches(order, sequences):
                ids, mask = padded([sequences[place] for place in batch], self.pad)
                for name, scores in self.reader(ids, mask).items():
                    outputs[name][batch] = scores.double().numpy()
        return outputs


def _batches(order: Sequence[int], sequences: Sequence[list[int]]) -> list[list[int]]:
    batches: list[list[int]] = []
    for place in order:
        if batches and (len(batches[-1]) + 1) * len(sequences[place]) <= _BATCH_TOKENS:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches


def _joined(parts: Logits) -> Logits:
    return {
        name: rows.mean(axis=0) if name in _MEAN_HEADS else rows.max(axis=0) for name, rows in parts.items()
    }
