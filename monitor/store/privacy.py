"""What is held about one person, and the record that it was erased. Works in the caller's transaction."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session, col

from monitor.store import notes, reads
from monitor.store.erasing import erase_author, erase_url
from monitor.store.rows import MentionRow, mention_row
from monitor.store.tables import Alert, Erasure, ExportRecord, Mention, Mute


@dataclass(frozen=True, slots=True)
class Held:
    """All that is held about a writer: posts, how many alerts they opened and what was noted there, mutes,
    exports with names, and when they were erased before.
    """

    mentions: Sequence[MentionRow]
    alerts: int
    mutes: Sequence[str]
    exports: Sequence[str]
    notes: Sequence[str] = ()
    erased_at: Sequence[datetime] = ()


def held_about(session: Session, author: str, source: str | None, key: bytes) -> Held:
    """Everything about one writer, at one source or everywhere, oldest post first; `key` is of the hashes."""
    query = reads.judged_mentions().where(col(Mention.author) == author)
    query = query.where(col(Mention.source) == source) if source else query
    rows = session.execute(query.order_by(reads.spoken_at(), col(Mention.id)))
    mentions = [mention_row(*found) for found in rows]
    opened = select(col(Alert.id)).where(col(Alert.first_mention_id).in_([row.id for row in mentions]))
    alerts = [number for number in session.execute(opened).scalars() if number is not None]
    mutes = select(col(Mute.reason)).where(*_muted(author, source, everywhere=True)).order_by(col(Mute.id))
    return Held(
        mentions,
        len(alerts),
        list(session.execute(mutes).scalars()),
        _exports(session),
        [note.text for note in notes.notes(session, alerts)],
        _erasures(session, {subject_of(author, None, place, key) for place in (None, source)}),
    )


def _erasures(session: Session, hashes: set[str]) -> list[datetime]:
    query = select(col(Erasure.at)).where(col(Erasure.subject_hash).in_(hashes))
    return list(session.execute(query.order_by(col(Erasure.id))).scalars())


def _muted(author: str, source: str | None, *, everywhere: bool) -> list[ColumnElement[bool]]:
    """Mutes of a writer at one source (with those that hold `everywhere`), or of that name at any."""
    here = col(Mute.source) == source
    at = here | col(Mute.source).is_(None) if everywhere else here
    return [col(Mute.author) == author, *([at] if source else [])]


def end_mutes(session: Session, author: str, source: str | None, now: datetime) -> None:
    """Let go of a writer's name in the mutes of one source, or of all; the mutes end."""
    wanted = _muted(author, source, everywhere=False)
    session.execute(update(Mute).where(*wanted).values(author=None, ended_at=now))


def erase(
    session: Session,
    *,
    author: str | None,
    url: str | None,
    source: str | None,
    reason: str,
    who: str,
    key: bytes,
    now: datetime,
) -> tuple[int, Sequence[str]]:
    """Remove a writer or the posts at an address, and write down that it was done.

    Of whom is kept only as a keyed hash. Returns how many mentions were emptied, and the exports with names
    that a person must mend by hand.
    """
    erased = erase_url(session, url, now) if url else erase_author(session, author or "", source, now)
    if author:
        end_mutes(session, author, source, now)
    subject = subject_of(author, url, source, key)
    what = "url" if url else "author"
    session.add(Erasure(at=now, who=who, what=what, subject_hash=subject, mentions=erased, reason=reason))
    session.flush()
    return erased, _exports(session)


def subject_of(author: str | None, url: str | None, source: str | None, key: bytes) -> str:
    """Whom an erasure was about, as a keyed hash: the posts at an address, or a writer at a source or all."""
    return hmac.digest(key, (url or f"{source or ''}\0{author}").encode(), "sha256").hex()


def _exports(session: Session) -> list[str]:
    """Exports that left with names, as place and day."""
    query = select(ExportRecord).where(col(ExportRecord.names)).order_by(col(ExportRecord.id))
    return [f"{row.file} ({row.at:%Y-%m-%d}, {row.who})" for row in session.execute(query).scalars()]


def record_export(
    session: Session,
    *,
    what: str,
    file: str,
    rows: int,
    names: bool,
    who: str,
    via: str,
    filters: dict[str, object],
    now: datetime,
) -> None:
    """Write down that figures or posts left the house."""
    session.add(
        ExportRecord(
            at=now, who=who, via=via, what=what, filters=dict(filters), rows=rows, file=file, names=names
        )
    )
    session.flush()
