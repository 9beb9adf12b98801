"""What stands behind a post: how its writer and its conversation behaved before. Reads only."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from monitor.store import reads
from monitor.store.rows import MentionRow
from monitor.store.tables import Alert, Mention

_HALF_A_YEAR = timedelta(days=182)
_HOUR = timedelta(hours=1)


def author_alerts(session: Session, mention: MentionRow) -> int:
    """Alerts of the shop that earlier posts of the writer at this source opened in other threads."""
    if not mention.author:
        return 0
    query = (
        select(func.count(func.distinct(Alert.id)))
        .join(Mention, col(Mention.id) == col(Alert.first_mention_id))
        .where(
            col(Mention.shop) == mention.shop,
            col(Mention.source) == mention.source,
            col(Mention.author) == mention.author,
            col(Mention.thread_key) != mention.thread_key,
            col(Alert.opened_at) >= mention.spoken_at - _HALF_A_YEAR,
            reads.spoken_at() <= mention.spoken_at,
        )
    )
    return int(session.execute(query).scalar_one())


def thread_pace(session: Session, mention: MentionRow) -> int:
    """Posts of the conversation within the hour up to this one."""
    query = select(func.count()).where(
        col(Mention.shop) == mention.shop,
        col(Mention.source) == mention.source,
        col(Mention.thread_key) == mention.thread_key,
        reads.spoken_at() > mention.spoken_at - _HOUR,
        reads.spoken_at() <= mention.spoken_at,
    )
    return int(session.execute(query).scalar_one())
