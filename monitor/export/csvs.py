"""Writes CSV: plain, or as Finnish Excel reads it (semicolons, decimal commas).

An unknown value is an empty cell, an empty text is a pair of quotes. Texts that a spreadsheet would run are
defused; several texts in one cell are separated by " | ".
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from monitor.export.columns import Column, Type
from monitor.export.formulas import defused

_BOM = b"\xef\xbb\xbf"
_BETWEEN = " | "
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NOTHING = '""'
_Cell = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Style:
    """How a table of text is written; `bom` marks it as UTF-8 for spreadsheets."""

    delimiter: str = ","
    has_decimal_commas: bool = False
    bom: bool = False


class CsvWriter:
    """Writes rows to an open file as they come."""

    cut = 0

    def __init__(self, columns: Sequence[Column], out: BinaryIO, style: Style) -> None:
        self._out, self._style = out, style
        self._must_quote = re.compile(rf'["{style.delimiter}\r\n]|^\s|\s$|^$')
        self._cells = [self._cell(column.type) for column in columns]
        out.write(_BOM if style.bom else b"")
        self._put([style.delimiter.join(column.name for column in columns)])

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        cells, delimiter = self._cells, self._style.delimiter
        self._put(
            delimiter.join(
                ["" if value is None else cell(value) for cell, value in zip(cells, row, strict=True)]
            )
            for row in rows
        )

    def end(self) -> None:
        """Nothing comes after the last row."""

    def give_up(self) -> None:
        """Nothing is left behind."""

    def _put(self, lines: Iterable[str]) -> None:
        # An empty line would be no row at all.
        text = "".join([f"{line or _NOTHING}\r\n" for line in lines])
        self._out.write(text.encode("utf-8", "replace"))

    def _cell(self, type: Type) -> _Cell:
        cells: Mapping[Type, _Cell] = {
            Type.TEXT: self._text,
            Type.TEXTS: lambda texts: self._text(joined(texts)) if texts else "",
            Type.INTEGER: str,
            Type.NUMBER: self._number,
            Type.TRUTH: lambda truth: "true" if truth else "false",
            Type.MOMENT: self._moment,
            Type.DAY: lambda day: str(day.isoformat()),
        }
        return cells[type]

    def _text(self, text: str) -> str:
        text = defused(text)
        return '"' + text.replace('"', '""') + '"' if self._must_quote.search(text) else text

    def _number(self, number: float) -> str:
        written = repr(float(number))
        return written.replace(".", ",") if self._style.has_decimal_commas else written

    def _moment(self, moment: datetime) -> str:
        """ISO 8601; for Excel without the offset, which it would not read as a time."""
        if not self._style.has_decimal_commas:
            return moment.isoformat()
        return moment.replace(tzinfo=None).isoformat(" ").replace(".", ",")


def joined(texts: Sequence[str]) -> str:
    """Several texts in one cell; a bar inside of one is written with a backslash."""
    return _BETWEEN.join(text.replace("\\", "\\\\").replace("|", "\\|") for text in texts)


def parted(cell: str) -> list[str]:
    """The texts of a cell that `joined` made."""
    return [_ESCAPED.sub(r"\1", part) for part in cell.split(_BETWEEN)] if cell else []
