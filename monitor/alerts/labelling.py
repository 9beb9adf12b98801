"""What people say the model got wrong, kept as labels with who and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from monitor.alerts.rows import add_event
from monitor.domain import AlertAction, Sentiment, Topic, Urgency
from monitor.store import stale
from monitor.store.tables import AlertMention, Label

NOT_NEGATIVE = "not_negative"


def correct_mentions(
    session: Session,
    mention_ids: Sequence[int],
    who: str,
    now: datetime,
    field: str,
    value: str,
    via: str = "dashboard",
) -> None:
    """Keep a correction of several mentions, in alerts or not; the alerts that gather them tell of it.

    `field` and `value` are as in `correct`; ValueError when `value` is none of that field's.
    """
    check_label(field, value)
    label(session, mention_ids, field, value, who, now)
    gathering = select(col(AlertMention.alert_id)).where(col(AlertMention.mention_id).in_(mention_ids))
    for alert_id in session.execute(gathering.distinct().order_by(col(AlertMention.alert_id))).scalars():
        add_event(session, alert_id, AlertAction.CORRECTED, who, via, now, f"{field}: {value}")


def label(
    session: Session, mention_ids: Sequence[int], field: str, value: str, who: str, now: datetime
) -> None:
    """Add one label to each mention; figures of its day are counted anew."""
    for mention_id in mention_ids:
        session.add(Label(mention_id=mention_id, field=field, value=value, who=who, at=now))
    stale.mark(session, mention_ids)


def withdraw(session: Session, mention_ids: Sequence[int], at: datetime) -> None:
    """Take back the labels that were added to mentions at that moment; figures are counted anew."""
    here = (col(Label.mention_id).in_(mention_ids), col(Label.at) == at)
    session.execute(delete(Label).where(*here))
    stale.mark(session, mention_ids)


def check_label(field: str, value: str) -> None:
    """Raise ValueError when a value is none of a field's."""
    checks: dict[str, Any] = {
        "sentiment": lambda: value == NOT_NEGATIVE or Sentiment(value),
        "about_shop": lambda: {"true": True, "false": False}[value],
        "topics": lambda: [Topic(topic) for topic in value.split(",") if topic],
        "urgency": lambda: Urgency(value),
    }
    try:
        checks[field]()
    except (KeyError, ValueError) as error:
        raise ValueError(f"{value!r} is no value of {field!r}.") from error
