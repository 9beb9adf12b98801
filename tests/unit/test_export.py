"""Exports: stable columns, defused formulas, pseudonyms, whole files only."""

import csv
import errno
import io
import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import export
from monitor.domain import Match, Post, Sentiment, Shop, Topic, Verdict
from monitor.errors import MonitorError
from monitor.export import Format, Subject
from monitor.store import Store, writes
from monitor.store.tables import Alert

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY = b"a key for tests"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/test.db")
    store.migrate()
    post = Post(
        source="forum",
        external_id="1",
        url="https://mastodon.example/@nimimerkki/113",
        author="nimimerkki",
        text='=HYPERLINK("http://evil.example")',
        thread_key="t",
        posted_at=NOW,
        lang="fi",
    )
    match = Match(Shop(slug="lumo", name="Lumo"), ("Lumosta", "Lumon"), 0.9)
    with store.transaction() as session:
        (mention_id,) = writes.add_mentions(session, [(post, match, "f")], NOW).new
        verdict = Verdict("m", {Sentiment.NEGATIVE: 0.75}, Sentiment.NEGATIVE, (Topic.PRICE, Topic.TRUST))
        writes.add_assessment(session, mention_id, verdict, True, (), NOW)
    yield store
    store.close()


def request(subject: Subject, key: bytes | None = KEY) -> export.Request:
    return export.Request(
        subject, date(2026, 11, 25), date(2026, 11, 26), ZoneInfo("Europe/Helsinki"), (), key
    )


def exported(store: Store, subject: Subject, format: Format, key: bytes | None = KEY) -> str:
    out = io.StringIO()
    with store.reading() as session:
        rows = export.rows(session, request(subject, key), NOW)
        export.write(rows, export.COLUMNS[subject], format, out)
    return out.getvalue()


@pytest.mark.parametrize("subject", Subject)
def test_rows_have_exactly_the_promised_columns(store: Store, subject: Subject) -> None:
    with store.reading() as session:
        for row in export.rows(session, request(subject), NOW):
            assert tuple(row) == export.COLUMNS[subject]


def test_csv_defuses_formulas(store: Store) -> None:
    (row,) = csv.DictReader(io.StringIO(exported(store, Subject.MENTIONS, Format.CSV)))
    assert row["text"].startswith("'=HYPERLINK")
    assert row["topics"] == "price | trust"
    assert row["posted_at"] == "2026-11-25T12:00:00+00:00"


def test_excel_csv_has_semicolons_and_decimal_commas(store: Store) -> None:
    (row,) = csv.DictReader(io.StringIO(exported(store, Subject.MENTIONS, Format.EXCEL)), delimiter=";")
    assert row["negative"] == "0,75"


def test_jsonl_keeps_types(store: Store) -> None:
    row = json.loads(exported(store, Subject.MENTIONS, Format.JSONL))
    assert row["matched_words"] == ["Lumosta", "Lumon"]
    assert row["negative"] == 0.75
    assert row["rating"] is None


def test_author_is_a_pseudonym_unless_names_are_asked_for(store: Store) -> None:
    hidden = json.loads(exported(store, Subject.MENTIONS, Format.JSONL))["author"]
    other_key = json.loads(exported(store, Subject.MENTIONS, Format.JSONL, b"other"))["author"]
    assert hidden.startswith("author-")
    assert hidden != other_key
    assert "nimimerkki" not in exported(store, Subject.MENTIONS, Format.CSV)
    assert json.loads(exported(store, Subject.MENTIONS, Format.JSONL, None))["author"] == "nimimerkki"


def test_address_keeps_only_its_host_unless_names_are_asked_for(store: Store) -> None:
    assert json.loads(exported(store, Subject.MENTIONS, Format.JSONL))["url"] == "https://mastodon.example/"
    whole = json.loads(exported(store, Subject.MENTIONS, Format.JSONL, None))["url"]
    assert whole == "https://mastodon.example/@nimimerkki/113"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://maija@forum.example:8080/u/maija?as=maija#maija", "http://forum.example/"),
        ("https://[2001:db8::1]/maija", "https://[2001:db8::1]/"),
        ("at://maija.example/post/1", ""),
        ("mailto:maija@lumo.example", ""),
        ("/u/maija", ""),
        ("http://[maija", ""),
        ("", ""),
    ],
)
def test_nothing_but_the_host_of_an_address_is_kept(url: str, kept: str) -> None:
    assert export.place(url, KEY) == kept
    assert export.place(url, None) == url


def test_alert_keeps_only_the_host_of_its_address_unless_names_are_asked_for(store: Store) -> None:
    alert = Alert(
        shop="lumo",
        thread="forum:t",
        source="forum",
        state="open",
        urgency="high",
        clock_started_at=NOW,
        opened_at=NOW,
        due_at=NOW,
        first_mention_id=1,
        reasons=[],
    )
    with store.transaction() as session:
        session.add(alert)
    assert json.loads(exported(store, Subject.ALERTS, Format.JSONL))["url"] == "https://mastodon.example/"
    assert "@nimimerkki" in exported(store, Subject.ALERTS, Format.JSONL, None)


def test_trends_come_with_interval_and_unfinished_days_marked(store: Store) -> None:
    row = json.loads(exported(store, Subject.TRENDS, Format.JSONL))
    assert row["finished"] is False
    assert 0 < row["share_negative_low"] < row["share_negative"] == 1.0


def test_file_appears_only_when_complete(tmp_path: Path) -> None:
    def broken() -> Iterator[dict[str, str]]:
        yield {"a": "1"}
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "out.csv"
    with pytest.raises(MonitorError, match="Free some space"):
        export.write_file(broken(), ("a",), Format.CSV, path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing/out.csv", "Make the folder first"),
        ("", "is not a file"),
        ("x" * 300, "cannot be written"),
        ("file/out.csv", "Name a folder"),
    ],
)
def test_file_that_cannot_be_written_is_told_with_the_remedy(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(MonitorError, match=said):
        export.write_file([{"a": "1"}], ("a",), Format.CSV, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_excel_file_begins_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert export.write_file([{"a": "ä"}], ("a",), Format.EXCEL, path) == 1
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


@given(st.text())
def test_no_cell_starts_like_a_formula(text: str) -> None:
    out = io.StringIO()
    export.write([{"a": text}], ("a",), Format.CSV, out)
    (_, cell) = [row[0] if row else "" for row in csv.reader(io.StringIO(out.getvalue(), newline=""))][:2]
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
