"""Times as other servers write them, and how far back a fetch looks."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

OVERLAP = timedelta(days=2)
_COMPACT_ZONE = re.compile(r"([+-]\d{2})(\d{2})$")


def floor(now: datetime, backfill: timedelta, newest: datetime | None) -> datetime:
    """Return the time before which posts are not wanted: the back-fill, or what an outage left open."""
    start = now - backfill
    return start if newest is None else min(start, newest - OVERLAP)


def parse_moment(written: object, zone: tzinfo = UTC) -> datetime | None:
    """Return the time that a server wrote, aware, or None when it is not a time.

    Takes ISO 8601 (also "+0300" and "20260503T100000Z"), dates of mail, and epoch seconds or
    milliseconds. A time without an offset is taken to be in `zone`.
    """
    if isinstance(written, datetime):
        return written if written.tzinfo else written.replace(tzinfo=zone)
    if isinstance(written, int | float):
        return _from_number(written)
    if not isinstance(written, str) or not written.strip():
        return None
    written = _COMPACT_ZONE.sub(r"\1:\2", written.strip()[:60])
    for parse in (datetime.fromisoformat, parsedate_to_datetime, _from_digits):
        try:
            moment = parse(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return None


def _from_number(written: float) -> datetime | None:
    try:
        return _from_epoch(float(written))
    except OverflowError:
        # JSON sets no bound to its integers.
        return None


def _from_digits(written: str) -> datetime:
    moment = _from_epoch(float(written))
    if moment is None:
        raise ValueError("not an epoch")
    return moment


def _from_epoch(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds / 1000 if abs(seconds) > 1e11 else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
