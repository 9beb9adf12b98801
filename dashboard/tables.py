"""The figures of a chart as CSV to take along.

Columns are those of the export, so that both can be read by the same sheet.
"""

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from monitor import export
from monitor.export import Column, Subject, Type
from monitor.trends import Point

_VOICE = Column("share_of_voice", Type.NUMBER, "Of all posts about the shops in the period.", optional=True)
_OF_ALERTS = frozenset(
    ("alerts", "answered", "answer_median_s", "answer_p90_s", "within_deadline", "decided", "saved")
)


def points(rows: Iterable[Point], zone: ZoneInfo) -> bytes:
    """Figures of periods; an unknown share is an empty cell, a share of nothing is 0."""
    found = (export.point_fields(point, zone) for point in rows)
    return _csv(found, export.COLUMNS[Subject.TRENDS])


def parts(rows: Iterable[Point], zone: ZoneInfo) -> bytes:
    """The same of points that know nothing of alerts: a 0 there would say that there were none."""
    found = (export.point_fields(point, zone) for point in rows)
    return _csv(found, [one for one in export.COLUMNS[Subject.TRENDS] if one.name not in _OF_ALERTS])


def voices(rows: Sequence[Point], zone: ZoneInfo) -> bytes:
    """Figures of several shops by period, with each one's share of what was said of them all."""
    whole = together(rows)
    found = (
        {**export.point_fields(point, zone), _VOICE.name: share_of_voice(point, whole)} for point in rows
    )
    return _csv(found, [*export.COLUMNS[Subject.TRENDS], _VOICE])


def together(rows: Iterable[Point]) -> Mapping[date, int]:
    """How much was said of all shops in each period."""
    whole: dict[date, int] = defaultdict(int)
    for point in rows:
        whole[point.start] += point.mentions
    return whole


def share_of_voice(point: Point, whole: Mapping[date, int]) -> float | None:
    """A shop's part of what was said of all shops in the period; None where nothing was."""
    return point.mentions / whole[point.start] if whole[point.start] else None


def _csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> bytes:
    out = io.BytesIO()
    cells = [[row[column.name] for column in columns] for row in rows]
    # The mark at the beginning tells a spreadsheet that this is UTF-8.
    export.write([cells], columns, export.Format.CSV, out, bom=True)
    return out.getvalue()
