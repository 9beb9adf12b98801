"""Figures and posts out of the database as CSV or JSON Lines, streamed row by row.

Authors leave as pseudonyms (keyed hash) unless the caller asks for names, and so do addresses: only
their host. CSV cells that a spreadsheet would run as a formula are defused. A file appears under its
name only when complete.
"""

import csv
import errno
import hmac
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlmodel import Session

from monitor import trends
from monitor.errors import MonitorError
from monitor.store import reads
from monitor.store.rows import AlertRow, MentionRow

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_PAGE = 1000
_REMEDIES: Mapping[int | None, str] = {
    errno.ENOENT: "Make the folder first, or name another one.",
    errno.ENOTDIR: "Name a folder that exists.",
    errno.ENOSPC: "Free some space and start again.",
    errno.EDQUOT: "Free some space and start again.",
}
Row = Mapping[str, Any]


class Subject(StrEnum):
    """What can be exported."""

    MENTIONS = "mentions"
    TRENDS = "trends"
    ALERTS = "alerts"


class Format(StrEnum):
    """How it is written: CSV in UTF-8, CSV as Finnish Excel reads it, or JSON Lines."""

    CSV = "csv"
    EXCEL = "excel"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Request:
    """What to export: a period of days (`until` excluded), shops (empty: all), names or pseudonyms."""

    subject: Subject
    since: date
    until: date
    zone: ZoneInfo
    shops: tuple[str, ...] = ()
    pseudonym_key: bytes | None = None


def rows(session: Session, request: Request, now: datetime) -> Iterator[Row]:
    """The rows of an export, oldest first where time matters; columns are the same in every row."""
    makers: Mapping[Subject, Callable[[Session, Request, datetime], Iterator[Row]]] = {
        Subject.MENTIONS: _mentions,
        Subject.TRENDS: _trends,
        Subject.ALERTS: _alerts,
    }
    return makers[request.subject](session, request, now)


def write(rows: Iterable[Row], columns: Sequence[str], format: Format, out: TextIO) -> int:
    """Write rows to an open text file; returns how many."""
    if format is Format.JSONL:
        return _write_jsonl(rows, out)
    delimiter = ";" if format is Format.EXCEL else ","
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    number = 0
    for row in rows:
        writer.writerow([_cell(row[column], format) for column in columns])
        number += 1
    return number


def write_file(rows: Iterable[Row], columns: Sequence[str], format: Format, path: Path) -> int:
    """Write rows to a file that appears only when it is complete; returns how many rows.

    Raises MonitorError when it cannot be written.
    """
    # Excel takes UTF-8 for granted only when the file begins with a byte order mark.
    with whole_file(path, "utf-8-sig" if format is Format.EXCEL else "utf-8") as out:
        return write(rows, columns, format, out)


@contextmanager
def whole_file(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """Open a file that appears under its name when the block ends well, and leaves nothing otherwise.

    Raises MonitorError, with the remedy, when it cannot be written.
    """
    part = path.parent / f".{path.name}.{os.getpid()}.part"
    try:
        if path.exists() and not path.is_file():
            raise MonitorError(f"{path} is not a file that can be written. Name another one.")
        with part.open("w", encoding=encoding, newline="") as out:
            yield out
        part.replace(path)
    except OSError as error:
        remedy = _REMEDIES.get(error.errno, "Give yourself the right to write there, or name another file.")
        raise MonitorError(f"{path} cannot be written ({error.strerror or error}). {remedy}") from error
    finally:
        with suppress(OSError):
            part.unlink()


COLUMNS: Mapping[Subject, tuple[str, ...]] = {
    Subject.MENTIONS: (
        "id", "shop", "source", "url", "author", "title", "text", "posted_at", "found_at", "language",
        "thread_title", "matched_words", "certainty", "reach", "rating", "sentiment", "negative", "neutral",
        "positive", "topics", "urgency", "needs_reply", "not_scored", "model",
    ),
    Subject.TRENDS: (
        "day", "finished", "shop", "source", "mentions", "negative", "neutral", "positive", "unscored",
        "share_negative", "share_negative_low", "share_negative_high", "models",
    ),
    Subject.ALERTS: (
        "id", "shop", "source", "state", "urgency", "posted_at", "opened_at", "due_at", "answered_at",
        "closed_at", "dismiss_reason", "taken_by", "mentions", "url", "reasons",
    ),
}  # fmt: skip


def pseudonym(author: str, source: str, key: bytes) -> str:
    """A stable name for an author that cannot be turned back without the key."""
    if not author:
        return ""
    return "author-" + hmac.new(key, f"{source}\0{author}".encode(), "sha256").hexdigest()[:12]


def place(url: str, key: bytes | None) -> str:
    """The address of a post; only its host where authors are hidden: many addresses name them."""
    if key is None:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.hostname if parts.scheme in ("http", "https") else None
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}/" if host else ""


def _mentions(session: Session, request: Request, now: datetime) -> Iterator[Row]:
    wanted = reads.MentionFilter(
        shops=request.shops,
        since=trends.midnight(request.since, request.zone),
        until=trends.midnight(request.until, request.zone),
    )
    offset = 0
    while page := reads.mentions(session, wanted, _PAGE, offset):
        yield from (mention_fields(row, request.pseudonym_key) for row in page)
        offset += len(page)


def mention_fields(row: MentionRow, key: bytes | None) -> Row:
    """One mention by columns; the author as a pseudonym and of the address the host where a key is given."""
    judged = row.assessment
    return {
        "id": row.id,
        "shop": row.shop,
        "source": row.source,
        "url": place(row.url, key),
        "author": pseudonym(row.author, row.source, key) if key else row.author,
        "title": row.title,
        "text": row.text,
        "posted_at": row.posted_at,
        "found_at": row.found_at,
        "language": row.lang,
        "thread_title": row.thread_title,
        "matched_words": list(row.words),
        "certainty": row.certainty,
        "reach": row.reach,
        "rating": row.rating,
        "sentiment": judged.label.value if judged and judged.label else None,
        "negative": judged.negative if judged else None,
        "neutral": judged.neutral if judged else None,
        "positive": judged.positive if judged else None,
        "topics": [topic.value for topic in judged.topics] if judged else [],
        "urgency": judged.urgency.value if judged else None,
        "needs_reply": judged.needs_reply if judged else None,
        "not_scored": judged.not_scored if judged else None,
        "model": judged.model if judged else None,
    }


def _trends(session: Session, request: Request, now: datetime) -> Iterator[Row]:
    for point in trends.daily(session, request.shops, request.since, request.until, request.zone, now):
        yield point_fields(point)


def point_fields(point: trends.Point) -> Row:
    """One point of a trend by columns."""
    return {
        "day": point.start,
        "finished": point.is_finished,
        "shop": point.shop,
        "source": point.source,
        "mentions": point.mentions,
        "negative": point.negative,
        "neutral": point.neutral,
        "positive": point.positive,
        "unscored": point.unscored,
        "share_negative": _rounded(point.share_negative),
        "share_negative_low": _rounded(point.low),
        "share_negative_high": _rounded(point.high),
        "models": list(point.models),
    }


def _alerts(session: Session, request: Request, now: datetime) -> Iterator[Row]:
    since, until = (trends.midnight(day, request.zone) for day in (request.since, request.until))
    for alert in reads.alerts_opened(session, since, until):
        if not request.shops or alert.shop in request.shops:
            yield alert_fields(alert, request.pseudonym_key)


def alert_fields(alert: AlertRow, key: bytes | None) -> Row:
    """One alert by columns; of the address only the host where a key is given."""
    return {
        "id": alert.id,
        "shop": alert.shop,
        "source": alert.source,
        "state": alert.state.value,
        "urgency": alert.urgency.value,
        "posted_at": alert.first.posted_at,
        "opened_at": alert.opened_at,
        "due_at": alert.due_at,
        "answered_at": alert.answered_at,
        "closed_at": alert.closed_at,
        "dismiss_reason": alert.dismiss_reason,
        "taken_by": alert.taken_by,
        "mentions": alert.mentions,
        "url": place(alert.first.url, key),
        "reasons": [reason["rule"] for reason in alert.reasons],
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _write_jsonl(rows: Iterable[Row], out: TextIO) -> int:
    number = 0
    for row in rows:
        out.write(json.dumps(row, ensure_ascii=False, default=_plain) + "\n")
        number += 1
    return number


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"an export has no column of type {type(value).__name__}")


def _cell(value: Any, format: Format) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(value).replace(".", ",") if format is Format.EXCEL else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return _defused(" | ".join(value))
    return _defused(value) if isinstance(value, str) else str(value)


def _defused(text: str) -> str:
    """A leading quote keeps a spreadsheet from running what a stranger wrote."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def default_period(now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The last thirty days, today included."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=29), today + timedelta(days=1)
