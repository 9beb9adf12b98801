"""The daily allowance of a platform, counted so that it lasts the day and survives a restart."""

from datetime import datetime, time, timedelta, tzinfo

from pydantic import BaseModel, ConfigDict

from monitor.clock import Clock
from monitor.errors import SourceBusy


class Spent(BaseModel):
    """How much of a day's allowance is used; part of a cursor."""

    model_config = ConfigDict(frozen=True)

    day: str = ""
    units: int = 0


class Quota:
    """Counts for one source; what failed fetches spent is remembered until the process ends.

    The day begins at midnight in `zone`; `limit` is the most units of one day.
    """

    def __init__(self, name: str, limit: int, zone: tzinfo, clock: Clock) -> None:
        self._name, self._limit, self._zone, self._clock = name, limit, zone, clock
        self._spent = Spent()

    @property
    def spent(self) -> Spent:
        """What today used, for the cursor."""
        return self._spent

    def learn(self, before: Spent) -> None:
        """Take over what the cursor says, unless we know of more or it is about another day."""
        today = self._today()
        known = self._spent.units if self._spent.day == today else 0
        told = before.units if before.day == today else 0
        self._spent = Spent(day=today, units=max(known, told))

    def take(self, units: int = 1) -> None:
        """Count a request; SourceBusy until midnight there when the day's allowance does not reach."""
        self.learn(self._spent)
        if self._spent.units + units > self._limit:
            raise SourceBusy(f"{self._name} is used up for today.", self._left())
        self._spent = Spent(day=self._spent.day, units=self._spent.units + units)

    def use_up(self) -> None:
        """Note that the platform itself says that nothing is left today."""
        self._spent = Spent(day=self._today(), units=self._limit)

    def _now(self) -> datetime:
        return self._clock.now().astimezone(self._zone)

    def _today(self) -> str:
        return self._now().date().isoformat()

    def _left(self) -> float:
        midnight = datetime.combine(self._now().date() + timedelta(days=1), time(), self._zone)
        return (midnight - self._clock.now()).total_seconds()
