"""A database with a few mentions, alerts, events and corrections that no format finds easy; and readers."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor import export
from monitor.domain import Match, Post, Sentiment, Shop, Topic, Urgency, Verdict
from monitor.export import Format, Request, Subject, Wanted
from monitor.store import Store, writes
from monitor.store.tables import Alert, AlertEvent, AlertMention, Label

ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY = b"a key for tests, long enough for all"
LUMO, HELMI = Shop(slug="lumo", name="Lumo"), Shop(slug="helmi", name="Helmi", rival=True)
FORMULA = '=HYPERLINK("http://evil.example";"x")'


def post(number: int, text: str, **fields: Any) -> Post:
    values: dict[str, Any] = {
        "source": "forum",
        "external_id": f"p{number}",
        "url": f"https://foorumi.example/@nimimerkki/{number}",
        "author": "nimimerkki",
        "text": text,
        "thread_key": f"t{number}",
        "posted_at": NOW - timedelta(hours=number),
        "lang": "fi",
    }
    return Post(**{**values, **fields})


def golden_store(path: Path) -> Store:
    """Four mentions, one alert with two events, one correction."""
    store = Store(f"sqlite:///{path}")
    store.migrate()
    found = [
        (post(1, FORMULA, title='Väärä, "lasku"', reach=1200, rating=1.0), LUMO, ("Lumosta", "Lumon")),
        (post(2, "Rivi yksi\nrivi kaksi; ja 😡 – ”lainaus”", thread_key="t1"), LUMO, ("Lumo|puoti",)),
        (post(3, "مرحبا Lumo", author="", posted_at=None, lang=None, url=""), LUMO, ("Lumo",)),
        (post(4, "Helmi oli ihana\t!", source="blogi", author="toinen", lang="sv"), HELMI, ("Helmi",)),
    ]
    with store.transaction() as session:
        rows = [(one, Match(shop, words, 0.9), "f") for one, shop, words in found]
        ids = writes.add_mentions(session, rows, NOW).new
        for mention_id, label, negative in zip(
            ids[:2], (Sentiment.NEGATIVE, Sentiment.NEUTRAL), (0.75, 0.25), strict=True
        ):
            scores = {
                Sentiment.NEGATIVE: negative,
                Sentiment.NEUTRAL: 0.875 - negative,
                Sentiment.POSITIVE: 0.125,
            }
            topics = (Topic.PRICE, Topic.TRUST) if label is Sentiment.NEGATIVE else ()
            verdict = Verdict("m-1", scores, label, topics, Urgency.HIGH, label is Sentiment.NEGATIVE)
            writes.add_assessment(session, mention_id, verdict, True, (), NOW)
        unread = Verdict("m-1", not_scored="The model does not know this language.")
        writes.add_assessment(session, ids[2], unread, True, (), NOW)
        session.add(an_alert(ids[0]))
        session.flush()
        session.add(AlertMention(alert_id=1, mention_id=ids[0], added_at=NOW))
        session.add(AlertMention(alert_id=1, mention_id=ids[1], added_at=NOW))
        for action, who, note in (("opened", "", "at://nimimerkki/p1"), ("answered", "Maija", "=soitin")):
            event = AlertEvent(alert_id=1, at=NOW, action=action, who=who, via="rule", note=note)
            session.add(event)
        session.add(Label(mention_id=ids[1], field="sentiment", value="negative", who="Maija", at=NOW))
    return store


def an_alert(mention_id: int) -> Alert:
    return Alert(
        shop="lumo",
        thread="forum:t1",
        source="forum",
        state="answered",
        urgency="high",
        clock_started_at=NOW - timedelta(hours=1),
        opened_at=NOW,
        due_at=NOW + timedelta(hours=1),
        first_mention_id=mention_id,
        reasons=[{"rule": "negative", "severity": "high", "sentence": "", "values": {}}],
        answered_at=NOW + timedelta(minutes=30),
        closed_at=NOW + timedelta(minutes=30),
    )


def ask(subject: Subject, key: bytes | None = KEY, **wanted: Any) -> Request:
    return Request(subject, ZONE, key, Wanted(**wanted))


def exported(store: Store, request: Request, format: Format, **more: Any) -> bytes:
    out = io.BytesIO()
    with store.reading() as session:
        batches = export.batches(session, request, NOW)
        export.write(batches, request.table, format, out, name=request.subject.value, **more)
    return out.getvalue()


def rows_of(store: Store, request: Request) -> list[dict[str, Any]]:
    """Rows as they come out of the database, by column."""
    names = [column.name for column in request.table]
    with store.reading() as session:
        return [
            dict(zip(names, row, strict=True))
            for batch in export.batches(session, request, NOW)
            for row in batch
        ]


def read_csv(raw: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def read_jsonl(raw: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in raw.decode().splitlines()]


def fields_of(rows: Sequence[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]
