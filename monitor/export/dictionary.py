"""Says what the columns mean: as a table beside an export, and as the page docs/columns.md."""

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from monitor.export.columns import COLUMNS, Column, Type
from monitor.export.csvs import CsvWriter, Style
from monitor.export.files import whole_bytes
from monitor.export.writing import Format

_HEADER = tuple(
    Column(name, Type.TEXT, tells)
    for name, tells in {
        "column": "Name of the column.",
        "type": "Type of its values.",
        "unit": "Unit of its values.",
        "may_be_unknown": "yes where a value may be missing.",
        "values": "The only values there are.",
        "meaning": "What it means.",
        "written_as": "How this file holds it.",
    }.items()
)
_PARTED = 'joined by " | "; a bar or a backslash inside of one has a backslash before it'
_DEFUSED = "with a ' before it where a spreadsheet would run it as a formula"
_TABLE_OF_TEXT = {
    Type.TEXT: f"text, {_DEFUSED}; unknown: an empty cell, empty text: two quotes",
    Type.TEXTS: f"texts {_PARTED}; {_DEFUSED}",
    Type.INTEGER: "digits",
    Type.NUMBER: "decimal point",
    Type.TRUTH: "true or false",
    Type.MOMENT: "ISO 8601 with offset",
    Type.DAY: "YYYY-MM-DD",
}
_AS_WRITTEN: Mapping[Format, Mapping[Type, str]] = {
    Format.CSV: _TABLE_OF_TEXT,
    Format.EXCEL: {
        **_TABLE_OF_TEXT,
        Type.NUMBER: "decimal comma",
        Type.MOMENT: "YYYY-MM-DD hh:mm:ss in UTC, parts of a second after a decimal comma",
    },
    Format.XLSX: {
        Type.TEXT: "text, never a formula (marked as text where Excel would run one); at most 32,767 signs",
        Type.TEXTS: f"texts {_PARTED}",
        Type.INTEGER: "number",
        Type.NUMBER: "number",
        Type.TRUTH: "truth value",
        Type.MOMENT: "date and time in UTC, to the millisecond; before March 1900 as text",
        Type.DAY: "date",
    },
    Format.PARQUET: {
        Type.TEXT: "string, as it was written: nothing is defused",
        Type.TEXTS: "list of strings, as they were written",
        Type.INTEGER: "int64",
        Type.NUMBER: "double",
        Type.TRUTH: "boolean",
        Type.MOMENT: "timestamp in UTC, microseconds",
        Type.DAY: "date32",
    },
    Format.JSONL: {
        Type.TEXT: "string, as it was written: nothing is defused",
        Type.TEXTS: "list of strings, as they were written",
        Type.INTEGER: "number",
        Type.NUMBER: "number",
        Type.TRUTH: "true or false",
        Type.MOMENT: "ISO 8601 with offset",
        Type.DAY: "YYYY-MM-DD",
    },
}


def rows(columns: Sequence[Column], format: Format) -> list[tuple[str, ...]]:
    """The dictionary of an export, one row a column."""
    return [(*_told(column), _AS_WRITTEN[format][column.type]) for column in columns]


def table(columns: Sequence[Column], format: Format) -> bytes:
    """The dictionary as CSV; Finnish Excel gets it in its own way."""
    out, is_excel = io.BytesIO(), format is Format.EXCEL
    writer = CsvWriter(_HEADER, out, Style(";" if is_excel else ",", is_excel, is_excel))
    writer.write(rows(columns, format))
    return out.getvalue()


def beside(path: Path) -> Path:
    """Where the dictionary of an export lies; the same rows in two formats have two."""
    return path.with_name(f"{path.name}.columns.csv")


def write_beside(path: Path, columns: Sequence[Column], format: Format) -> Path:
    """Write the dictionary beside an export; gives its path. Raises MonitorError."""
    with whole_bytes(beside(path)) as out:
        out.write(table(columns, format))
    return beside(path)


def page() -> str:
    """docs/columns.md."""
    return "\n".join(_page())


def _page() -> Iterator[str]:
    yield "# The columns of exports"
    yield ""
    yield "Made by `mainevahti export columns` from monitor/export/columns.py. Names and types stay."
    for subject, columns in COLUMNS.items():
        yield from ("", f"## {subject.value}", "", "| column | type | unit | meaning |", "|---|---|---|---|")
        for column in columns:
            name, type, unit, unknown, values, tells = _told(column)
            said = [tells, f"One of: {values}." if values else "", "May be unknown." if unknown else ""]
            yield f"| `{name}` | {type} | {unit} | {' '.join(part for part in said if part)} |"
    yield from ("", "## How each format holds them", "")
    yield f"| type | {' | '.join(Format)} |"
    yield f"|---{'|---' * len(Format)}|"
    for type in Type:
        held = (_AS_WRITTEN[format][type].replace("|", "\\|") for format in Format)
        yield f"| {type.value} | {' | '.join(held)} |"
    yield ""


def _told(column: Column) -> tuple[str, ...]:
    values = ", ".join(column.choices)
    return column.name, column.type.value, column.unit, "yes" if column.optional else "", values, column.tells
