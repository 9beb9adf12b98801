"""Rows stored per second: our store (new mentions and cursor in one transaction) against plain sqlite3."""

import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.domain import Match, Post, Shop
from monitor.store import Store, writes
from monitor.store.tables import Run

_ROWS = 20_000
_BATCH = 500
_NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
_TEXT = "Tilasin Lumopuodista lampun, ja paketti tuli perille rikki. Kolmas viesti ilman vastausta. " * 2


def rows() -> list[dict[str, Any]]:
    """Median of three rounds each."""
    with tempfile.TemporaryDirectory() as folder:
        plain = _median(_plain, Path(folder))
        ours = _median(_ours, Path(folder))
    return [
        {"what": "plain sqlite3 executemany, same columns and indexes", "rows/s": round(plain), "ratio": 1.0},
        {"what": "store.writes.add_mentions + save_run", "rows/s": round(ours), "ratio": ours / plain},
    ]


def _median(measure: Any, folder: Path) -> float:
    return float(sorted(measure(folder / f"{measure.__name__}{round_}.db") for round_ in range(3))[1])


def _batches() -> list[list[tuple[Post, Match, str]]]:
    match = Match(Shop(slug="lumopuoti", name="Lumopuoti"), ("Lumopuodista",), 1.0)
    posts = [
        Post(
            source="forum", external_id=str(n), text=_TEXT, thread_key=str(n // 5), posted_at=_NOW, author="a"
        )
        for n in range(_ROWS)
    ]
    found = [(post, match, f"{number:016x}") for number, post in enumerate(posts)]
    return [found[start : start + _BATCH] for start in range(0, _ROWS, _BATCH)]


def _ours(path: Path) -> float:
    batches = _batches()
    store = Store(f"sqlite:///{path}")
    store.migrate()
    started = time.perf_counter()
    for number, batch in enumerate(batches):
        with store.transaction() as session:
            stored = writes.add_mentions(session, batch, _NOW)
            writes.save_run(session, _run(len(stored.new)), str(number), _NOW)
    took = time.perf_counter() - started
    store.close()
    return _ROWS / took


def _run(new: int) -> Run:
    return Run(
        source="forum", started_at=_NOW, ended_at=_NOW, outcome="ok", posts=new, mentions=new, new=new,
        median_delay=None, warnings=[],
    )  # fmt: skip


def _plain(path: Path) -> float:
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    values = [
        [
            (
                "lumopuoti", post.source, post.external_id, "", post.author, "", post.text, _NOW.isoformat(),
                _NOW.isoformat(), post.thread_key, "", "", "[]", 1.0, "text", fingerprint, "0" * 32,
            )
            for post, _, fingerprint in batch
        ]
        for batch in _batches()
    ]  # fmt: skip
    statement = (
        "insert into mention (shop, source, external_id, url, author, title, text, posted_at, found_at,"
        " thread_key, thread_title, parent_text, words, certainty, found_where, fingerprint, text_hash)"
        f" values ({','.join('?' * 17)}) on conflict do nothing"
    )
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    started = time.perf_counter()
    for batch in values:
        with connection:
            connection.executemany(statement, batch)
    took = time.perf_counter() - started
    connection.close()
    return _ROWS / took
