"""Marks that say which counts of trends no longer hold; monitor.store.rollups reads and removes them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert, select
from sqlmodel import Session, col

from monitor.store import reads
from monitor.store.tables import Mention, StaleTime

_AT_ONCE = 500


def mark(session: Session, mention_ids: Iterable[int | None]) -> None:
    """Say that what these mentions count as has changed; in the transaction that changes it."""
    ids, quarters = [one for one in mention_ids if one is not None], set()
    for start in range(0, len(ids), _AT_ONCE):
        query = select(reads.spoken_at()).where(col(Mention.id).in_(ids[start : start + _AT_ONCE]))
        quarters |= {_quarter(moment) for moment in session.execute(query).scalars()}
    if quarters:
        session.execute(insert(StaleTime), [{"at": quarter} for quarter in sorted(quarters)])


def _quarter(moment: datetime) -> datetime:
    # Offsets of time zones are multiples of it, so that a quarter belongs to one day in each of them.
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
