"""What a page shows, as CSV to take along: without authors, and with formulas defused."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitor import export
from monitor.store.rows import MentionRow
from monitor.trends import Point

_MENTION_COLUMNS = (
    "id", "shop", "source", "url", "title", "text", "posted_at", "found_at", "language", "sentiment",
    "negative", "neutral", "positive", "topics", "urgency", "not_scored",
)  # fmt: skip
_POINT_COLUMNS = (
    "start", "finished", "shop", "mentions", "negative", "neutral", "positive", "unscored",
    "share_negative", "share_negative_low", "share_negative_high", "models",
)  # fmt: skip


def mentions(rows: Iterable[MentionRow]) -> bytes:
    """Mentions with their verdicts, one a line."""
    return _csv(map(_mention, rows), _MENTION_COLUMNS)


def points(rows: Iterable[Point]) -> bytes:
    """Figures of periods; an unknown share is an empty cell, a share of nothing is 0."""
    return _csv(map(_point, rows), _POINT_COLUMNS)


def _mention(row: MentionRow) -> Mapping[str, Any]:
    judged = row.assessment
    scores = ("negative", "neutral", "positive", "not_scored")
    return {
        **{name: getattr(row, name) for name in _MENTION_COLUMNS[:8]},
        **{name: getattr(judged, name, None) for name in scores},
        "language": row.lang,
        "sentiment": judged.label.value if judged and judged.label else None,
        "topics": [topic.value for topic in judged.topics] if judged else [],
        "urgency": judged.urgency.value if judged else None,
    }


def _point(point: Point) -> Mapping[str, Any]:
    return {
        "finished": point.is_finished,
        "share_negative_low": point.low,
        "share_negative_high": point.high,
        **{name: getattr(point, name) for name in ("start", *_POINT_COLUMNS[2:9])},
        "models": list(point.models),
    }


def _csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    export.write(rows, columns, export.Format.CSV, out)
    # The mark at the beginning tells a spreadsheet that this is UTF-8.
    return out.getvalue().encode("utf-8-sig")
