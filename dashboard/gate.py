"""Who may come in: ways to log in, judging a password, and whether a visit still lasts. Draws nothing.

The browser keeps a random key in a cookie that no script can read; the database keeps its hash. Whoever
logs in through a provider is known by what the provider signed, and has a visit here all the same, so
that it ends like any other.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import BoundedSemaphore
from typing import Any

from sqlmodel import Session

from monitor.config import Config, read_secret
from monitor.people import LONGEST_NAME, Role, fits, hashed, is_worn, mark, name_key, new_token
from monitor.store import Store, visits
from monitor.store import people as kept
from monitor.store.people import PersonRow
from monitor.store.visits import VisitRow
from monitor.text import clean_line

_LONGEST_OF_NAME = timedelta(minutes=1)  # whoever guesses at a colleague must not lock them out for long
_LONGEST_OF_ADDRESS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Ways:
    """How people log in here: own passwords, one password for all, a provider (its name); or not at all."""

    passwords: bool
    shared: bool
    provider: str

    @property
    def is_open(self) -> bool:
        """Whether nobody is asked."""
        return not (self.passwords or self.shared or self.provider)


@dataclass(frozen=True, slots=True)
class Person:
    """Who sits at the screen. `id` is None without a login of their own."""

    name: str
    role: Role
    id: int | None = None
    language: str | None = None


class Refusal(StrEnum):
    """Why somebody was not let in; it says nothing about whether a name exists."""

    WRONG = "wrong"
    WAIT = "wait"
    NAMELESS = "nameless"
    STRANGE = "strange"


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of a try: the token of a new visit, or why there is none."""

    token: str = ""
    refusal: Refusal | None = None
    wait: timedelta = timedelta()


def ways(config: Config, has_passwords: bool) -> Ways:
    """The ways to log in; the one password for all opens nothing once somebody has their own."""
    passwords = config.login.passwords or has_passwords
    return Ways(
        passwords=passwords,
        shared=config.dashboard.password is not None and not passwords,
        provider=config.login.oidc.name if config.login.oidc else "",
    )


def enter(
    store: Store,
    config: Config,
    turns: BoundedSemaphore,
    name: str,
    password: str,
    address: str,
    now: datetime,
) -> Entry:
    """Judge a name and a password that came from an address; `turns` bounds how many are judged at once."""
    name = clean_line(name, LONGEST_NAME)
    with store.reading() as session:
        allowed = ways(config, kept.has_passwords(session))
    if allowed.shared and not name:
        return Entry(refusal=Refusal.NAMELESS)
    keys = _knocks(allowed, name, address)
    with store.transaction() as session:
        wait = visits.knock(session, keys, now)
    if wait:
        return Entry(refusal=Refusal.WAIT, wait=wait)
    with turns:
        token = _begin(store, config, allowed, name, password, now)
    if not token:
        return Entry(refusal=Refusal.WRONG)
    with store.transaction() as session:
        visits.opened(session, mark("name", name_key(name)), mark("address", address))
        visits.forget(session, now - config.login.longest, now)
    return Entry(token)


def _knocks(allowed: Ways, name: str, address: str) -> dict[str, timedelta]:
    """Where wrong tries are counted; any name goes with the one password for all, so only the address is."""
    by_address = {mark("address", address): _LONGEST_OF_ADDRESS}
    by_name = {mark("name", name_key(name)): _LONGEST_OF_NAME}
    return by_address | (by_name if allowed.passwords else {})


def _begin(store: Store, config: Config, allowed: Ways, name: str, password: str, now: datetime) -> str:
    """Begin a visit when the password is right; "" when it is not."""
    token = new_token()
    if allowed.shared:
        right = hmac.compare_digest(mark("shared", password), mark("shared", _shared_password(config)))
        proof = _proof(token, password)
        if right:
            with store.transaction() as session:
                visits.begin_visit(session, mark("cookie", token), name, now, proof=proof)
        return token if right else ""
    with store.reading() as session:
        found = kept.password_of(session, name) if allowed.passwords else None
    if not fits(password, found[1] if found else None) or found is None:
        return ""
    person, hash_of = found
    with store.transaction() as session:
        if is_worn(hash_of):
            kept.renew_hash(session, person.id, hashed(password))
        visits.begin_visit(session, mark("cookie", token), person.name, now, person_id=person.id)
    return token


def _shared_password(config: Config) -> str:
    assert config.dashboard.password is not None, "asked only where there is one"
    return read_secret(config.dashboard.password, config.folder)


def _proof(token: str, password: str) -> str:
    """What ties a visit to the password for all: another password ends it."""
    return mark(f"proof {token}", password)


def standing(session: Session, config: Config, token: str, now: datetime) -> Person | None:
    """Who has the visit of a cookie; None when it has ended, or nobody here began it."""
    row = visits.visit(session, mark("cookie", token))
    if row is None or not lasts(row, config, now):
        return None
    if row.role is not None:
        return Person(row.name, row.role, row.person_id, row.language)
    # A visit with the one password for all.
    if not ways(config, kept.has_passwords(session)).shared:
        return None
    is_same = hmac.compare_digest(row.proof, _proof(token, _shared_password(config)))
    return Person(row.name, Role.OWNER) if is_same else None


def lasts(row: VisitRow, config: Config, now: datetime) -> bool:
    """Tell whether a visit is still within its times."""
    return now - row.began_at < config.login.longest and now - row.seen_at < config.login.idle


def provided_key(claims: Mapping[str, Any]) -> str:
    """The key of a visit that a provider vouches for; cookies of ours never have one of these."""
    told = "\0".join(str(claims.get(name, "")) for name in ("iss", "sub", "email", "iat"))
    return mark("provider", told)


def provided(store: Store, config: Config, claims: Mapping[str, Any], now: datetime) -> Person | None:
    """Who a provider says that somebody is, with a visit of their own; None when nobody here knows them."""
    if config.login.oidc is None or not claims.get("is_logged_in"):
        return None
    began_at = _issued_at(claims)
    if began_at is None or claims.get("email_verified") is False or not claims.get("email"):
        return None
    key, email = provided_key(claims), str(claims["email"])
    with store.reading() as session:
        row = visits.visit(session, key)
        is_over = row is None and visits.has_ended(session, key)
        is_out = _has_left(kept.person_with_email(session, email), config)
    if row is None and not is_over:
        row = _visit_of_provided(store, config, email, key, began_at, now)
    if row is None or row.role is None or is_out or not lasts(row, config, now):
        return None
    member = config.login.member(email)
    # What config.toml says of a member goes before what was kept.
    return Person(row.name, member.role if member else row.role, row.person_id, row.language)


def standing_provided(session: Session, config: Config, key: str, now: datetime) -> Person | None:
    """Who has a visit that a provider vouched for, by its key alone; None when it has ended."""
    row = visits.visit(session, key) if key and config.login.oidc is not None else None
    if row is None or row.person_id is None or row.role is None or not lasts(row, config, now):
        return None
    known = kept.person(session, row.person_id)
    if known is None or known.email is None or _has_left(known, config):
        return None
    member = config.login.member(known.email)
    return Person(row.name, member.role if member else row.role, row.person_id, row.language)


def _issued_at(claims: Mapping[str, Any]) -> datetime | None:
    """When the provider let them in; without it a login would never grow old."""
    try:
        return datetime.fromtimestamp(int(claims["iat"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _visit_of_provided(
    store: Store, config: Config, email: str, key: str, began_at: datetime, now: datetime
) -> VisitRow | None:
    if now - began_at >= config.login.longest:
        return None
    with store.transaction() as session:
        # Two pages of one browser may come at the same moment.
        if (row := visits.visit(session, key)) is not None:
            return row
        person = _known(session, config, email, now)
        if person is None:
            return None
        visits.begin_visit(session, key, person.name, began_at, person_id=person.id, seen_at=now)
        return visits.visit(session, key)


def _known(session: Session, config: Config, email: str, now: datetime) -> PersonRow | None:
    """The person of a mail address: a member in config.toml, or whom `mainevahti people` has let in."""
    member, person = config.login.member(email), kept.person_with_email(session, email)
    if member is not None and person is None:
        return kept.add_person(session, member.name, member.role, email, None, now, is_member=True)
    return None if _has_left(person, config) else person


def _has_left(person: PersonRow | None, config: Config) -> bool:
    """Tell whether somebody came as a member of config.toml and stands there no more."""
    return person is not None and person.is_member and config.login.member(person.email or "") is None
