"""Searches that people saved, as stored. Works in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from monitor.store.tables import SavedSearch
from monitor.store.writes import insert_new


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A saved search: its name, the query of its address, and who saved it."""

    id: int
    name: str
    query: str
    who: str


def all_searches(session: Session) -> list[SearchRow]:
    """Every saved search, by name."""
    found = session.execute(select(SavedSearch).order_by(col(SavedSearch.name))).scalars()
    return [SearchRow(row.id or 0, row.name, row.query, row.who) for row in found]


def save(session: Session, name: str, query: str, who: str, now: datetime) -> None:
    """Keep a search under a name; one that had the name before is replaced."""
    told = {"name": name, "query": query, "who": who, "at": now}
    # Two who save at the same moment: the later one stands, and neither is told of an error.
    if not insert_new(session, SavedSearch, [told]):
        session.execute(update(SavedSearch).where(col(SavedSearch.name) == name).values(**told))


def forget(session: Session, search_id: int) -> None:
    """Delete a saved search; none of that id is no error."""
    session.execute(delete(SavedSearch).where(col(SavedSearch.id) == search_id))
