"""Ready-made replies that people wrote or changed. Works in the caller's transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.domain import Topic
from monitor.replies import Reply
from monitor.store.tables import ReadyReply


def changed(session: Session) -> list[Reply]:
    """Those that people wrote or changed, and did not retire."""
    query = select(ReadyReply).where(col(ReadyReply.retired_at).is_(None)).order_by(col(ReadyReply.id))
    return [
        Reply(row.slug, row.lang, Topic(row.topic) if row.topic else None, row.title, row.text)
        for row in session.execute(query).scalars()
    ]


def retired(session: Session) -> frozenset[tuple[str, str]]:
    """Slug and language of those that nobody wants to see any more."""
    query = select(col(ReadyReply.slug), col(ReadyReply.lang)).where(col(ReadyReply.retired_at).is_not(None))
    return frozenset((slug, lang) for slug, lang in session.execute(query))


def save(session: Session, reply: Reply, who: str, now: datetime) -> None:
    """Keep a reply as somebody wrote it, in the place of what was there."""
    _write(session, reply, who, now, None)


def retire(session: Session, reply: Reply, who: str, now: datetime) -> None:
    """Show a reply no more, a shipped one too; saving it again brings it back."""
    _write(session, reply, who, now, now)


def _write(session: Session, reply: Reply, who: str, now: datetime, retired_at: datetime | None) -> None:
    query = select(ReadyReply).where(col(ReadyReply.slug) == reply.slug, col(ReadyReply.lang) == reply.lang)
    row = session.execute(query).scalar_one_or_none() or ReadyReply(
        slug=reply.slug, lang=reply.lang, title="", text="", who=who, at=now
    )
    row.topic = reply.topic.value if reply.topic else None
    row.title, row.text, row.who, row.at, row.retired_at = reply.title, reply.text, who, now, retired_at
    session.add(row)
    session.flush()
