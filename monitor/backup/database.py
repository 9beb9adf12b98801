"""A copy of the database taken while the service runs, and the way back into place: SQLite or PostgreSQL."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, make_url

from monitor.backup.vault import BackupError, put_whole

SQLITE, POSTGRES = "database.sqlite", "database.sql"
_BESIDE = ("-wal", "-shm", "-journal")
_SCHEMA = "DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for a server's."""
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:"
    return Path(parsed.database) if is_file and parsed.database else None


def copy_out(url: str, room: Path) -> str:
    """Copy the database into a folder, whole and as of one moment; returns the copy's name."""
    path = file_of(url)
    if path is None:
        _run(["pg_dump", "--no-owner", "--no-privileges", "--file", str(room / POSTGRES)], url)
        return POSTGRES
    if not path.exists():
        raise BackupError(f"There is no database at {path} yet. Start the service once.")
    try:
        source, copy = sqlite3.connect(path, timeout=60), sqlite3.connect(room / SQLITE)
        with closing(source), closing(copy):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"The database {path} cannot be copied: {error}.") from error
    return SQLITE


def check_copy(path: Path) -> None:
    """Make sure that a copied SQLite database is sound. Raises BackupError."""
    try:
        with closing(sqlite3.connect(path)) as copy:
            (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise BackupError(f"The database in the backup is damaged ({said}). Nothing was touched.")


def rest(path: Path) -> None:
    """Make sure that nobody uses a SQLite database. Raises BackupError while the service runs."""
    try:
        with closing(sqlite3.connect(path, timeout=1)) as database:
            # Leaving the write-ahead log needs everybody else to be gone.
            database.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise BackupError(
            f"The database {path} is in use ({error}). Stop the service and the dashboard, then start again. "
            "Nothing was touched."
        ) from None
    except sqlite3.DatabaseError:
        return  # damaged, which is why somebody restores


def put_file(copy: Path, path: Path) -> None:
    """Put a SQLite database into its place, in one step. Raises BackupError; then the old one stands."""
    try:
        with copy.open("rb") as source, put_whole(path) as out:
            shutil.copyfileobj(source, out, 2**20)  # it may lie on another disk
            for ending in _BESIDE:
                path.with_name(path.name + ending).unlink(missing_ok=True)
    except OSError as error:
        raise BackupError(f"{path} cannot be written ({error.strerror}). Nothing was touched.") from error


def load_dump(dump: Path, url: str, room: Path) -> None:
    """Replace all that a PostgreSQL database holds by a dump, in one transaction."""
    first = room / "schema.sql"
    first.write_text(_SCHEMA, encoding="utf-8")
    way = ["--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--single-transaction"]
    _run(["psql", *way, "--file", str(first), "--file", str(dump)], url)


def _run(command: Sequence[str], url: str) -> None:
    """Run a tool of PostgreSQL; the password goes through its environment, never the command line."""
    tool = shutil.which(command[0])
    if tool is None:
        raise BackupError(
            f"{command[0]} is missing, which comes with PostgreSQL. Install it "
            "(on Debian: apt install postgresql-client)."
        )
    parsed = make_url(url)
    surroundings = {
        **os.environ,
        "PGPASSWORD": parsed.password or "",
        "PGOPTIONS": "--client-min-messages=warning",
    }
    done = subprocess.run(
        [tool, *command[1:], f"--dbname={_address(parsed)}"],
        env=surroundings,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BackupError(f"{command[0]} failed: {said}")


def _address(url: URL) -> str:
    plain = url.set(drivername="postgresql", password=None)
    return plain.render_as_string(hide_password=False)
