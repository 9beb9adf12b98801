"""What people at the dashboard keep: posts drawn for them to judge, searches they come back to."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class Sample(SQLModel, table=True):
    """A mention drawn at random from a week ("2026-W47"), what `model` said of it, and what a person says.

    `answer`, `who` and `answered_at` are None until somebody has judged it.
    """

    __table_args__ = (UniqueConstraint("week", "mention_id"),)

    id: int | None = Field(default=None, primary_key=True)
    week: str = Field(max_length=8, index=True)
    mention_id: int = Field(foreign_key="mention.id", index=True, ondelete="CASCADE")
    model: str
    said: str
    answer: str | None = None
    who: str | None = None
    answered_at: datetime | None = None


class SavedSearch(SQLModel, table=True):
    """A filter of the mentions that somebody comes back to: the query of its address, under a name."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=60, unique=True)
    query: str
    who: str
    at: datetime
