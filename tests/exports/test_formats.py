"""Every format holds what it was given: golden files, any text there is, and what only Excel limits."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from monitor import export
from monitor.domain import Sentiment, Topic
from monitor.export import COLUMNS, Column, Format, Subject, Type
from monitor.export.csvs import parted
from monitor.export.formulas import as_written
from monitor.export.parquet import schema
from monitor.export.sheets import SheetWriter
from monitor.store import Store
from tests.exports.support import FORMULA, ask, exported, read_csv, read_jsonl, rows_of

GOLDEN = Path(__file__).parent / "golden"
MENTIONS = COLUMNS[Subject.MENTIONS]
Rows = list[dict[str, Any]]


def written(rows: Sequence[Sequence[Any]], format: Format, columns: Sequence[Column] = MENTIONS) -> bytes:
    out = io.BytesIO()
    # Two batches, as a database gives them.
    told = export.write([rows[:1], rows[1:]], columns, format, out)
    assert told.rows == len(rows)
    return out.getvalue()


@pytest.mark.parametrize("format", [Format.CSV, Format.EXCEL, Format.JSONL])
@pytest.mark.parametrize("subject", Subject)
def test_text_is_written_as_ever(store: Store, subject: Subject, format: Format) -> None:
    expected = (GOLDEN / f"{subject}.{format}").read_bytes()
    assert exported(store, ask(subject), format) == expected


@pytest.mark.parametrize("subject", Subject)
def test_parquet_has_the_schema_as_ever(store: Store, subject: Subject) -> None:
    found = parquet.ParquetFile(io.BytesIO(exported(store, ask(subject), Format.PARQUET)))
    told = "\n".join(f"{field.name}: {field.type}" for field in found.schema_arrow) + "\n"
    assert told == (GOLDEN / f"{subject}.schema").read_text(encoding="utf-8")
    assert found.metadata.row_group(0).column(0).compression == "ZSTD"
    field = found.schema_arrow.field(0)
    assert field.metadata[b"meaning"].decode() == COLUMNS[subject][0].tells


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("subject", Subject)
def test_export_of_nothing_is_a_whole_file_with_the_names_of_its_columns(
    subject: Subject, format: Format
) -> None:
    out = io.BytesIO()
    assert export.write([], COLUMNS[subject], format, out).rows == 0
    raw, names = out.getvalue(), list(export.names(subject))
    if format is Format.PARQUET:
        assert parquet.read_table(io.BytesIO(raw)).schema == schema(COLUMNS[subject])
    elif format is Format.XLSX:
        (row,) = openpyxl.load_workbook(io.BytesIO(raw)).active.iter_rows(values_only=True)
        assert list(row) == names
    else:
        line = raw.decode("utf-8-sig")
        assert line == (
            "" if format is Format.JSONL else (";" if format is Format.EXCEL else ",").join(names) + "\r\n"
        )


def test_byte_order_mark_is_written_where_it_is_asked_for(store: Store) -> None:
    marked = exported(store, ask(Subject.MENTIONS), Format.CSV, bom=True)
    assert marked == b"\xef\xbb\xbf" + exported(store, ask(Subject.MENTIONS), Format.CSV)
    assert exported(store, ask(Subject.MENTIONS), Format.EXCEL).startswith(b"\xef\xbb\xbf")


def test_formulas_are_defused_where_spreadsheets_read(store: Store) -> None:
    assert {row["text"] for row in read_csv(exported(store, ask(Subject.MENTIONS), Format.CSV))} >= {
        "'" + FORMULA
    }
    for row in read_jsonl(exported(store, ask(Subject.MENTIONS), Format.JSONL)):
        assert not row["text"].startswith("'")
    book = openpyxl.load_workbook(io.BytesIO(exported(store, ask(Subject.MENTIONS), Format.XLSX)))
    (cell,) = [cell for row in book.active.iter_rows() for cell in row if cell.value == FORMULA]
    # Text, and with the mark that keeps Excel from running it when somebody edits the cell.
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]


# --- Any mention there is, there and back --------------------------------------------------------------

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30) | st.sampled_from(
    ["", "=1+1", "'=1", '"', '""', "a,b;c", "rivi\r\nrivi", "\r", "\n", " x ", "null", "NULL", "None",
     "😡👍🏽", "\u202eשלום", "مرحبا", "<r>x</r>", "_x0041_", "a | b", "a\\|b\\", "\x85\u2028",
     "\ufffe\uffff", "-0,5"]
)  # fmt: skip
WORDS = TEXTS.filter(bool)
MOMENTS = st.datetimes(datetime(1900, 3, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
SHARES = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 1e-7])
BIG = st.integers(-(2**53), 2**53)
VALUES: dict[Type, st.SearchStrategy[Any]] = {
    Type.TEXT: TEXTS,
    Type.TEXTS: st.lists(WORDS, max_size=3),
    Type.INTEGER: BIG,
    Type.NUMBER: SHARES,
    Type.TRUTH: st.booleans(),
    Type.MOMENT: MOMENTS,
    Type.DAY: st.dates(datetime(1900, 3, 1).date()),
}


def value_of(column: Column) -> st.SearchStrategy[Any]:
    known = st.sampled_from(column.choices) if column.choices else VALUES[column.type]
    if column.choices and column.type is Type.TEXTS:
        known = st.lists(known, max_size=3)
    # An optional text is never empty: a source that says nothing of it leaves it unknown.
    known = known.filter(bool) if column.optional and column.type is Type.TEXT else known
    return st.none() | known if column.optional else known


ROWS = st.lists(st.tuples(*map(value_of, MENTIONS)), min_size=1, max_size=4)
READ: dict[Type, Callable[[str], Any]] = {
    Type.TEXT: as_written,
    Type.TEXTS: lambda cell: parted(as_written(cell)),
    Type.INTEGER: int,
    Type.NUMBER: float,
    Type.TRUTH: {"true": True, "false": False}.__getitem__,
    Type.MOMENT: datetime.fromisoformat,
}


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_csv_gives_back_what_it_was_given(rows: list[tuple[Any, ...]]) -> None:
    found = read_csv(written(rows, Format.CSV))
    assert [cells_read(row) for row in found] == rows


@given(ROWS)
@settings(max_examples=40, deadline=None)
def test_csv_for_excel_gives_back_what_it_was_given(rows: list[tuple[Any, ...]]) -> None:
    def plain(column: Column, cell: str) -> str:
        if column.type is Type.MOMENT and cell:
            return cell.replace(",", ".") + "+00:00"
        return cell.replace(",", ".") if column.type is Type.NUMBER else cell

    found = read_csv(written(rows, Format.EXCEL), ";")
    plainly = [{column.name: plain(column, row[column.name]) for column in MENTIONS} for row in found]
    assert [cells_read(row) for row in plainly] == rows


def cells_read(row: dict[str, str]) -> tuple[Any, ...]:
    return tuple(
        None if column.optional and not row[column.name] else READ[column.type](row[column.name])
        for column in MENTIONS
    )


@given(ROWS)
@settings(max_examples=40, deadline=None)
def test_json_lines_give_back_what_they_were_given(rows: list[tuple[Any, ...]]) -> None:
    def value(column: Column, found: Any) -> Any:
        is_moment = column.type is Type.MOMENT and found is not None
        return datetime.fromisoformat(found) if is_moment else found

    found = read_jsonl(written(rows, Format.JSONL))
    assert [tuple(value(column, row[column.name]) for column in MENTIONS) for row in found] == rows


@given(ROWS)
@settings(max_examples=40, deadline=None)
def test_parquet_gives_back_what_it_was_given(rows: list[tuple[Any, ...]]) -> None:
    table = parquet.read_table(io.BytesIO(written(rows, Format.PARQUET)))
    assert [tuple(row.values()) for row in table.to_pylist()] == rows


@given(ROWS)
@settings(max_examples=40, deadline=None)
def test_workbook_gives_back_what_it_was_given(rows: list[tuple[Any, ...]]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(rows, Format.XLSX)))
    cells = [row[: len(MENTIONS)] for row in book.active.iter_rows(min_row=2, values_only=True)]
    for found, row in zip(cells, rows, strict=True):
        for column, cell, value in zip(MENTIONS, found, row, strict=True):
            assert same_in_excel(column, cell, value), (column.name, cell, value)


def same_in_excel(column: Column, cell: Any, value: Any) -> bool:
    if column.type is Type.TEXT:
        return unescaped(cell or "") == (value or "")
    if column.type is Type.TEXTS:
        return parted(unescaped(cell or "")) == value
    if value is None or column.type is Type.TRUTH:
        return cell is value
    if column.type is Type.MOMENT:
        return abs(cell.replace(tzinfo=UTC) - value) <= timedelta(milliseconds=1)
    if column.type is Type.NUMBER:
        return abs(cell - value) <= 1e-15
    return bool(cell == value)


def unescaped(cell: str) -> str:
    """The text of a cell: Excel writes what XML cannot hold as _x000D_."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), cell)


# --- What Excel limits ---------------------------------------------------------------------------------

SOME = (Column("id", Type.INTEGER, "A number."), Column("text", Type.TEXT, "A text."))


def test_workbook_goes_on_in_a_further_sheet_when_one_is_full() -> None:
    out = io.BytesIO()
    writer = SheetWriter(SOME, out, "mentions", rows=3)
    writer.write([(number, "x") for number in range(7)])
    writer.end()
    writer.give_up()
    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    assert book.sheetnames == ["mentions", "mentions 2", "mentions 3"]
    ids = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert ids == [["id", 0, 1, 2], ["id", 3, 4, 5], ["id", 6]]


@pytest.mark.parametrize("text", ["x" * 32_768, "😡" * 16_384, "<r>" + "x" * 40_000 + "</r>"])
def test_text_that_is_too_long_for_a_cell_is_cut_and_counted(text: str) -> None:
    out = io.BytesIO()
    told = export.write([[(1, text), (2, "short")]], SOME, Format.XLSX, out)
    assert told == export.Written(2, 1)
    (_, first, second) = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active.iter_rows(values_only=True)
    assert text.startswith(first[1].rstrip("…"))
    assert len(first[1]) >= 16_000
    assert second[1] == "short"


@pytest.mark.parametrize("text", ["<r></x></r>", "<r><t>evil</t></r>", '<r>&"</r>', "<r>=1</r>"])
def test_text_that_looks_like_the_xml_of_a_workbook_stays_text(text: str) -> None:
    out = io.BytesIO()
    export.write([[(1, text)]], SOME, Format.XLSX, out)
    (_, row) = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active.iter_rows(values_only=True)
    assert row[1] == text


def test_time_before_the_calendar_of_excel_is_a_text() -> None:
    columns, out = (Column("at", Type.MOMENT, "A moment."),), io.BytesIO()
    export.write([[(datetime(1899, 12, 31, tzinfo=UTC),)]], columns, Format.XLSX, out)
    (_, row) = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active.iter_rows(values_only=True)
    assert row[0] == "1899-12-31T00:00:00+00:00"


def test_parquet_gathers_batches_into_row_groups() -> None:
    out, batch = io.BytesIO(), [(number, "x") for number in range(2_000)]
    export.write([batch] * 60, SOME, Format.PARQUET, out)
    found = parquet.ParquetFile(io.BytesIO(out.getvalue())).metadata
    assert [found.row_group(place).num_rows for place in range(found.num_row_groups)] == [
        50_000,
        50_000,
        20_000,
    ]


def test_unknown_and_empty_are_told_apart_in_csv() -> None:
    columns = (Column("id", Type.INTEGER, "A number."), Column("title", Type.TEXT, "A text.", optional=True))
    assert written([(1, None), (2, "")], Format.CSV, columns) == b'id,title\r\n1,\r\n2,""\r\n'
    assert written([(None,), (None,)], Format.CSV, columns[1:]) == b'title\r\n""\r\n""\r\n'


def test_golden_mentions_hold_what_formats_find_hard(store: Store) -> None:
    rows = rows_of(store, ask(Subject.MENTIONS))
    assert {row["sentiment"] for row in rows} == {None, Sentiment.NEGATIVE, Sentiment.NEUTRAL}
    assert [row["topics"] for row in rows if row["id"] == 1] == [[Topic.PRICE, Topic.TRUST]]
    assert any("\n" in row["text"] for row in rows)
