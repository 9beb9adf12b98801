"""Soft labels: the averaged opinion of several trained runs, blended into the hand-given labels.

A student trained on the blend reads as well as the teachers together and costs as much as one.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from models.posts import Example, PostsError

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
