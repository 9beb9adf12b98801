"""Visits to the dashboard and wrong tries at its door, as stored. Works in the caller's transaction.

Several processes share them: a guesser gains nothing by knocking at another one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from monitor.people import Role, pause
from monitor.store.tables import Knock, Person, Visit

_FORGOTTEN_AFTER = timedelta(days=1)
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit that has not ended. `role` is None with the one password for all, whose hash is `proof`."""

    key: str
    name: str
    person_id: int | None
    role: Role | None
    language: str | None
    proof: str
    began_at: datetime
    seen_at: datetime


def begin_visit(
    session: Session,
    key: str,
    name: str,
    began_at: datetime,
    *,
    person_id: int | None = None,
    proof: str = "",
    seen_at: datetime | None = None,
) -> None:
    """Somebody has come in; `seen_at` is later where a provider let them in before."""
    session.add(
        Visit(
            key=key,
            person_id=person_id,
            name=name,
            proof=proof,
            began_at=began_at,
            seen_at=seen_at or began_at,
        )
    )
    session.flush()


def visit(session: Session, key: str) -> VisitRow | None:
    """The visit of that key with its person as they stand now; None when there is none, or it has ended."""
    query = (
        select(Visit, Person)
        .outerjoin(Person, col(Person.id) == col(Visit.person_id))
        .where(col(Visit.key) == key, col(Visit.ended_at).is_(None))
    )
    found = session.execute(query).first()
    if found is None:
        return None
    row, person = found
    return VisitRow(
        key=row.key,
        name=person.name if person else row.name,
        person_id=row.person_id,
        role=Role(person.role) if person else None,
        language=person.language if person else None,
        proof=row.proof,
        began_at=row.began_at,
        seen_at=row.seen_at,
    )


def has_ended(session: Session, key: str) -> bool:
    """Tell whether a visit of that key was ended."""
    query = select(col(Visit.id)).where(col(Visit.key) == key, col(Visit.ended_at).is_not(None))
    return session.execute(query).first() is not None


def see(session: Session, key: str, now: datetime) -> None:
    """Write down that the visitor did something."""
    session.execute(update(Visit).where(col(Visit.key) == key).values(seen_at=now))


def is_seen_long_ago(row: VisitRow, now: datetime) -> bool:
    """Tell whether it is worth a write to say that the visitor is still here."""
    return now - row.seen_at >= _SEEN_EVERY


def end_visit(session: Session, key: str, now: datetime) -> None:
    """The visitor has left; the same key opens nothing any more."""
    session.execute(
        update(Visit).where(col(Visit.key) == key, col(Visit.ended_at).is_(None)).values(ended_at=now)
    )


def forget(session: Session, began_before: datetime, now: datetime) -> None:
    """Delete visits that began before then, and tries of more than a day ago."""
    session.execute(delete(Visit).where(col(Visit.began_at) < began_before))
    session.execute(delete(Knock).where(col(Knock.last_at) < now - _FORGOTTEN_AFTER))


def knock(session: Session, keys: dict[str, timedelta], now: datetime) -> timedelta:
    """How long these must wait, each by its longest pause; when not at all, a try is counted as wrong.

    It is counted before the password is looked at, so that a hundred tries at once are a hundred tries;
    `opened` takes it back.
    """
    rows = _locked(session, sorted(keys), now)
    wait = max(pause(row.failures, row.last_at, now, keys[row.key]) for row in rows)
    if not wait:
        for row in rows:
            row.failures, row.last_at = row.failures + 1, now
        session.flush()
    return wait


def _locked(session: Session, keys: list[str], now: datetime) -> list[Knock]:
    values = [{"key": key, "failures": 0, "last_at": now} for key in keys]
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(Knock).on_conflict_do_nothing(), values)
    query = select(Knock).where(col(Knock.key).in_(keys)).order_by(col(Knock.key)).with_for_update()
    return list(session.execute(query, execution_options={"populate_existing": True}).scalars())


def opened(session: Session, name_key: str, address_key: str) -> None:
    """The password was right: forget the wrong ones of that name; of the address only this try."""
    session.execute(delete(Knock).where(col(Knock.key) == name_key))
    session.execute(
        update(Knock).where(col(Knock.key) == address_key).values(failures=col(Knock.failures) - 1)
    )
