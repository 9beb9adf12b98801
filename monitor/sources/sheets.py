"""The first sheet of a spreadsheet (XLSX, XLS, ODS) as rows of text."""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator

import python_calamine

SHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
_MOST_UNPACKED = 500 * 2**20
_NOT_OURS = "this is not a spreadsheet that can be read; save it anew, or as CSV"
_TOO_LARGE = "this spreadsheet is larger unpacked than we read; save it as CSV"


def sheet_rows(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row that holds something. Raises ValueError for a file that is none."""
    if _unpacked(raw) > _MOST_UNPACKED:
        raise ValueError(_TOO_LARGE)
    try:
        with python_calamine.load_workbook(io.BytesIO(raw)) as book:
            sheet = book.get_sheet_by_index(0)
            start = sheet.start[0] if sheet.start else 0
            rows = sheet.to_python(skip_empty_area=True)
    except (python_calamine.CalamineError, python_calamine.WorksheetNotFound, OSError, ValueError) as error:
        raise ValueError(_NOT_OURS) from error
    for number, row in enumerate(rows, start + 1):
        cells = [_written(cell) for cell in row]
        if any(cells):
            yield number, cells


def _unpacked(raw: bytes) -> int:
    """Bytes that the parts of a zipped file say they take; 0 for the older kind, which is not zipped."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            return sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile:
        return 0


def _written(cell: object) -> str:
    """A cell as people would write it: whole numbers without a point, times in ISO 8601."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell).strip()
