"""What is removed: texts kept long enough, texts deleted where they stood, old records of fetches.

The rows stay, so that counts and figures do.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, func, select, update
from sqlmodel import Session, col

from monitor.store import searching, veil
from monitor.store.notes import forget_of_erased
from monitor.store.tables import Alert, AlertMention, Assessment, Mention, Run

_AT_ONCE = 500
# The value of a reason that repeats what the writer said, and what stands there once that is removed.
_QUOTED = "words"
_REMOVED = "…"


def erase_older_than(
    session: Session,
    limit: datetime,
    now: datetime,
    source: str | None = None,
    but: Collection[str] = (),
) -> int:
    """Remove text and author of mentions found before `limit`; figures stay. Returns how many.

    Of one source, or of all `but` some.
    """
    which = col(Mention.found_at) < limit
    if source is not None:
        which &= col(Mention.source) == source
    if but:
        which &= col(Mention.source).not_in(but)
    return _erase(session, which, now, in_replies=False)


def erase_gone(session: Session, source: str, external_ids: Iterable[str], now: datetime) -> int:
    """Remove text and author of posts that were deleted where they stood. Returns how many mentions."""
    return _erase_posts(session, source, external_ids, now, gone_at=now)


def erase_posts(session: Session, source: str, external_ids: Iterable[str], now: datetime) -> int:
    """Remove text and author of some posts, for another reason. Returns how many mentions."""
    return _erase_posts(session, source, external_ids, now)


def _erase_posts(
    session: Session, source: str, external_ids: Iterable[str], now: datetime, **more: Any
) -> int:
    ids, erased = list(external_ids), 0
    for start in range(0, len(ids), _AT_ONCE):
        some = (col(Mention.source) == source) & col(Mention.external_id).in_(ids[start : start + _AT_ONCE])
        erased += _erase(session, some, now, **more)
    return erased


def erase_author(session: Session, author: str, source: str | None, now: datetime) -> int:
    """Remove what one writer wrote, everywhere or at one source; figures stay. Returns how many mentions."""
    which = col(Mention.author) == author
    return _erase(session, which & (col(Mention.source) == source) if source else which, now)


def erase_url(session: Session, url: str, now: datetime) -> int:
    """Remove the posts at an address; figures stay. Returns how many mentions."""
    return _erase(session, col(Mention.url) == url, now)


def _erase(
    session: Session, which: ColumnElement[bool], now: datetime, *, in_replies: bool = True, **more: Any
) -> int:
    """`in_replies`: also where posts of others repeat it, which otherwise goes when their own time comes."""
    blank = {
        "author": "",
        "title": "",
        "text": "",
        "parent_text": "",
        "url": "",
        "words": [],
        "thread_title": "",
    }
    where = which & col(Mention.erased_at).is_(None)
    ids = list(session.execute(select(col(Mention.id)).where(where)).scalars())
    for start in range(0, len(ids), _AT_ONCE):
        some = [one for one in ids[start : start + _AT_ONCE] if one is not None]
        these = col(Mention.id).in_(some)
        searching.take(session, searching.spoken(session, some))
        if in_replies:
            _forget_in_replies(session, some)
        session.execute(update(Mention).where(these).values(**blank, erased_at=now, **more))
        _unquote(session, some)
        forget_of_erased(session, some)
        veil.veil(session, some)
    return len(ids)


def _forget_in_replies(session: Session, mention_ids: list[int]) -> None:
    """Take what mentions say out of their conversations: as what a reply answers, as the name of all."""
    told = select(Mention).where(col(Mention.id).in_(mention_ids))
    for one in session.execute(told).scalars().all():
        conversation = (
            col(Mention.shop) == one.shop,
            col(Mention.source) == one.source,
            col(Mention.thread_key) == one.thread_key,
        )
        for repeated, said in ((Mention.parent_text, one.text), (Mention.thread_title, one.title)):
            if said:
                here = update(Mention).where(*conversation, col(repeated) == said)
                session.execute(here.values({col(repeated): ""}))


def _unquote(session: Session, mention_ids: list[int]) -> None:
    """Take the words of erased mentions out of the reasons that quote them."""
    for judged in session.execute(
        select(Assessment).where(col(Assessment.mention_id).in_(mention_ids))
    ).scalars():
        judged.reasons = _without_words(judged.reasons, keep=frozenset())
    gathering = select(col(AlertMention.alert_id)).where(col(AlertMention.mention_id).in_(mention_ids))
    for alert in session.execute(select(Alert).where(col(Alert.id).in_(gathering))).scalars():
        alert.reasons = _without_words(alert.reasons, keep=_still_said(session, alert))
    session.flush()


def _still_said(session: Session, alert: Alert) -> frozenset[str]:
    """What the reasons quote of those mentions of an alert that keep their text."""
    query = (
        select(col(Assessment.reasons))
        .join(Mention, col(Mention.id) == col(Assessment.mention_id))
        .join(AlertMention, col(AlertMention.mention_id) == col(Mention.id))
        .where(col(AlertMention.alert_id) == alert.id, col(Mention.erased_at).is_(None))
    )
    found = (reason for reasons in session.execute(query).scalars() for reason in reasons)
    return frozenset(str(reason["values"].get(_QUOTED, "")) for reason in found)


def _without_words(reasons: list[dict[str, Any]], keep: frozenset[str]) -> list[dict[str, Any]]:
    return [
        {**reason, "values": {**reason["values"], _QUOTED: _REMOVED}}
        if reason["values"].get(_QUOTED, _REMOVED) not in {_REMOVED, *keep}
        else reason
        for reason in reasons
    ]


def due_for_a_look(
    session: Session, source: str, found_since: datetime, seen_before: datetime, limit: int
) -> list[str]:
    """Ids of posts found since then that were last seen before `seen_before`, the longest unseen first."""
    last_seen = func.coalesce(col(Mention.checked_at), col(Mention.found_at))
    query = (
        select(col(Mention.external_id))
        .where(
            col(Mention.source) == source,
            col(Mention.found_at) >= found_since,
            col(Mention.erased_at).is_(None),
            last_seen <= seen_before,
        )
        .group_by(col(Mention.external_id))
        .order_by(func.min(last_seen), col(Mention.external_id))
        .limit(limit)
    )
    return list(session.execute(query).scalars())


def mark_seen(session: Session, source: str, external_ids: Iterable[str], now: datetime) -> None:
    """Write down that these posts were looked for where they stood."""
    some = (col(Mention.source) == source) & col(Mention.external_id).in_(list(external_ids))
    session.execute(update(Mention).where(some).values(checked_at=now))


def forget_runs(session: Session, limit: datetime) -> int:
    """Delete the records of fetches before `limit`; returns how many."""
    return _count(session.execute(delete(Run).where(col(Run.started_at) < limit)))


def _count(result: Any) -> int:
    return int(result.rowcount) if isinstance(result, CursorResult) else 0
