"""What was erased on request, written down outside the database, so that a restore does not bring it back.

One line of JSON for each erasure, with a keyed hash of the subject; the key is var/pseudonym.key.
"""

import json
import os
from datetime import datetime
from pathlib import Path

from monitor.backup.vault import BackupError
from monitor.config import Config

NAME = "erasures.jsonl"


def ledger_path(config: Config) -> Path:
    """Where the ledger lies."""
    return config.path(Path("var") / NAME)


def note_erasure(config: Config, subject_hash: str, now: datetime) -> None:
    """Add an erasure, before the database changes: so a crash cannot lose it. Raises BackupError."""
    path = ledger_path(config)
    line = json.dumps({"at": now.isoformat(timespec="seconds"), "subject": subject_hash})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise BackupError(
            f"{path} cannot be written ({error.strerror}), so nothing was erased. "
            "Give yourself the right to write there."
        ) from error


def noted(path: Path) -> list[str]:
    """The lines of a ledger; one that is damaged is left out."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return [line for line in lines if _subject(line)]


def subjects(lines: list[str]) -> frozenset[str]:
    """The hashes in some lines of a ledger."""
    return frozenset(filter(None, map(_subject, lines)))


def _subject(line: str) -> str:
    try:
        row = json.loads(line)
    except ValueError:
        return ""
    return str(row.get("subject") or "") if isinstance(row, dict) else ""
