"""Writes JSON Lines: one object a row, with every column; what is unknown is null."""

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any, BinaryIO

from monitor.export.columns import Column

# JSON lets these stand in a text, but some readers take them for the end of the line.
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")


class JsonLinesWriter:
    """Writes rows to an open file as they come."""

    cut = 0

    def __init__(self, columns: Sequence[Column], out: BinaryIO) -> None:
        self._out = out
        self._names = [column.name for column in columns]

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        lines = [self._line(row) for row in rows]
        self._out.write("".join(lines).encode("utf-8", "replace"))

    def end(self) -> None:
        """Nothing comes after the last row."""

    def give_up(self) -> None:
        """Nothing is left behind."""

    def _line(self, row: Sequence[Any]) -> str:
        fields = dict(zip(self._names, row, strict=True))
        return _LINE_ENDS.sub(_escaped, json.dumps(fields, ensure_ascii=False, default=_plain)) + "\n"


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"an export has no column of type {type(value).__name__}")
