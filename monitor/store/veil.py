"""Ids of erased posts: a platform's id may name its writer, so of each only a keyed mark is kept.

By the mark a post that comes once more is known, and not stored anew; the key lies in the database.
"""

import hmac
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from monitor.domain import Match, Post
from monitor.store.tables import Alert, AlertEvent, AlertMention, Mention, Setting

_PREFIX = "erased:"
_SETTING = "veil"
_AT_ONCE = 500
Found = Sequence[tuple[Post, Match, str]]


def key_of(session: Session) -> str:
    """The key of a database; "" until something was erased there."""
    row = session.get(Setting, _SETTING)
    return row.value if row is not None else ""


def keep_key(session: Session, key: str) -> str:
    """Take over a key where there is none yet; returns the one that stands."""
    standing = key_of(session)
    if standing or not key:
        return standing
    session.add(Setting(name=_SETTING, value=key))
    session.flush()
    return key


def veiled(key: str, text: str) -> str:
    """The mark of an id; one that is a mark already stays."""
    if text.startswith(_PREFIX):
        return text
    return _PREFIX + hmac.digest(key.encode(), text.encode(), "sha256").hex()[:40]


def veil(session: Session, mention_ids: Sequence[int]) -> None:
    """Put marks in place of the ids of mentions, also where conversations and histories name them."""
    key = keep_key(session, secrets.token_hex(32))
    query = select(Mention).where(col(Mention.id).in_(mention_ids))
    for one in session.execute(query).scalars().all():
        if not one.external_id.startswith(_PREFIX):
            _veil(session, one, veiled(key, one.external_id))


def _veil(session: Session, mention: Mention, mark: str) -> None:
    raw, source = mention.external_id, mention.source
    conversation = (
        col(Mention.shop) == mention.shop,
        col(Mention.source) == source,
        col(Mention.thread_key) == raw,
    )
    hung = select(col(Mention.id)).where(*conversation)
    alerts = select(col(AlertMention.alert_id)).where(
        or_(col(AlertMention.mention_id) == mention.id, col(AlertMention.mention_id).in_(hung))
    )
    told = (col(AlertEvent.alert_id).in_(alerts), col(AlertEvent.note) == raw)
    named = (col(Alert.id).in_(alerts), col(Alert.thread) == f"{source}:{raw}")
    session.execute(update(AlertEvent).where(*told).values(note=mark))
    session.execute(update(Alert).where(*named).values(thread=f"{source}:{mark}"))
    session.execute(update(Mention).where(*conversation).values(thread_key=mark))
    mention.external_id, mention.text_hash = mark, ""
    session.flush()


def unerased(session: Session, found: Found) -> list[tuple[Post, Match, str]]:
    """Leave out posts that were erased; of the others, what hangs on an erased one names it by its mark."""
    key = key_of(session)
    if not key:
        return list(found)
    by_source: dict[str, set[str]] = defaultdict(set)
    for post, _, _ in found:
        by_source[post.source] |= {veiled(key, post.external_id), veiled(key, post.thread_key)}
    erased = {
        (source, mark) for source, marks in by_source.items() for mark in _stored(session, source, marks)
    }
    return [
        (_hung(post, veiled(key, post.thread_key), erased), match, print_)
        for post, match, print_ in found
        if (post.source, veiled(key, post.external_id)) not in erased
    ]


def _hung(post: Post, mark: str, erased: set[tuple[str, str]]) -> Post:
    return post.model_copy(update={"thread_key": mark}) if (post.source, mark) in erased else post


def _stored(session: Session, source: str, marks: Iterable[str]) -> Iterable[str]:
    wanted = sorted(marks)
    for start in range(0, len(wanted), _AT_ONCE):
        some = col(Mention.external_id).in_(wanted[start : start + _AT_ONCE])
        yield from session.execute(
            select(col(Mention.external_id)).where(col(Mention.source) == source, some)
        ).scalars()
