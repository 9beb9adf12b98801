"""Figures kept ready, and what was exported, erased or checked."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from monitor.store.tables.columns import json_column


class HourCount(SQLModel, table=True):
    """Mentions of one shop, source, language and model in one hour (UTC); the roll-up of monitor.trends.

    `topic` is "" for all posts, or one topic (a post with two topics counts in both). `score` is the sum of
    positive minus negative probability over the `scored` posts.
    """

    __table_args__ = (Index("ix_hourcount_shop_hour", "shop", "topic", "hour"),)

    hour: datetime = Field(primary_key=True)
    shop: str = Field(primary_key=True, max_length=63)
    source: str = Field(primary_key=True, max_length=500)
    lang: str = Field(primary_key=True, max_length=16)
    topic: str = Field(primary_key=True, max_length=63)
    model: str = Field(primary_key=True, max_length=200)
    mentions: int
    negative: int
    neutral: int
    positive: int
    scored: int
    score: float
    needs_reply: int
    reach: int


class StaleHour(SQLModel, table=True):
    """An hour of a shop whose counts must be made anew, written in the transaction that changed a mention."""

    shop: str = Field(primary_key=True, max_length=63)
    hour: datetime = Field(primary_key=True)


class ExportRecord(SQLModel, table=True):
    """The ledger of exports: who took what out, when; so that an erasure can name the files to mend."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    who: str
    via: str
    what: str
    filters: dict[str, Any] = Field(sa_column=json_column())
    rows: int
    file: str
    names: bool


class Erasure(SQLModel, table=True):
    """An erasure on request; of whom is kept only as a keyed hash."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    who: str
    what: str
    subject_hash: str = Field(max_length=64)
    mentions: int
    reason: str


class SiteCheck(SQLModel, table=True):
    """What one check of the shop's own site found: can a customer reach the shop?"""

    __table_args__ = (Index("ix_sitecheck_shop_at", "shop", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    shop: str = Field(max_length=63)
    at: datetime
    findings: list[dict[str, Any]] = Field(sa_column=json_column())
