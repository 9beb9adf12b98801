"""A mention with reasons opens an alert, joins the one of its thread, or brings an answered one back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from monitor.alerts.rows import BY_RULE, alert_of_thread, frozen, id_of, record
from monitor.domain import AlertAction, AlertState, DismissReason, Reason, Urgency
from monitor.store.rows import AlertRow, MentionRow, alert_row
from monitor.store.tables import Alert, AlertMention
from monitor.store.writes import insert_new, reasons_json

# A long thread repeats itself; the gravest reasons are enough to act on.
_MOST_REASONS = 12
# Matches that only the rest of the thread carries: wrong for one post, wrong for the next.
_BY_NEIGHBOURS = ("thread", "parent")


@dataclass(frozen=True, slots=True)
class AlertChange:
    """What happened to an alert. `mention_id` is None when a person or the clock did it, not a post."""

    action: AlertAction
    alert: AlertRow
    mention_id: int | None = None
    worse: bool = False


def open_or_extend(
    session: Session, mention: MentionRow, reasons: Sequence[Reason], due_at: datetime, now: datetime
) -> AlertChange | None:
    """Put a mention in front of people, with one open alert per shop and thread.

    `due_at` is the deadline that the mention alone would get. None when nothing is to be done: no
    reasons, or the mention was put in before (unless it was edited since, and reads worse now).
    """
    if not reasons:
        return None
    alert = alert_of_thread(session, mention)
    if alert is None:
        return _open(session, mention, reasons, due_at, now)
    if _seen_as_it_is(session, alert, mention):
        return None
    if AlertState(alert.state).is_open:
        return extend(session, alert, mention, reasons, due_at, now)
    if alert.state == AlertState.ANSWERED.value:
        return _after_answer(session, alert, mention, reasons, due_at, now)
    if alert.dismiss_reason == DismissReason.NOT_ABOUT_US.value and mention.found_where in _BY_NEIGHBOURS:
        return None
    return _open(session, mention, reasons, due_at, now)


def _seen_as_it_is(session: Session, alert: Alert, mention: MentionRow) -> bool:
    gathered = _gathered(session, alert, mention)
    return gathered is not None and (mention.edited_at is None or mention.edited_at <= gathered.added_at)


def _gathered(session: Session, alert: Alert, mention: MentionRow) -> AlertMention | None:
    return session.get(AlertMention, (id_of(alert), mention.id))


def _open(
    session: Session, mention: MentionRow, reasons: Sequence[Reason], due_at: datetime, now: datetime
) -> AlertChange | None:
    values = {
        "shop": mention.shop,
        "thread": mention.thread,
        "source": mention.source,
        "state": AlertState.OPEN.value,
        "urgency": gravest(reasons).value,
        "clock_started_at": min(mention.spoken_at, now),
        "opened_at": now,
        "due_at": due_at,
        "first_mention_id": mention.id,
        "reasons": reasons_json(reasons),
        # `record` counts one up, so that a new alert starts with version 1.
        "version": 0,
    }
    opened = insert_new(session, Alert, [values])
    if not opened:
        # Another worker opened it in the same moment.
        return open_or_extend(session, mention, reasons, due_at, now)
    return _changed(session, session.get_one(Alert, opened[0]), mention, AlertAction.OPENED, now)


def extend(
    session: Session,
    alert: Alert,
    mention: MentionRow,
    reasons: Sequence[Reason],
    due_at: datetime,
    now: datetime,
) -> AlertChange | None:
    """Add a mention to an open alert; None when it is there already and reads no worse."""
    worse = gravest(reasons).rank > Urgency(alert.urgency).rank
    if not worse and _gathered(session, alert, mention) is not None:
        return None
    if worse:
        alert.urgency = gravest(reasons).value
        alert.due_at = min(alert.due_at, due_at)
        _end_snooze(alert)
    alert.reasons = merged(alert.reasons, reasons_json(reasons))
    return _changed(session, alert, mention, AlertAction.EXTENDED, now, worse=worse)


def _end_snooze(alert: Alert) -> None:
    if alert.state == AlertState.SNOOZED.value:
        alert.state, alert.snoozed_until = AlertState.OPEN.value, None


def _after_answer(
    session: Session,
    alert: Alert,
    mention: MentionRow,
    reasons: Sequence[Reason],
    due_at: datetime,
    now: datetime,
) -> AlertChange | None:
    """A post written before the answer was answered with it, unless it is graver than all that was seen."""
    worse = gravest(reasons).rank > Urgency(alert.urgency).rank
    spoken_at = mention.edited_at or mention.spoken_at
    if alert.answered_at is not None and spoken_at <= alert.answered_at and not worse:
        _gather(session, alert, mention, now)
        return None
    alert.state, alert.closed_at, alert.taken_by = AlertState.OPEN.value, None, None
    alert.clock_started_at, alert.due_at = spoken_at, due_at
    alert.urgency = gravest(reasons).value
    alert.reasons = merged(reasons_json(reasons), [])
    return _changed(session, alert, mention, AlertAction.REOPENED, now, worse=worse)


def _changed(
    session: Session,
    alert: Alert,
    mention: MentionRow,
    action: AlertAction,
    now: datetime,
    worse: bool = False,
) -> AlertChange:
    _gather(session, alert, mention, now)
    record(session, alert, action, "", BY_RULE, now, note=mention.external_id)
    is_first = action is AlertAction.OPENED
    row = alert_row(alert, mention, 1) if is_first else frozen(session, alert)
    return AlertChange(action, row, mention.id, worse)


def _gather(session: Session, alert: Alert, mention: MentionRow, now: datetime) -> None:
    gathered = _gathered(session, alert, mention)
    if gathered is None:
        session.add(AlertMention(alert_id=id_of(alert), mention_id=mention.id, added_at=now))
    else:
        gathered.added_at = now
    session.flush()


def gravest(reasons: Sequence[Reason]) -> Urgency:
    """The highest severity among reasons."""
    return max((reason.severity for reason in reasons), key=lambda severity: severity.rank)


def merged(old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join stored reasons, gravest first; of two that say the same sentence the graver or older one stays."""
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for reason in (*old, *new):
        name = (reason["rule"], reason["sentence"])
        if name not in kept or _rank(reason) > _rank(kept[name]):
            kept[name] = reason
    return sorted(kept.values(), key=_rank, reverse=True)[:_MOST_REASONS]


def _rank(reason: dict[str, Any]) -> int:
    return Urgency(reason["severity"]).rank
