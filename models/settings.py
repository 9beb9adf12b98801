"""models/train.toml as frozen values; every mistake in it is one clear TrainSettingsError."""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class TrainSettingsError(Exception):
    """train.toml is missing, has an unknown key or lacks one."""


@dataclass(frozen=True, slots=True)
class PublicSet:
    """How many rows of each label one public set gives (0 leaves the label out)."""

    name: str
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    langs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of training: its data, length and learning rates.

    epochs counts passes over its data; rate is that of the top layer, each layer below gets `decay` times it;
    the lowest `frozen` layers stay as they are. Public sets are drawn anew every epoch where they hold more
    rows than asked for.
    """

    name: str
    epochs: int
    rate: float
    head_rate: float
    decay: float = 0.92
    warmup: float = 0.06
    frozen: int = 0
    corpus: bool = False
    public: tuple[PublicSet, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a training run depends on besides the data folders.

    average: decay of the moving average of the weights; snapshots: after how many epochs (over all stages) it
    is kept, the final weights being the mean of those kept.
    """

    name: str
    version: str
    seed: int
    batch_tokens: int
    max_tokens: int
    average: float
    snapshots: tuple[int, ...]
    smoothing: float
    dropout: float
    masked: float
    teacher_share: float
    importance: Mapping[str, float]
    stages: tuple[Stage, ...]
    held_out: tuple[PublicSet, ...] = field(default=())


def read_settings(path: Path) -> Settings:
    """Parses train.toml; TrainSettingsError names the file and the key."""
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise TrainSettingsError(f"{path} cannot be read: {error}") from error
    stages = tuple(_stage(part, path) for part in tree.pop("stage", []))
    held_out = tuple(_build(PublicSet, part, path) for part in tree.pop("held_out", []))
    settings: Settings = _build(Settings, {**tree, "stages": stages, "held_out": held_out}, path)
    return settings


def _stage(part: dict[str, Any], path: Path) -> Stage:
    public = tuple(_build(PublicSet, one, path) for one in part.pop("public", []))
    stage: Stage = _build(Stage, {**part, "public": public}, path)
    return stage


def _build(kind: Any, values: dict[str, Any], path: Path) -> Any:
    known = {one.name for one in dataclasses.fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise TrainSettingsError(f"{path}: unknown key {', '.join(unknown)} in {kind.__name__.lower()}.")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise TrainSettingsError(f"{path}: {error}") from error
