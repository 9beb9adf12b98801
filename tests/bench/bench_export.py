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
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from monitor import export
from monitor.export import Format, Request, Subject
from monitor.store import Store

_ROWS, _BATCH = 1_000_000, 10_000
_NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
_ZONE, _KEY = ZoneInfo("Europe/Helsinki"), b"a key of the benchmark, long enough"
_OUT = Path("bench-export.json")
_MOST_SECONDS, _MOST_MB = 60, 300
_WORDS = tuple(
    "tilasin lampun paketti tuli perille rikki kolmas viesti ilman vastausta kiitos nopea toimitus ei vastaa "  # noqa: SIM905
    "asiakaspalvelu raha palautus viikko hinta laatu hyvä huono takki väri väärä koko".split()
)
_MENTION = (
    "id", "shop", "source", "external_id", "url", "author", "title", "text", "posted_at", "found_at",
    "thread_key", "thread_title", "parent_text", "reach", "rating", "lang", "words", "certainty",
    "found_where", "fingerprint", "text_hash",
)  # fmt: skip
_ASSESSMENT = (
    "mention_id", "model", "label", "negative", "neutral", "positive", "topics", "urgency", "needs_reply",
    "about_shop", "is_about", "not_scored", "reasons", "assessed_at",
)  # fmt: skip
_PLAIN = (
    "select m.id, m.shop, m.source, m.url, m.author, m.title, m.text, m.posted_at, m.found_at, m.lang,"
    " m.thread_title, m.words, m.certainty, m.reach, m.rating, a.label, a.negative, a.neutral, a.positive,"
    " a.topics, a.urgency, a.needs_reply, a.not_scored, a.model"
    " from mention m left join assessment a on a.mention_id = m.id"
)


def rows(number: int = _ROWS, progress: bool = True) -> list[dict[str, Any]]:
    """Generate the mentions, then time every format."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        _generate(path, number, progress)
        plain = _measured(_dump, path, "plain.csv")
        found = [{"what": "plain sqlite3 + csv, no order, nothing checked", "format": "csv", **plain}]
        for format in (Format.PARQUET, Format.CSV, Format.JSONL, Format.XLSX):
            one = _measured(_export, path, f"out{format.ending}", format.value)
            found.append({"what": "mainevahti export", "format": format.value, **one})
    for row in found:
        row["ratio"] = row["s"] / plain["s"]
    return found


def _generate(path: Path, number: int, progress: bool) -> None:
    """The tables as the service makes them, filled without it: it would take an hour."""
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    connection = sqlite3.connect(path)
    connection.execute("pragma synchronous = off")
    dice = random.Random(7)
    starts = range(0, number, _BATCH)
    for start in track(starts, "Generating", console=Console(stderr=True)) if progress else starts:
        ids = range(start + 1, min(start + _BATCH, number) + 1)
        with connection:
            connection.executemany(_insert("mention", _MENTION), (_mention(one, dice) for one in ids))
            connection.executemany(
                _insert("assessment", _ASSESSMENT), (_assessment(one, dice) for one in ids)
            )
    connection.execute("analyze")
    connection.close()


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"


def _mention(number: int, dice: random.Random) -> tuple[Any, ...]:
    posted = _NOW - timedelta(seconds=dice.randrange(86_400 * 400))
    text = " ".join(dice.choices(_WORDS, k=dice.randrange(10, 60)))
    author = f"kirjoittaja{dice.randrange(50_000)}"
    return (
        number, dice.choice(("lumopuoti", "kotihelmi", "vinterbo")), dice.choice(("forum", "blogi", "masto")),
        f"p{number}", f"https://foorumi.example/@{author}/{number}", author, "", f"Lumopuoti {text} {number}",
        _written(posted), _written(posted + timedelta(minutes=5)), f"t{number // 5}", "Kokemuksia?", "",
        dice.choice((None, 12, 3400)), dice.choice((None, None, 1.0, 5.0)), dice.choice(("fi", "sv", "en")),
        '["Lumopuodista"]', 0.98, "text", f"{number:016x}", f"{number:032x}",
    )  # fmt: skip


def _assessment(number: int, dice: random.Random) -> tuple[Any, ...]:
    negative = round(dice.random(), 4)
    label = "negative" if negative > 0.6 else "neutral" if negative > 0.3 else "positive"
    topics = json.dumps(dice.sample(("delivery", "price", "trust"), dice.randrange(3)))
    return (
        number, "bench-1", label, negative, round(1 - negative, 4), 0.0, topics, "normal",
        label == "negative", 0.99, True, None, "[]", _written(_NOW),
    )  # fmt: skip


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _dump(path: Path, name: str) -> int:
    connection = sqlite3.connect(path)
    with (path.parent / name).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerows(connection.execute(_PLAIN))
    number = int(connection.execute("select count(*) from mention").fetchone()[0])
    connection.close()
    return number


def _export(path: Path, name: str, format: str) -> int:
    store = Store(f"sqlite:///{path}")
    request = Request(Subject.MENTIONS, _ZONE, _KEY)
    out_path = path.parent / name
    with store.reading() as session, export.whole_bytes(out_path) as out:
        batches = export.batches(session, request, _NOW)
        written = export.write(
            batches, request.table, Format(format), out, name="mentions", folder=path.parent
        )
    store.close()
    return written.rows


def _measured(run: Callable[..., int], path: Path, name: str, *more: str) -> dict[str, Any]:
    """Run in a process of its own; its memory is looked at many times a second from outside."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_timed, args=(run, path, name, more, theirs))
    process.start()
    before = int(ours.recv())
    ours.send(None)
    peak = max(_watched(process.pid or 0, ours), before)
    seconds, number = ours.recv()
    process.join()
    out = path.parent / name
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


def _timed(run: Callable[..., int], path: Path, name: str, more: tuple[str, ...], theirs: Any) -> None:
    theirs.send(psutil.Process(os.getpid()).memory_info().rss)
    theirs.recv()
    started = time.perf_counter()
    number = run(path, name, *more)
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
    parser.add_argument("--rows", type=int, default=_ROWS)
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
