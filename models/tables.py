"""Shows a report as tables on the terminal."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def show(report: dict[str, Any], console: Console | None = None) -> None:
    """Goals first, then the stance by group (weakest first), decisions, public sets and baselines."""
    screen = console or Console()
    screen.print(_table("Goals", ("measure", "floor", "reached", "met"), report["goals"]))
    for group in ("all", "language", "kind", "source", "tag"):
        rows = [row for row in report["stance"] if row["group"] == group]
        screen.print(_table(f"Stance by {group}", ("name", "n", "accuracy", "macro_f1", "negative_f1"), rows))
    topics = [{"name": name, **row} for name, row in report["topics_each"].items()]
    weakest = sorted(topics, key=lambda row: row["f1"])
    screen.print(_table("Topics", ("name", "precision", "recall", "f1"), weakest))
    alerts = [{"name": lang, **row} for lang, row in report["alerts"].items()]
    screen.print(_table("Alert borders", ("name", "above", "precision", "recall"), alerts))
    screen.print(
        _table("Public sets", ("name", "n", "accuracy", "macro_f1", "negative_f1"), report["public"])
    )
    lines = [
        {"name": row["name"], **{key: row[key]["macro_f1"] for key in _KEYS}} for row in report["baselines"]
    ]
    screen.print(_table("Baselines, stance macro-F1", ("name", *_KEYS), lines))


_KEYS = ("all", "fi", "sv", "en", "hard")


def _table(title: str, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> Table:
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    return table
