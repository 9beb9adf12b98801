"""The people of the dashboard, their sessions, and what they keep there."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from monitor.store.tables.columns import json_column


class Person(SQLModel, table=True):
    """Somebody who may log in. `role`: owner, staff, analyst or operator; `password`: argon2 or None."""

    slug: str = Field(primary_key=True, max_length=63)
    name: str
    email: str | None = Field(default=None, unique=True, max_length=320)
    role: str
    language: str | None = None
    password: str | None = None
    created_at: datetime
    disabled_at: datetime | None = None
    failed_logins: int = 0
    locked_until: datetime | None = None


class Visit(SQLModel, table=True):
    """A session of somebody logged in; only the hash of its token is kept."""

    token_hash: str = Field(primary_key=True, max_length=64)
    person: str = Field(foreign_key="person.slug", index=True, ondelete="CASCADE")
    began_at: datetime
    last_seen_at: datetime
    ends_at: datetime


class SavedSearch(SQLModel, table=True):
    """A search of the mentions page that somebody wants again; `query` are the parameters of its address."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    who: str
    shared: bool = False
    query: dict[str, Any] = Field(sa_column=json_column())
    at: datetime


class Sample(SQLModel, table=True):
    """A mention drawn at random for the week's check of the model; judged when `judged_at` is set.

    `judgement` is the stance that the person sees, `model_label` what the model had said by then.
    """

    mention_id: int = Field(foreign_key="mention.id", primary_key=True, ondelete="CASCADE")
    week: str = Field(primary_key=True, max_length=8)
    lang: str | None = None
    model: str
    model_label: str | None = None
    judgement: str | None = None
    about_shop: bool | None = None
    who: str | None = None
    judged_at: datetime | None = None
