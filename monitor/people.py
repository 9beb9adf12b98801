"""The people of the dashboard: roles and what each may do, passwords as they are kept, pauses for guessers.

No I/O. The dashboard asks `may` at every door; buttons that are left out are only a courtesy.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST_NAME = 60
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
_FREE_TRIES = 3
# A hash of a password that was thrown away: checking a name that nobody has takes as long as any other.
_OF_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$jTjbxYPNFbDEecjym18DQg$4u8XYZBbYQM0TeU/KUOjx+0yKqDm1hx+IbPrmrKfdYQ"
)


class Role(StrEnum):
    """What a person is here for."""

    OWNER = "owner"
    STAFF = "staff"
    ANALYST = "analyst"
    OPERATOR = "operator"


class Deed(StrEnum):
    """What can be done in the dashboard, as far as roles tell it apart."""

    READ = "read"
    EXPORT = "export"
    ACT = "act"
    CORRECT = "correct"
    ARRANGE = "arrange"
    STEER = "steer"
    SEE_PEOPLE = "see_people"
    SEE_NAMES = "see_names"  # of authors, in what is taken along


ALLOWED: Mapping[Role, frozenset[Deed]] = MappingProxyType(
    {
        Role.OWNER: frozenset(Deed),
        Role.STAFF: frozenset({Deed.READ, Deed.EXPORT, Deed.ACT, Deed.CORRECT, Deed.ARRANGE}),
        Role.ANALYST: frozenset({Deed.READ, Deed.EXPORT}),
        Role.OPERATOR: frozenset({Deed.READ, Deed.STEER, Deed.SEE_PEOPLE}),
    }
)


def may(role: Role, deed: Deed) -> bool:
    """Tell whether a role allows a deed."""
    return deed in ALLOWED[role]


def name_key(name: str) -> str:
    """A name as it is compared: "Maija" and "maija " are one person."""
    return " ".join(name.split()).casefold()


def weakness(password: str, name: str) -> str | None:
    """What is wrong with a new password, as a sentence; None when it may be used."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
    if name_key(password).replace(" ", "") == name_key(name).replace(" ", ""):
        return "A password must not be the name."
    if len(set(password)) < 4:
        return "A password needs more than three different characters."
    return None


def hashed(password: str) -> str:
    """A password as it is kept (argon2id, the second recommendation of RFC 9106)."""
    return PasswordHasher().hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one of a kept hash; takes the same time when there is none."""
    try:
        right = PasswordHasher().verify(kept or _OF_NOBODY, password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


def is_worn(kept: str) -> bool:
    """Tell whether a hash was made with weaker settings than are used today."""
    return PasswordHasher().check_needs_rehash(kept)


def new_token() -> str:
    """The key of one visit, as the browser keeps it; nobody can guess it."""
    return secrets.token_urlsafe(32)


def mark(kind: str, token: str) -> str:
    """How a token, a name or an address is kept: what leaks from the database opens nothing."""
    return hashlib.sha256(f"{kind}\0{token}".encode("utf-8", "replace")).hexdigest()


def pause(failures: int, last: datetime, now: datetime, longest: timedelta) -> timedelta:
    """How long to wait after so many wrong tries: nothing at first, then twice as long each time."""
    if failures < _FREE_TRIES:
        return timedelta()
    wait = min(timedelta(seconds=2 ** min(failures, 16)), longest)
    return max(last + wait - now, timedelta())
