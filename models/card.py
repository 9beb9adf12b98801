"""Writes models/MODEL_CARD.md from report.json, run.json and hand-written comments: python -m models.card

Nothing is measured here; a figure that is not in the report does not appear in the card.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOM = Path(__file__).parent
CARD = ROOM / "MODEL_CARD.md"

_STANCE = (
    ("name", "group"),
    ("n", "posts"),
    ("accuracy", "accuracy"),
    ("macro_f1", "macro-F1"),
    ("negative_f1", "negative F1"),
)
_HITS = (("name", ""), ("precision", "precision"), ("recall", "recall"), ("f1", "F1"))
_GROUPS = (
    ("language", "By language"),
    ("source", "By source"),
    ("kind", "Hard lines and plain ones"),
    ("tag", "By tag: what makes a post hard"),
)
_SUMMARY = """Reads one post about one named shop: how the writer feels toward that shop, what it is
about, how urgent it is, whether it asks for a reply, and whether it is about the shop at all.

On {posts} dev posts about shops that occur in no training post the stance reaches macro-F1 {macro:.3f}
(accuracy {accuracy:.3f}). Its weakest language is {weakest} with {weakest_macro:.3f}. The weights take
{size} MB. These are the figures of one run with one seed. Calibration and borders were chosen on the
same dev posts; chosen on one half of the shops and measured on the other ("half by half") the stance
reaches {half:.3f}. "Hard" are posts tagged sarcasm, irony, understatement, negation, other_target,
comparison or mixed."""
_ALERTS = """The alert border on the probability of "negative" is the one with the greatest recall at a
precision of at least 0.85 on dev.

{table}

Reliability error (expected calibration error, ten bins; in brackets half by half): {gaps}."""
_TRAINING = """## Training

Seed {seed}, {device}, {threads} threads, torch {torch}: {hours:.1f} hours altogether on two processor
cores shared with other work; at about 15 W for two cores of a server {energy:.3f} kWh (estimated, not
measured). Scoring the dev posts ran at {speed} posts a second while this report was made."""


_UNTRAINED = """Danish tweets, German tweets, Estonian news and comments, for their general mood. No training
text is in these languages and nothing is claimed for them; in use such posts come back as "not scored"."""


def card(report: dict[str, Any], run: dict[str, Any], comments: dict[str, str], about: str) -> str:
    """The whole card as Markdown."""
    parts = [
        f"# Model card: {report['model']}",
        _summary(report),
        "## What was to be reached, and what was",
        _goals(report["goals"]),
        "## Stance toward the shop, weakest first",
        *(_stance(report, group, title) for group, title in _GROUPS),
        "## The other heads",
        _others(report),
        "## Alerts and calibration",
        _alerts(report),
        "## Beside simpler means",
        _baselines(report["baselines"]),
        "## Public sets (their dev parts)",
        _table(report["public"], _STANCE),
        "## Languages it was not trained on",
        _UNTRAINED,
        _table(report["untrained"], _STANCE),
        _training(run, report),
        about.strip(),
        "## Twenty posts it gets wrong",
        "The dev posts on which it was surest and wrong; the comments are by hand.",
        _wrong(report["wrong"], comments),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(report: dict[str, Any]) -> str:
    languages = [row for row in report["stance"] if row["group"] == "language"]
    weakest = min(languages, key=lambda row: row["macro_f1"])
    whole = next(row for row in report["stance"] if row["group"] == "all")
    return _SUMMARY.format(
        posts=report["posts"],
        macro=whole["macro_f1"],
        accuracy=whole["accuracy"],
        weakest=weakest["name"],
        weakest_macro=weakest["macro_f1"],
        size=report["megabytes"],
        half=report["half_by_half"]["stance_macro_f1"],
    )


def _goals(goals: Sequence[dict[str, Any]]) -> str:
    rows = [{**goal, "verdict": "reached" if goal["met"] else "**not reached**"} for goal in goals]
    short = sorted(rows, key=lambda row: row["reached"] - row["floor"])
    return _table(short, (("measure", "measure"), ("floor", "floor"), ("reached", "dev"), ("verdict", "")))


def _stance(report: dict[str, Any], group: str, title: str) -> str:
    rows = [row for row in report["stance"] if row["group"] == group]
    return f"### {title}\n\n" + _table(sorted(rows, key=lambda row: row["macro_f1"]), _STANCE)


def _others(report: dict[str, Any]) -> str:
    topics = [{"name": f"topic: {name}", **row} for name, row in report["topics_each"].items()]
    rows = [
        {"name": "needs a reply", **report["needs_reply"]},
        *({"name": f"reply, {lang}", **row} for lang, row in report["needs_reply_by_language"].items()),
        {"name": "critical", **report["critical"]},
        {"name": "topics, micro", **report["topics"]},
        *sorted(topics, key=lambda row: row["f1"]),
    ]
    about, best = report["about_shop"], report["critical_best"]
    notes = (
        f"Critical at a precision of at least 0.7: recall {best['recall']}. All four urgencies: accuracy",
        f"{report['urgency_accuracy']}. About the shop at all: accuracy {about['accuracy']}, on the",
        f"{about['homonym_posts']} posts with a homonym {about['homonym_accuracy']}.",
    )
    return _table(rows, _HITS) + "\n\n" + " ".join(notes)


def _alerts(report: dict[str, Any]) -> str:
    half = report["half_by_half"]
    rows = [
        {
            "name": lang,
            **row,
            "half": f"{half['alerts'][lang]['precision']} / {half['alerts'][lang]['recall']}",
        }
        for lang, row in report["alerts"].items()
    ]
    columns = (
        ("name", "language"),
        ("above", "alert above"),
        ("precision", "precision"),
        ("recall", "recall"),
        ("half", "half by half: precision / recall"),
    )
    gaps = ", ".join(
        f"{name} {value} ({half['reliability'][name]})" for name, value in report["reliability"].items()
    )
    return _ALERTS.format(table=_table(rows, columns), gaps=gaps)


def _baselines(rows: Sequence[dict[str, Any]]) -> str:
    names = ("all", "fi", "sv", "en", "hard")
    lines = [{"name": row["name"], **{name: row[name]["macro_f1"] for name in names}} for row in rows]
    return "Stance macro-F1 on the same posts.\n\n" + _table(
        lines, (("name", ""), *((name, name) for name in names))
    )


def _training(run: dict[str, Any], report: dict[str, Any]) -> str:
    epochs = [
        {**one, "minutes": round(one["seconds"] / 60, 1), "loss": round(one["loss"], 3)}
        for one in run["epochs"]
    ]
    hours = sum(one["seconds"] for one in run["epochs"]) / 3600
    text = _TRAINING.format(
        seed=run["settings"]["seed"],
        device=run["device"],
        threads=run["threads"],
        torch=run["torch"],
        hours=hours,
        energy=hours * 15 / 1000,
        speed=report["posts_per_second"],
    )
    names = ("stage", "epoch", "examples", "loss", "minutes")
    return text + "\n\n" + _table(epochs, [(name, name) for name in names])


def _wrong(rows: Sequence[dict[str, Any]], comments: dict[str, str]) -> str:
    return "\n".join(
        f'{place}. **{row["shop"]}** ({row["lang"]}): "{_inline(row["text"])}"  \n'
        f"   labelled {row['labelled']}, said {row['said']} ({row['sure']:.2f}). "
        f"{comments.get(row['text'], '')}".rstrip()
        for place, row in enumerate(rows, start=1)
    )


def _inline(text: str) -> str:
    short = text if len(text) <= 300 else text[:297] + "..."
    return short.replace("\n", " ").replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")


def _table(rows: Iterable[dict[str, Any]], columns: Sequence[tuple[str, str]]) -> str:
    head = "| " + " | ".join(title for _, title in columns) + " |"
    rule = "|" + " --- |" * len(columns)
    lines = ["| " + " | ".join(_cell(row[key]) for key, _ in columns) + " |" for row in rows]
    return "\n".join([head, rule, *lines])


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) and value <= 1 else str(value)


def main() -> None:
    """Reads report.json, weights/run.json, comments.json and card_about.md of this room; writes the card."""
    report, run, comments = (
        json.loads((ROOM / name).read_text(encoding="utf-8"))
        for name in ("report.json", "run.json", "comments.json")
    )
    about = (ROOM / "card_about.md").read_text(encoding="utf-8")
    CARD.write_text(card(report, run, comments, about), encoding="utf-8")


if __name__ == "__main__":
    main()
