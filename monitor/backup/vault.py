"""Locks files away with a passphrase and opens them again; knows nothing of what is in them.

age does the cryptography (scrypt, X25519, ChaCha20-Poly1305 in chunks): a file that was cut off or changed
does not open. Two age files lie in one tar, because only a key lets age work through a stream.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import pyrage

from monitor.errors import MonitorError
from monitor.processes import is_running

_KEY, _CONTENTS = "key.age", "contents.age"
_ROOM = ".backup-"
_SHORTEST = 12
_MOST_KEY = 100_000


class BackupError(MonitorError):
    """A backup cannot be made or used; the text says what to do, and that nothing was touched."""


def check_passphrase(passphrase: str) -> str:
    """Return the passphrase. Raises BackupError for one that could be guessed."""
    if len(passphrase) < _SHORTEST:
        raise BackupError(f"The passphrase is shorter than {_SHORTEST} characters. Take a longer one.")
    return passphrase


@contextmanager
def room_beside(path: Path) -> Iterator[Path]:
    """A folder that only we may read, beside a file, gone at the end: plain data touches no other disk."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear(path.parent)
        room = tempfile.TemporaryDirectory(dir=path.parent, prefix=f"{_ROOM}{os.getpid()}-")
    except OSError as error:
        raise BackupError(f"{path.parent} cannot be written ({error.strerror}).") from error
    with room as name:
        yield Path(name)


def _clear(folder: Path) -> None:
    """Remove the rooms of those that were killed: what lies in them is not encrypted."""
    for left in folder.glob(f"{_ROOM}*"):
        process, _, _ = left.name.removeprefix(_ROOM).partition("-")
        if process.isdecimal() and not is_running(int(process)):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def put_whole(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Open a file that takes its place in one step, at the end; in a new folder that only we may enter.

    Raises OSError; then what was there stands.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            # Or the name could be on the disk before what it names.
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def lock(room: Path, names: Sequence[str], file: Path, passphrase: str) -> None:
    """Write the files of a folder, encrypted, into `file`, which appears whole or not at all."""
    part = file.with_name(f".{file.name}.part")
    try:
        _pack(room, names)
        identity = pyrage.x25519.Identity.generate()
        with (room / "contents").open("rb") as plain, (room / _CONTENTS).open("wb") as locked:
            pyrage.encrypt_io(plain, locked, [identity.to_public()])
        key = pyrage.passphrase.encrypt(str(identity).encode(), check_passphrase(passphrase))
        (room / _KEY).write_bytes(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(part, "w") as outer:
            part.chmod(0o600)
            for name in (_KEY, _CONTENTS):
                outer.add(room / name, arcname=name)
        part.replace(file)
    except OSError as error:
        said = error.strerror or error
        raise BackupError(
            f"{file} cannot be written ({said}). Free some space, or name another place."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def unlock(file: Path, room: Path, passphrase: str) -> Mapping[str, Path]:
    """Open a backup into a folder; returns its files by name.

    Raises BackupError when it is damaged or the passphrase is another one.
    """
    try:
        with tarfile.open(file, "r:") as outer:
            key = outer.extractfile(_KEY)
            contents = outer.extractfile(_CONTENTS)
            assert key is not None
            assert contents is not None
            identity = _identity(key.read(_MOST_KEY), passphrase)
            with (room / "contents").open("wb") as plain:
                pyrage.decrypt_io(contents, plain, [identity])
        return _unpack(room)
    except FileNotFoundError:
        raise BackupError(f"There is no file {file}.") from None
    except (tarfile.TarError, KeyError, AssertionError, EOFError, pyrage.DecryptError):
        raise BackupError(_damaged(file)) from None
    except OSError as error:
        # What age finds out while it reads arrives as an OSError without a number.
        said = _damaged(file) if error.errno is None else f"{file} cannot be opened ({error.strerror})."
        raise BackupError(said) from None


def _identity(key: bytes, passphrase: str) -> "pyrage.x25519.Identity":
    try:
        return pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(key, passphrase).decode())
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError):
        raise BackupError(
            "The backup does not open: the passphrase is another one, or the file is damaged. "
            "Nothing was touched."
        ) from None


def _damaged(file: Path) -> str:
    return (
        f"{file} is no whole backup of Mainevahti: cut off, changed, or something else. Nothing was touched."
    )


def _pack(room: Path, names: Sequence[str]) -> None:
    with tarfile.open(room / "contents", "w:gz", compresslevel=6) as inner:
        for name in names:
            inner.add(room / name, arcname=name, recursive=False)


def _unpack(room: Path) -> Mapping[str, Path]:
    """Files of the contents by name. Only plain names are taken, whatever the archive says."""
    found: dict[str, Path] = {}
    inside = room / "inside"
    inside.mkdir()
    with tarfile.open(room / "contents", "r:gz") as inner:
        for member in inner:
            source = inner.extractfile(member) if member.isfile() else None
            if source is None or Path(member.name).name != member.name:
                continue
            found[member.name] = inside / member.name
            with found[member.name].open("wb") as out:
                while chunk := source.read(2**20):
                    out.write(chunk)
    (room / "contents").unlink()
    return found
