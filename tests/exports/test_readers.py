"""Golden exports opened by pandas and DuckDB, as analysts open them: with the right types and values."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from monitor.export import COLUMNS, Format, Subject, Type
from monitor.store import Store
from tests.exports.support import FORMULA, ask, exported

IDS = [4, 2, 1, 3]
TIMES = {Type.MOMENT: "datetime64", Type.DAY: "datetime64"}
MOMENTS = [column.name for column in COLUMNS[Subject.MENTIONS] if column.type is Type.MOMENT]


def saved(store: Store, folder: Path, subject: Subject, format: Format) -> Path:
    path = folder / f"{subject}{format.ending}"
    path.write_bytes(exported(store, ask(subject), format))
    return path


def check(table: pd.DataFrame, formula: str) -> None:
    assert table["id"].tolist() == IDS
    first = table.set_index("id").loc[1]
    assert first["text"] == formula
    assert first["negative"] == 0.75
    assert first["reach"] == 1200
    assert first["posted_at"] == pd.Timestamp("2026-11-25T11:00:00Z")
    assert table["negative"].dtype == "float64"
    assert str(table["posted_at"].dtype).startswith("datetime64")
    assert pd.isna(table.set_index("id").loc[3]["posted_at"])
    assert table["text"].tolist()[1] == "Rivi yksi\nrivi kaksi; ja 😡 – ”lainaus”"


def test_pandas_reads_csv(store: Store, tmp_path: Path) -> None:
    path = saved(store, tmp_path, Subject.MENTIONS, Format.CSV)
    check(pd.read_csv(path, parse_dates=MOMENTS), "'" + FORMULA)


def test_pandas_reads_csv_for_excel(store: Store, tmp_path: Path) -> None:
    path = saved(store, tmp_path, Subject.MENTIONS, Format.EXCEL)
    table = pd.read_csv(path, sep=";", decimal=",", parse_dates=MOMENTS, encoding="utf-8-sig")
    check(table.assign(posted_at=table["posted_at"].dt.tz_localize("UTC")), "'" + FORMULA)


def test_pandas_reads_a_workbook(store: Store, tmp_path: Path) -> None:
    table = pd.read_excel(saved(store, tmp_path, Subject.MENTIONS, Format.XLSX), engine="calamine")
    check(table.assign(posted_at=table["posted_at"].dt.tz_localize("UTC")), FORMULA)
    assert table["needs_reply"].tolist()[1:3] == [False, True]


def test_pandas_reads_parquet(store: Store, tmp_path: Path) -> None:
    table = pd.read_parquet(saved(store, tmp_path, Subject.MENTIONS, Format.PARQUET))
    check(table, FORMULA)
    assert list(table.set_index("id").loc[1]["topics"]) == ["price", "trust"]
    assert str(table["posted_at"].dtype) == "datetime64[us, UTC]"


def test_pandas_reads_json_lines(store: Store, tmp_path: Path) -> None:
    path = saved(store, tmp_path, Subject.MENTIONS, Format.JSONL)
    table = pd.read_json(path, lines=True, dtype=False)
    check(table.assign(posted_at=pd.to_datetime(table["posted_at"])), FORMULA)


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("subject", Subject)
def test_pandas_opens_every_export(store: Store, subject: Subject, format: Format) -> None:
    raw = io.BytesIO(exported(store, ask(subject), format))
    readers: dict[Format, Any] = {
        Format.CSV: pd.read_csv,
        Format.EXCEL: lambda raw: pd.read_csv(raw, sep=";", decimal=",", encoding="utf-8-sig"),
        Format.XLSX: lambda raw: pd.read_excel(raw, engine="calamine"),
        Format.PARQUET: pd.read_parquet,
        Format.JSONL: lambda raw: pd.read_json(raw, lines=True),
    }
    table = readers[format](raw)
    columns = COLUMNS[subject]
    assert list(table) == [column.name for column in columns]
    assert len(table) > 0
    for column in columns:
        if column.type in (Type.INTEGER, Type.NUMBER) and table[column.name].notna().any():
            assert table[column.name].dtype.kind in "if", column.name


DUCK_TYPES = {
    Type.TEXT: "VARCHAR",
    Type.TEXTS: "VARCHAR[]",
    Type.INTEGER: "BIGINT",
    Type.NUMBER: "DOUBLE",
    Type.TRUTH: "BOOLEAN",
    Type.MOMENT: "TIMESTAMP WITH TIME ZONE",
    Type.DAY: "DATE",
}


@pytest.mark.parametrize("subject", Subject)
def test_duckdb_reads_parquet_with_its_types(store: Store, tmp_path: Path, subject: Subject) -> None:
    path = saved(store, tmp_path, subject, Format.PARQUET)
    with duckdb.connect() as duck:
        told = duck.execute(f"describe select * from '{path}'").fetchall()
    assert [(name, type) for name, type, *_ in told] == [
        (column.name, DUCK_TYPES[column.type]) for column in COLUMNS[subject]
    ]


@pytest.mark.parametrize(
    ("format", "reader"),
    [
        (Format.PARQUET, "read_parquet('{}')"),
        (Format.CSV, "read_csv('{}')"),
        (Format.EXCEL, "read_csv('{}', delim=';', decimal_separator=',')"),
        (Format.JSONL, "read_json('{}', format='newline_delimited')"),
    ],
)
def test_duckdb_counts_in_every_format(store: Store, tmp_path: Path, format: Format, reader: str) -> None:
    path = saved(store, tmp_path, Subject.MENTIONS, format)
    with duckdb.connect() as duck:
        duck.execute("set timezone = 'UTC'")
        rows = duck.execute(
            "select shop, count(*), sum(negative), max(found_at)::timestamp, count(rating) "
            f"from {reader.format(path)} group by shop order by shop"
        ).fetchall()
        (text,) = duck.execute(f"select text from {reader.format(path)} where id = 1").fetchall()
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC).replace(tzinfo=None)
    assert rows == [("helmi", 1, None, noon, 0), ("lumo", 3, 1.0, noon, 1)]
    assert text == (FORMULA if format in (Format.PARQUET, Format.JSONL) else "'" + FORMULA,)
