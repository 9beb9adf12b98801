"""Trains the reader from a base encoder: python -m models.train models/train.toml --corpus ... --data ...

Seeded; a checkpoint after every epoch lets the same command go on where it stopped. Writes the run's folder
(checkpoint, run.json, encoder and heads in fp32); models.ship makes models/weights and the card of it.
"""

import argparse
import dataclasses
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from models.batches import Row, collate, encode, masked, shuffled
from models.losses import label_weights, loss
from models.machine import has_bf16
from models.mixing import epoch_of, own_posts, public_sets
from models.network import Reader
from models.posts import Example
from models.settings import Settings, Stage, read_settings
from models.storage import load_base, mean_average, save_average, save_run
from models.teacher import blend

OWN_POSTS = Path(__file__).parent / "data"
_CLIP = 1.0


@dataclass(slots=True)
class Run:
    """Everything that changes while training, and what a checkpoint keeps."""

    settings: Settings
    reader: Reader
    average: dict[str, Tensor]
    device: torch.device
    folder: Path
    mask: int
    done: int = 0
    optimiser: torch.optim.Optimizer | None = None
    record: list[dict[str, Any]] = field(default_factory=list)


def train(
    settings: Settings,
    base: Path,
    corpus: Path,
    public: Path,
    folder: Path,
    teacher: Path | None = None,
    extra: Path | None = OWN_POSTS,
    stop_after: int | None = None,
) -> Path:
    """Runs all stages, or the rest of them, or until `stop_after` epochs; returns the run's folder."""
    run, tokenizer = _begin(settings, base, folder)
    own = blend(own_posts(corpus, extra), teacher, settings.teacher_share)
    sets = public_sets(public, settings.stages)
    with _bar() as bar:
        for number, stage, epoch in _plan(settings)[:stop_after]:
            if number < run.done:
                continue
            chance = random.Random(f"{settings.seed} {number}")
            examples = epoch_of(stage, own, sets, chance)
            _epoch(run, stage, epoch, examples, encode(examples, tokenizer, settings.max_tokens), chance, bar)
            run.done = number + 1
            _keep(run, tokenizer)
    return folder


def _plan(settings: Settings) -> list[tuple[int, Stage, int]]:
    steps = [(stage, epoch) for stage in settings.stages for epoch in range(stage.epochs)]
    return [(number, stage, epoch) for number, (stage, epoch) in enumerate(steps)]


def _begin(settings: Settings, base: Path, folder: Path) -> tuple[Run, PreTrainedTokenizerFast]:
    torch.manual_seed(settings.seed)
    folder.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    reader, tokenizer = load_base(base, settings.dropout)
    reader.to(device)
    average = {
        name: value.detach().clone() for name, value in reader.named_parameters() if not _is_frozen(name, 0)
    }
    run = Run(settings, reader, average, device, folder, int(tokenizer.mask_token_id))
    saved = folder / "checkpoint.pt"
    if saved.is_file():
        _resume(run, torch.load(saved, map_location=device, weights_only=True))
    return run, tokenizer


def _resume(run: Run, saved: dict[str, Any]) -> None:
    run.reader.load_state_dict(saved["reader"])
    run.average = saved["average"]
    run.done, run.record = saved["done"], saved["record"]
    if saved["optimiser"] is not None:
        stage = _plan(run.settings)[run.done - 1][1]
        run.optimiser = _optimiser(run.reader, stage)
        # A stage whose frozen layers were changed meanwhile starts with a fresh optimiser.
        if len(saved["optimiser"]["param_groups"]) == len(run.optimiser.param_groups):
            run.optimiser.load_state_dict(saved["optimiser"])


def _epoch(
    run: Run,
    stage: Stage,
    epoch: int,
    examples: Sequence[Example],
    rows: Sequence[Row],
    chance: random.Random,
    bar: Progress,
) -> None:
    if epoch == 0 or run.optimiser is None:
        run.optimiser = _optimiser(run.reader, stage)
    weights = label_weights(examples)
    batches = shuffled(rows, run.settings.batch_tokens, chance)
    task = bar.add_task(f"{stage.name} {epoch + 1}/{stage.epochs}", total=len(batches), loss=0.0)
    torch.manual_seed(chance.randrange(2**31))
    started, smooth = time.monotonic(), 0.0
    for index, batch in enumerate(batches):
        _set_rates(run.optimiser, stage, (epoch + index / len(batches)) / stage.epochs)
        value = _step(run, batch, weights)
        smooth = value if index == 0 else 0.98 * smooth + 0.02 * value
        bar.update(task, advance=1, loss=smooth)
    seconds = round(time.monotonic() - started, 1)
    run.record.append(
        {
            "stage": stage.name,
            "epoch": epoch + 1,
            "examples": len(examples),
            "loss": smooth,
            "seconds": seconds,
        }
    )
    bar.console.print(json.dumps(run.record[-1]))


def _step(run: Run, rows: Sequence[Row], weights: dict[str, Tensor]) -> float:
    assert run.optimiser is not None
    run.reader.train()
    batch = collate(rows, run.reader.config.pad_token_id or 0).to(run.device)
    noisy = masked(batch.input_ids, run.settings.masked, run.mask)
    fast = run.device.type == "cuda" or has_bf16()
    with torch.autocast(run.device.type, torch.bfloat16, enabled=fast):
        logits = run.reader(noisy, batch.attention_mask)
    value = loss(
        {name: scores.float() for name, scores in logits.items()},
        batch,
        weights,
        run.settings.importance,
        run.settings.smoothing,
    )
    value.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(run.reader.parameters(), _CLIP)
    run.optimiser.step()
    run.optimiser.zero_grad(set_to_none=True)
    _average(run)
    return value.item()


def _average(run: Run) -> None:
    """Moves the average; it follows the raw weights quickly while there are few steps behind it."""
    names = list(run.average)
    parameters = dict(run.reader.named_parameters())
    keep = run.settings.average if run.record else min(run.settings.average, 0.99)
    with torch.no_grad():
        torch._foreach_lerp_(
            [run.average[n] for n in names], [parameters[n].detach() for n in names], 1 - keep
        )


def _optimiser(reader: Reader, stage: Stage) -> torch.optim.Optimizer:
    """AdamW with the rate falling layer by layer from the heads down; frozen layers get none."""
    groups = []
    for name, value in reader.named_parameters():
        value.requires_grad_(not _is_frozen(name, stage.frozen))
        if value.requires_grad:
            rate = _rate(name, stage, reader.config.num_hidden_layers)
            groups.append(
                {"params": [value], "lr": rate, "top": rate, "weight_decay": 0.01 * (value.ndim > 1)}
            )
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


def _is_frozen(name: str, layers: int) -> bool:
    """Word embeddings always; all embeddings and the lowest layers where a stage says so."""
    if "word_embeddings" in name:
        return True
    return layers > 0 and name.startswith("encoder.") and _layer(name) < layers


def _layer(name: str) -> int:
    """The number of an encoder's layer; -1 for its embeddings."""
    return int(name.split(".")[3]) if name.startswith("encoder.encoder.layer.") else -1


def _rate(name: str, stage: Stage, layers: int) -> float:
    if not name.startswith("encoder."):
        return stage.head_rate
    return float(stage.rate * stage.decay ** (layers - 1 - _layer(name)))


def _set_rates(optimiser: torch.optim.Optimizer, stage: Stage, progress: float) -> None:
    """Linear warm-up, then linear fall to a twentieth; progress 0..1 counts the whole stage."""
    rising = progress / stage.warmup if stage.warmup else 1.0
    falling = (1 - progress) / (1 - stage.warmup)
    for group in optimiser.param_groups:
        group["lr"] = group["top"] * max(min(rising, falling), 0.05)


def _keep(run: Run, tokenizer: PreTrainedTokenizerFast) -> None:
    assert run.optimiser is not None
    state = {
        "reader": run.reader.state_dict(),
        "average": run.average,
        "done": run.done,
        "record": run.record,
        "optimiser": run.optimiser.state_dict(),
    }
    part = run.folder / "checkpoint.part"
    torch.save(state, part)
    part.replace(run.folder / "checkpoint.pt")
    save_run(run.folder, run.reader, _snapshots(run), tokenizer, _described(run))


def _snapshots(run: Run) -> dict[str, Tensor]:
    """The moving average; after an epoch of `snapshots`, its mean with those of the earlier ones."""
    if run.done not in run.settings.snapshots:
        return run.average
    save_average(run.folder, run.done, run.average)
    return mean_average(run.folder, [number for number in run.settings.snapshots if number <= run.done])


def _described(run: Run) -> dict[str, Any]:
    return {
        "settings": dataclasses.asdict(run.settings),
        "epochs": run.record,
        "device": run.device.type,
        "seconds": round(sum(one["seconds"] for one in run.record)),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.3f}"),
        TimeRemainingColumn(),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line of training."""
    parser = argparse.ArgumentParser(prog="python -m models.train", description=__doc__)
    parser.add_argument("settings", type=Path)
    for name, meaning in (
        ("--corpus", "folder with train.jsonl and dev.jsonl"),
        ("--data", "folder of the public sets"),
        ("--base", "base encoder, made by models.convert"),
        ("--out", "folder of the run"),
    ):
        parser.add_argument(name, type=Path, required=True, help=meaning)
    parser.add_argument("--teacher", type=Path, help="soft labels written by models.teacher")
    parser.add_argument("--ship", action="store_true", help="afterwards pack, calibrate, evaluate and card")
    parser.add_argument("--seed", type=int, help="instead of the seed in the settings")
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args(arguments)
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    settings = read_settings(chosen.settings)
    if chosen.seed is not None:
        settings = dataclasses.replace(settings, seed=chosen.seed)
    train(settings, chosen.base, chosen.corpus, chosen.data, chosen.out, chosen.teacher)
    if chosen.ship:
        from models.ship import ship

        ship(chosen.out, settings, chosen.corpus, chosen.data, chosen.base)


if __name__ == "__main__":
    main()
