"""What was counted once, so that a year need not be counted again; all of it can be made anew from the rest.

See monitor.store.rollups for how it is kept right.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class DayCount(SQLModel, table=True):
    """Mentions of one day in the shop's time zone, by everything that trends are asked for.

    The same mentions are counted in four parts: "shop" by shop alone, "place" by source and language too
    ("und" where nobody knows it), "shop_topic" and "place_topic" likewise under each of their topics ("none"
    where there is none). What a part does not tell apart is empty. `model` is empty for what waits to be
    judged. `score` is the sum of (positive - negative) in millionths.
    """

    # Rows lie in the order of the key, so that a year of one part is read in one go.
    __table_args__ = ({"sqlite_with_rowid": False},)

    part: str = Field(primary_key=True, max_length=15)
    day: date = Field(primary_key=True)
    topic: str = Field(primary_key=True, max_length=63)
    shop: str = Field(primary_key=True, max_length=63)
    source: str = Field(primary_key=True, max_length=500)
    language: str = Field(primary_key=True, max_length=63)
    model: str = Field(primary_key=True)
    mentions: int
    negative: int
    neutral: int
    positive: int
    unscored: int
    corrected: int
    needs_reply: int
    score: int = Field(sa_type=BigInteger)
    reach: int = Field(sa_type=BigInteger)
    reach_known: int


class CountedDay(SQLModel, table=True):
    """A day whose rows in DayCount are all there, as a day of this time zone."""

    day: date = Field(primary_key=True)
    zone: str = Field(max_length=100)


class StaleTime(SQLModel, table=True):
    """Something about a mention of this quarter of an hour changed since its day was counted."""

    # Without it SQLite would give the number of a row that is gone to another one; see rollups.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
