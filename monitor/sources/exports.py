"""Exports as people save them: CSV of any make (also Finnish Excel's), spreadsheets, JSONL and JSON, as rows.

A row is a mapping from our own column names (COLUMNS) to what was written; nothing is judged here.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from monitor.sources.moments import parse_moment
from monitor.sources.sheets import SHEETS, sheet_rows
from monitor.text import decode

__all__ = ["COLUMNS", "SHEETS", "ExportRow", "export_moment", "object_row", "read_export"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "postid", "messageid", "tunniste", "viestiid", "nro", "numero", "nummer"),
    "text": (
        *("text", "body", "content", "message", "comment", "review", "feedback", "post"),
        *("teksti", "viesti", "kommentti", "arvostelu", "palaute", "sisältö"),
        *("meddelande", "kommentar", "omdöme", "recension", "innehåll", "inlägg"),
        *("comments", "verbatim", "freetext", "avoinpalaute", "vapaapalaute", "vapaateksti", "fritext"),
    ),
    "title": ("title", "subject", "headline", "otsikko", "aihe", "rubrik", "ämne"),
    "author": (
        *("author", "user", "username", "name"),
        *("kirjoittaja", "nimi", "käyttäjä", "nimimerkki"),
        *("författare", "namn", "användare"),
    ),
    "posted_at": (
        *("date", "time", "datetime", "created", "createdat", "postedat", "published", "timestamp"),
        *("päivä", "päivämäärä", "pvm", "aika", "luotu"),
        *("datum", "tid", "skapad"),
    ),
    "edited_at": ("edited", "editedat", "updated", "updatedat", "muokattu", "redigerad", "ändrad"),
    "url": ("url", "link", "permalink", "linkki", "osoite", "länk", "adress"),
    "thread": ("thread", "threadid", "topic", "topicid", "conversation", "ketju", "keskustelu", "tråd"),
    "thread_title": ("threadtitle", "topictitle", "ketjunotsikko", "trådrubrik"),
    "parent": ("parent", "parenttext", "inreplyto", "vastaus", "svarpå"),
    "rating": (
        *("rating", "stars", "score", "grade", "arvosana", "tähdet", "pisteet", "betyg", "stjärnor"),
        *("nps", "poäng"),
    ),
    "reach": ("reach", "followers", "views", "seuraajat", "katselut", "följare", "visningar"),
    "lang": ("lang", "language", "kieli", "språk"),
    "order": (
        *("order", "orderid", "ordernumber", "orderno", "orderreference"),
        *("tilaus", "tilausnumero", "tilausnro", "tilausviite", "beställning", "ordernummer"),
    ),
}
_NEEDED = ("text",)

_SEPARATORS = (";", ",", "\t", "|")
_FIELD_LIMIT = 12 * 2**20
_FINNISH_DATE = re.compile(
    r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\D{1,6}(\d{1,2})[.:](\d{2})(?:[.:](\d{2}))?)?\s*"
)
_EXCEL_DAY = re.compile(r"[2-9]\d{4}(?:[.,]\d+)?")
_NOT_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One row: the line of the file it begins on, its values by our names, or why it cannot be read."""

    line: int
    values: Mapping[str, str]
    problem: str = ""


def read_export(
    name: str, raw: bytes, columns: Mapping[str, str], needed: Sequence[str] = _NEEDED
) -> Iterator[ExportRow]:
    """Yield the rows of a file; `columns` maps our names to headers where the usual ones do not fit.

    A table must have one of the `needed` columns.
    """
    suffix = Path(name).suffix.lower()
    if suffix in SHEETS:
        yield from _from_table(sheet_rows(raw), columns, needed)
        return
    text = decode(raw)
    if suffix == ".json":
        yield from _from_json(text, columns)
    elif suffix in (".jsonl", ".ndjson"):
        yield from _from_lines(text, columns)
    else:
        yield from _from_csv(text, columns, needed)


def export_moment(written: str, zone: tzinfo) -> datetime | None:
    """Return a time as exports write it: also "21.11.2026 klo 14.05" and Excel's day numbers."""
    written = written.strip()
    found = _FINNISH_DATE.fullmatch(written)
    try:
        if found:
            day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=zone)
        if _EXCEL_DAY.fullmatch(written):
            days = timedelta(days=float(written.replace(",", ".")))
            return datetime(1899, 12, 30, tzinfo=zone) + days
    except (ValueError, OverflowError):
        return None
    return parse_moment(written, zone)


def _from_lines(text: str, columns: Mapping[str, str]) -> Iterator[ExportRow]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield object_row(number, json.loads(line), columns)
            except (ValueError, RecursionError):
                yield ExportRow(number, {}, "this is not JSON")


def _from_json(text: str, columns: Mapping[str, str]) -> Iterator[ExportRow]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        yield ExportRow(1, {}, "the file is not JSON")
        return
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        yield object_row(number, row, columns)


def object_row(line: int, row: Any, columns: Mapping[str, str]) -> ExportRow:
    """One JSON object as a row."""
    if not isinstance(row, dict):
        return ExportRow(line, {}, "this is not a JSON object")
    places = _places(list(row), columns)
    values = {name: row[header] for name, header in places.items()}
    return ExportRow(line, {name: str(value) for name, value in values.items() if _is_plain(value)})


def _is_plain(value: Any) -> bool:
    return value is not None and isinstance(value, str | int | float)


def _from_csv(text: str, columns: Mapping[str, str], needed: Sequence[str]) -> Iterator[ExportRow]:
    first, _, rest = text.partition("\n")
    has_note = first.strip().lower().startswith("sep=")  # Excel's own first line
    separator = first.strip()[4:5] if has_note else _separator(first)
    csv.field_size_limit(_FIELD_LIMIT)  # the module's own limit of 131,072 would lose long posts
    reader = csv.reader(io.StringIO(rest if has_note else text, newline=""), delimiter=separator or ";")
    yield from _from_table(((line + has_note, cells) for line, cells in _lines(reader)), columns, needed)


def _from_table(
    lines: Iterator[tuple[int, list[str]]], columns: Mapping[str, str], needed: Sequence[str]
) -> Iterator[ExportRow]:
    """Rows under their header; a line without cells is a damaged one."""
    try:
        _, header = next(lines, (1, []))
    except ValueError as error:
        yield ExportRow(1, {}, str(error))
        return
    places = _places(header, columns)
    if not any(name in places for name in needed):
        found, wanted = ", ".join(header)[:200], " or ".join(needed)
        yield ExportRow(1, {}, f"no column holds the {wanted}; found: {found}. Name it under `columns`")
        return
    index = {name: header.index(title) for name, title in places.items()}
    for line, cells in lines:
        values = {name: cells[place] for name, place in index.items() if place < len(cells)}
        yield ExportRow(line, values, "" if cells else "this line is not CSV")


def _lines(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row begins and its cells; no cells where the row is damaged."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, []
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)


def _places(headers: list[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return the header of each of our columns that the file has; a mapping by hand goes first."""
    by_form = {_form(header): header for header in reversed(headers)}
    places: dict[str, str] = {}
    for name, usual in COLUMNS.items():
        forms = [_form(columns[name])] if name in columns else usual
        header = next((by_form[form] for form in forms if form in by_form), None)
        if header is not None:
            places[name] = header
    return places


def _form(header: str) -> str:
    return _NOT_LETTER.sub("", header.casefold())
