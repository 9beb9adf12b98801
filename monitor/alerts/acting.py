"""What people, mail links and the clock do to an alert.

Every action takes the version of the alert that its author has seen, and raises AlertConflict when
the alert has changed since; `via` says from where: dashboard, mail, cli or rule.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from monitor.alerts.labelling import NOT_NEGATIVE, check_label, label, withdraw
from monitor.alerts.opening import AlertChange
from monitor.alerts.rows import BY_RULE, WOKEN, add_event, changed, id_of, locked, must_be_open
from monitor.domain import AlertAction, AlertState, DismissReason, SendReason, Sentiment, Urgency
from monitor.errors import AlertConflict
from monitor.store import reads
from monitor.store.rows import AlertRow
from monitor.store.tables import Alert, AlertEvent, AlertMention

# Those that change whether somebody must be called; a mail sent or a correction does not.
_TURNS = tuple(
    action.value
    for action in (
        AlertAction.OPENED,
        AlertAction.TAKEN,
        AlertAction.ANSWERED,
        AlertAction.DISMISSED,
        AlertAction.SNOOZED,
        AlertAction.REOPENED,
    )
)
_SENT = {SendReason.REMINDER: AlertAction.REMINDED, SendReason.ESCALATION: AlertAction.ESCALATED}


def take(
    session: Session, alert_id: int, who: str, now: datetime, version: int, via: str = "dashboard"
) -> AlertRow:
    """Somebody answers for it from now on; reminders stop."""
    alert = locked(session, alert_id, version)
    must_be_open(alert)
    alert.state, alert.taken_by, alert.snoozed_until = AlertState.TAKEN.value, who, None
    return changed(session, alert, AlertAction.TAKEN, who, via, now)


def answer(
    session: Session,
    alert_id: int,
    who: str,
    now: datetime,
    version: int,
    via: str = "dashboard",
    url: str | None = None,
    note: str = "",
) -> AlertRow:
    """The shop has answered at the place itself; `url` points to the answer where it has an address."""
    alert = locked(session, alert_id, version)
    must_be_open(alert)
    alert.state, alert.answered_at, alert.answer_url = AlertState.ANSWERED.value, now, url
    _close(alert, now)
    return changed(session, alert, AlertAction.ANSWERED, who, via, now, note)


def dismiss(
    session: Session,
    alert_id: int,
    who: str,
    now: datetime,
    version: int,
    reason: DismissReason,
    via: str = "dashboard",
    note: str = "",
) -> AlertRow:
    """No answer is needed. NOT_ABOUT_US and NOT_NEGATIVE are kept as corrections of the model too."""
    alert = locked(session, alert_id, version)
    must_be_open(alert)
    alert.state, alert.dismiss_reason = AlertState.DISMISSED.value, reason.value
    _close(alert, now)
    if reason is DismissReason.NOT_ABOUT_US:
        label(session, _gathered(session, alert), "about_shop", "false", who, now)
    if reason is DismissReason.NOT_NEGATIVE:
        label(session, _read_as_negative(session, alert), "sentiment", NOT_NEGATIVE, who, now)
    return changed(session, alert, AlertAction.DISMISSED, who, via, now, note or reason.value)


def snooze(
    session: Session,
    alert_id: int,
    who: str,
    now: datetime,
    version: int,
    until: datetime,
    via: str = "dashboard",
) -> AlertRow:
    """Leave it in peace until then; the deadline is not before. ValueError when `until` is past."""
    if until <= now:
        raise ValueError("Choose a time that is still to come.")
    alert = locked(session, alert_id, version)
    must_be_open(alert)
    alert.state, alert.snoozed_until, alert.taken_by = AlertState.SNOOZED.value, until, None
    alert.due_at = max(alert.due_at, until)
    return changed(session, alert, AlertAction.SNOOZED, who, via, now, until.isoformat(timespec="minutes"))


def reopen(
    session: Session,
    alert_id: int,
    who: str,
    now: datetime,
    version: int,
    via: str = "dashboard",
    note: str = "",
) -> AlertRow:
    """Put an alert back to the open ones, whether it was closed, taken or snoozed."""
    alert = locked(session, alert_id, version)
    _no_other_open(session, alert)
    if alert.state == AlertState.DISMISSED.value and alert.closed_at is not None:
        # With the dismissal goes what it said of the model.
        withdraw(session, _gathered(session, alert), alert.closed_at)
    alert.state, alert.taken_by, alert.snoozed_until = AlertState.OPEN.value, None, None
    alert.closed_at, alert.dismiss_reason = None, None
    return changed(session, alert, AlertAction.REOPENED, who, via, now, note)


def put_back(session: Session) -> list[tuple[AlertRow, datetime]]:
    """Alerts that a person put back to the open ones and nobody acted on since, and when that was."""
    turns = select(func.max(col(AlertEvent.id))).where(
        col(AlertEvent.alert_id) == col(Alert.id), col(AlertEvent.action).in_(_TURNS)
    )
    query = (
        select(col(Alert.id), col(AlertEvent.at))
        .join(AlertEvent, col(AlertEvent.id) == turns.correlate(Alert).scalar_subquery())
        .where(
            col(Alert.state) == AlertState.OPEN.value,
            col(AlertEvent.action) == AlertAction.REOPENED.value,
            col(AlertEvent.via) != BY_RULE,
        )
    )
    since = {alert_id: at for alert_id, at in session.execute(query) if alert_id is not None}
    found = reads.alert_rows(session, select(Alert).where(col(Alert.id).in_(since)))
    return [(alert, since[alert.id]) for alert in found]


def wake(session: Session, now: datetime, limit: int = 500) -> list[AlertChange]:
    """Open every alert whose snooze is over."""
    over = select(Alert).where(col(Alert.state) == AlertState.SNOOZED.value, col(Alert.snoozed_until) <= now)
    oldest = over.order_by(col(Alert.snoozed_until), col(Alert.id)).limit(limit)
    woken = session.execute(oldest.with_for_update(skip_locked=True)).scalars().all()
    return [_woken(session, alert, now) for alert in woken]


def _woken(session: Session, alert: Alert, now: datetime) -> AlertChange:
    alert.state, alert.snoozed_until = AlertState.OPEN.value, None
    row = changed(session, alert, AlertAction.REOPENED, "", BY_RULE, now, WOKEN)
    return AlertChange(AlertAction.REOPENED, row)


def correct(
    session: Session,
    alert_id: int,
    who: str,
    now: datetime,
    version: int,
    field: str,
    value: str,
    mention_id: int | None = None,
    via: str = "dashboard",
) -> AlertRow:
    """Keep what a person says the model got wrong, for one mention or all that the alert gathers.

    `field` is sentiment, about_shop ("true" or "false"), topics (joined with commas) or urgency; an
    urgency is also the alert's from now on. ValueError when `value` is none of that field's.
    """
    check_label(field, value)
    alert = locked(session, alert_id, version)
    if field == "urgency":
        alert.urgency = Urgency(value).value
    gathered = _gathered(session, alert)
    if mention_id is not None and mention_id not in gathered:
        raise ValueError(f"Mention {mention_id} is not gathered by this alert.")
    label(session, gathered if mention_id is None else [mention_id], field, value, who, now)
    return changed(session, alert, AlertAction.CORRECTED, who, via, now, f"{field}: {value}")


def note_sent(session: Session, alert_id: int, reason: SendReason, recipient: str, now: datetime) -> None:
    """Write a reminder or escalation that was sent into the alert's history; other mails leave none."""
    if reason in _SENT:
        add_event(session, alert_id, _SENT[reason], "", BY_RULE, now, recipient)


def _close(alert: Alert, now: datetime) -> None:
    alert.closed_at, alert.snoozed_until = now, None


def _no_other_open(session: Session, alert: Alert) -> None:
    query = select(col(Alert.id)).where(
        col(Alert.shop) == alert.shop,
        col(Alert.thread) == alert.thread,
        col(Alert.id) != alert.id,
        col(Alert.state).in_(reads.OPEN_STATES),
    )
    if session.execute(query).first():
        raise AlertConflict("A newer alert of the same conversation is open. Act on that one.")


def _gathered(session: Session, alert: Alert) -> Sequence[int]:
    gathered = select(col(AlertMention.mention_id)).where(col(AlertMention.alert_id) == id_of(alert))
    return session.execute(gathered.order_by(col(AlertMention.mention_id))).scalars().all()


def _read_as_negative(session: Session, alert: Alert) -> list[int]:
    """Of what the alert gathers, the mentions whose newest verdict says negative."""
    found = (reads.mention(session, mention_id) for mention_id in _gathered(session, alert))
    return [
        mention.id
        for mention in found
        if mention and mention.assessment and mention.assessment.label is Sentiment.NEGATIVE
    ]
