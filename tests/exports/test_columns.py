"""The table of columns: everything is explained, everybody else agrees with it."""

import argparse
import csv
import io
import re
from pathlib import Path

import pytest

from monitor import export, trends
from monitor.cli import _parser
from monitor.export import COLUMNS, Column, Format, Subject, Type, dictionary
from monitor.store import Store, paging, reads
from tests.exports.support import KEY, NOW, ZONE, ask, rows_of

PAGE = Path(__file__).parents[2] / "docs/columns.md"
EVERY = [(subject, column) for subject in Subject for column in COLUMNS[subject]]


@pytest.mark.parametrize(("subject", "column"), EVERY, ids=[f"{one}-{two.name}" for one, two in EVERY])
def test_every_column_is_explained(subject: Subject, column: Column) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
    assert re.fullmatch(r"[A-Z].{10,}\.", column.tells), "say in a sentence what it means"
    assert column.unit or column.type is not Type.NUMBER, "a number has a unit"
    assert column.unit or column.type is not Type.MOMENT, "a moment has a time zone"


@pytest.mark.parametrize("subject", Subject)
def test_names_of_columns_are_told_apart(subject: Subject) -> None:
    assert len(set(export.names(subject))) == len(COLUMNS[subject])


def test_trends_have_the_columns_of_the_room_that_counts() -> None:
    assert export.names(Subject.TRENDS) == (*trends.COLUMNS, "begins_at")


@pytest.mark.parametrize("subject", Subject)
def test_rows_have_the_types_that_the_table_promises(store: Store, subject: Subject) -> None:
    types = {
        Type.TEXT: "str", Type.TEXTS: "list", Type.INTEGER: "int", Type.NUMBER: "float", Type.TRUTH: "bool",
        Type.MOMENT: "datetime", Type.DAY: "date",
    }  # fmt: skip
    rows = rows_of(store, ask(subject))
    assert rows
    for row in rows:
        assert tuple(row) == export.names(subject)
        for column in COLUMNS[subject]:
            value = row[column.name]
            assert (value is None and column.optional) or type(value).__name__ == types[column.type], column
            told = value if column.type is Type.TEXTS else [value]
            assert not column.choices or {*told} - {None} <= {*column.choices}, column


def test_api_gives_the_rows_of_the_export(store: Store) -> None:
    with store.reading() as session:
        listed = paging.mentions_after(session, reads.MentionFilter(), None, 100)
        mentions = [export.mention_fields(row, KEY) for row in reversed(listed)]
        alerts = [export.alert_fields(row, KEY) for row in reads.alerts_opened(session)]
        day = NOW.date()
        points = trends.daily(session, (), day, day.replace(day=day.day + 1), ZONE, NOW)
    assert mentions == rows_of(store, ask(Subject.MENTIONS))
    assert alerts == rows_of(store, ask(Subject.ALERTS))
    assert [export.point_fields(point, ZONE) for point in points] == rows_of(store, ask(Subject.TRENDS))


def test_page_of_columns_is_made_from_the_table() -> None:
    said = "write it anew: .venv/bin/mainevahti export columns > docs/columns.md"
    assert PAGE.read_text(encoding="utf-8") == dictionary.page(), said


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("subject", Subject)
def test_dictionary_tells_of_every_column(subject: Subject, format: Format) -> None:
    raw = dictionary.table(COLUMNS[subject], format).decode("utf-8-sig")
    delimiter = ";" if format is Format.EXCEL else ","
    rows = list(csv.DictReader(io.StringIO(raw, newline=""), delimiter=delimiter))
    assert [row["column"] for row in rows] == list(export.names(subject))
    assert all(row["meaning"] and row["written_as"] for row in rows)


@pytest.mark.parametrize("format", Format)
def test_dictionary_says_whether_formulas_are_defused(format: Format) -> None:
    (held,) = {row[-1] for row in dictionary.rows(COLUMNS[Subject.MENTIONS], format) if row[0] == "text"}
    expected = "nothing is defused" if format in (Format.PARQUET, Format.JSONL) else "would run"
    assert expected in held


def options() -> dict[str, list[str]]:
    """What the command line offers for each option of an export."""
    commands = next(action for action in _parser()._actions if action.dest == "command")
    assert isinstance(commands.choices, dict)
    parser: argparse.ArgumentParser = commands.choices["export"]
    return {action.dest: list(action.choices or ()) for action in parser._actions}


def test_command_line_offers_what_there_is() -> None:
    offered = options()
    assert offered["subject"] == [*Subject, "columns"]
    assert offered["format"] == list(Format)
    assert offered["step"] == list(trends.Step)
    assert offered["by"] == list(trends.Split)
