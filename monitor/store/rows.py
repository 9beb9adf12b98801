"""Frozen rows that the store hands out; they stay valid after the session has closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.domain import AlertState, DeliveryState, Post, SendReason, Sentiment, Topic, Urgency
from monitor.store import tables


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """What one model said of one mention; probabilities are None when it was not scored."""

    model: str
    label: Sentiment | None
    negative: float | None
    neutral: float | None
    positive: float | None
    topics: tuple[Topic, ...]
    urgency: Urgency
    needs_reply: bool | None
    is_about: bool
    not_scored: str | None
    reasons: tuple[dict[str, Any], ...]
    assessed_at: datetime


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A mention with its newest assessment, None while it waits for one.

    `gone_at` is set when it was deleted where it stood; its text and author are empty then.
    """

    id: int
    shop: str
    source: str
    external_id: str
    url: str
    author: str
    title: str
    text: str
    posted_at: datetime | None
    edited_at: datetime | None
    found_at: datetime
    thread_key: str
    thread_title: str
    parent_text: str
    reach: int | None
    rating: float | None
    lang: str | None
    words: tuple[str, ...]
    certainty: float
    found_where: str
    fingerprint: str
    assessment: AssessmentRow | None = None
    gone_at: datetime | None = None
    text_hash: str = ""

    @property
    def thread(self) -> str:
        """Id of the conversation over all sources."""
        return f"{self.source}:{self.thread_key}"

    @property
    def spoken_at(self) -> datetime:
        """Time of the post, or of finding it where the source does not say."""
        return self.posted_at or self.found_at

    def to_post(self) -> Post:
        """Return the post as the source gave it."""
        return Post(
            source=self.source,
            external_id=self.external_id,
            url=self.url,
            author=self.author,
            title=self.title,
            text=self.text,
            posted_at=self.posted_at,
            edited_at=self.edited_at,
            thread_key=self.thread_key,
            thread_title=self.thread_title,
            parent_text=self.parent_text,
            reach=self.reach,
            rating=self.rating,
            lang=self.lang,
        )


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert, with its first mention and how many it gathers."""

    id: int
    shop: str
    thread: str
    source: str
    state: AlertState
    urgency: Urgency
    clock_started_at: datetime
    opened_at: datetime
    due_at: datetime
    reasons: tuple[dict[str, Any], ...]
    taken_by: str | None
    snoozed_until: datetime | None
    answered_at: datetime | None
    answer_url: str | None
    closed_at: datetime | None
    dismiss_reason: str | None
    version: int
    first: MentionRow
    mentions: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of an alert's history."""

    at: datetime
    action: str
    who: str
    via: str
    note: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One message of the outbox."""

    id: int
    key: str
    alert_id: int | None
    recipient: str
    reason: SendReason
    state: DeliveryState
    planned_at: datetime
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    told_until: datetime | None
    message_id: str
    last_error: str | None
    source: str | None = None
    storm_id: int | None = None
    period: str | None = None
    within: str | None = None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Cursor, health and control of one source; see the table."""

    source: str
    cursor: str | None
    last_run_at: datetime | None
    last_success_at: datetime | None
    last_post_at: datetime | None
    failures_in_row: int
    last_error: str | None
    not_before: datetime | None
    last_outcome: str | None = None
    failing_since: datetime | None = None
    slowdown: int = 0
    mute_in_row: int = 0
    listening_since: datetime | None = None
    gaps: int = 0
    longest_gap: float | None = None
    canary: str | None = None
    canary_at: datetime | None = None
    trouble: str | None = None
    trouble_at: datetime | None = None
    paused_at: datetime | None = None
    paused_by: str | None = None
    run_requested_at: datetime | None = None
    replay_from: datetime | None = None

    @property
    def is_paused(self) -> bool:
        """Whether a person told it to rest."""
        return self.paused_at is not None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One fetch of one source."""

    source: str
    started_at: datetime
    ended_at: datetime
    outcome: str
    posts: int
    mentions: int
    new: int
    median_delay: float | None
    warnings: tuple[str, ...]
    error: str | None
    unreadable: int = 0
    left_out: int = 0


def assessment_row(table: tables.Assessment) -> AssessmentRow:
    """Freeze an assessment."""
    return AssessmentRow(
        model=table.model,
        label=Sentiment(table.label) if table.label else None,
        negative=table.negative,
        neutral=table.neutral,
        positive=table.positive,
        topics=tuple(Topic(topic) for topic in table.topics),
        urgency=Urgency(table.urgency),
        needs_reply=table.needs_reply,
        is_about=table.is_about,
        not_scored=table.not_scored,
        reasons=tuple(table.reasons),
        assessed_at=table.assessed_at,
    )


def mention_row(table: tables.Mention, assessment: tables.Assessment | None = None) -> MentionRow:
    """Freeze a mention with its assessment."""
    fields = table.model_dump(exclude={"erased_at", "checked_at", "words", "id"})
    frozen = assessment_row(assessment) if assessment is not None else None
    return MentionRow(**fields, id=_known(table.id), words=tuple(table.words), assessment=frozen)


def alert_row(table: tables.Alert, first: MentionRow, mentions: int) -> AlertRow:
    """Freeze an alert."""
    fields = table.model_dump(exclude={"first_mention_id", "reasons", "state", "urgency"})
    return AlertRow(
        **fields,
        state=AlertState(table.state),
        urgency=Urgency(table.urgency),
        reasons=tuple(table.reasons),
        first=first,
        mentions=mentions,
    )


def delivery_row(table: tables.Delivery) -> DeliveryRow:
    """Freeze a delivery."""
    fields = table.model_dump(exclude={"claimed_at", "claimed_by", "reason", "state"})
    return DeliveryRow(**fields, reason=SendReason(table.reason), state=DeliveryState(table.state))


def source_row(table: tables.SourceState) -> SourceRow:
    """Freeze the state of a source."""
    return SourceRow(**table.model_dump())


def run_row(table: tables.Run) -> RunRow:
    """Freeze a run."""
    return RunRow(**table.model_dump(exclude={"id", "warnings"}), warnings=tuple(table.warnings))


def event_row(table: tables.AlertEvent) -> EventRow:
    """Freeze an event."""
    return EventRow(table.at, table.action, table.who, table.via, table.note)


def _known(row_id: int | None) -> int:
    assert row_id is not None, "a row that was read has an id"
    return row_id
