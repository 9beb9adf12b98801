"""The formats of exports: which there are, and how rows are written in each, batch by batch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

from monitor.export.columns import Column
from monitor.export.csvs import CsvWriter, Style
from monitor.export.jsonlines import JsonLinesWriter
from monitor.export.requests import Batch


class Format(StrEnum):
    """CSV in UTF-8, CSV as Finnish Excel reads it, a workbook, Parquet, or JSON Lines."""

    CSV = "csv"
    EXCEL = "excel"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSONL = "jsonl"

    @property
    def ending(self) -> str:
        """What the name of a file ends with."""
        return ".csv" if self is Format.EXCEL else f".{self.value}"

    @property
    def media_type(self) -> str:
        """The same for HTTP."""
        return _MEDIA_TYPES[self]

    @property
    def is_text(self) -> bool:
        """Whether a terminal can show it."""
        return self in (Format.CSV, Format.EXCEL, Format.JSONL)


_MEDIA_TYPES: Mapping[Format, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.EXCEL: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.JSONL: "application/jsonl; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were written, and how many of their texts a cell could not hold whole."""

    rows: int
    cut: int


class Writer(Protocol):
    """Writes rows of one format; `end` completes the file, `give_up` comes last in any case."""

    cut: int

    def write(self, rows: Sequence[Sequence[object]]) -> None: ...

    def end(self) -> None: ...

    def give_up(self) -> None: ...


def write(
    batches: Iterable[Batch],
    columns: Sequence[Column],
    format: Format,
    out: BinaryIO,
    *,
    name: str = "export",
    bom: bool = False,
    folder: Path | None = None,
    tell: Callable[[int], object] = lambda rows: None,
) -> Written:
    """Write rows to an open file; `tell` hears of every batch.

    `bom` marks CSV as UTF-8 (Finnish Excel's is marked always). `name` is that of a workbook's sheet,
    `folder` where unfinished parts of it may lie. Raises OSError.
    """
    writer, rows = _writer(columns, format, out, name, bom, folder), 0
    try:
        for batch in batches:
            writer.write(batch)
            rows += len(batch)
            tell(len(batch))
        writer.end()
    finally:
        writer.give_up()
    return Written(rows, writer.cut)


def _writer(
    columns: Sequence[Column], format: Format, out: BinaryIO, name: str, bom: bool, folder: Path | None
) -> Writer:
    # The libraries of the last two are imported only when they are needed: they are large.
    if format is Format.PARQUET:
        from monitor.export.parquet import ParquetWriter

        return ParquetWriter(columns, out)
    if format is Format.XLSX:
        from monitor.export.sheets import SheetWriter

        return SheetWriter(columns, out, name, folder)
    if format is Format.JSONL:
        return JsonLinesWriter(columns, out)
    is_excel = format is Format.EXCEL
    return CsvWriter(columns, out, Style(";" if is_excel else ",", is_excel, bom or is_excel))
