"""Who may come in, and who they are. Checks a password when the configuration names one.

Without a password the service listens on this machine only (the configuration sees to it) and the
pages say so. The name of a person is asked once, when they act for the first time.
"""

import hashlib
import hmac
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import streamlit as st

from dashboard import data
from dashboard.language import duration, say
from monitor.config import read_secret
from monitor.text import clean_line

_WHO = "who"
_SIGNED_IN = "signed_in_at"
_SESSION = timedelta(hours=12)
_LONGEST_PAUSE = timedelta(minutes=5)
_FREE_TRIES = 3
_MOST_ADDRESSES = 10_000
_LONGEST_NAME = 60


@dataclass
class Attempts:
    """Wrong passwords by address of the visitor: each one past the third doubles the pause."""

    failures: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pause(self, visitor: str, now: datetime) -> timedelta:
        """How long this visitor must wait before the next try."""
        with self.lock:
            number, last = self.failures.get(visitor, (0, now))
        if number < _FREE_TRIES:
            return timedelta()
        pause = min(timedelta(seconds=2 ** min(number, 10)), _LONGEST_PAUSE)
        return max(last + pause - now, timedelta())

    def failed(self, visitor: str, now: datetime) -> None:
        """Count a wrong password."""
        with self.lock:
            if len(self.failures) >= _MOST_ADDRESSES:
                self.failures.clear()
            number, _ = self.failures.get(visitor, (0, now))
            self.failures[visitor] = number + 1, now

    def passed(self, visitor: str) -> None:
        """Forget the wrong ones after a right password."""
        with self.lock:
            self.failures.pop(visitor, None)


@st.cache_resource(show_spinner=False)
def _attempts() -> Attempts:
    return Attempts()


def is_open() -> bool:
    """Tell whether the dashboard asks for no password at all."""
    return data.config().dashboard.password is None


def is_signed_in() -> bool:
    """Tell whether this visitor may see the pages."""
    since: datetime | None = st.session_state.get(_SIGNED_IN)
    return is_open() or (since is not None and data.now() - since < _SESSION)


def sign_in() -> None:
    """Draw the login form and judge what is written into it."""
    with st.container(width=420), st.form("login", border=True):
        written = st.text_input(say("Password"), type="password", autocomplete="current-password")
        name = st.text_input(say("Your name"), help=say("It stands in the history of what you do."))
        if st.form_submit_button(say("Log in"), type="primary"):
            _judge(written, name)


def _judge(written: str, name: str) -> None:
    address, now = st.context.ip_address, data.now()
    # Without an address of their own (behind some proxies) all visitors share one pause.
    visitor = address if isinstance(address, str) else ""
    pause = _attempts().pause(visitor, now)
    if pause:
        st.error(say("Too many tries. Wait {span}, then try again.", span=duration(pause)))
    elif not _is_same(written, _password()):
        _attempts().failed(visitor, now)
        st.error(say("That password is not right."))
    elif not name.strip():
        st.error(say("Write your name too: others must see who did what."))
    else:
        _attempts().passed(visitor)
        st.session_state[_SIGNED_IN] = now
        introduce(name)
        st.rerun()


def _password() -> str:
    config = data.config()
    assert config.dashboard.password is not None, "the form is drawn only where a password is set"
    return read_secret(config.dashboard.password, config.folder)


def _is_same(written: str, password: str) -> bool:
    """Compare in a time that tells nothing, not even the length."""
    digests = (hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (written, password))
    return hmac.compare_digest(*digests)


def sign_out() -> None:
    """End the visit: password and name are asked again."""
    for key in (_SIGNED_IN, _WHO):
        st.session_state.pop(key, None)


def who() -> str | None:
    """Name of the person at the screen; None until they have said it."""
    return st.session_state.get(_WHO)


def introduce(name: str) -> None:
    """Remember the name of the person at the screen."""
    known = clean_line(name, _LONGEST_NAME)
    if known:
        st.session_state[_WHO] = known
