"""The people of the dashboard, their visits, wrong tries at its door, and what they note about alerts."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from monitor.store.tables.columns import long_column


class Person(SQLModel, table=True):
    """Who may log in. `name_key` is the name as it is compared; without `password` only the provider lets in.

    An `is_member` stands in config.toml, which says what they may do, and for how long they come in.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=60)
    name_key: str = Field(max_length=200, unique=True)
    role: str = Field(max_length=20)
    email: str | None = Field(default=None, max_length=254, unique=True)
    language: str | None = Field(default=None, max_length=8)
    password: str | None = Field(default=None, max_length=200)
    is_member: bool
    added_at: datetime


class Visit(SQLModel, table=True):
    """One login of one browser. `key` is a hash of what the browser keeps; `person_id` is None with the
    one password for all, whose hash is `proof`, so that the visit ends when that password changes.
    """

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=64, unique=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=60)
    proof: str = Field(default="", max_length=64)
    began_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


class Knock(SQLModel, table=True):
    """Wrong tries at the login of one name or from one address; `key` is a hash of it."""

    key: str = Field(max_length=64, primary_key=True)
    failures: int
    last_at: datetime = Field(index=True)


class Note(SQLModel, table=True):
    """What somebody wrote down about an alert, for colleagues only."""

    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.id", index=True, ondelete="CASCADE")
    at: datetime
    who: str
    text: str = Field(sa_column=long_column())
