"""Ready-made frozen rows for tests of alerts, outbox and mail; every field can be replaced."""

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.config.schema import RecipientConfig
from monitor.domain import AlertState, DeliveryState, Reason, SendReason, Sentiment, Topic, Urgency
from monitor.store.rows import AlertRow, AssessmentRow, DeliveryRow, MentionRow
from monitor.store.writes import reasons_json

# A Tuesday, 14:02 in Helsinki.
POSTED = datetime(2026, 11, 24, 12, 2, tzinfo=UTC)
FOUND = POSTED + timedelta(minutes=7)
NOW = POSTED + timedelta(minutes=8)

UNHAPPY = Reason(
    "negative",
    Urgency.HIGH,
    "The writer is unhappy with {shop}, the model is {percent}% sure of it.",
    {"shop": "Lumopuoti", "percent": "94"},
)


def assessment(**fields: Any) -> AssessmentRow:
    values: dict[str, Any] = {
        "model": "test-1",
        "label": Sentiment.NEGATIVE,
        "negative": 0.94,
        "neutral": 0.05,
        "positive": 0.01,
        "topics": (Topic.DELIVERY,),
        "urgency": Urgency.HIGH,
        "needs_reply": True,
        "is_about": True,
        "not_scored": None,
        "reasons": tuple(reasons_json([UNHAPPY])),
        "assessed_at": FOUND,
    }
    return AssessmentRow(**{**values, **fields})


def mention(**fields: Any) -> MentionRow:
    values: dict[str, Any] = {
        "id": 1,
        "shop": "lumopuoti",
        "source": "koti-foorumi",
        "external_id": "p1",
        "url": "https://foorumi.example/t/lumopuoti/4711/1",
        "author": "Mökkiläinen",
        "title": "",
        "text": "Tilasin Lumopuodista viltin kolme viikkoa sitten eikä pakettia näy.",
        "posted_at": POSTED,
        "edited_at": None,
        "found_at": FOUND,
        "thread_key": "4711",
        "thread_title": "Kokemuksia Lumopuodista?",
        "parent_text": "",
        "reach": None,
        "rating": None,
        "lang": "fi",
        "words": ("Lumopuodista",),
        "certainty": 1.0,
        "found_where": "text",
        "fingerprint": "f1",
        "assessment": assessment(),
    }
    return MentionRow(**{**values, **fields})


def alert(**fields: Any) -> AlertRow:
    values: dict[str, Any] = {
        "id": 12,
        "shop": "lumopuoti",
        "thread": "koti-foorumi:4711",
        "source": "koti-foorumi",
        "state": AlertState.OPEN,
        "urgency": Urgency.HIGH,
        "clock_started_at": POSTED,
        "opened_at": FOUND,
        "due_at": POSTED + timedelta(hours=1),
        "reasons": tuple(reasons_json([UNHAPPY])),
        "taken_by": None,
        "snoozed_until": None,
        "answered_at": None,
        "answer_url": None,
        "closed_at": None,
        "dismiss_reason": None,
        "version": 1,
        "first": mention(),
        "mentions": 1,
    }
    return AlertRow(**{**values, **fields})


def delivery(**fields: Any) -> DeliveryRow:
    values: dict[str, Any] = {
        "id": 1,
        "key": "12:first:anna",
        "alert_id": 12,
        "recipient": "anna",
        "reason": SendReason.FIRST,
        "state": DeliveryState.CLAIMED,
        "planned_at": NOW,
        "due_at": NOW,
        "attempts": 1,
        "sent_at": None,
        "message_id": "<12-first-anna-0123456789ab@lumopuoti.example>",
        "last_error": None,
        "told_until": None,
    }
    return DeliveryRow(**{**values, **fields})


def recipient(**fields: Any) -> RecipientConfig:
    values: dict[str, Any] = {"slug": "anna", "name": "Anna Omistaja", "email": "anna@lumopuoti.example"}
    return RecipientConfig(**{**values, **fields})
