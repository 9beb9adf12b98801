"""Reads what a client asks; whatever cannot be understood is said in one sentence, with the key."""

import difflib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from monitor import trends
from monitor.web.api.parameters import MOST_CHARACTERS, MOST_ROWS, USUAL_ROWS, Parameter

_Choice = TypeVar("_Choice", bound=StrEnum)
_MOST_VALUES = 50
_DAY = timedelta(days=1)
# Far enough from the ends of the calendar for every time zone.
_FIRST, _LAST = date(1990, 1, 1), date(2200, 1, 1)


class Unclear(Exception):
    """A query that cannot be answered; `parameter` is the key it is about."""

    def __init__(self, parameter: str, sentence: str) -> None:
        self.parameter = parameter
        self.sentence = sentence
        super().__init__(f"{parameter}: {sentence}")


class Asked:
    """The keys of one query. Every method raises Unclear."""

    def __init__(self, query: QueryParams, known: Sequence[Parameter], zone: ZoneInfo) -> None:
        self._query, self._zone = query, zone
        many = {parameter.name: parameter.is_many for parameter in known}
        for name in query:
            if name not in many:
                raise Unclear(_shown(name)[1:-1], f"there is no such parameter. {_known(name, many)}")
            if len(query.getlist(name)) > (_MOST_VALUES if many[name] else 1):
                raise Unclear(name, "it stands too often.")
            if not all(query.getlist(name)):
                # A script whose variable was empty must not get everything instead of something.
                raise Unclear(name, "it is empty. Give it a value, or leave it out.")

    def texts(self, name: str, known: Iterable[str] | None = None) -> tuple[str, ...]:
        """Values of a key that may be repeated; where `known` are given, no others."""
        values = tuple(self._query.getlist(name))
        allowed = None if known is None else list(known)
        for value in values:
            if len(value) > MOST_CHARACTERS or "\0" in value:
                raise Unclear(name, "the value is too long, or no text.")
            if allowed is not None and value not in allowed:
                raise Unclear(name, f"there is no {_shown(value)}. {_known(value, allowed)}")
        return values

    def choices(self, name: str, kind: type[_Choice]) -> tuple[_Choice, ...]:
        """Values out of a fixed set."""
        return tuple(kind(value) for value in self.texts(name, [one.value for one in kind]))

    def text(self, name: str) -> str:
        """One value; empty when it is not given."""
        return next(iter(self.texts(name)), "")

    def columns(self, known: Sequence[str]) -> tuple[str, ...]:
        """The columns wanted, in their order; all when none are named."""
        named = [part.strip() for value in self._query.getlist("columns") for part in value.split(",")]
        for name in named:
            if name not in known:
                raise Unclear("columns", f"there is no column {_shown(name)}. {_known(name, known)}")
        return tuple(dict.fromkeys(named)) or tuple(known)

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        written = self.text(name)
        if written not in ("", "true", "false"):
            raise Unclear(name, "write true or false.")
        return written == "true" if written else default

    def limit(self) -> int:
        """How many rows a page may have."""
        written = self.text("limit")
        is_number = written.isascii() and written.isdigit() and 0 < len(written) < 6
        if written and not (is_number and 1 <= int(written) <= MOST_ROWS):
            raise Unclear("limit", f"write a number from 1 to {MOST_ROWS}.")
        return int(written) if written else USUAL_ROWS

    def period(self) -> tuple[datetime | None, datetime | None]:
        """`since` and `until` as moments, the second one excluded; None where they are not given."""
        since, until = self._moment("since", is_end=False), self._moment("until", is_end=True)
        if since and until and since >= until:
            raise Unclear("until", "it lies before since.")
        return since, until

    def day(self, name: str) -> date | None:
        """A day; None when it is not given."""
        written = self.text(name)
        return _day(name, written) if written else None

    def _moment(self, name: str, *, is_end: bool) -> datetime | None:
        written = self.text(name)
        if not written:
            return None
        if len(written) <= len("2026-11-24"):
            day = _day(name, written)
            return trends.midnight(day + _DAY if is_end else day, self._zone)
        try:
            # A plus sign that was not escaped arrives as a space.
            moment = datetime.fromisoformat(written.replace(" ", "+") if "T" in written else written)
        except ValueError:
            raise Unclear(name, f"{_shown(written)} is no time. {_EXAMPLES}") from None
        if moment.tzinfo is None:
            raise Unclear(name, f"the time needs its offset. {_EXAMPLES}")
        _must_be_near(name, moment.date())
        return moment.astimezone(UTC)


_EXAMPLES = "Write 2026-11-24, or 2026-11-24T12:00:00Z."


def _day(name: str, written: str) -> date:
    try:
        day = datetime.strptime(written, "%Y-%m-%d").date()
    except ValueError:
        raise Unclear(name, f"{_shown(written)} is no day. Write it as 2026-11-24.") from None
    _must_be_near(name, day)
    return day


def _must_be_near(name: str, day: date) -> None:
    if not _FIRST <= day < _LAST:
        raise Unclear(name, "it lies outside the years 1990 to 2199.")


def _shown(written: str) -> str:
    return '"' + "".join(sign for sign in written[:60] if sign.isprintable()) + '"'


def _known(written: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(written[:60], names, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(names) or 'none'}."
