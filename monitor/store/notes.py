"""What people note about alerts, as stored. Works in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from monitor.store.tables import AlertMention, Mention, Note

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note of one person."""

    alert_id: int
    at: datetime
    who: str
    text: str


def add_note(session: Session, alert_id: int, who: str, text: str, now: datetime) -> None:
    """Write something down about an alert. StoreError (of the caller's block) when there is no such alert."""
    session.add(Note(alert_id=alert_id, at=now, who=who, text=text[:LONGEST]))
    session.flush()


def notes(session: Session, alert_ids: Sequence[int]) -> list[NoteRow]:
    """Everything noted about some alerts, oldest first."""
    query = select(Note).where(col(Note.alert_id).in_(alert_ids)).order_by(col(Note.id))
    return [NoteRow(row.alert_id, row.at, row.who, row.text) for row in session.execute(query).scalars()]


def forget_of_erased(session: Session, mention_ids: Sequence[int]) -> None:
    """Delete what was noted about alerts of these mentions of which no post has a text any more."""
    gathering = select(col(AlertMention.alert_id)).where(col(AlertMention.mention_id).in_(mention_ids))
    still_said = (
        select(col(Mention.id))
        .join(AlertMention, col(AlertMention.mention_id) == col(Mention.id))
        .where(col(AlertMention.alert_id) == col(Note.alert_id), col(Mention.erased_at).is_(None))
    )
    session.execute(
        delete(Note)
        .where(col(Note.alert_id).in_(gathering), ~still_said.exists())
        .execution_options(synchronize_session=False)
    )
