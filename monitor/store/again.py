"""Erasures done again on a database that came out of a backup. Works in the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.store import stale, veil
from monitor.store.erasing import erase_author, erase_posts, erase_url
from monitor.store.privacy import end_mutes, subject_of
from monitor.store.tables import Assessment, Erasure, Mention, Mute
from monitor.store.writes import insert_new


def erase_known(session: Session, before: Session, now: datetime) -> int:
    """Empty again what was empty in the database of before, and keep the rows that are not there at all.

    Without those rows the next fetch would bring their posts back. Returns how many mentions were emptied.
    """
    key = veil.keep_key(session, veil.key_of(before))
    by_source: dict[str, set[str]] = defaultdict(set)
    empty = list(before.execute(select(Mention).where(col(Mention.erased_at).is_not(None))).scalars())
    for mention in empty:
        by_source[mention.source].add(mention.external_id)
    erased = 0
    for source, ids in by_source.items():
        erased += erase_posts(session, source, _living(session, source, ids, key), now)
    for mention in empty:
        _keep_empty(session, before, mention)
    return erased


def _living(session: Session, source: str, erased: Collection[str], key: str) -> list[str]:
    """Which posts of a source, not empty yet, are among the erased: by their id, or by the mark of it."""
    query = select(col(Mention.external_id)).where(col(Mention.source) == source)
    found = session.execute(query.where(col(Mention.erased_at).is_(None)).distinct()).scalars()
    return [one for one in found if one in erased or (key and veil.veiled(key, one) in erased)]


def _keep_empty(session: Session, before: Session, mention: Mention) -> None:
    new = insert_new(session, Mention, [mention.model_dump(exclude={"id"})])
    if not new:
        return
    judged = select(Assessment).where(col(Assessment.mention_id) == mention.id)
    for row in before.execute(judged).scalars():
        session.add(Assessment(**{**row.model_dump(exclude={"id"}), "mention_id": new[0]}))
    session.flush()
    stale.mark(session, new)


def erase_subjects(session: Session, hashes: Collection[str], key: bytes, now: datetime) -> int:
    """Empty what the keyed hashes of a ledger stand for. Returns how many mentions."""
    if not hashes:
        return 0
    erased = 0
    authors = select(col(Mention.author), col(Mention.source)).where(col(Mention.author) != "").distinct()
    for author, source in list(session.execute(authors)):
        for place in (None, source):
            if subject_of(author, None, place, key) in hashes:
                erased += erase_author(session, author, place, now)
    for author, source in list(session.execute(select(col(Mute.author), col(Mute.source)).distinct())):
        for place in {None, source} if author else ():
            if subject_of(author, None, place, key) in hashes:
                end_mutes(session, author, place, now)
    urls = select(col(Mention.url)).where(col(Mention.url) != "").distinct()
    gone = [url for url in session.execute(urls).scalars() if subject_of(None, url, None, key) in hashes]
    _write_down(session, hashes, now)
    return erased + sum(erase_url(session, url, now) for url in gone)


def _write_down(session: Session, hashes: Collection[str], now: datetime) -> None:
    """Keep that these were erased: what such a writer says later is stored without a name."""
    known = set(session.execute(select(col(Erasure.subject_hash))).scalars())
    for one in sorted(set(hashes) - known):
        session.add(Erasure(at=now, who="restore", what="subject", subject_hash=one, mentions=0, reason=""))
    session.flush()
