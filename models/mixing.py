"""Which examples a stage of training sees in an epoch, and that none of them is a post of the dev split."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from models.inputs import clean
from models.marking import fold
from models.posts import Example, read_posts, read_public
from models.settings import PublicSet, Stage

_SHINGLE = 5
_SAME = 0.8


def own_posts(corpus: Path, extra: Path | None) -> list[Example]:
    """The corpus's train split and our own posts (*.jsonl of `extra`), without near-copies of dev."""
    found = read_posts(corpus / "train.jsonl")
    for path in sorted(extra.glob("*.jsonl")) if extra else []:
        found += read_posts(path)
    return without_copies(found, read_posts(corpus / "dev.jsonl"))


def epoch_of(
    stage: Stage, own: Sequence[Example], public: dict[str, list[Example]], chance: random.Random
) -> list[Example]:
    """The examples of one epoch; public sets are sampled by label."""
    drawn = list(own) if stage.corpus else []
    for wanted in stage.public:
        drawn += _drawn(wanted, public[wanted.name], chance)
    return drawn


def public_sets(folder: Path, stages: Iterable[Stage]) -> dict[str, list[Example]]:
    """Train parts of every public set that a stage names, without near-copies of the sets' own dev parts."""
    names = {wanted.name for stage in stages for wanted in stage.public}
    return {name: _one_set(folder, name) for name in sorted(names)}


def without_copies(examples: Sequence[Example], held_out: Sequence[Example]) -> list[Example]:
    """Leaves out every example whose text is, but for a few letters, a held-out one's."""
    index: dict[str, list[frozenset[str]]] = {}
    for example in held_out:
        shingles = _shingles(example.question.text)
        for shingle in shingles:
            index.setdefault(shingle, []).append(shingles)
    return [example for example in examples if not _has_copy(example.question.text, index)]


def _one_set(folder: Path, name: str) -> list[Example]:
    dev = {fold(clean(example.question.text)) for example in read_public(folder, name, "dev")}
    train = read_public(folder, name, "train")
    return [example for example in train if fold(clean(example.question.text)) not in dev]


def _drawn(wanted: PublicSet, examples: Sequence[Example], chance: random.Random) -> list[Example]:
    drawn: list[Example] = []
    for label, count in (
        ("negative", wanted.negative),
        ("neutral", wanted.neutral),
        ("positive", wanted.positive),
    ):
        fitting = [one for one in examples if one.stance == label and _speaks(one, wanted)]
        drawn += chance.sample(fitting, min(count, len(fitting)))
    return drawn


def _speaks(example: Example, wanted: PublicSet) -> bool:
    return not wanted.langs or example.lang in wanted.langs


def _shingles(text: str) -> frozenset[str]:
    folded = "".join(letter for letter in fold(clean(text)) if letter.isalnum())
    return frozenset(folded[at : at + _SHINGLE] for at in range(max(len(folded) - _SHINGLE + 1, 1)))


def _has_copy(text: str, index: dict[str, list[frozenset[str]]]) -> bool:
    """Compares only with held-out texts that share one of twelve evenly spread shingles."""
    mine = _shingles(text)
    probes = sorted(mine)[:: max(len(mine) // 12, 1)]
    rivals = {rival for probe in probes for rival in index.get(probe, ())}
    return any(len(mine & rival) / len(mine | rival) >= _SAME for rival in rivals)
