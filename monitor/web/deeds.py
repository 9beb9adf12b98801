"""What the press of a mail's button does to its alert, through monitor.alerts; and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from monitor import alerts
from monitor.domain import AlertState, DismissReason
from monitor.errors import AlertConflict
from monitor.links import ButtonLink, LinkAction
from monitor.store import Store, reads
from monitor.store.rows import AlertRow, EventRow

_VIA = "mail"
_REASONS = {
    LinkAction.DISMISS: DismissReason.NO_REPLY_NEEDED,
    LinkAction.NOT_ABOUT_US: DismissReason.NOT_ABOUT_US,
    LinkAction.NOT_NEGATIVE: DismissReason.NOT_NEGATIVE,
}


class Outcome(StrEnum):
    """How it went; only DONE has changed anything."""

    ASKED = "asked"
    DONE = "done"
    ALREADY = "already"
    BEATEN = "beaten"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert as it is now, with its history."""

    alert: AlertRow
    history: Sequence[EventRow]


@dataclass(frozen=True, slots=True)
class Press:
    """Who presses, when, which version of the alert their page showed, and where the answer is."""

    who: str
    now: datetime
    seen: int | None = None
    answer_url: str | None = None


def standing(session: Session, link: ButtonLink) -> Standing | None:
    """The alert that a link is about; None when it is gone, or another one has its id now."""
    alert = reads.alert(session, link.alert_id)
    if alert is None or alert.opened_at != link.opened_at:
        return None
    return Standing(alert, reads.history(session, alert.id))


def before_press(alert: AlertRow, action: LinkAction, who: str) -> Outcome:
    """What can be said without a press: whether there still is something to do."""
    if _is_done(alert, action, who):
        return Outcome.ALREADY
    is_anothers = action is LinkAction.TAKE and alert.state is AlertState.TAKEN
    return Outcome.BEATEN if is_anothers or not alert.state.is_open else Outcome.ASKED


def perform(store: Store, link: ButtonLink, press: Press) -> Outcome | None:
    """Do it in one transaction; None when the alert is gone."""
    try:
        with store.transaction() as session:
            found = standing(session, link)
            return None if found is None else _perform(session, found.alert, link.action, press)
    except AlertConflict:
        # Between reading and locking somebody else was there (PostgreSQL lets two begin at once).
        return Outcome.BEATEN


def _perform(session: Session, alert: AlertRow, action: LinkAction, press: Press) -> Outcome:
    outcome = before_press(alert, action, press.who)
    if outcome is not Outcome.ASKED:
        return outcome
    if press.seen is not None and press.seen != alert.version:
        return Outcome.CHANGED
    if action is LinkAction.TAKE:
        alerts.take(session, alert.id, press.who, press.now, alert.version, via=_VIA)
    elif action is LinkAction.ANSWER:
        url = press.answer_url
        alerts.answer(session, alert.id, press.who, press.now, alert.version, via=_VIA, url=url)
    else:
        alerts.dismiss(session, alert.id, press.who, press.now, alert.version, _REASONS[action], via=_VIA)
    return Outcome.DONE


def _is_done(alert: AlertRow, action: LinkAction, who: str) -> bool:
    if action is LinkAction.TAKE:
        return alert.state is AlertState.TAKEN and alert.taken_by == who
    if action is LinkAction.ANSWER:
        return alert.state is AlertState.ANSWERED
    return alert.state is AlertState.DISMISSED and alert.dismiss_reason == _REASONS[action].value
