"""Writes XLSX in constant memory: typed cells, no formulas, further sheets where one is full.

Excel knows neither time zones (moments are in UTC) nor texts beyond 32,767 signs: longer ones are cut, and
`cut` counts them. What Excel would run when somebody edits the cell carries Excel's own mark for text.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.workbook import Workbook

from monitor.export.columns import Column, Type
from monitor.export.csvs import joined
from monitor.export.formulas import runs

ROWS_A_SHEET = 1_048_575
_TOO_LONG = -2  # what XlsxWriter answers when it had to cut a text
# Excel counts in halves of characters; so many signs fit whatever they are.
_SURELY_FITS = 16_000
# The calendar of Excel begins here, but for a leap day that never was.
_FIRST_DAY = date(1900, 3, 1)
_WIDTHS = {Type.TEXT: 18, Type.TEXTS: 24, Type.MOMENT: 20, Type.DAY: 12}


class SheetWriter:
    """Writes rows to a workbook; its unfinished parts lie in a folder of their own."""

    def __init__(
        self,
        columns: Sequence[Column],
        out: BinaryIO,
        name: str,
        folder: Path | None = None,
        rows: int = ROWS_A_SHEET,
    ) -> None:
        """`name` is the first sheet's, `folder` where unfinished parts may lie; `rows` fit into a sheet."""
        self._columns, self._name, self._most = columns, name, rows
        self._parts = tempfile.TemporaryDirectory(prefix=".mainevahti-", dir=folder)
        self._book = Workbook(out, {"constant_memory": True, "tmpdir": self._parts.name})
        self._book.use_zip64()
        self._marked = self._book.add_format({"quote_prefix": True})
        self._bold = self._book.add_format({"bold": True})
        self._plain = self._book.add_format()
        self._as_moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._as_day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._writers = [self._writer(column.type) for column in columns]
        self.cut = 0
        self._begin_sheet()

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            if self._row > self._most:
                self._begin_sheet()
            for place, (write, value) in enumerate(zip(self._writers, row, strict=True)):
                if value is not None:
                    write(place, value)
            self._row += 1

    def end(self) -> None:
        try:
            self._book.close()
        except FileCreateError as error:
            cause = error.args[0] if error.args else None
            raise cause if isinstance(cause, OSError) else OSError(str(error)) from error

    def give_up(self) -> None:
        """Remove the unfinished parts; nothing is left to remove after a good end."""
        for sheet in self._book.worksheets():
            with suppress(OSError):
                sheet.row_data_fh.close()
        self._parts.cleanup()

    def _begin_sheet(self) -> None:
        number = len(self._book.worksheets()) + 1
        self._sheet = self._book.add_worksheet(self._name if number == 1 else f"{self._name} {number}")
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, _WIDTHS.get(column.type, 10))
            self._sheet.write_string(0, place, column.name, self._bold)
        self._row = 1

    def _writer(self, type: Type) -> Callable[[int, Any], None]:
        writers: Mapping[Type, Callable[[int, Any], None]] = {
            Type.TEXT: self._text,
            Type.TEXTS: self._texts,
            Type.INTEGER: self._number,
            Type.NUMBER: self._number,
            Type.TRUTH: self._truth,
            Type.MOMENT: self._moment,
            Type.DAY: self._day,
        }
        return writers[type]

    def _text(self, place: int, text: str) -> None:
        look = self._marked if runs(text) else None
        if text.startswith("<r>") and text.endswith("</r>"):
            self._like_xml(place, text)
        elif self._sheet.write_string(self._row, place, text, look) == _TOO_LONG:
            self.cut += 1

    def _like_xml(self, place: int, text: str) -> None:
        """XlsxWriter takes such a text for XML of its own, and would write it as it is."""
        if len(text) < _SURELY_FITS:
            self._sheet.write_rich_string(self._row, place, text[:3], self._plain, text[3:])
        else:
            self._sheet.write_string(self._row, place, f"{text[:_SURELY_FITS]}…")
            self.cut += 1

    def _texts(self, place: int, texts: Sequence[str]) -> None:
        if texts:
            self._text(place, joined(texts))

    def _number(self, place: int, number: float) -> None:
        self._sheet.write_number(self._row, place, number)

    def _truth(self, place: int, truth: bool) -> None:
        self._sheet.write_boolean(self._row, place, truth)

    def _moment(self, place: int, moment: datetime) -> None:
        if moment.date() < _FIRST_DAY:
            self._text(place, moment.isoformat())
        else:
            self._sheet.write_datetime(self._row, place, moment.replace(tzinfo=None), self._as_moment)

    def _day(self, place: int, day: date) -> None:
        self._sheet.write_datetime(self._row, place, day, self._as_day)
