"""What stands beside an alert on its page: similar posts, its writer's history, and who waits for an answer.

All queries are bounded, whatever the size of the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from monitor.aftermath import FOLLOWED
from monitor.domain import AlertState
from monitor.store import reads
from monitor.store.rows import AlertRow, MentionRow, mention_row
from monitor.store.tables import Aftermath, Alert, AlertMention, Mention
from monitor.text.similar import similar

_WITHIN = timedelta(days=90)
_LOOK_AT = 1_000
_MOST = 5


@dataclass(frozen=True, slots=True)
class Writer:
    """What one writer has had to do with a shop at one source: posts, alerts, and answers of ours."""

    posts: int
    first_at: datetime | None
    alerts: int
    answered: int


def similar_posts(session: Session, first: MentionRow, now: datetime) -> list[MentionRow]:
    """What others wrote about the same matter lately, the most alike first, from other conversations."""
    if not first.text:
        return []
    query = (
        select(col(Mention.id), col(Mention.title), col(Mention.text))
        .where(
            col(Mention.shop) == first.shop,
            reads.spoken_at() >= now - _WITHIN,
            or_(col(Mention.source) != first.source, col(Mention.thread_key) != first.thread_key),
            col(Mention.text) != "",
        )
        .order_by(reads.spoken_at().desc())
        .limit(_LOOK_AT)
    )
    found = list(session.execute(query))
    texts = [f"{title} {text}" for _, title, text in found]
    places = similar(f"{first.title} {first.text}", texts)[:_MOST]
    return _in_order(session, [found[place][0] for place, _ in places])


def _in_order(session: Session, ids: Sequence[int]) -> list[MentionRow]:
    query = reads.judged_mentions().where(col(Mention.id).in_(ids))
    rows = {row.id: row for row in (mention_row(*pair) for pair in session.execute(query))}
    return [rows[one] for one in ids]


def writer(session: Session, first: MentionRow) -> Writer | None:
    """The history of a post's writer with the shop; None for an unknown writer."""
    if not first.author:
        return None
    theirs = (
        (col(Mention.shop) == first.shop)
        & (col(Mention.source) == first.source)
        & (col(Mention.author) == first.author)
    )
    posts, first_at = session.execute(select(func.count(), func.min(reads.spoken_at())).where(theirs)).one()
    alerts = (
        select(col(Alert.id), col(Alert.state))
        .join(AlertMention, col(AlertMention.alert_id) == col(Alert.id))
        .join(Mention, col(Mention.id) == col(AlertMention.mention_id))
        .where(theirs)
        .distinct()
    )
    states = [state for _, state in session.execute(alerts)]
    return Writer(posts, first_at, len(states), states.count(AlertState.ANSWERED.value))


def awaiting(session: Session, now: datetime, limit: int = 200) -> list[AlertRow]:
    """Answered alerts whose writer has not spoken again yet, the last answer first."""
    query = (
        select(Alert)
        .outerjoin(Aftermath, col(Aftermath.alert_id) == col(Alert.id))
        .where(
            col(Alert.state) == AlertState.ANSWERED.value,
            col(Alert.answered_at) > now - FOLLOWED,
            col(Aftermath.outcome).is_(None),
        )
        .order_by(col(Alert.answered_at).desc())
        .limit(limit)
    )
    return reads.alert_rows(session, query)
