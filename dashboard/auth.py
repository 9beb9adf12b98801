"""Who sits at the screen, what they may do, and the page on which they log in.

Without any way to log in the service listens on this machine only (the configuration sees to it), the
pages say so, and the name of a person is asked once, when they act for the first time.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from html import escape
from typing import ParamSpec, TypeVar, cast
from urllib.parse import urlencode

import streamlit as st

from dashboard import data, door, gate, widgets
from dashboard.gate import Person, Refusal, Ways
from dashboard.language import duration, name, say
from monitor.errors import NotAllowed
from monitor.people import LONGEST_NAME, Deed, Role, mark, may
from monitor.store import people as kept
from monitor.store import visits
from monitor.text import clean_line
from monitor.wording import N_

P = ParamSpec("P")
T = TypeVar("T")
_WHO = "who"
_TOKEN = "visit"
_OWN_ADDRESS = (door.PROBLEM, door.WAIT)
_KNOWN = "known_person"
_AT_ONCE, _FRESH = timedelta(seconds=1), timedelta(seconds=3)
_REFUSALS = {
    Refusal.WRONG: N_("The name or the password is not right."),
    Refusal.NAMELESS: N_("Write your name too: others must see who did what."),
    Refusal.STRANGE: N_("The form came from another site and was not read. Log in here."),
}


def ways() -> Ways:
    """The ways to log in."""
    return gate.ways(data.config(), _has_passwords(data.store().url))


def is_open() -> bool:
    """Tell whether the dashboard asks nobody who they are."""
    return ways().is_open


def person() -> Person | None:
    """Who sits at the screen; None when nobody is logged in. At most some seconds old."""
    now, known = data.now(), st.session_state.get(_KNOWN)
    # A page asks for every button that it draws.
    if known is not None and timedelta() <= now - known[0] < _AT_ONCE:
        return cast("Person | None", known[1])
    found = _person_lately()
    st.session_state[_KNOWN] = now, found
    return found


def _person_lately() -> Person | None:
    if is_open():
        return _anybody()
    token = _token()
    found = _standing(data.store().url, token) if token else None
    return found or _provided(data.store().url, _claims())


def is_signed_in() -> bool:
    """Tell whether this visitor may see the pages."""
    return person() is not None


def who() -> str | None:
    """Name of the person at the screen; None until they have said it."""
    found = person()
    return (found.name or None) if found else None


def allows(deed: Deed) -> bool:
    """Tell whether to offer a deed; the doors ask again."""
    found = person()
    return found is not None and may(found.role, deed)


def must(deed: Deed) -> Person:
    """Who does this now, asked past the cache; raises NotAllowed when they may not."""
    found = _person_now()
    if found is None:
        raise NotAllowed(say("Your visit has ended. Log in again."))
    if not may(found.role, deed):
        told = say("You are here as {role}, who may not do this.", role=name(found.role).lower())
        raise NotAllowed(told)
    _seen()
    return found


def needs(deed: Deed) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A door: the function is called only for those whose role allows the deed."""

    def guarded(act: Callable[P, T]) -> Callable[P, T]:
        @wraps(act)
        def through(*args: P.args, **kwargs: P.kwargs) -> T:
            must(deed)
            return act(*args, **kwargs)

        return through

    return guarded


def at_press(deed: Deed, make: Callable[[], T]) -> Callable[[], T]:
    """What a button does after its page was drawn; who may is asked then, past what the page knows."""
    token, claims = _token(), _claims()

    def pressed() -> T:
        found = _person_of(token, claims)
        if found is None or not may(found.role, deed):
            raise NotAllowed("whoever pressed this may not do it any more")
        return make()

    return pressed


def visit_keys() -> tuple[str, str]:
    """The keys of this visit: that of our cookie, that of a provider; each "" without one."""
    token, claims = _token(), _claims()
    return mark("cookie", token) if token else "", gate.provided_key(dict(claims)) if claims else ""


def came() -> None:
    """Somebody opened or pressed something: the visit goes on. Parts that refresh by themselves do not."""
    if not is_open() and is_signed_in():
        _seen()


def introduce(written: str) -> None:
    """Remember the name of a person where nobody logs in."""
    known = clean_line(written, LONGEST_NAME)
    if known:
        st.session_state[_WHO] = known
        forget()


def sign_out() -> None:
    """End the visit, in this browser and for whoever has a copy of its cookie."""
    st.session_state.pop(_WHO, None)
    claims, now = _claims(), data.now()
    with data.store().transaction() as session:
        visits.end_visit(session, mark("cookie", _token()), now)
        if claims:
            visits.end_visit(session, gate.provided_key(dict(claims)), now)
    forget()
    if claims:
        st.logout()


def keep_language(language: str) -> None:
    """Keep the language that the person at the screen reads."""
    found = person()
    if found is not None and found.id is not None and found.language != language:
        with data.store().transaction() as session:
            kept.set_language(session, found.id, language)
        forget()


def forget() -> None:
    """Empty the short cache: a visit or a person has changed."""
    st.session_state.pop(_KNOWN, None)
    for cached in (_has_passwords, _standing, _provided):
        cached.clear()


def sign_in() -> None:
    """Draw the page on which somebody logs in."""
    allowed = ways()
    widgets.heading("Mainevahti", say("Log in to see what is said about your shop."))
    with st.container(width=420, key="login"):
        _problem()
        if allowed.passwords or allowed.shared:
            widgets.draw(_form(allowed))
        if allowed.provider:
            _provider(allowed)


def _problem() -> None:
    told = st.query_params.get(door.PROBLEM, "")
    if told == Refusal.WAIT:
        written = st.query_params.get(door.WAIT, "")
        seconds = int(written) if written.isdecimal() and len(written) < 5 else 60
        st.error(
            say("Too many tries. Wait {span}, then try again.", span=duration(timedelta(seconds=seconds)))
        )
    elif told in set(_REFUSALS):
        st.error(say(_REFUSALS[Refusal(told)]))


def _form(allowed: Ways) -> str:
    """A form of plain HTML: the browser sends it to the door itself, and no script sees the password."""
    note = say("One password for all: your name stands beside what you do.") if allowed.shared else ""
    return (
        f'<form class="mv-login" method="post" action="{door.ADDRESS}">'
        f'<input type="hidden" name="asked" value="{escape(_here(), quote=True)}">'
        f'<label>{escape(say("Your name"))}<input type="text" name="who" autocomplete="username" required '
        f'maxlength="{LONGEST_NAME}"></label>'
        f'<label>{escape(say("Password"))}<input type="password" name="secret" '
        f'autocomplete="current-password" required maxlength="200"></label>'
        f'<button type="submit">{escape(say("Log in"))}</button>'
        f"{widgets.paragraph(escape(note), 'note') if note else ''}</form>"
    )


def _here() -> str:
    """The page that was asked for, to come back to it."""
    asked = [
        (one, value)
        for one in st.query_params
        if one not in _OWN_ADDRESS
        for value in st.query_params.get_all(one)
    ]
    return f"/{st.session_state.get('page', '')}" + (f"?{urlencode(asked)}" if asked else "")


def _provider(allowed: Ways) -> None:
    claims = _claims()
    if claims:
        st.error(say("{email} may not come in here. Ask whoever looks after Mainevahti.",
                     email=widgets.markdown_safe(str(dict(claims).get("email", ""))))
        )  # fmt: skip
        st.button(say("Log out"), on_click=sign_out, key="provider-out")
        return
    label = say("Log in with {name}", name=widgets.markdown_safe(allowed.provider))
    st.button(label, on_click=st.login, type="primary", key="provider", icon=":material/login:")


def _anybody() -> Person:
    return Person(st.session_state.get(_WHO) or "", Role.OWNER)


def _person_now() -> Person | None:
    """Like `person`, past the cache."""
    found = _person_of(_token(), _claims())
    return replace(found, name=_anybody().name) if found is not None and not found.name else found


def _person_of(token: str, claims: tuple[tuple[str, object], ...]) -> Person | None:
    """Who has a visit now; without a name where nobody logs in."""
    config, store, now = data.config(), data.store(), data.now()
    with store.reading() as session:
        if gate.ways(config, kept.has_passwords(session)).is_open:
            return Person("", Role.OWNER)
        found = gate.standing(session, config, token, now)
    return found or gate.provided(store, config, dict(claims), now)


def _seen() -> None:
    """Write down, once a minute at most, that the visitor is here."""
    now, claims = data.now(), _claims()
    keys = [mark("cookie", _token()), *([gate.provided_key(dict(claims))] if claims else [])]
    with data.store().reading() as session:
        found = [row for key in keys if (row := visits.visit(session, key)) is not None]
    late = [row.key for row in found if visits.is_seen_long_ago(row, now)]
    if late:
        with data.store().transaction() as session:
            for key in late:
                visits.see(session, key, now)


def _token() -> str:
    """What this browser keeps; the server keeps it too as long as the page is open."""
    known: str | None = st.session_state.get(_TOKEN)
    return known or st.context.cookies.get(door.cookie_name(data.config()), "")


def _claims() -> tuple[tuple[str, object], ...]:
    """What the provider says about the visitor; empty without a provider."""
    if data.config().login.oidc is None or not st.user.get("is_logged_in", False):
        return ()
    wanted = ("iss", "sub", "email", "email_verified", "iat", "is_logged_in")
    return tuple((one, st.user[one]) for one in wanted if one in st.user)


@st.cache_data(ttl=_FRESH, show_spinner=False)
def _has_passwords(url: str) -> bool:
    with data.store().reading() as session:
        return kept.has_passwords(session)


@st.cache_data(ttl=_FRESH, show_spinner=False)
def _standing(url: str, token: str) -> Person | None:
    with data.store().reading() as session:
        return gate.standing(session, data.config(), token, data.now())


@st.cache_data(ttl=_FRESH, show_spinner=False)
def _provided(url: str, claims: tuple[tuple[str, object], ...]) -> Person | None:
    return gate.provided(data.store(), data.config(), dict(claims), data.now()) if claims else None
