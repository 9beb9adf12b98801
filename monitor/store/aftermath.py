"""What became of answered alerts, as stored. Works in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from monitor.domain import AlertState
from monitor.store import reads
from monitor.store.rows import AlertRow, MentionRow, mention_row
from monitor.store.tables import Aftermath, Alert, Mention


@dataclass(frozen=True, slots=True)
class AftermathRow:
    """What became of one answered alert; `outcome` and `saved` are None until it shows."""

    alert_id: int
    answered_at: datetime
    first_answer: float
    followed_until: datetime
    rating: float | None
    text_hash: str
    outcome: str | None
    saved: bool | None


def answered_unfollowed(session: Session, limit: int = 200) -> list[AlertRow]:
    """Answered alerts that nobody follows yet, oldest first."""
    query = (
        select(Alert)
        .outerjoin(Aftermath, col(Aftermath.alert_id) == col(Alert.id))
        .where(col(Alert.state) == AlertState.ANSWERED.value, col(Aftermath.alert_id).is_(None))
        .order_by(col(Alert.id))
        .limit(limit)
    )
    return reads.alert_rows(session, query)


def follow(session: Session, alert: AlertRow, text_hash: str, length: timedelta) -> None:
    """Begin to follow an answered alert for so long."""
    answered_at = alert.answered_at or alert.closed_at or alert.opened_at
    session.add(
        Aftermath(
            alert_id=alert.id,
            answered_at=answered_at,
            first_answer=max((answered_at - alert.clock_started_at).total_seconds(), 0.0),
            followed_until=answered_at + length,
            rating=alert.first.rating,
            text_hash=text_hash,
        )
    )
    session.flush()


def undecided(session: Session, now: datetime, limit: int = 500) -> list[AftermathRow]:
    """Those to be decided: their time is up, or something was said or changed in the conversation since."""
    first, later = aliased(Mention), aliased(Mention)
    something = exists().where(
        col(later.shop) == col(first.shop),
        col(later.source) == col(first.source),
        col(later.thread_key) == col(first.thread_key),
        func.coalesce(later.edited_at, later.found_at) > col(Aftermath.answered_at),
    )
    query = (
        select(Aftermath)
        .join(Alert, col(Alert.id) == col(Aftermath.alert_id))
        .join(first, col(first.id) == col(Alert.first_mention_id))
        .where(col(Aftermath.outcome).is_(None))
        .where(or_(col(Aftermath.followed_until) <= now, something))
        .order_by(col(Aftermath.alert_id).desc())
    )
    return [_row(row) for row in session.execute(query.limit(limit)).scalars()]


def of_alert(session: Session, alert_id: int) -> AftermathRow | None:
    """What became of one alert; None when it was not answered."""
    row = session.get(Aftermath, alert_id)
    return _row(row) if row is not None else None


def decide(
    session: Session, alert_id: int, outcome: str, saved: bool, mention_id: int | None, now: datetime
) -> None:
    """Write down what became of it, and the post that shows it."""
    changes = {"outcome": outcome, "saved": saved, "mention_id": mention_id, "decided_at": now}
    session.execute(update(Aftermath).where(col(Aftermath.alert_id) == alert_id).values(**changes))


def first_mention(session: Session, alert_id: int) -> tuple[MentionRow, str] | None:
    """The alert's first post as it stands now, and the hash of its text."""
    query = (
        reads.judged_mentions()
        .join(Alert, col(Alert.first_mention_id) == col(Mention.id))
        .where(col(Alert.id) == alert_id)
    )
    found = session.execute(query).first()
    return (mention_row(*found), found[0].text_hash) if found else None


def said_after(session: Session, first: MentionRow, moment: datetime) -> list[MentionRow]:
    """What the writer of a post said in the same conversation after that moment, oldest first."""
    if not first.author:
        return []
    query = reads.judged_mentions().where(
        col(Mention.shop) == first.shop,
        col(Mention.source) == first.source,
        col(Mention.thread_key) == first.thread_key,
        col(Mention.author) == first.author,
        reads.spoken_at() > moment,
    )
    return [mention_row(*found) for found in session.execute(query.order_by(reads.spoken_at()))]


def decided_between(
    session: Session, shops: Sequence[str], since: datetime, until: datetime
) -> list[AftermathRow]:
    """What became of the alerts that were answered in a period."""
    query = (
        select(Aftermath)
        .join(Alert, col(Alert.id) == col(Aftermath.alert_id))
        .where(col(Aftermath.answered_at) >= since, col(Aftermath.answered_at) < until)
    )
    query = query.where(col(Alert.shop).in_(shops)) if shops else query
    return [_row(row) for row in session.execute(query).scalars()]


def _row(row: Aftermath) -> AftermathRow:
    return AftermathRow(
        row.alert_id,
        row.answered_at,
        row.first_answer,
        row.followed_until,
        row.rating,
        row.text_hash,
        row.outcome,
        row.saved,
    )
