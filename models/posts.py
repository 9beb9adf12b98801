"""Reads labelled posts: our own corpus format and the public sets, into one frozen shape with target vectors.

Only reads; what goes into which stage of training is decided in models.mixing.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.labels import SENTIMENTS, TOPICS, URGENCIES
from models.questions import Question


@dataclass(frozen=True, slots=True)
class Example:
    """One question and, per head, the target probabilities; a head without a label is absent from targets."""

    question: Question
    targets: dict[str, tuple[float, ...]]
    source: str
    tags: tuple[str, ...] = ()
    lang: str = ""
    raw: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def stance(self) -> str:
        """The labelled stance; the most probable one where the target is soft."""
        scores = self.targets["stance"]
        return SENTIMENTS[max(range(len(scores)), key=scores.__getitem__)]


class PostsError(Exception):
    """A labelled file is missing or a line of it is broken; says which."""


def read_posts(path: Path) -> list[Example]:
    """Our own format, one JSON object a line (models/README.md, "Formats")."""
    return [_own(row, f"{path.name}:{number}") for number, row in _rows(path)]


def read_public(folder: Path, name: str, split: str) -> list[Example]:
    """One public set (gzipped JSON Lines); rows without a three-way label are left out."""
    rows = (row for _, row in _rows(folder / f"{name}.jsonl.gz"))
    return [_public(row, name) for row in rows if row["split"] == split and row.get("label") in SENTIMENTS]


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.is_file():
        raise PostsError(f"{path} is missing; name the folder with --corpus or --data.")
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, _parsed(line, f"{path}:{number}")


def _parsed(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise PostsError(f"{where} is not a JSON object: {error}") from error
    if not isinstance(row, dict):
        raise PostsError(f"{where} is not a JSON object.")
    return row


def _own(row: dict[str, Any], where: str) -> Example:
    try:
        targets = {
            "stance": one_hot(row["sentiment"], SENTIMENTS),
            "urgency": one_hot(row["urgency"], URGENCIES),
            "topics": tuple(float(topic in row["topics"]) for topic in TOPICS),
            "about_shop": (float(row["about_shop"]),),
            "needs_reply": (float(row["needs_reply"]),),
        }
        question = Question(row["text"], row["shop"], row.get("thread_title") or "", row.get("parent") or "")
        return Example(question, targets, row["source"], tuple(row.get("tags", ())), row["lang"], row)
    except (KeyError, ValueError, TypeError) as error:
        raise PostsError(f"{where} lacks a field or has an unknown label: {error!r}") from error


def _public(row: dict[str, Any], name: str) -> Example:
    question = Question(row["text"], str(row.get("target") or ""))
    return Example(question, {"stance": one_hot(row["label"], SENTIMENTS)}, name, (), row["lang"], row)


def one_hot(label: str, names: Sequence[str]) -> tuple[float, ...]:
    """1.0 at the label's place; ValueError for an unknown label."""
    place = list(names).index(label)
    return tuple(float(index == place) for index in range(len(names)))
