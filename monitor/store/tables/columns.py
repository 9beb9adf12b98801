"""Column types that the tables share."""

from typing import Any

from sqlalchemy import JSON, Column, Text


def json_column() -> Any:
    """A column of plain lists and dicts, never NULL."""
    return Column(JSON, nullable=False)


def long_column() -> Any:
    """A text of any length, never NULL."""
    return Column(Text, nullable=False)
