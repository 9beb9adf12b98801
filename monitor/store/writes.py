"""What collecting, assessing and delivering write. Alerts are changed by monitor.alerts only.

Every function works in the caller's transaction and may be repeated after a crash.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from monitor.domain import Match, Post, Reason, Sentiment, Verdict
from monitor.store import searching, stale, veil
from monitor.store.erasing import erase_older_than, forget_runs
from monitor.store.states import insert_new_state, save_run
from monitor.store.tables import Assessment, Mention, Setting

__all__ = ["erase_older_than", "forget_runs", "insert_new_state", "save_run"]

# SQLite allows 32,766 variables in one statement; three to a key.
_KEYS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Stored:
    """Ids that storing a batch made new or changed."""

    new: tuple[int, ...]
    edited: tuple[int, ...]


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
    assessments go, so that it is judged again. One that was erased is left out.
    """
    values = {_key(row): row for row in (_mention_values(*one, now) for one in veil.unerased(session, found))}
    new = insert_new(session, Mention, list(values.values()))
    searching.put(session, searching.spoken(session, new))
    known = _mentions_of(session, list(values)) if len(new) < len(values) else []
    edited = [
        edit(session, mention, values[_key_of(mention)]) for mention in known if mention.id not in set(new)
    ]
    stored = Stored(tuple(new), tuple(mention_id for mention_id in edited if mention_id is not None))
    stale.mark(session, stored.new + stored.edited)
    return stored


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


def edit(session: Session, mention: Mention, values: dict[str, Any]) -> int | None:
    """Replace the text and the stars of a mention that reads otherwise now; None when it reads the same."""
    stars = values["rating"] if values["rating"] is not None else mention.rating
    reads_the_same = mention.text_hash == values["text_hash"] and stars == mention.rating
    if reads_the_same or mention.erased_at is not None:
        return None
    searching.take(session, searching.spoken(session, [mention.id or 0]))
    for name in ("title", "text", "text_hash", "fingerprint", "words", "certainty", "found_where"):
        setattr(mention, name, values[name])
    session.flush()
    searching.put(session, searching.spoken(session, [mention.id or 0]))
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
    is_new = bool(insert_new(session, Assessment, [values]))
    if is_new:
        stale.mark(session, [mention_id])
    return is_new


def reasons_json(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Return reasons as they are stored: rule, severity, sentence and values."""
    return [
        {**asdict(reason), "values": dict(reason.values), "severity": reason.severity.value}
        for reason in reasons
    ]


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
