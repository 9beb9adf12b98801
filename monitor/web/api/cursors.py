"""Where a list goes on, as one word for the client, who need not know what it means."""

import base64
import binascii
from datetime import UTC, datetime, timedelta

from monitor.store.paging import Place
from monitor.web.api.asking import Unclear

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST = 100
_MOST_ID = 2**63 - 1


def write(place: Place) -> str:
    """The cursor of the page after this row."""
    said = f"{(place.at - _EPOCH) // _MICROSECOND}.{place.id}"
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read(written: str) -> Place | None:
    """The row to go on after; None for the first page. Raises Unclear."""
    if not written:
        return None
    try:
        return _read(written)
    except (ValueError, OverflowError, binascii.Error):
        raise Unclear("cursor", "it is not one of ours. Begin without it.") from None


def _read(written: str) -> Place:
    if len(written) > _LONGEST:
        raise ValueError("too long")
    said = base64.b64decode(written + "=" * (-len(written) % 4), b"-_", validate=True).decode("ascii")
    at, row_id = (int(part) for part in said.split("."))
    if not 0 <= row_id <= _MOST_ID:
        raise ValueError("no id")
    return Place(_EPOCH + at * _MICROSECOND, row_id)
