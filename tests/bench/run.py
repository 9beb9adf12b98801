"""`make bench`: every benchmark compares two things in one run on this machine and prints the ratio.

Writes bench.json beside the table. Figures of different machines or runs do not compare.
"""

import importlib
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

BENCHES = (
    "store",
    "matching",
    "scoring",
    "memory",
    "jetstream",
    "sources",
    "heard",
    "kills",
    "sweep",
    "flow",
)
OUT = Path("bench.json")


def main(names: Sequence[str]) -> int:
    """Run the named benchmarks, all of them when none is named."""
    console = Console()
    results: dict[str, Any] = {"machine": f"{platform.machine()} {platform.python_version()}"}
    for name in names or BENCHES:
        console.print(f"[bold]{name}[/] ...")
        rows = importlib.import_module(f"tests.bench.bench_{name}").rows()
        results[name] = rows
        console.print(table(name, rows))
    OUT.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    console.print(f"written to {OUT}")
    return 0


def table(name: str, rows: Sequence[dict[str, Any]]) -> Table:
    """The rows of a benchmark as a table of the terminal."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    table = Table(*columns, title=name)
    for row in rows:
        table.add_row(*(_shown(row.get(column, "")) for column in columns))
    return table


def _shown(value: object) -> str:
    return (
        f"{value:,.2f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
