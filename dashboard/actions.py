"""What a press of a button does to alerts and sources.

Each asks at its door whether the person may. Every action carries the version of the alert that its
reader saw; when somebody else was faster, nothing is overwritten and the reader is told so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

import streamlit as st
from sqlmodel import Session

from dashboard import auth, data
from dashboard.language import say
from monitor import alerts, control
from monitor.domain import DismissReason, Topic
from monitor.errors import AlertConflict, NotAllowed, StoreError
from monitor.people import Deed
from monitor.store import notes, reads

_PENDING = "pending_wishes"
_TOLD = "told"
_MORNING = time(9)


class Act(StrEnum):
    """What can be done to an alert here."""

    TAKE = "take"
    ANSWER = "answer"
    SNOOZE = "snooze"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    TOPICS = "topics"
    GIVE = "give"

    @property
    def deed(self) -> Deed:
        """What a role must allow."""
        return Deed.CORRECT if self is Act.TOPICS else Deed.ACT


@dataclass(frozen=True, slots=True)
class Wish:
    """One action on one alert, as its reader saw it."""

    act: Act
    alert_id: int
    version: int
    until: datetime | None = None
    reason: DismissReason | None = None
    answer_url: str | None = None
    topics: tuple[Topic, ...] = ()
    to: str = ""


def wish(*wishes: Wish) -> None:
    """Do what was asked, in the name of the person at the screen; without a name, ask for it first."""
    who = auth.who()
    if who is None:
        st.session_state[_PENDING] = wishes
    else:
        perform(wishes, who)


def perform(wishes: Sequence[Wish], who: str) -> None:
    """Do each action in a transaction of its own, and keep what went wrong for `told`."""
    for one in wishes:
        _tell(one.alert_id, _perform(one, who))
    data.forget()


def pending() -> Sequence[Wish]:
    """Actions that wait for the name of the person."""
    return tuple(st.session_state.get(_PENDING, ()))


def drop_pending() -> None:
    """Forget actions whose person did not want to give a name."""
    st.session_state.pop(_PENDING, None)


def told(alert_id: int) -> str | None:
    """What must be said about the last action on an alert; None when it went well."""
    said: dict[int, str] = st.session_state.get(_TOLD, {})
    return said.get(alert_id)


def note(alert_id: int, text: str) -> None:
    """Write something down about an alert, for colleagues only."""
    _tell(alert_id, _noted(alert_id, text.strip()))


def _noted(alert_id: int, text: str) -> str | None:
    try:
        who = auth.must(Deed.ACT).name
        with data.store().transaction() as session:
            if text and reads.alert(session, alert_id) is not None:
                notes.add_note(session, alert_id, who or say("Somebody"), text, data.now())
    except NotAllowed as error:
        return str(error)
    except StoreError as error:
        return say("This could not be saved. {problem}", problem=str(error))
    return None


class Steer(StrEnum):
    """What can be done to a source."""

    PAUSE = "pause"
    RESUME = "resume"
    RUN = "run"


def steer(slug: str, how: Steer) -> None:
    """Let a source rest, go on, or fetch at once; the service obeys within seconds."""
    who = auth.must(Deed.STEER).name
    do = {Steer.PAUSE: control.pause, Steer.RESUME: control.resume, Steer.RUN: control.run_now}[how]
    with data.store().transaction() as session:
        do(session, slug, who or "dashboard", data.now())
    data.forget()


def snooze_until(choice: str, now: datetime) -> datetime:
    """End of a snooze: "1h", "3h", or "morning" for nine o'clock of the next day."""
    hours = {"1h": 1, "3h": 3}
    if choice in hours:
        return now + timedelta(hours=hours[choice])
    zone = data.config().zone
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, _MORNING, zone)


def _tell(alert_id: int, problem: str | None) -> None:
    said: dict[int, str] = dict(st.session_state.get(_TOLD, {}))
    said.pop(alert_id, None)
    st.session_state[_TOLD] = {**said, alert_id: problem} if problem else said


def _perform(one: Wish, who: str) -> str | None:
    """Do one action; returns what to tell the reader when it did not work."""
    try:
        who = auth.must(one.act.deed).name or who
        with data.store().transaction() as session:
            _CALLS[one.act](session, one, who, data.now())
    except AlertConflict:
        return say("Somebody else was faster: this alert has changed since you opened it. "
                   "Nothing was overwritten; look at it again.")  # fmt: skip
    except NotAllowed as error:
        return str(error)
    except StoreError as error:
        return say("This could not be saved. {problem}", problem=str(error))
    return None


def _take(session: Session, one: Wish, who: str, now: datetime) -> None:
    alerts.take(session, one.alert_id, who, now, one.version, via="dashboard")


def _answer(session: Session, one: Wish, who: str, now: datetime) -> None:
    alerts.answer(session, one.alert_id, who, now, one.version, via="dashboard", url=one.answer_url)


def _snooze(session: Session, one: Wish, who: str, now: datetime) -> None:
    until = one.until or now + timedelta(hours=1)
    alerts.snooze(session, one.alert_id, who, now, one.version, via="dashboard", until=until)


def _dismiss(session: Session, one: Wish, who: str, now: datetime) -> None:
    reason = one.reason or DismissReason.NO_REPLY_NEEDED
    alerts.dismiss(session, one.alert_id, who, now, one.version, via="dashboard", reason=reason)


def _reopen(session: Session, one: Wish, who: str, now: datetime) -> None:
    alerts.reopen(session, one.alert_id, who, now, one.version, via="dashboard")


def _topics(session: Session, one: Wish, who: str, now: datetime) -> None:
    said = ",".join(topic.value for topic in one.topics)
    alerts.correct(session, one.alert_id, who, now, one.version, "topics", said, via="dashboard")


def _give(session: Session, one: Wish, who: str, now: datetime) -> None:
    alerts.give(session, one.alert_id, who, now, one.version, one.to, via="dashboard")


_CALLS: dict[Act, Callable[[Session, Wish, str, datetime], None]] = {
    Act.TAKE: _take,
    Act.ANSWER: _answer,
    Act.SNOOZE: _snooze,
    Act.DISMISS: _dismiss,
    Act.REOPEN: _reopen,
    Act.TOPICS: _topics,
    Act.GIVE: _give,
}
