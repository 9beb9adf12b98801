"""The database connection: SQLite tuned for one writer and many readers, or PostgreSQL.

Write transactions on SQLite begin IMMEDIATE, so that two writers wait for each other instead of
failing halfway; `Store` is the only maker of sessions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlmodel import Session, create_engine

from monitor.errors import StoreError
from monitor.store import searching

_BUSY_TIMEOUT_MS = 20_000


class Store:
    """An open database. Threads may share it; sessions they may not."""

    def __init__(self, url: str) -> None:
        """Open `url` (an SQLAlchemy URL); makes the folder of a SQLite file where it is missing."""
        self.url = url
        self.engine = _open(url)
        self._writing = self.engine.execution_options(is_writing=True)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that commits at the end, or rolls back when anything is raised.

        Raises StoreError when the database is locked, read-only, full or damaged.
        """
        with _as_store_error(self.url), Session(self._writing) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for queries only; nothing it does is kept."""
        with _as_store_error(self.url), Session(self.engine) as session:
            yield session

    def migrate(self) -> None:
        """Bring the tables, and the index of the search, up to this version of the program."""
        with _as_store_error(self.url), self._writing.begin() as connection:
            settings = alembic_settings()
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
        more = True
        while more:
            with self.transaction() as session:
                more = searching.catch_up(session)

    def close(self) -> None:
        self.engine.dispose()


def alembic_settings() -> AlembicConfig:
    """Settings that find our migrations wherever the package is installed."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return settings


def _open(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:" and not parsed.database.startswith("file:"):
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The folder of {parsed.database} cannot be made: {error.strerror}.") from error
    engine = create_engine(parsed)
    event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _tune_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction control would begin too late and deferred; see _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


_REMEDIES = (
    ("readonly", "it is read-only. Give the service's user the right to write the file and its folder."),
    ("read-only", "it is read-only. Give the service's user the right to write the file and its folder."),
    ("locked", "another program holds it. Close that program; work goes on at the next round."),
    ("disk is full", "the disk is full. Free some space; nothing that was stored is lost."),
    ("disk i/o", "its disk cannot be read or written. Look whether it is full, unplugged or worn out."),
    ("no such table", "the service has not been started yet. Run `mainevahti migrate`."),
    ("no such column", "an earlier version of the program made it. Run `mainevahti migrate`."),
    ("unable to open", "it cannot be opened. Check that the folder exists and may be written."),
    ("not a database", "the file is not a database, or is damaged. Restore it from a backup."),
    ("malformed", "the file is damaged. Restore it from a backup."),
    ("could not connect", "the server does not answer. Check address and port, and that it runs."),
    ("connection", "the server does not answer. Check address and port, and that it runs."),
)


@contextmanager
def _as_store_error(url: str) -> Iterator[None]:
    """Turn what the driver says into a sentence with the remedy; other errors are ours and stay."""
    try:
        yield
    except (OperationalError, DatabaseError) as error:
        said = str(error.orig).lower()
        remedy = next((text for words, text in _REMEDIES if words in said), None)
        if remedy is None:
            raise
        name = make_url(url).render_as_string(hide_password=True)
        raise StoreError(f"The database {name} refuses: {remedy}") from error
