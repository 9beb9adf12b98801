"""Letters that platforms pushed to us: kept as they came until their source has read them.

Every function works in the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from monitor.store.tables import Letter
from monitor.store.writes import insert_new


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter; ids rise in the order of arrival."""

    id: int
    body: str
    received_at: datetime


def add_letter(session: Session, source: str, key: str, body: str, now: datetime) -> bool:
    """Keep a letter; False when one with this key came before."""
    row = {"source": source, "key": key, "body": body, "received_at": now}
    return bool(insert_new(session, Letter, [row]))


def unread_letters(session: Session, source: str, limit: int) -> Sequence[LetterRow]:
    """Letters of a source that were not read yet, oldest first.

    Not by id: on PostgreSQL a letter with a lower one may become visible later.
    """
    query = (
        select(Letter)
        .where(col(Letter.source) == source, col(Letter.body) != "")
        .order_by(col(Letter.id))
        .limit(limit)
    )
    return [LetterRow(row.id or 0, row.body, row.received_at) for row in session.execute(query).scalars()]


def empty_letters(session: Session, source: str, ids: Sequence[int]) -> None:
    """Drop what these letters said, now that their posts are stored; the keys stay."""
    read = (col(Letter.source) == source, col(Letter.id).in_(ids), col(Letter.body) != "")
    session.execute(update(Letter).where(*read).values(body=""))


def forget_letters(session: Session, limit: datetime, unread_limit: datetime) -> None:
    """Drop the keys of letters that were read and came before `limit`, and letters that nobody read.

    Those are of a source that is no more; from before `unread_limit` they are kept no longer than posts.
    """
    read = (col(Letter.received_at) < limit) & (col(Letter.body) == "")
    unread = (col(Letter.received_at) < unread_limit) & (col(Letter.body) != "")
    session.execute(delete(Letter).where(read | unread))
