"""An export on its way to somebody: written whole to a file without a name first, then sent piece by piece.

So an error of the database or the disk is told before anything is sent, a slow receiver holds no connection
to the database, and the memory needed does not grow with the export.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from monitor.export.requests import Request, batches
from monitor.export.writing import Format, write
from monitor.store import Store

_PIECE = 256 * 1024


class Spooled(NamedTuple):
    """An export that is ready to be sent, and is gone once it was; `size` in bytes."""

    out: BinaryIO
    size: int
    rows: int


def spool(
    store: Store, request: Request, format: Format, folder: Path, now: datetime, *, bom: bool = False
) -> Spooled:
    """Write an export, in one reading of the store, to a file in `folder` that nobody else can open.

    Raises OSError when it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        out: BinaryIO = closing.enter_context(tempfile.TemporaryFile(dir=folder))
        with store.reading() as session:
            found = batches(session, request, now)
            name = request.subject.value
            written = write(found, request.table, format, out, name=name, bom=bom, folder=folder)
        size = out.seek(0, 2)
        closing.pop_all()
    return Spooled(out, size, written.rows)


def pieces(spooled: Spooled) -> Iterator[bytes]:
    """The bytes of it; the file is gone afterwards, however that came."""
    with spooled.out as out:
        out.seek(0)
        while piece := out.read(_PIECE):
            yield piece


def file_name(request: Request, format: Format, now: datetime) -> str:
    """How the receiver's file is called."""
    return f"{request.subject.value}-{now.astimezone(request.zone):%Y-%m-%d}{format.ending}"
