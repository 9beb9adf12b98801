"""The allowance of a day, of a platform or of our own choice: counted in a ledger that outlasts a restart.

Knows no kind. Who shares an allowance (two sources with one key) shares its name in the ledger.
"""

import hashlib
from datetime import datetime, time, timedelta, tzinfo
from threading import Lock
from typing import Protocol

from monitor.clock import Clock
from monitor.errors import SourceSpent


class Ledger(Protocol):
    """Where the units of a day are counted, by the name of the allowance."""

    def spend(self, name: str, day: str, units: int, limit: int) -> bool:
        """Count units, unless that makes more than `limit` of that day; says whether they were counted."""
        ...


class MemoryLedger:
    """A ledger that forgets at the end of the process."""

    def __init__(self) -> None:
        self._spent: dict[str, tuple[str, int]] = {}
        self._lock = Lock()

    def spend(self, name: str, day: str, units: int, limit: int) -> bool:
        """Count units of a day; see Ledger."""
        with self._lock:
            known, before = self._spent.get(name, (day, 0))
            total = units + (before if known == day else 0)
            if total > limit:
                return False
            self._spent[name] = (day, total)
        return True


class Quota:
    """One allowance. `title` stands in sentences, `name` in the ledger.

    The day begins at midnight in `zone`; `limit` is the most units of one day. People are told the time in
    the zone `shown`, which is theirs.
    """

    def __init__(
        self,
        title: str,
        name: str,
        limit: int,
        zone: tzinfo,
        clock: Clock,
        ledger: Ledger,
        shown: tzinfo | None = None,
    ) -> None:
        self._title, self._name, self._limit = title, name, limit
        self._zone, self._clock, self._ledger = zone, clock, ledger
        self._shown = shown or zone
        self._used_up_on = ""

    def take(self, units: int = 1) -> None:
        """Count a request; SourceSpent until midnight there when the day's allowance does not reach."""
        today = self._today()
        if self._used_up_on == today or not self._ledger.spend(self._name, today, units, self._limit):
            raise self._spent()

    def use_up(self) -> SourceSpent:
        """Note that the platform itself says that nothing is left today; returns what to raise of it."""
        self._used_up_on = self._today()
        return self._spent()

    def _spent(self) -> SourceSpent:
        midnight = self._midnight()
        rest = f"resting until {midnight.astimezone(self._shown):%H:%M}."
        left = (midnight - self._clock.now()).total_seconds()
        return SourceSpent(f"{self._title} is used up for today; {rest}", left)

    def _now(self) -> datetime:
        return self._clock.now().astimezone(self._zone)

    def _today(self) -> str:
        return self._now().date().isoformat()

    def _midnight(self) -> datetime:
        return datetime.combine(self._now().date() + timedelta(days=1), time(), self._zone)


def ledger_name(what: str, secret: str) -> str:
    """Return the name of an allowance that belongs to a key, without telling the key."""
    return f"{what} {hashlib.sha256(secret.encode()).hexdigest()[:12]}" if secret else what
