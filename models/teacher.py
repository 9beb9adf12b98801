"""Soft labels: python -m models.teacher RUN... --corpus CORPUS --out OPINIONS

Writes the averaged opinion of trained runs on the training posts; models.train blends it into the labels
given by hand (--teacher OPINIONS, teacher_share in train.toml).
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.answers import Numbers, sigmoid, softmax
from models.engine import TorchEngine
from models.labels import CHOICE_HEADS, HEADS
from models.posts import Example, PostsError, read_posts

Targets = dict[str, tuple[float, ...]]


def blend(examples: Sequence[Example], opinions: Path | None, share: float) -> list[Example]:
    """Moves each target `share` of the way to the teachers' opinion; without opinions nothing changes."""
    if opinions is None or share == 0.0:
        return list(examples)
    known = _read(opinions)
    return [_blended(example, known.get(key(example)), share) for example in examples]


def key(example: Example) -> str:
    """What identifies an example in the file of opinions."""
    question = example.question
    return "\n".join((question.shop, question.thread_title, question.parent, question.text))


def _read(path: Path) -> dict[str, Targets]:
    try:
        with path.open(encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        return {row["key"]: {name: tuple(values) for name, values in row["targets"].items()} for row in rows}
    except (OSError, ValueError, KeyError) as error:
        raise PostsError(f"{path} holds no opinions of teachers: {error!r}") from error


def _blended(example: Example, opinion: Targets | None, share: float) -> Example:
    if opinion is None:
        return example
    mixed = {
        name: tuple(own * (1 - share) + soft * share for own, soft in zip(values, opinion[name], strict=True))
        for name, values in example.targets.items()
    }
    return replace(example, targets=mixed)


def opinions(runs: Sequence[Path], examples: Sequence[Example]) -> list[Targets]:
    """Per example and head the mean of the runs' probabilities."""
    found = [TorchEngine.from_folder(run).logits([one.question for one in examples]) for run in runs]
    return [
        {name: tuple(np.mean([_chances(name, one[name]) for one in rows], axis=0).tolist()) for name in HEADS}
        for rows in zip(*found, strict=True)
    ]


def _chances(name: str, logits: Numbers) -> Numbers:
    return softmax(logits) if name in CHOICE_HEADS else sigmoid(logits)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.teacher", description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    examples = read_posts(chosen.corpus / "train.jsonl")
    with chosen.out.open("w", encoding="utf-8") as lines:
        for example, targets in zip(examples, opinions(chosen.runs, examples), strict=True):
            lines.write(json.dumps({"key": key(example), "targets": targets}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
