"""Files that appear under their name only when they are complete.

They are written under another name in the same folder. What a killed program left there is removed when
the same file is written again.
"""

import errno
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from monitor.errors import MonitorError
from monitor.processes import is_running

_REMEDIES: Mapping[int | None, str] = {
    errno.ENOENT: "Make the folder first, or name another one.",
    errno.ENOTDIR: "Name a folder that exists.",
    errno.ENOSPC: "Free some space and start again.",
    errno.EDQUOT: "Free some space and start again.",
    errno.EFBIG: "Export a shorter period, or raise the limit for the size of files.",
}


@contextmanager
def whole_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears under its name when the block ends well, and leaves nothing otherwise.

    Raises MonitorError, with the remedy, when it cannot be written.
    """
    part = path.parent / f".{path.name}.{os.getpid()}.part"
    try:
        if path.exists() and not path.is_file():
            raise MonitorError(f"{path} is not a file that can be written. Name another one.")
        _clear(path)
        with part.open("wb") as out:
            yield out
            out.flush()
            # Or the name could be on the disk before what it names.
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        remedy = _REMEDIES.get(error.errno, "Give yourself the right to write there, or name another file.")
        raise MonitorError(f"{path} cannot be written ({error.strerror or error}). {remedy}") from error
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def whole_file(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """The same for text."""
    with whole_bytes(path) as raw:
        out = io.TextIOWrapper(raw, encoding, newline="")
        yield out
        out.flush()
        out.detach()


def _clear(path: Path) -> None:
    """Remove what exports to this file left that were killed."""
    for left in path.parent.iterdir():
        middle = left.name.removeprefix(f".{path.name}.").removesuffix(".part")
        if left.name == f".{path.name}.{middle}.part" and middle.isdecimal() and not is_running(int(middle)):
            with suppress(OSError):
                left.unlink()
