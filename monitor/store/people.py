"""Who may log in, as stored. Works in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from monitor.people import Role, name_key
from monitor.store.tables import Person, Visit


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person who may log in; `language` is None until they chose one."""

    id: int
    name: str
    role: Role
    email: str | None
    language: str | None
    has_password: bool
    is_member: bool


def add_person(
    session: Session,
    name: str,
    role: Role,
    email: str | None,
    password: str | None,
    now: datetime,
    *,
    is_member: bool = False,
) -> PersonRow | None:
    """Let somebody in from now on; `password` is a hash. None when the name or the address is taken."""
    if person_named(session, name) or (email and person_with_email(session, email)):
        return None
    row = Person(
        name=name,
        name_key=name_key(name),
        role=role.value,
        email=email.casefold() if email else None,
        password=password,
        is_member=is_member,
        added_at=now,
    )
    session.add(row)
    session.flush()
    return _row(row)


def people(session: Session) -> list[PersonRow]:
    """Everybody who may log in, by name."""
    return [_row(row) for row in session.execute(select(Person).order_by(col(Person.name_key))).scalars()]


def has_passwords(session: Session) -> bool:
    """Tell whether anybody has a password of their own."""
    return (
        session.execute(select(col(Person.id)).where(col(Person.password).is_not(None))).first() is not None
    )


def person(session: Session, person_id: int) -> PersonRow | None:
    """Somebody by their number."""
    row = session.get(Person, person_id)
    return _row(row) if row is not None else None


def person_named(session: Session, name: str) -> PersonRow | None:
    """The person of that name, however it is written."""
    return _one(session, name_key(name), col(Person.name_key))


def person_with_email(session: Session, email: str) -> PersonRow | None:
    """The person of that mail address."""
    return _one(session, email.casefold(), col(Person.email))


def password_of(session: Session, name: str) -> tuple[PersonRow, str] | None:
    """A person with the hash of the password; None for an unknown name or one without a password."""
    row = session.execute(select(Person).where(col(Person.name_key) == name_key(name))).scalar_one_or_none()
    return (_row(row), row.password) if row is not None and row.password else None


def set_password(session: Session, person_id: int, password: str, now: datetime) -> int:
    """Keep the hash of a new password, and end every visit of the person; returns how many ended."""
    session.execute(update(Person).where(col(Person.id) == person_id).values(password=password))
    lasting = (col(Visit.person_id) == person_id) & col(Visit.ended_at).is_(None)
    ids = list(session.execute(select(col(Visit.id)).where(lasting)).scalars())
    session.execute(update(Visit).where(col(Visit.id).in_(ids)).values(ended_at=now))
    return len(ids)


def renew_hash(session: Session, person_id: int, password: str) -> None:
    """Keep the same password under stronger settings; visits go on."""
    session.execute(update(Person).where(col(Person.id) == person_id).values(password=password))


def set_role(session: Session, person_id: int, role: Role) -> None:
    """Change what a person may do; it holds from their next press."""
    session.execute(update(Person).where(col(Person.id) == person_id).values(role=role.value))


def set_language(session: Session, person_id: int, language: str) -> None:
    """Keep the language that a person reads."""
    session.execute(update(Person).where(col(Person.id) == person_id).values(language=language))


def remove_person(session: Session, person_id: int) -> None:
    """Let somebody in no more; what they did keeps their name."""
    session.execute(delete(Visit).where(col(Visit.person_id) == person_id))
    session.execute(delete(Person).where(col(Person.id) == person_id))


def _one(session: Session, value: str, column: object) -> PersonRow | None:
    row = session.execute(select(Person).where(column == value)).scalar_one_or_none()  # type: ignore[arg-type]
    return _row(row) if row is not None else None


def _row(row: Person) -> PersonRow:
    assert row.id is not None, "a stored person has an id"
    return PersonRow(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        email=row.email,
        language=row.language,
        has_password=row.password is not None,
        is_member=row.is_member,
    )
