"""The requests of a day, counted by the name of their allowance; the next day begins at nothing."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from monitor.store.engine import Store
from monitor.store.tables import Setting

_PREFIX = "quota "
_LONGEST = 100  # characters in the name of a Setting


class StoredLedger:
    """A ledger in the database, so that neither a restart nor a second process forgets what was spent."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def spend(self, name: str, day: str, units: int, limit: int) -> bool:
        """Count units, unless that makes more than `limit` of that day; says whether they were counted."""
        with self._store.transaction() as session:
            return spend(session, name, day, units, limit)


def _begin(session: Session, key: str, value: str) -> None:
    """Make the row where there is none; two processes may want to at the same moment."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(Setting).values(name=key, value=value).on_conflict_do_nothing())


def spend(session: Session, name: str, day: str, units: int, limit: int) -> bool:
    """Count units of a day in the caller's transaction; False, and nothing counted, beyond the limit."""
    key = (_PREFIX + name)[:_LONGEST]
    _begin(session, key, f"{day} 0")
    row = session.get_one(Setting, key, with_for_update=True, populate_existing=True)
    known, _, written = row.value.partition(" ")
    total = units + (int(written) if known == day else 0)
    if total > limit:
        return False
    row.value = f"{day} {total}"
    return True
