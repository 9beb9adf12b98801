"""Follows answered alerts: what the writer does next shows whether the answer helped."""

from datetime import datetime

from sqlmodel import Session

from monitor import aftermath
from monitor.aftermath import Seen
from monitor.pipeline.parts import Parts
from monitor.store import aftermath as store


def follow(parts: Parts, now: datetime) -> None:
    """Begin to follow new answers, and decide those of which it shows what they brought about."""
    with parts.store.reading() as session:
        has_work = bool(store.answered_unfollowed(session, 1) or store.undecided(session, now, 1))
    if not has_work:
        return
    with parts.store.transaction() as session:
        for alert in store.answered_unfollowed(session):
            found = store.first_mention(session, alert.id)
            store.follow(session, alert, found[1] if found else "", aftermath.FOLLOWED)
        for row in store.undecided(session, now):
            _decide(session, row, now)


def _decide(session: Session, row: store.AftermathRow, now: datetime) -> None:
    found = store.first_mention(session, row.alert_id)
    if found is None:
        return
    first, text_hash = found
    later = store.said_after(session, first, row.answered_at)
    seen = Seen(
        stars_then=row.rating,
        stars_now=first.rating,
        is_edited=text_hash != row.text_hash,
        stance_now=first.assessment.label if first.assessment else None,
        later=[post.assessment.label if post.assessment else None for post in later],
        is_gone=not first.text,
    )
    verdict = aftermath.outcome(seen, time_is_up=now >= row.followed_until)
    if verdict is not None:
        shown_by = later[-1].id if later else first.id
        store.decide(session, row.alert_id, verdict[0].value, verdict[1], shown_by, now)
