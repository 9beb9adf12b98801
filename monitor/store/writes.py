"""What collecting, assessing and delivering write. Alerts are changed by monitor.alerts only.

Every function works in the caller's transaction and may be repeated after a crash.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from monitor.domain import DeliveryState, Match, Post, Reason, SendReason, Sentiment, Verdict
from monitor.store.erasing import erase_older_than, forget_runs
from monitor.store.rows import DeliveryRow, delivery_row
from monitor.store.states import insert_new_state, save_run
from monitor.store.tables import Assessment, Delivery, Mention, Setting

__all__ = ["erase_older_than", "forget_runs", "insert_new_state", "save_run"]

# SQLite allows 32,766 variables in one statement; three to a key.
_KEYS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Stored:
    """Ids that storing a batch made new or changed."""

    new: tuple[int, ...]
    edited: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A message that should go out: `key` is the same for the same message, however often planned.

    It is about an alert, a source, a storm or a period.
    """

    key: str
    alert_id: int | None
    recipient: str
    reason: SendReason
    due_at: datetime
    message_id: str
    source: str | None = None
    storm_id: int | None = None
    period: str | None = None
    channel: str = "mail"


def insert_new(session: Session, table: type[SQLModel], values: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows that are not there yet; returns the ids of the new ones (order not kept)."""
    if not values:
        return []
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing().returning(col(table.id))  # type: ignore[attr-defined]
    return list(session.execute(statement, values).scalars())


def add_mentions(session: Session, found: Sequence[tuple[Post, Match, str]], now: datetime) -> Stored:
    """Store posts with the shop found in each and the text's fingerprint.

    A post that is there already and reads otherwise is an edit: its text is replaced and its
    assessments go, so that it is judged again.
    """
    values = {_key(row): row for row in (_mention_values(*one, now) for one in found)}
    new = insert_new(session, Mention, list(values.values()))
    known = _mentions_of(session, list(values)) if len(new) < len(values) else []
    edited = [
        _edit(session, mention, values[_key_of(mention)]) for mention in known if mention.id not in set(new)
    ]
    return Stored(tuple(new), tuple(mention_id for mention_id in edited if mention_id is not None))


def _key(values: dict[str, Any]) -> tuple[str, str, str]:
    return values["shop"], values["source"], values["external_id"]


def _key_of(mention: Mention) -> tuple[str, str, str]:
    return mention.shop, mention.source, mention.external_id


def _mentions_of(session: Session, keys: Sequence[tuple[str, str, str]]) -> list[Mention]:
    found: list[Mention] = []
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = keys[start : start + _KEYS_AT_ONCE]
        columns = tuple_(col(Mention.shop), col(Mention.source), col(Mention.external_id))
        found += session.execute(select(Mention).where(columns.in_(some))).scalars()
    return found


def _mention_values(post: Post, match: Match, fingerprint: str, now: datetime) -> dict[str, Any]:
    return {
        **post.model_dump(),
        "shop": match.shop.slug,
        "words": list(match.words),
        "certainty": match.certainty,
        "found_where": match.where,
        "fingerprint": fingerprint,
        "text_hash": text_hash(post),
        "found_at": now,
    }


def text_hash(post: Post) -> str:
    """Digest of what a reader sees of the post itself; differs after an edit."""
    return hashlib.sha256(f"{post.title}\0{post.text}".encode()).hexdigest()[:32]


def _edit(session: Session, mention: Mention, values: dict[str, Any]) -> int | None:
    """Replace the text and the stars of a mention that reads otherwise now; None when it reads the same."""
    stars = values["rating"] if values["rating"] is not None else mention.rating
    reads_the_same = mention.text_hash == values["text_hash"] and stars == mention.rating
    if reads_the_same or mention.erased_at is not None:
        return None
    for name in ("title", "text", "text_hash", "fingerprint", "words", "certainty", "found_where"):
        setattr(mention, name, values[name])
    mention.rating = stars
    mention.edited_at = values["edited_at"] or values["found_at"]
    session.execute(delete(Assessment).where(col(Assessment.mention_id) == mention.id))
    return mention.id


def add_assessment(
    session: Session,
    mention_id: int,
    verdict: Verdict,
    is_about: bool,
    reasons: Sequence[Reason],
    now: datetime,
) -> bool:
    """Store a verdict; False when this model has judged the mention already."""
    scores = verdict.scores
    values = {
        "mention_id": mention_id,
        "model": verdict.model,
        "label": verdict.label.value if verdict.label else None,
        "negative": scores.get(Sentiment.NEGATIVE),
        "neutral": scores.get(Sentiment.NEUTRAL),
        "positive": scores.get(Sentiment.POSITIVE),
        "topics": [topic.value for topic in verdict.topics],
        "urgency": verdict.urgency.value,
        "needs_reply": verdict.needs_reply,
        "about_shop": verdict.about_shop,
        "is_about": is_about,
        "not_scored": verdict.not_scored,
        "reasons": reasons_json(reasons),
        "assessed_at": now,
    }
    return bool(insert_new(session, Assessment, [values]))


def reasons_json(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Return reasons as they are stored: rule, severity, sentence and values."""
    return [
        {**asdict(reason), "values": dict(reason.values), "severity": reason.severity.value}
        for reason in reasons
    ]


def plan_deliveries(session: Session, planned: Sequence[PlannedDelivery], now: datetime) -> int:
    """Put messages into the outbox; returns how many were not there yet."""
    values = [
        {
            **asdict(delivery),
            "reason": delivery.reason.value,
            "state": DeliveryState.DUE.value,
            "planned_at": now,
            "attempts": 0,
        }
        for delivery in planned
    ]
    return len(insert_new(session, Delivery, values))


def claim_delivery(
    session: Session, now: datetime, worker: str, stale_after: timedelta
) -> DeliveryRow | None:
    """Claim the message that has waited longest; None when nothing is due.

    A claim older than `stale_after` belongs to a worker that died, and is taken over.
    """
    is_due = (col(Delivery.state) == DeliveryState.DUE.value) & (col(Delivery.due_at) <= now)
    is_stale = (col(Delivery.state) == DeliveryState.CLAIMED.value) & (
        col(Delivery.claimed_at) <= now - stale_after
    )
    waiting = (
        select(Delivery).where(is_due | is_stale).order_by(col(Delivery.due_at), col(Delivery.id)).limit(1)
    )
    delivery = session.execute(waiting.with_for_update(skip_locked=True)).scalar_one_or_none()
    if delivery is None:
        return None
    delivery.state = DeliveryState.CLAIMED.value
    delivery.claimed_at, delivery.claimed_by = now, worker
    delivery.attempts += 1
    session.flush()
    return delivery_row(delivery)


def mark_sent(
    session: Session,
    delivery_id: int,
    now: datetime,
    told_until: datetime | None = None,
    within: str | None = None,
) -> None:
    """The message was handed over; the newest post it tells of was found at `told_until`.

    `within` names what told of it ("summary 5", "storm 3"), where it was no message of its own.
    """
    changes: dict[str, Any] = {"state": DeliveryState.SENT.value, "sent_at": now, "last_error": None}
    carried = {"period": f"within {within}"} if within else {}
    _mark(session, delivery_id, told_until=told_until, **changes, **carried)


def mark_retry(session: Session, delivery_id: int, error: str, due_at: datetime) -> None:
    """The message could not be handed over now; try again at `due_at`."""
    _mark(session, delivery_id, state=DeliveryState.DUE.value, due_at=due_at, last_error=error)


def mark_failed(session: Session, delivery_id: int, error: str) -> None:
    """The message will never go through; a person must look."""
    _mark(session, delivery_id, state=DeliveryState.FAILED.value, last_error=error)


def try_failed_again(session: Session, now: datetime) -> int:
    """Make the messages that were given up on due again, with the same Message-ID; returns how many."""
    failed = update(Delivery).where(col(Delivery.state) == DeliveryState.FAILED.value)
    again = failed.values(state=DeliveryState.DUE.value, due_at=now, attempts=0)
    return len(list(session.execute(again.returning(col(Delivery.id))).scalars()))


def mark_cancelled(session: Session, delivery_id: int) -> None:
    """The message is no longer needed."""
    _mark(session, delivery_id, state=DeliveryState.CANCELLED.value)


def _mark(session: Session, delivery_id: int, **changes: Any) -> None:
    session.execute(update(Delivery).where(col(Delivery.id) == delivery_id).values(**changes))


def remember(session: Session, name: str, value: str) -> str:
    """Store a fact the first time; returns the value that stands."""
    row = session.get(Setting, name)
    if row is None:
        session.add(Setting(name=name, value=value))
        return value
    return row.value


def count(session: Session, table: type[SQLModel]) -> int:
    """Return the number of rows."""
    return int(session.execute(select(func.count()).select_from(table)).scalar_one())
