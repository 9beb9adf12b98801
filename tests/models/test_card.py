import json
from pathlib import Path
from typing import Any

import pytest

from models import card, evaluate, storage
from models.calibrate import fit, raw_logits, targets_of, to_tree
from models.engine import TorchEngine
from models.posts import read_posts
from models.sentiment import load

COMMENT = "It heard the joke and missed the point."


@pytest.fixture(scope="module")
def report(
    tiny_base: Path, tiny_rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """A report of an untrained tiny model on a dev split of 48 posts."""
    run, weights, corpus = (tmp_path_factory.mktemp(name) for name in ("run", "weights", "corpus"))
    rows = [
        {
            **row,
            "shop": f"{row['shop']}{place % 4}",
            "text": f"{row['text']} {place}",
            "urgency": urgency,
            "tags": ["homonym", "irony"],
        }
        for place in range(6)
        for row in tiny_rows
        for urgency in ["critical" if place == 0 else row["urgency"]]
    ]
    for name in ("train", "dev"):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (corpus / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    reader, tokenizer = storage.load_base(tiny_base, 0.0)
    storage.save_run(run, reader, {}, tokenizer, {})
    dev = read_posts(corpus / "dev.jsonl")
    logits = raw_logits(TorchEngine.from_folder(run, "fp32"), dev)
    thresholds = to_tree(fit(logits, targets_of(dev), [one.lang for one in dev]))
    storage.save_packed(weights, run, {"name": "tiny", "version": "1"}, thresholds)
    return evaluate.evaluate(load(weights), corpus, None, weights)


def test_report_holds_every_measure_for_every_language(report: dict[str, Any]) -> None:
    groups = {(row["group"], row["name"]) for row in report["stance"]}
    assert {
        ("all", "all"),
        ("kind", "hard"),
        ("language", "fi"),
        ("language", "sv"),
        ("tag", "irony"),
    } <= groups
    assert set(report["alerts"]) == {"fi", "sv", "en"}
    assert len(report["topics_each"]) == 11
    assert report["megabytes"] > 0
    assert all(0 <= goal["reached"] <= 1 for goal in report["goals"])


def test_card_shows_every_measure_weakest_first(report: dict[str, Any]) -> None:
    epoch = {"stage": "posts", "epoch": 1, "examples": 8, "loss": 1.0, "seconds": 60.0}
    run = {"settings": {"seed": 5}, "epochs": [epoch], "device": "cpu", "threads": 2, "torch": "2"}
    wrong = report["wrong"][0]["text"]
    text = card.card(report, run, {wrong: COMMENT}, "## Data and licences\n\nours")
    for goal in report["goals"]:
        assert goal["measure"] in text
    for row in report["stance"]:
        assert row["name"] in text
    for heading in ("Data and licences", "Training", "Alerts and calibration", "Twenty posts"):
        assert heading in text
    assert COMMENT in text
    languages = [text.index(f"| {row['name']} |") for row in report["stance"] if row["group"] == "language"]
    assert languages == sorted(languages)
