"""When an answer is due: time counted in opening hours only, without holidays.

What moves the clock of an alert, all in one place (done in monitor.alerts and monitor.outbox):
it starts when the post was written, not when it was found; a graver post of the thread brings the deadline
forward, a gentler one never back. Calls (reminder, escalation) stop while the alert is taken or snoozed and
are made again when it is put back; it ends with an answer, also the shop's own post in the thread, or with a
dismissal. After an answer a new post of the thread starts a new clock. This file only counts.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import holidays

from monitor.config.schema import DeadlineConfig
from monitor.domain import Urgency

Hours = tuple[tuple[time, time], ...]
_DAY = timedelta(days=1)
# A year of closed days in a row is a mistake in the calendar, not a long weekend.
_MOST_CLOSED_DAYS = 400
_LAST_MINUTE = time(23, 59)


class NeverOpen(ValueError):
    """The calendar has no opening hours for more than a year."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours of a week, Monday first, the days that are closed anyway, and the time zone."""

    week: tuple[Hours, ...]
    holidays: Container[date]
    zone: tzinfo

    def periods(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Opening periods of one day in UTC, in order, none twice; 23:59 closes at midnight."""
        if day in self.holidays:
            return
        end = datetime.min.replace(tzinfo=UTC)
        for opens, closes in sorted(self.week[day.weekday()]):
            start = max(self._at(day, opens), end)
            end = max(end, self._midnight(day) if closes == _LAST_MINUTE else self._at(day, closes))
            if start < end:
                yield start, end

    def day_of(self, moment: datetime) -> date:
        """Local date of a moment."""
        return moment.astimezone(self.zone).date()

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def _midnight(self, day: date) -> datetime:
        return self._at(day + _DAY, time())


class PublicHolidays:
    """The holidays of one country, for any year; "FI" is Finland. Answers `day in …`."""

    def __init__(self, country: str) -> None:
        self._days = holidays.country_holidays(country)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in self._days


def calendar_of(policy: DeadlineConfig, zone: tzinfo) -> Calendar:
    """Make the calendar that the configuration describes."""
    closed: Container[date] = PublicHolidays(policy.holidays) if policy.holidays else frozenset()
    return Calendar(policy.week, closed, zone)


def due(start: datetime, allowed: timedelta, calendar: Calendar, round_the_clock: bool = False) -> datetime:
    """Return the moment when `allowed` opening time has passed since `start`, in UTC.

    Raises NeverOpen when the calendar never opens.
    """
    start = start.astimezone(UTC)
    if round_the_clock or allowed <= timedelta():
        return start + allowed
    left = allowed
    for opens, closes in _periods_from(start, calendar):
        begin = max(opens, start)
        if closes - begin >= left:
            return begin + left
        left -= closes - begin
    raise NeverOpen("give opening hours on one day of the week at least")


def before(end: datetime, span: timedelta, calendar: Calendar, round_the_clock: bool = False) -> datetime:
    """Return the latest moment that leaves `span` of opening time until `end`, in UTC."""
    end = end.astimezone(UTC)
    if round_the_clock or span <= timedelta():
        return end - span
    left = span
    for opens, closes in _periods_until(end, calendar):
        until = min(closes, end)
        if until - opens >= left:
            return until - left
        left -= until - opens
    raise NeverOpen("give opening hours on one day of the week at least")


def business_time_between(a: datetime, b: datetime, calendar: Calendar) -> timedelta:
    """Opening time from `a` to `b`; zero when `b` is not later."""
    a, b = a.astimezone(UTC), b.astimezone(UTC)
    total = timedelta()
    day = calendar.day_of(a)
    while day <= calendar.day_of(b):
        total += sum((_overlap(period, a, b) for period in calendar.periods(day)), timedelta())
        day += _DAY
    return total


def _overlap(period: tuple[datetime, datetime], a: datetime, b: datetime) -> timedelta:
    return max(min(period[1], b) - max(period[0], a), timedelta())


def _periods_from(start: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    first = calendar.day_of(start)
    for period in _until_closed_too_long(calendar, first, _DAY):
        if period[1] > start:
            yield period


def _periods_until(end: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    last = calendar.day_of(end)
    for period in _until_closed_too_long(calendar, last, -_DAY):
        if period[0] < end:
            yield period


def _until_closed_too_long(
    calendar: Calendar, day: date, step: timedelta
) -> Iterable[tuple[datetime, datetime]]:
    closed_days = 0
    while closed_days < _MOST_CLOSED_DAYS:
        periods = list(calendar.periods(day))
        yield from periods if step > timedelta() else reversed(periods)
        closed_days = 0 if periods else closed_days + 1
        day += step


@dataclass(frozen=True, slots=True)
class Policy:
    """The deadlines of one shop, ready to ask."""

    times: DeadlineConfig
    calendar: Calendar

    def due_at(self, start: datetime, urgency: Urgency) -> datetime:
        """When an answer to a post of `start` is due."""
        return due(start, self.times.allowed(urgency), self.calendar, self._always(urgency))

    def remind_at(self, due_at: datetime, urgency: Urgency) -> datetime:
        """When to remind of that deadline."""
        return before(due_at, self.times.remind_before, self.calendar, self._always(urgency))

    def escalate_at(self, due_at: datetime, urgency: Urgency, now: datetime) -> datetime:
        """When a second person is told; somebody who just heard of an old post has time left too."""
        start = max(due_at, now)
        return due(start, self.times.escalate_after, self.calendar, self._always(urgency))

    def _always(self, urgency: Urgency) -> bool:
        return urgency is Urgency.CRITICAL and self.times.critical_round_the_clock


def policy_of(times: DeadlineConfig, zone: tzinfo) -> Policy:
    """Make the policy that the configuration describes."""
    return Policy(times, calendar_of(times, zone))
