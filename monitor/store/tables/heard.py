"""What was heard: mentions, what a model said of them, and how well the sources are heard."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, String, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from monitor.store.tables.columns import json_column, long_column

# Lists are in the order of reads.spoken_at; databases use an index only for the very same expression.
_SPOKEN_AT = text("coalesce(posted_at, found_at)")


class Mention(SQLModel, table=True):
    """A post about one shop. `text_hash` tells an edit; `erased_at` is set when the text was removed.

    `gone_at` is when we saw that it was deleted where it stood, `checked_at` when that was looked at last.
    """

    __table_args__ = (
        UniqueConstraint("shop", "source", "external_id"),
        Index("ix_mention_thread", "shop", "source", "thread_key"),
        Index("ix_mention_source_id", "source", "external_id"),
        Index("ix_mention_source_author", "source", "author"),
        Index("ix_mention_shop_posted", "shop", "posted_at"),
        Index("ix_mention_spoken", _SPOKEN_AT),
        Index("ix_mention_shop_spoken", "shop", _SPOKEN_AT),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop: str = Field(max_length=63)
    source: str = Field(max_length=500)
    external_id: str = Field(max_length=500)
    url: str = Field(sa_column=long_column())
    author: str
    title: str
    text: str = Field(sa_column=long_column())
    posted_at: datetime | None
    edited_at: datetime | None
    found_at: datetime = Field(index=True)
    thread_key: str = Field(max_length=500)
    thread_title: str
    parent_text: str = Field(sa_column=long_column())
    reach: int | None
    rating: float | None
    lang: str | None
    words: list[str] = Field(sa_column=json_column())
    certainty: float
    found_where: str
    fingerprint: str = Field(index=True)
    text_hash: str
    erased_at: datetime | None = None
    gone_at: datetime | None = None
    checked_at: datetime | None = None


class Assessment(SQLModel, table=True):
    """What one model said of one mention; the scores are None when it was not scored."""

    __table_args__ = (UniqueConstraint("mention_id", "model"),)

    id: int | None = Field(default=None, primary_key=True)
    mention_id: int = Field(foreign_key="mention.id", ondelete="CASCADE")
    model: str = Field(index=True)
    label: str | None
    negative: float | None
    neutral: float | None
    positive: float | None
    topics: list[str] = Field(sa_column=json_column())
    urgency: str
    needs_reply: bool | None
    about_shop: float | None
    is_about: bool
    not_scored: str | None
    reasons: list[dict[str, Any]] = Field(sa_column=json_column())
    assessed_at: datetime


class SourceState(SQLModel, table=True):
    """Cursor, health and control of one source. `delay` figures live in Run.

    `slowdown` counts failures, and is halved by each success; see monitor.rhythm. `mute_in_row` counts
    fetches that brought rows and not one post. `gaps` silences between posts were measured since
    `listening_since`, the longest of `longest_gap` seconds. `canary` was heard last, or waited for
    first, at `canary_at`. `trouble` is what the operator was told of last, at `trouble_at`; it is empty
    again after the recovery. `replay_from` is where to read again from.
    """

    source: str = Field(primary_key=True, max_length=500)
    cursor: str | None = Field(default=None, sa_column=Column(Text))
    last_run_at: datetime | None = None
    last_success_at: datetime | None = None
    last_post_at: datetime | None = None
    failures_in_row: int = 0
    last_error: str | None = Field(default=None, sa_column=Column(Text))
    not_before: datetime | None = None
    last_outcome: str | None = None
    failing_since: datetime | None = None
    slowdown: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    mute_in_row: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    listening_since: datetime | None = None
    gaps: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    longest_gap: float | None = None
    canary: str | None = None
    canary_at: datetime | None = None
    trouble: str | None = None
    trouble_at: datetime | None = None
    paused_at: datetime | None = None
    paused_by: str | None = None
    run_requested_at: datetime | None = None
    replay_from: datetime | None = None


class Run(SQLModel, table=True):
    """One fetch: when, how many, how late, what failed. `outcome` is ok, spent, busy, deaf or broken.

    `median_delay` is the median of found_at - posted_at of the run's new mentions, in seconds, leaving out
    those posted before the last good fetch;
    `unreadable` and `left_out` count rows that became no post.
    """

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    started_at: datetime = Field(index=True)
    ended_at: datetime
    outcome: str
    posts: int
    mentions: int
    new: int
    median_delay: float | None
    warnings: list[str] = Field(sa_column=json_column())
    error: str | None = Field(default=None, sa_column=Column(Text))
    unreadable: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    left_out: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class Label(SQLModel, table=True):
    """A person's correction of the model: `field` is sentiment, about_shop, topics or urgency."""

    id: int | None = Field(default=None, primary_key=True)
    mention_id: int = Field(foreign_key="mention.id", index=True, ondelete="CASCADE")
    field: str
    value: str
    who: str
    at: datetime


class Setting(SQLModel, table=True):
    """Facts the service must remember about itself, such as the demo's start."""

    name: str = Field(primary_key=True, max_length=100)
    value: str = Field(sa_column=Column(String, nullable=False))


class Letter(SQLModel, table=True):
    """A signed letter that a platform pushed to us, as it came, until its source has read it.

    `key` is the sender's idempotency key: the same letter twice is one row.
    """

    __table_args__ = (UniqueConstraint("source", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=500, index=True)
    key: str = Field(max_length=200)
    body: str = Field(sa_column=long_column())
    received_at: datetime


class Gap(SQLModel, table=True):
    """A time in which a source was not heard; `ended_at` is None while it lasts. `why` is its trouble."""

    __table_args__ = (Index("ix_gap_source_began", "source", "began_at"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=500)
    began_at: datetime
    ended_at: datetime | None = None
    why: str
