"""A made-up year of a busy shop in a database: for benchmarks of reading at size.

Texts are made of this project's own posts (models/data) and ordinary words, so that a search has something
to look through; the rows go in by plain inserts, because how they are written is measured elsewhere.
"""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.progress import Progress, track
from sqlalchemy import insert
from sqlmodel import Session

from monitor.domain import Topic, Urgency
from monitor.matching.lexicon import load_lexicon
from monitor.store import Store, rollups, searching
from monitor.store.tables import Alert, AlertMention, Assessment, Mention, SourceState
from tests.dashboard import seed

SHOPS = ("lumopuoti", "kotihelmi", "vinterbo")
RARE = "harvinaissana"
_AT_ONCE = 10_000
_POSTS = Path(__file__).parents[2] / "models" / "data"
_DAYS = 365
_KEPT = Path("build/bench")
_SOURCE = '\n[[sources]]\nslug = "source{n}"\nkind = "feed"\nurl = "https://blog.example/{n}.xml"\n'
ZONE = ZoneInfo("Europe/Helsinki")


@dataclass(frozen=True, slots=True)
class Size:
    """How much was said until `end`, and by how many sources; one mention in 10,000 holds the rare word."""

    end: datetime
    mentions: int = 1_000_000
    alerts: int = 20_000
    sources: int = 50


def kept(mentions: int = 1_000_000) -> tuple[Path, Size]:
    """A year that ends today, made once a day into build/, as the path of the config.toml beside it."""
    size = Size(
        datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0), mentions, mentions // 50
    )
    folder = _KEPT / f"{size.mentions}-{size.end:%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    config = seed.config_file(folder, more="".join(_SOURCE.format(n=n) for n in range(size.sources)))
    if not (folder / "done").exists():
        (folder / "store.db").unlink(missing_ok=True)
        store = seed.open_store(folder)
        make(store, size)
        store.close()
        (folder / "done").touch()
    return config, size


def count(store: Store, size: Size) -> float:
    """Count the days of the trends, as the sweep does a few at a time; returns the seconds it took."""
    started, left = time.perf_counter(), 1
    with Progress() as progress:
        task = progress.add_task("counting days", total=_DAYS + 1)
        while left:
            done = rollups.refresh(store, ZONE, size.end, 14)
            left = done.left
            progress.advance(task, done.counted)
    return time.perf_counter() - started


def make(store: Store, size: Size, seed: int = 7) -> None:
    """Fill an empty store with a year; alerts of the last week are open, the others answered."""
    dice = random.Random(seed)
    texts, words = _texts(), _words()
    for start in track(range(0, size.mentions, _AT_ONCE), "a year of mentions"):
        numbers = range(start, min(start + _AT_ONCE, size.mentions))
        with store.transaction() as session:
            _mentions(session, list(_posts(numbers, size, dice, texts, words)))
    with store.transaction() as session:
        _alerts(session, size, dice)
        states = [
            {"source": f"source{n}", "last_success_at": size.end, "last_run_at": size.end}
            for n in range(size.sources)
        ]
        session.execute(insert(SourceState), states)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def _texts() -> list[tuple[str, str]]:
    lines = (line for path in sorted(_POSTS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines())
    return [(row["lang"], row["text"]) for row in map(json.loads, lines)]


def _words() -> list[str]:
    return sorted(load_lexicon().per_million)


def _posts(
    numbers: range, size: Size, dice: random.Random, texts: list[tuple[str, str]], words: list[str]
) -> Iterator[dict[str, Any]]:
    for number in numbers:
        lang, text = dice.choice(texts)
        # Early in the year less is said than late; seconds apart, so that no two are equal.
        at = size.end - timedelta(days=_DAYS * dice.random() ** 1.3, seconds=number % 60)
        rare = f" {RARE}" if number % 10_000 == 17 else ""
        yield {
            "shop": SHOPS[0] if dice.random() < 0.7 else dice.choice(SHOPS[1:]),
            "source": f"source{int(size.sources * dice.random() ** 2)}",
            "external_id": str(number),
            "url": f"https://forum.example/{number}",
            "author": f"nimimerkki{int(200_000 * dice.random() ** 3)}",
            "title": "",
            "text": f"{text} {dice.choice(words)} {dice.choice(words)}{rare}",
            "posted_at": at,
            "found_at": at + timedelta(minutes=dice.randrange(1, 40)),
            "thread_key": f"t{number // 3}",
            "thread_title": "",
            "parent_text": "",
            "reach": dice.randrange(500),
            "lang": lang,
            "words": ["Lumopuoti"],
            "certainty": 1.0,
            "found_where": "text",
            "fingerprint": f"{number:x}",
            "text_hash": f"{number:x}",
        }


def _mentions(session: Session, posts: list[dict[str, Any]]) -> None:
    ids = [int(post["external_id"]) + 1 for post in posts]
    session.execute(insert(Mention), [{"id": id_, **post} for id_, post in zip(ids, posts, strict=True)])
    spoken = (
        searching.Spoken(id_, post["title"], post["text"], post["author"])
        for id_, post in zip(ids, posts, strict=True)
    )
    searching.put(session, spoken)
    dice = random.Random(ids[0])
    session.execute(
        insert(Assessment), [_assessment(id_, post, dice) for id_, post in zip(ids, posts, strict=True)]
    )


def _assessment(mention_id: int, post: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    negative = round(dice.random() ** 2, 4)
    label = "negative" if negative > 0.5 else dice.choice(("neutral", "positive"))
    return {
        "mention_id": mention_id,
        "model": "year-1",
        "label": label,
        "negative": negative,
        "neutral": round((1 - negative) / 2, 4),
        "positive": round((1 - negative) / 2, 4),
        "topics": [dice.choice(list(Topic)).value] if dice.random() < 0.6 else [],
        "urgency": Urgency.NORMAL.value if label == "negative" else Urgency.NONE.value,
        "needs_reply": label == "negative",
        "about_shop": 0.98,
        "is_about": dice.random() > 0.02,
        "not_scored": None,
        "reasons": [{"rule": "negative", "severity": "normal", "sentence": "Negative.", "values": {}}],
        "assessed_at": post["found_at"],
    }


def _alerts(session: Session, size: Size, dice: random.Random) -> None:
    step = size.mentions // size.alerts
    found = session.execute(
        Mention.__table__.select().where(Mention.__table__.c.id % step == 1)  # type: ignore[attr-defined]
    ).mappings()
    rows = [_alert(number, row, size.end, dice) for number, row in enumerate(found, start=1)]
    session.execute(insert(Alert), rows)
    gathered = [
        {"alert_id": row["id"], "mention_id": row["first_mention_id"], "added_at": row["opened_at"]}
        for row in rows
    ]
    session.execute(insert(AlertMention), gathered)


def _alert(number: int, mention: Any, end: datetime, dice: random.Random) -> dict[str, Any]:
    at = mention["found_at"]
    answered = at + timedelta(minutes=dice.randrange(5, 2_000)) if at < end - timedelta(days=7) else None
    return {
        "id": number,
        "shop": mention["shop"],
        "thread": f"{mention['source']}:{mention['thread_key']}",
        "source": mention["source"],
        "state": "answered" if answered else "open",
        "urgency": dice.choice(("normal", "normal", "high", "critical")),
        "clock_started_at": mention["posted_at"],
        "opened_at": at,
        "due_at": at + timedelta(hours=4),
        "first_mention_id": mention["id"],
        "reasons": [{"rule": "negative", "severity": "normal", "sentence": "Negative.", "values": {}}],
        "taken_by": None,
        "answered_at": answered,
        "closed_at": answered,
        "version": 1,
    }
