"""The reader's language: kept with the person, else in the URL; and the names of what enums mean.

Every text of the pages goes through `say`; its message ids are English sentences.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import data
from monitor.domain import (
    AlertAction,
    AlertState,
    DeliveryState,
    DismissReason,
    SendReason,
    Sentiment,
    Topic,
    Urgency,
)
from monitor.health import Status
from monitor.people import Role
from monitor.trends import Step
from monitor.wording import LOCALE_FOLDER, N_, Wording, load_wording

LANGUAGES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
FOLDER = Path(__file__).parent / "locale"
_KEY, _KEPT = "lang", "kept_language"
# Settled once a run: a year of trends asks twelve thousand times, which Streamlit's state answers slowly.
_SPOKEN: ContextVar[str] = ContextVar("spoken", default="")

# By type first: members of different enums may hold the same string and then count as equal keys.
NAMES: Mapping[type[StrEnum], Mapping[str, str]] = {
    Urgency: {
        Urgency.CRITICAL: N_("Critical"),
        Urgency.HIGH: N_("Urgent"),
        Urgency.NORMAL: N_("Normal"),
        Urgency.NONE: N_("No hurry"),
    },
    Sentiment: {
        Sentiment.NEGATIVE: N_("Negative"),
        Sentiment.NEUTRAL: N_("Neutral"),
        Sentiment.POSITIVE: N_("Positive"),
    },
    Topic: {
        Topic.DELIVERY: N_("Delivery"),
        Topic.PRODUCT_QUALITY: N_("Product quality"),
        Topic.RETURNS_REFUNDS: N_("Returns and refunds"),
        Topic.CUSTOMER_SERVICE: N_("Customer service"),
        Topic.PAYMENT: N_("Payment"),
        Topic.TRUST: N_("Trust"),
        Topic.PRICE: N_("Price"),
        Topic.WEBSITE: N_("Website"),
        Topic.AVAILABILITY: N_("Availability"),
        Topic.PRIVACY: N_("Privacy"),
        Topic.SAFETY: N_("Safety"),
    },
    AlertState: {
        AlertState.OPEN: N_("Waiting for somebody to take it"),
        AlertState.TAKEN: N_("Somebody is on it"),
        AlertState.SNOOZED: N_("Snoozed"),
        AlertState.ANSWERED: N_("Answered"),
        AlertState.DISMISSED: N_("Dismissed"),
    },
    DismissReason: {
        DismissReason.NO_REPLY_NEEDED: N_("Needs no reply"),
        DismissReason.HANDLED_ELSEWHERE: N_("Handled elsewhere"),
        DismissReason.DUPLICATE: N_("Duplicate of another alert"),
        DismissReason.NOT_ABOUT_US: N_("Not about us"),
        DismissReason.NOT_NEGATIVE: N_("Not negative"),
    },
    AlertAction: {
        AlertAction.OPENED: N_("The alert was opened"),
        AlertAction.EXTENDED: N_("More was written"),
        AlertAction.TAKEN: N_("Taken"),
        AlertAction.ANSWERED: N_("Marked as answered"),
        AlertAction.DISMISSED: N_("Closed without an answer"),
        AlertAction.SNOOZED: N_("Put off until later"),
        AlertAction.REOPENED: N_("Opened again"),
        AlertAction.CORRECTED: N_("Corrected"),
        AlertAction.REMINDED: N_("A reminder was sent"),
        AlertAction.ESCALATED: N_("Passed on to the next person"),
    },
    SendReason: {
        SendReason.FIRST: N_("First mail"),
        SendReason.WORSE: N_("It got worse"),
        SendReason.MORE: N_("More was written about it"),
        SendReason.REMINDER: N_("Reminder"),
        SendReason.ESCALATION: N_("Escalation"),
        SendReason.DIGEST: N_("Digest"),
        SendReason.WEEKLY: N_("Weekly report"),
        SendReason.STORM: N_("Storm"),
        SendReason.TROUBLE: N_("A source is in trouble"),
        SendReason.RECOVERY: N_("A source is heard again"),
    },
    DeliveryState: {
        DeliveryState.DUE: N_("Will be sent"),
        DeliveryState.CLAIMED: N_("Being sent"),
        DeliveryState.SENT: N_("Sent"),
        DeliveryState.FAILED: N_("Could not be sent"),
        DeliveryState.CANCELLED: N_("No longer needed"),
    },
    Status: {
        Status.OK: N_("Works"),
        Status.OFF: N_("Switched off"),
        Status.WAITING: N_("Not fetched yet"),
        Status.LATE: N_("Late"),
        Status.BUSY: N_("Busy"),
        Status.PAUSED: N_("Paused"),
        Status.SPENT: N_("Used up for today"),
        Status.DEAF: N_("Deaf"),
        Status.BROKEN: N_("Broken"),
    },
    Role: {
        Role.OWNER: N_("Owner"),
        Role.STAFF: N_("Staff"),
        Role.ANALYST: N_("Analyst"),
        Role.OPERATOR: N_("Operator"),
    },
    Step: {
        Step.HOUR: N_("By hour"),
        Step.DAY: N_("By day"),
        Step.WEEK: N_("By week"),
        Step.MONTH: N_("By month"),
    },
}


def begin(kept: str | None) -> None:
    """Settle the language of a visit before anything is said.

    What a person keeps goes before the address: a link from a colleague must not change how one reads.
    """
    if st.session_state.get(_KEPT) != kept:
        st.session_state[_KEPT] = kept
        if kept in LANGUAGES:
            st.session_state[_KEY] = kept
    if _KEY not in st.session_state:
        asked = st.query_params.get(_KEY, "")
        st.session_state[_KEY] = asked if asked in LANGUAGES else data.config().language
    _SPOKEN.set(str(st.session_state[_KEY]))


def choose(on_change: Callable[[], None] | None = None) -> None:
    """Draw the language switch; without a person the choice stays in the URL on every page."""
    # The label must not depend on the language, or the widget would be a new one after each change.
    st.segmented_control(
        "Kieli · Språk · Language",
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key=_KEY,
        required=True,
        label_visibility="collapsed",
        on_change=on_change,
    )
    default = data.config().language
    keep_in_url(_KEY, default if st.session_state.get(_KEPT) else current(), default)


def current() -> str:
    """Code of the reader's language."""
    return _SPOKEN.get() or str(st.session_state.get(_KEY) or data.config().language)


def keep_in_url(name: str, value: str, default: str = "") -> None:
    """Write a choice into the address; the default is left out to keep the address short."""
    if value != default:
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def address() -> dict[str, str]:
    """Query parameters that every link inside the dashboard carries along."""
    is_told = current() != data.config().language and not st.session_state.get(_KEPT)
    return {_KEY: current()} if is_told else {}


def say(msgid: str, **values: Any) -> str:
    """Text of a message in the reader's language, filled in with `values`."""
    return _wording(current()).say(msgid, **values)


def said_in(code: str, msgid: str, **values: Any) -> str:
    """The same in a language that is named, for what is told beside the pages."""
    return _wording(code if code in LANGUAGES else data.config().language).say(msgid, **values)


def say_many(one: str, many: str, number: int, **values: Any) -> str:
    """Text that counts something; `{n}` stands for the number."""
    return _wording(current()).say_many(one, many, number, **values)


def name(member: StrEnum) -> str:
    """The reader's word for a member of an enum."""
    return say(NAMES[type(member)][member])


def moment(when: datetime) -> str:
    """Date and time, in the shop's time zone; of today only the time."""
    zone = data.config().zone
    if when.astimezone(zone).date() == data.now().astimezone(zone).date():
        return say("today at {clock}", clock=clock(when))
    return _wording(current()).moment(when, zone)


def clock(when: datetime) -> str:
    """Time of day, in the shop's time zone."""
    return _wording(current()).clock(when, data.config().zone)


def day(when: date, *, year: bool = False) -> str:
    """A day of the calendar with its weekday."""
    return _day(current(), data.config().zone, when, year)


def date_format() -> str:
    """How the reader writes a day, as Streamlit's date field takes it."""
    return {"sv": "YYYY-MM-DD", "en": "DD/MM/YYYY"}.get(current(), "DD.MM.YYYY")


def duration(span: timedelta) -> str:
    """A span of time in words, rounded to what matters."""
    return _duration(current(), span)


def percent(share: float) -> str:
    """A share of 0..1 as whole per cent."""
    return _percent(current(), share)


def number(value: float) -> str:
    """A number with the reader's separators."""
    return _wording(current()).number(value)


def language_name(code: str) -> str:
    """A language in the reader's words."""
    return str(_wording(current()).locale.languages.get(code, code))


def duration_of(seconds: float) -> str:
    """Seconds in words."""
    return duration(timedelta(seconds=seconds))


def ago(when: datetime, now: datetime) -> str:
    """How long ago something was."""
    return say("{span} ago", span=duration(max(now - when, timedelta())))


# A chart of a year asks for thousands of them; Streamlit's own cache would cost as much as the making.
@lru_cache(maxsize=5_000)
def _day(language: str, zone: ZoneInfo, when: date, year: bool) -> str:
    return _wording(language).day(datetime.combine(when, time(12), zone), zone, year=year)


@lru_cache(maxsize=5_000)
def _duration(language: str, span: timedelta) -> str:
    return _wording(language).duration(span)


@lru_cache(maxsize=5_000)
def _percent(language: str, share: float) -> str:
    return _wording(language).percent(share)


@lru_cache(maxsize=8)
def _wording(language: str) -> Wording:
    return load_wording(language, LOCALE_FOLDER, FOLDER)
