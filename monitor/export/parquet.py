"""Writes Parquet: typed columns, compressed, in row groups; unknown values are null, texts untouched."""

from collections.abc import Sequence
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from monitor.export.columns import Column, Type

_ROWS_A_GROUP = 50_000
_TYPES = {
    Type.TEXT: pa.string(),
    Type.TEXTS: pa.list_(pa.string()),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.TRUTH: pa.bool_(),
    Type.MOMENT: pa.timestamp("us", tz="UTC"),
    Type.DAY: pa.date32(),
}


class ParquetWriter:
    """Gathers rows to groups and writes each as it is full."""

    cut = 0

    def __init__(self, columns: Sequence[Column], out: BinaryIO) -> None:
        self._schema = schema(columns)
        self._writer = parquet.ParquetWriter(out, self._schema, compression="zstd")
        self._waiting: list[Any] = []
        self._rows = 0

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        arrays = [
            pa.array(values, field.type)
            for field, values in zip(self._schema, zip(*rows, strict=True), strict=True)
        ]
        self._waiting.append(pa.record_batch(arrays, schema=self._schema))
        self._rows += len(rows)
        if self._rows >= _ROWS_A_GROUP:
            self._write_group()

    def end(self) -> None:
        if self._waiting:
            self._write_group()
        self._writer.close()

    def give_up(self) -> None:
        """What was gathered is dropped."""
        self._waiting = []

    def _write_group(self) -> None:
        table = pa.Table.from_batches(self._waiting, self._schema)
        self._writer.write_table(table, row_group_size=table.num_rows)
        self._waiting, self._rows = [], 0


def schema(columns: Sequence[Column]) -> pa.Schema:
    """Names and types; unit and meaning of each column travel as its metadata."""
    return pa.schema(
        [
            pa.field(
                column.name,
                _TYPES[column.type],
                nullable=column.optional,
                metadata={"meaning": column.tells, "unit": column.unit},
            )
            for column in columns
        ]
    )
