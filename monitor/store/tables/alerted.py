"""Alerts and what is sent about them; what people set up so that nobody is flooded; storms and events."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from monitor.store.tables.columns import json_column, long_column

_OPEN = text("state in ('open', 'taken', 'snoozed')")


class Alert(SQLModel, table=True):
    """One conversation that wants an answer. `version` rises with every change (optimistic lock)."""

    __table_args__ = (
        Index(
            "uq_alert_open_thread", "shop", "thread", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
        Index("ix_alert_state_due", "state", "due_at"),
        Index("ix_alert_opened", "opened_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop: str = Field(max_length=63)
    thread: str = Field(max_length=1100)
    source: str
    state: str
    urgency: str
    clock_started_at: datetime
    opened_at: datetime
    due_at: datetime
    first_mention_id: int = Field(foreign_key="mention.id")
    reasons: list[dict[str, Any]] = Field(sa_column=json_column())
    taken_by: str | None = None
    snoozed_until: datetime | None = None
    answered_at: datetime | None = None
    answer_url: str | None = None
    closed_at: datetime | None = None
    dismiss_reason: str | None = None
    version: int = 1


class AlertMention(SQLModel, table=True):
    """Which mentions an alert gathers."""

    alert_id: int = Field(foreign_key="alert.id", primary_key=True, ondelete="CASCADE")
    mention_id: int = Field(foreign_key="mention.id", primary_key=True, index=True, ondelete="CASCADE")
    added_at: datetime


class AlertEvent(SQLModel, table=True):
    """History of an alert; rows are only ever added. `via` is dashboard, mail, cli or rule."""

    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.id", index=True, ondelete="CASCADE")
    at: datetime
    action: str
    who: str
    via: str
    note: str = Field(default="", sa_column=long_column())


class Delivery(SQLModel, table=True):
    """The outbox: one message to one recipient. `key` makes planning it twice harmless.

    It is about an alert, how well a source is heard, a storm, or a period (a digest of a day, a report of a
    week, a summary after a rest). `told_until` is when the newest post that the message tells of was found.
    `within` names what told of it ("summary 5", "storm 3") where it was no message of its own.
    """

    __table_args__ = (Index("ix_delivery_state_due", "state", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=300)
    alert_id: int | None = Field(default=None, foreign_key="alert.id", index=True, ondelete="CASCADE")
    source: str | None = Field(default=None, max_length=500)
    storm_id: int | None = Field(default=None, index=True)
    period: str | None = Field(default=None, max_length=100)
    within: str | None = Field(default=None, max_length=63)
    recipient: str
    reason: str
    state: str
    planned_at: datetime
    due_at: datetime
    claimed_at: datetime | None = None
    claimed_by: str | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    message_id: str
    told_until: datetime | None = None
    last_error: str | None = Field(default=None, sa_column=Column(Text))


class Aftermath(SQLModel, table=True):
    """What became of an answered alert. `outcome`: calmed, edited, raised_stars, silent or angrier.

    `saved`: the customer was won back. `first_answer` is seconds from the post to the answer; `rating` and
    `text_hash` are those of the first post when it was answered.
    """

    alert_id: int = Field(foreign_key="alert.id", primary_key=True, ondelete="CASCADE")
    answered_at: datetime
    first_answer: float
    followed_until: datetime
    rating: float | None = None
    text_hash: str
    outcome: str | None = Field(default=None, index=True)
    saved: bool | None = None
    decided_at: datetime | None = None
    mention_id: int | None = Field(default=None, foreign_key="mention.id", ondelete="SET NULL")


class Silence(SQLModel, table=True):
    """No mail about these alerts until then, for a reason; None means every shop, source or topic."""

    id: int | None = Field(default=None, primary_key=True)
    shop: str | None = Field(default=None, max_length=63)
    source: str | None = Field(default=None, max_length=500)
    topic: str | None = None
    began_at: datetime
    ends_at: datetime = Field(index=True)
    reason: str
    who: str
    ended_at: datetime | None = None
    ended_by: str | None = None


class Mute(SQLModel, table=True):
    """An author or a phrase that no longer alerts: what they write is stored and judged, nothing more."""

    id: int | None = Field(default=None, primary_key=True)
    shop: str | None = Field(default=None, max_length=63)
    source: str | None = Field(default=None, max_length=500)
    author: str | None = None
    phrase: str | None = None
    reason: str
    who: str
    at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None


class ShopEvent(SQLModel, table=True):
    """Something the shop did or met: `kind` is campaign, deploy, courier, stock_out or other."""

    __table_args__ = (Index("ix_shopevent_shop_at", "shop", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    shop: str | None = Field(default=None, max_length=63)
    kind: str
    title: str
    at: datetime
    until: datetime | None = None
    who: str
    via: str
    key: str = Field(unique=True, max_length=200)


class Storm(SQLModel, table=True):
    """An unusual rise of negative posts about a shop, or about one topic of it.

    `count` negative posts were seen in `window` seconds where `expected` were usual; `cause` says what they
    have in common. `ended_at` is None while it blows.
    """

    __table_args__ = (Index("ix_storm_shop_began", "shop", "began_at"),)

    id: int | None = Field(default=None, primary_key=True)
    shop: str = Field(max_length=63)
    topic: str | None = None
    began_at: datetime
    noticed_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None = Field(default=None, index=True)
    count: int
    expected: float
    window: float
    cause: dict[str, Any] = Field(sa_column=json_column())


class ReadyReply(SQLModel, table=True):
    """A ready-made reply that people wrote or changed; those shipped with the program are not rows."""

    __table_args__ = (UniqueConstraint("slug", "lang"),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=63)
    lang: str = Field(max_length=8)
    topic: str | None = None
    title: str
    text: str = Field(sa_column=long_column())
    who: str
    at: datetime
    retired_at: datetime | None = None
