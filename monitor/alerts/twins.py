"""The same words at several places: stored once per place, one alert, and a mark when many post them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.alerts.opening import AlertChange, extend, merged, open_or_extend
from monitor.alerts.rows import alert_of_thread
from monitor.domain import Reason, Urgency
from monitor.store.reads import OPEN_STATES
from monitor.store.rows import MentionRow
from monitor.store.tables import Alert, AlertMention, Mention
from monitor.store.writes import reasons_json
from monitor.text import likeness
from monitor.wording import N_

# Measured on 700 labelled posts of the corpus: no two that were written apart reach 0.15.
COPY = 0.5
_WITHIN = timedelta(days=7)
_LOOK_AT = 500
_CAMPAIGN_AUTHORS = 3


def open_or_fold(
    session: Session, mention: MentionRow, reasons: Sequence[Reason], due_at: datetime, now: datetime
) -> AlertChange | None:
    """Put a mention in front of people: into its thread's alert, else into the alert of its original.

    When the same words come from three writers or more, the alert says that it may be a campaign.
    None when nothing is to be done; see open_or_extend.
    """
    has_alert = alert_of_thread(session, mention) is not None
    twins = [] if has_alert or not reasons else _twins(session, mention, now)
    if not twins:
        return open_or_extend(session, mention, reasons, due_at, now)
    alert = session.get_one(Alert, twins[0][0])
    change = extend(session, alert, mention, reasons, due_at, now)
    authors = ({author for alert_id, author in twins if alert_id == alert.id} | {mention.author}) - {""}
    if change is not None and len(authors) >= _CAMPAIGN_AUTHORS:
        alert.reasons = merged(_without_campaign(alert), reasons_json([_campaign(len(authors))]))
    return change


def _twins(session: Session, mention: MentionRow, now: datetime) -> list[tuple[int, str]]:
    """Alert and author of every copy in an open alert of another thread, oldest first."""
    query = (
        select(col(AlertMention.alert_id), col(Mention.author), col(Mention.text))
        .join(Mention, col(Mention.id) == col(AlertMention.mention_id))
        .join(Alert, col(Alert.id) == col(AlertMention.alert_id))
        .where(
            col(Alert.shop) == mention.shop,
            col(Alert.thread) != mention.thread,
            col(Alert.state).in_(OPEN_STATES),
            col(Mention.found_at) >= now - _WITHIN,
        )
        .order_by(col(Mention.id).desc())
        .limit(_LOOK_AT)
    )
    copies = [
        (alert_id, author)
        for alert_id, author, text in session.execute(query)
        if likeness(text, mention.text) >= COPY
    ]
    return copies[::-1]


def _campaign(authors: int) -> Reason:
    return Reason(
        rule="campaign",
        severity=Urgency.NORMAL,
        sentence=N_("{writers} writers post nearly the same words: possibly a campaign."),
        values={"writers": str(authors)},
    )


def _without_campaign(alert: Alert) -> list[dict[str, object]]:
    return [reason for reason in alert.reasons if reason["rule"] != "campaign"]
