"""Which posts of a stream are stored. Every function works in the caller's transaction."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from monitor.store.tables import Mention

_AT_ONCE = 500


def stored_among(session: Session, source: str, external_ids: Sequence[str]) -> list[str]:
    """Those of the posts that are stored with their text."""
    found: list[str] = []
    for start in range(0, len(external_ids), _AT_ONCE):
        some = external_ids[start : start + _AT_ONCE]
        found += _ids(session, source, col(Mention.external_id).in_(some))
    return found


def written_by(session: Session, source: str, authors: Sequence[str]) -> list[str]:
    """Ids of the stored posts of these authors that still have their text."""
    found: list[str] = []
    for start in range(0, len(authors), _AT_ONCE):
        found += _ids(session, source, col(Mention.author).in_(authors[start : start + _AT_ONCE]))
    return found


def _ids(session: Session, source: str, which: ColumnElement[bool]) -> list[str]:
    query = select(col(Mention.external_id)).where(
        col(Mention.source) == source, which, col(Mention.erased_at).is_(None)
    )
    return list(session.execute(query.distinct()).scalars())
