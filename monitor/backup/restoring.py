"""Brings back what a backup holds. All of it is looked through before the first thing is touched."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from monitor.backup.database import POSTGRES, SQLITE, check_copy, file_of, load_dump, put_file, rest
from monitor.backup.ledger import NAME as LEDGER
from monitor.backup.ledger import noted, subjects
from monitor.backup.making import FORMAT, MANIFEST, SETTINGS
from monitor.backup.vault import BackupError, put_whole, room_beside, unlock
from monitor.config import Config
from monitor.errors import ConfigError, StoreError
from monitor.store import Store, again
from monitor.store.engine import alembic_settings

ReadConfig = Callable[[Path], Config]
_NEWER = "It was made by a newer version of Mainevahti. Install that one. Nothing was touched."


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: when the backup was made, and how many posts were emptied again; `unread` says why
    the database that was there before could not be asked what had been erased.
    """

    made_at: str
    erased_again: int
    unread: str = ""


def restore_backup(
    file: Path,
    settings: Path,
    passphrase: str,
    read_config: ReadConfig,
    url_of: Callable[[Config], str],
    now: datetime,
    force: bool = False,
) -> Restored:
    """Put database, configuration, keys and ledger of a backup into place, and erase again what was erased.

    `settings` is where the configuration goes. Raises BackupError; then all is as it was.
    """
    with room_beside(settings.resolve()) as room:
        found = unlock(file, room, passphrase)
        manifest = _manifest(found)
        config = _config_of(found, settings, read_config)
        url = url_of(config)
        _refuse_to_overwrite(found, settings, url, force)
        erased, unread = _database(found, url, config, room, now)
        try:
            _place(found, settings, config)
        except OSError as error:
            raise BackupError(
                f"The database is back, but {error.filename} cannot be written ({error.strerror}). "
                "Give yourself the right to write there, and restore again."
            ) from error
    return Restored(str(manifest.get("made_at", "")), erased, unread)


def _manifest(found: Mapping[str, Path]) -> dict[str, Any]:
    try:
        told = json.loads(found[MANIFEST].read_text(encoding="utf-8"))
        sizes = {name: found[name].stat().st_size for name in told["files"]}
    except (KeyError, ValueError, TypeError):
        raise BackupError("The backup lacks some of its files. Nothing was touched.") from None
    if told.get("format") != FORMAT or not _is_known(str(told.get("revision"))):
        raise BackupError(_NEWER)
    if sizes != told["files"] or SETTINGS not in sizes or not {SQLITE, POSTGRES} & set(sizes):
        raise BackupError("The backup lacks some of its files. Nothing was touched.")
    return dict(told)


def _is_known(revision: str) -> bool:
    """Whether this program can bring tables of that version up to date."""
    try:
        return ScriptDirectory.from_config(alembic_settings()).get_revision(revision) is not None
    except CommandError:
        return False


def _config_of(found: Mapping[str, Path], settings: Path, read_config: ReadConfig) -> Config:
    """The configuration of the backup, read as if it lay in its place."""
    stand_in = settings.with_name(f".{settings.name}.restored")
    try:
        shutil.copyfile(found[SETTINGS], stand_in)
        return read_config(stand_in)
    except ConfigError as error:
        raise BackupError(
            f"The configuration in the backup cannot be used here: {error} "
            "Set the secrets that it names, then start again. Nothing was touched."
        ) from error
    finally:
        stand_in.unlink(missing_ok=True)


def _refuse_to_overwrite(found: Mapping[str, Path], settings: Path, url: str, force: bool) -> None:
    path = file_of(url)
    if (path is None) != (POSTGRES in found):
        raise BackupError(
            "The backup holds the other kind of database than its configuration names. Nothing was touched."
        )
    there = [one for one in (settings, path) if one is not None and one.exists()]
    if there and not force:
        names = ", ".join(str(one) for one in there)
        raise BackupError(f"These are there already: {names}. Nothing was touched; --force replaces them.")
    if path is None and not force:
        raise BackupError("All that the PostgreSQL database holds would be replaced; say so with --force.")
    if path is not None and path.exists():
        rest(path)


def _database(
    found: Mapping[str, Path], url: str, config: Config, room: Path, now: datetime
) -> tuple[int, str]:
    """Bring the copy up to date, erase in it what was erased since, and put it into place."""
    path = file_of(url)
    hashes = subjects([*noted(config.path(Path("var") / LEDGER)), *noted(found.get(LEDGER, room / "none"))])
    keys = _keys(found, config)
    if path is None:
        before, unread = _remembered(url, room, now)
        load_dump(found[POSTGRES], url, room)
        erased, _ = _brought_up(url, before, hashes, keys, now)
        return erased, unread
    copy = found[SQLITE]
    check_copy(copy)
    before = f"sqlite:///{path}" if path.exists() else None
    erased, unread = _brought_up(f"sqlite:///{copy}", before, hashes, keys, now)
    rest(copy)
    put_file(copy, path)
    return erased, unread


def _remembered(url: str, room: Path, now: datetime) -> tuple[str | None, str]:
    """Put aside what is empty in a database that will be replaced; None, and why, when it cannot be read."""
    aside = f"sqlite:///{room / 'before.sqlite'}"
    try:
        with _opened(url) as old, _opened(aside) as kept:
            kept.migrate()
            with old.reading() as asked, kept.transaction() as session:
                again.erase_known(session, asked, now)
    except (StoreError, SQLAlchemyError) as error:
        return None, str(error).partition("\n")[0]
    return aside, ""


def _keys(found: Mapping[str, Path], config: Config) -> list[bytes]:
    """The keys that the ledgers may be written with: that of the backup, and the one that is here."""
    places = [found.get("pseudonym.key"), config.path(Path("var/pseudonym.key"))]
    keys = [place.read_bytes() for place in places if place is not None and place.exists()]
    return list(dict.fromkeys(keys))


def _brought_up(
    url: str, before: str | None, hashes: frozenset[str], keys: list[bytes], now: datetime
) -> tuple[int, str]:
    erased, unread = 0, ""
    with _opened(url) as store:
        store.migrate()
        # First, because erased posts are known by marks whose key the database of before has.
        if before is not None:
            try:
                with _opened(before) as old, old.reading() as asked, store.transaction() as session:
                    erased += again.erase_known(session, asked, now)
            except (StoreError, SQLAlchemyError) as error:
                unread = str(error).partition("\n")[0]
        with store.transaction() as session:
            erased += sum(again.erase_subjects(session, hashes, key, now) for key in keys)
    return erased, unread


@contextmanager
def _opened(url: str) -> Iterator[Store]:
    store = Store(url)
    try:
        yield store
    finally:
        store.close()


def _place(found: Mapping[str, Path], settings: Path, config: Config) -> None:
    """Put the files beside the database; both ledgers become one."""
    var = config.path(Path("var"))
    lines = dict.fromkeys([*noted(found.get(LEDGER, var / "none")), *noted(var / LEDGER)])
    if lines:
        _write(var / LEDGER, "".join(f"{line}\n" for line in lines).encode())
    for name, path in found.items():
        if name.endswith(".key"):
            _write(var / name, path.read_bytes())
    _write(settings, found[SETTINGS].read_bytes(), mode=0o644)


def _write(path: Path, content: bytes, mode: int = 0o600) -> None:
    with put_whole(path, mode) as out:
        out.write(content)
