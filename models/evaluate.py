"""All measures of the shipped model: python -m models.evaluate --corpus CORPUS [--data PUBLIC] [--base BASE]

Prints tables, weakest group first, and writes models/report.json, from which models.card writes the card.
Everything is measured on dev, on which calibration and borders were also chosen; the figures under
"half by half" are free of that: chosen on one half of the shops, measured on the other.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models import baselines
from models.answers import Thresholds, softmax
from models.calibrate import Rows, fit, raw_logits, targets_of
from models.decisions import decisions
from models.groups import groups_of
from models.labels import HARD_TAGS, LANGUAGES, SENTIMENTS
from models.measures import accuracy, class_f1, macro_f1
from models.mixing import own_posts
from models.posts import Example, read_posts, read_public
from models.sentiment import SHIPPED, SentimentModel, load
from models.tables import show

REPORT = Path(__file__).parent / "report.json"
OWN_POSTS = Path(__file__).parent / "data"
_PUBLIC = ("finnsentiment", "xed_fi", "xed_en", "absabank_imm", "norec_sentence")
# Languages that no training post is in; of the first there is no dev part.
_UNTRAINED = (("angry_tweets", "train"), ("de_sb10k", "dev"), ("estonian_valence_corpus", "dev"))
_WRONG_SHOWN = 20


def evaluate(
    model: SentimentModel, corpus: Path, data: Path | None, weights: Path = SHIPPED
) -> dict[str, Any]:
    """The report as a tree of plain values, without the baselines (`compare`)."""
    dev = read_posts(corpus / "dev.jsonl")
    started = time.monotonic()
    logits = raw_logits(model.engine, dev)
    seconds = time.monotonic() - started
    thresholds = model.calibration
    said = thresholds.scaled("stance", logits["stance"]).argmax(1)
    report = {
        "model": model.name,
        "languages": list(model.languages),
        "posts": len(dev),
        "posts_per_second": round(len(dev) / seconds, 1),
        "megabytes": round(sum(one.stat().st_size for one in weights.iterdir()) / 1e6, 1),
        "stance": _stance(dev, said),
        **decisions(logits, targets_of(dev), thresholds, dev),
        "half_by_half": _half_by_half(logits, dev),
        "public": _public(model, data),
        "untrained": untrained(model, data),
        "baselines": [],
        "wrong": _wrong(dev, logits, thresholds),
    }
    return {**report, "goals": _goals(report)}


def _stance(dev: Sequence[Example], said: np.ndarray) -> list[dict[str, Any]]:
    truth = np.array([SENTIMENTS.index(one.stance) for one in dev])
    rows = [
        {
            "group": group,
            "name": name,
            "n": int(mine.sum()),
            "accuracy": round(accuracy(truth[mine], said[mine]), 3),
            "macro_f1": round(macro_f1(truth[mine], said[mine]), 3),
            "negative_f1": round(class_f1(truth[mine], said[mine], 0), 3),
        }
        for group, name, mine in groups_of(dev)
    ]
    return sorted(rows, key=lambda row: (row["group"], row["macro_f1"]))


def _half_by_half(logits: Rows, dev: Sequence[Example]) -> dict[str, Any]:
    """Calibration chosen on one half of the shops and measured on the other, both ways, averaged."""
    shops = sorted({one.question.shop for one in dev})
    first = {shop for place, shop in enumerate(shops) if place % 2 == 0}
    mine = np.array([one.question.shop in first for one in dev])
    both: dict[str, Any] = _mean([_other_half(logits, dev, mine), _other_half(logits, dev, ~mine)])
    return both


def _other_half(logits: Rows, dev: Sequence[Example], chosen: np.ndarray) -> dict[str, Any]:
    targets = targets_of(dev)
    langs = [one.lang for one, mine in zip(dev, chosen, strict=True) if mine]
    thresholds = fit(_part(logits, chosen), _part(targets, chosen), langs)
    rest = [one for one, mine in zip(dev, chosen, strict=True) if not mine]
    said = thresholds.scaled("stance", logits["stance"][~chosen]).argmax(1)
    macro = macro_f1(targets["stance"][~chosen].argmax(1), said)
    return {
        "stance_macro_f1": macro,
        **decisions(_part(logits, ~chosen), _part(targets, ~chosen), thresholds, rest),
    }


def _part(rows: Rows, mine: np.ndarray) -> Rows:
    return {name: values[mine] for name, values in rows.items()}


def _mean(trees: Sequence[Any]) -> Any:
    if isinstance(trees[0], dict):
        return {key: _mean([tree[key] for tree in trees]) for key in trees[0]}
    return round(float(np.mean(trees)), 3)


def _public(model: SentimentModel, data: Path | None) -> list[dict[str, Any]]:
    return [_public_set(model, data, name, "dev") for name in _PUBLIC] if data else []


def untrained(model: SentimentModel, data: Path | None) -> list[dict[str, Any]]:
    """Measure the general mood in languages that were not trained on, and that in use are not scored."""
    return [_public_set(model, data, name, split) for name, split in _UNTRAINED] if data else []


def _public_set(model: SentimentModel, data: Path, name: str, split: str) -> dict[str, Any]:
    examples = read_public(data, name, split)
    found = model.engine.logits([one.question for one in examples])
    said = np.array([one["stance"].argmax() for one in found])
    truth = np.array([SENTIMENTS.index(one.stance) for one in examples])
    return {
        "name": name,
        "n": len(examples),
        "accuracy": round(accuracy(truth, said), 3),
        "macro_f1": round(macro_f1(truth, said), 3),
        "negative_f1": round(class_f1(truth, said, 0), 3),
    }


def compare(model: SentimentModel, corpus: Path, base: Path | None) -> list[dict[str, Any]]:
    """Stance of simpler means on the same posts; with the base encoder also of that, frozen."""
    dev, train = read_posts(corpus / "dev.jsonl"), own_posts(corpus, OWN_POSTS)
    hidden = model.engine.logits([baselines.without_shop(one.question) for one in dev])
    said = {
        "always the commonest label": baselines.majority(train, dev),
        "n-gram logistic regression": baselines.n_grams(train, dev),
        "this model, the shop not named to it": np.array([one["stance"].argmax() for one in hidden]),
    }
    if base:
        said["logistic regression on the frozen encoder"] = baselines.frozen(base, train, dev)
    return [{"name": name, **_by_language(dev, labels)} for name, labels in said.items()]


def _by_language(dev: Sequence[Example], said: np.ndarray) -> dict[str, Any]:
    rows = [row for row in _stance(dev, said) if row["group"] in ("all", "language", "kind")]
    return {row["name"]: {"macro_f1": row["macro_f1"], "negative_f1": row["negative_f1"]} for row in rows}


def _wrong(dev: Sequence[Example], logits: Rows, thresholds: Thresholds) -> list[dict[str, Any]]:
    """The posts on which the model was surest and wrong, hard tags first among equals."""
    stance = softmax(thresholds.scaled("stance", logits["stance"]))
    places = [
        place
        for place in np.argsort(-stance.max(1))
        if SENTIMENTS[stance[place].argmax()] != dev[place].stance
    ]
    return [
        {
            "shop": dev[place].question.shop,
            "lang": dev[place].lang,
            "text": dev[place].question.text,
            "thread_title": dev[place].question.thread_title,
            "labelled": dev[place].stance,
            "said": SENTIMENTS[int(stance[place].argmax())],
            "sure": round(float(stance[place].max()), 3),
            "tags": list(dev[place].tags),
        }
        for place in places[:_WRONG_SHOWN]
    ]


def _goals(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The floors of the project's model issue beside what was reached."""
    stance = {(row["group"], row["name"]): row for row in report["stance"]}
    finn = next((row for row in report["public"] if row["name"] == "finnsentiment"), None)
    goals = [
        *(
            (f"stance macro-F1, {lang}", floor, stance["language", lang]["macro_f1"])
            for lang, floor in (("fi", 0.77), ("sv", 0.75), ("en", 0.75))
        ),
        *((f"negative F1, {lang}", 0.84, stance["language", lang]["negative_f1"]) for lang in LANGUAGES),
        (f"stance macro-F1 on hard lines ({', '.join(HARD_TAGS)})", 0.66, stance["kind", "hard"]["macro_f1"]),
        ("needs_reply F1", 0.85, report["needs_reply"]["f1"]),
        ("critical: recall at precision 0.7", 0.80, report["critical_best"]["recall"]),
        ("topics micro-F1", 0.75, report["topics"]["f1"]),
        ("about the shop: accuracy on homonyms", 0.80, report["about_shop"]["homonym_accuracy"]),
        *(
            (
                ("FinnSentiment dev accuracy", 0.80, finn["accuracy"]),
                ("FinnSentiment dev macro-F1", 0.68, finn["macro_f1"]),
            )
            if finn
            else ()
        ),
    ]
    return [
        {"measure": name, "floor": floor, "reached": value, "met": value >= floor}
        for name, floor, value in goals
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.evaluate", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("--data", type=Path, help="folder of the public sets")
    parser.add_argument("--base", type=Path, help="base encoder, for the frozen baseline")
    parser.add_argument("--weights", type=Path, help="instead of models/weights; then nothing is written")
    parser.add_argument("--threads", type=int)
    chosen = parser.parse_args(arguments)
    model = load(chosen.weights, threads=chosen.threads)
    report = evaluate(model, chosen.corpus, chosen.data, chosen.weights or SHIPPED)
    report["baselines"] = compare(model, chosen.corpus, chosen.base)
    if chosen.weights is None:
        REPORT.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(report)


if __name__ == "__main__":
    main()
