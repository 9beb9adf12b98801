"""A million mentions in every format, against a plain sqlite3 + csv dump of them in the same run.

`make bench-export`, or `python -m tests.bench.bench_export --rows 20000`. Each export runs in a process of
its own through the very functions of the command; its memory is the peak of that process above what it
held before the first row. Writes bench-export.json.
"""

import argparse
import csv
import json
import multiprocessing
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
from rich.console import Console
from rich.table import Table

from monitor import export
from monitor.export import Format, Request, Subject
from monitor.store import Store
from tests.bench import year

_ZONE, _KEY = ZoneInfo("Europe/Helsinki"), b"a key of the benchmark, long enough"
_OUT = Path("bench-export.json")
_MOST_SECONDS, _MOST_MB = 60, 300
_PLAIN = (
    "select m.id, m.shop, m.source, m.url, m.author, m.title, m.text, m.posted_at, m.found_at, m.lang,"
    " m.thread_title, m.words, m.certainty, m.reach, m.rating, a.label, a.negative, a.neutral, a.positive,"
    " a.topics, a.urgency, a.needs_reply, a.not_scored, a.model"
    " from mention m left join assessment a on a.mention_id = m.id"
)


def rows(number: int = 1_000_000) -> list[dict[str, Any]]:
    """Time every format over a made-up year of so many mentions."""
    config, _ = year.kept(number)
    path = config.parent / "store.db"
    with tempfile.TemporaryDirectory(dir=config.parent) as folder:
        plain = _measured(_dump, path, Path(folder) / "plain.csv")
        found = [{"what": "plain sqlite3 + csv, no order, nothing checked", "format": "csv", **plain}]
        for format in (Format.PARQUET, Format.CSV, Format.JSONL, Format.XLSX):
            one = _measured(_export, path, Path(folder) / f"out{format.ending}", format.value)
            found.append({"what": "mainevahti export", "format": format.value, **one})
    for row in found:
        row["ratio"] = row["s"] / plain["s"]
    return found


def _dump(path: Path, out_path: Path) -> int:
    connection = sqlite3.connect(path)
    with out_path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerows(connection.execute(_PLAIN))
    number = int(connection.execute("select count(*) from mention").fetchone()[0])
    connection.close()
    return number


def _export(path: Path, out_path: Path, format: str) -> int:
    store = Store(f"sqlite:///{path}")
    request = Request(Subject.MENTIONS, _ZONE, _KEY)
    with store.reading() as session, export.whole_bytes(out_path) as out:
        batches = export.batches(session, request, datetime.now(UTC))
        written = export.write(
            batches, request.table, Format(format), out, name="mentions", folder=out_path.parent
        )
    store.close()
    return written.rows


def _measured(run: Callable[..., int], path: Path, out: Path, *more: str) -> dict[str, Any]:
    """Run in a process of its own; its memory is looked at many times a second from outside."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_timed, args=(run, path, out, more, theirs))
    process.start()
    before = int(ours.recv())
    ours.send(None)
    peak = max(_watched(process.pid or 0, ours), before)
    seconds, number = ours.recv()
    process.join()
    size = out.stat().st_size
    out.unlink()
    return {
        "rows": number,
        "s": seconds,
        "rows/s": round(number / seconds),
        "MB on disk": round(size / 1e6),
        "MB of memory above the start": round((peak - before) / 1e6),
    }


def _watched(pid: int, ours: Any) -> int:
    process, peak = psutil.Process(pid), 0
    while not ours.poll(0.02):
        peak = max(peak, process.memory_info().rss)
    return peak


def _timed(run: Callable[..., int], path: Path, out: Path, more: tuple[str, ...], theirs: Any) -> None:
    theirs.send(psutil.Process(os.getpid()).memory_info().rss)
    theirs.recv()
    started = time.perf_counter()
    number = run(path, out, *more)
    theirs.send((time.perf_counter() - started, number))


def _told(found: list[dict[str, Any]]) -> Iterator[str]:
    (one,) = [row for row in found if row["format"] == "parquet"]
    is_fast = one["s"] < _MOST_SECONDS
    is_small = one["MB of memory above the start"] < _MOST_MB
    yield f"Parquet under {_MOST_SECONDS} s: {'yes' if is_fast else 'NO'} ({one['s']:.1f} s)"
    yield f"Parquet under {_MOST_MB} MB more memory: {'yes' if is_small else 'NO'}"


def main(argv: list[str]) -> int:
    """Measure, show, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=_OUT)
    arguments = parser.parse_args(argv)
    console = Console()
    found = rows(arguments.rows)
    table = Table(*found[0], title="export")
    for row in found:
        table.add_row(
            *(f"{value:,.2f}" if isinstance(value, float) else str(value) for value in row.values())
        )
    console.print(table)
    for line in _told(found):
        console.print(line)
    machine = f"{platform.machine()} {platform.python_version()} {os.cpu_count()} cores"
    told = {"machine": machine, "export": found}
    arguments.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    console.print(f"written to {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
