"""JSON Schema of what the API answers, made from the table of columns."""

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.export import COLUMNS, Column, Subject, Type

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
NUMBER: Json = {"type": "number"}
TRUTH: Json = {"type": "boolean"}
MOMENT: Json = {"type": "string", "format": "date-time"}
DAY: Json = {"type": "string", "format": "date"}
_TYPES: Mapping[Type, Json] = {
    Type.TEXT: TEXT,
    Type.TEXTS: {"type": "array", "items": TEXT},
    Type.INTEGER: WHOLE,
    Type.NUMBER: NUMBER,
    Type.TRUTH: TRUTH,
    Type.MOMENT: MOMENT,
    Type.DAY: DAY,
}


def row(subject: Subject) -> Json:
    """One row of a list; a client may have asked for some of the columns only."""
    columns = {column.name: _of(column) for column in COLUMNS[subject]}
    return {"type": "object", "properties": columns, "additionalProperties": False}


def or_null(schema: Json) -> Json:
    """The same, or null where it is unknown."""
    more = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [schema["type"], "null"], **more}


def one_of(values: Iterable[str]) -> Json:
    """One of a few texts."""
    return {"type": "string", "enum": [str(value) for value in values]}


def a_list(schema: Json) -> Json:
    """Any number of these."""
    return {"type": "array", "items": schema}


def an_object(**properties: Json) -> Json:
    """An object with all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _of(column: Column) -> Json:
    schema = _TYPES[column.type]
    if column.choices:
        few = one_of(column.choices)
        schema = a_list(few) if column.type is Type.TEXTS else few
    tells = f"{column.tells} ({column.unit})" if column.unit else column.tells
    return {**(or_null(schema) if column.optional else schema), "description": tells}
