"""Writes each mail as an .eml file into a folder, for a first look and for tests. Sends nothing."""

import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from monitor.clock import Clock
from monitor.domain import Message
from monitor.errors import Temporary
from monitor.notifiers.mail import build_mail

_log = logging.getLogger(__name__)
_OURS = re.compile(r"-[0-9a-f]{8}\.eml$")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


class FolderNotifier:
    """One file a message, named by its Message-ID: sending it again overwrites the file."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    def send(self, message: Message) -> None:
        """Write the file in one step, so that nobody ever sees half of it. Raises Temporary."""
        content = build_mail(message, self._sender, self._clock.now()).as_bytes()
        with self._writing():
            _write_at_once(self._folder / file_name(message.message_id), content)

    def try_out(self) -> None:
        """Find out whether the folder can be written. Raises Temporary."""
        with self._writing(), tempfile.TemporaryFile(dir=self._folder):
            pass

    def forget(self, before: datetime) -> int:
        """Remove the files written before then, and no file of anybody else; returns how many."""
        ours = (path for path in self._folder.glob("*.eml") if _OURS.search(path.name))
        return sum(_is_removed(path) for path in ours if _is_old(path, before))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise Temporary(
                f"The mail folder {self._folder} cannot be written: {error.strerror}. "
                "Free some space there, or give the service's user the right to write."
            ) from error


def file_name(message_id: str) -> str:
    """Name of a message's file; ids that look alike after cleaning still differ."""
    name = _NOT_PLAIN.sub("-", message_id.strip("<>").partition("@")[0])[:100].strip(".-")
    digest = hashlib.sha256(message_id.encode()).hexdigest()[:8]
    return f"{name}-{digest}.eml"


def _is_old(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except OSError:
        return False


def _is_removed(path: Path) -> bool:
    try:
        path.unlink()
    except OSError as error:
        _log.warning("the old mail %s cannot be removed: %s", path.name, error.strerror)
        return False
    return True


def _write_at_once(path: Path, content: bytes) -> None:
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    except OSError:
        Path(unfinished).unlink(missing_ok=True)
        raise
