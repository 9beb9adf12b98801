"""Makes a backup while the service runs."""

import json
import shutil
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from monitor.backup.database import copy_out, file_of
from monitor.backup.ledger import ledger_path
from monitor.backup.vault import BackupError, lock, room_beside
from monitor.config import Config
from monitor.store import Store

MANIFEST, SETTINGS = "manifest.json", "config.toml"
FORMAT = 1


def make_backup(config: Config, settings: Path, url: str, file: Path, passphrase: str, now: datetime) -> int:
    """Write a backup; returns its size in bytes.

    `settings` is the configuration's file, `url` the database's whole address. Raises BackupError; then
    there is no new file.
    """
    if file.is_dir():
        raise BackupError(f"{file} is a folder. Name a file in it.")
    beside = file_of(url) or config.path(Path("var/backup"))
    with room_beside(beside) as room:
        names = [copy_out(url, room), *_take_along(config, settings, room)]
        _write_manifest(room, names, _revision(url), now)
        lock(room, [MANIFEST, *names], file, passphrase)
    return file.stat().st_size


def key_files(config: Config) -> list[Path]:
    """The keys that the service made for itself."""
    return sorted(config.path(Path("var")).glob("*.key"))


def _take_along(config: Config, settings: Path, room: Path) -> list[str]:
    """Copy settings, keys and ledger into the room; returns their names there."""
    found = {SETTINGS: settings, **{path.name: path for path in key_files(config)}}
    if ledger_path(config).exists():
        found[ledger_path(config).name] = ledger_path(config)
    try:
        for name, path in found.items():
            shutil.copyfile(path, room / name)
    except OSError as error:
        raise BackupError(f"{error.filename} cannot be read ({error.strerror}).") from error
    return list(found)


def _revision(url: str) -> str:
    """Which version the tables of a database have."""
    store = Store(url)
    try:
        with store.reading() as session:
            query = "SELECT version_num FROM alembic_version"
            return str(session.connection().exec_driver_sql(query).scalar_one())
    except SQLAlchemyError as error:
        raise BackupError("The database has no tables yet. Start the service once.") from error
    finally:
        store.close()


def _write_manifest(room: Path, names: list[str], revision: str, now: datetime) -> None:
    told = {
        "format": FORMAT,
        "program": version("mainevahti"),
        "revision": revision,
        "made_at": now.isoformat(timespec="seconds"),
        "files": {name: (room / name).stat().st_size for name in names},
    }
    (room / MANIFEST).write_text(json.dumps(told, indent=2), encoding="utf-8")
