"""Periods of the shop's calendar: hours, days, weeks and months in its time zone, whatever clocks do."""

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.errors import MonitorError
from monitor.store.tally import midnight

MOST_DAYS_BY_HOUR = 31
_FIRST, _LAST = date(1970, 1, 1), date(2200, 1, 1)
_QUARTER = timedelta(minutes=15)


class Step(StrEnum):
    """Length of a period."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def start_of(day: date, step: Step) -> date:
    """First day of the period that holds `day`; weeks begin on Monday, and hours do with their day."""
    if step is Step.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step is Step.MONTH else day


def next_start(start: date, step: Step) -> date:
    """Beginning of the period after the one that begins on `start` (a moment where it is an hour)."""
    if step is Step.HOUR and isinstance(start, datetime):
        return start + timedelta(hours=1)
    if step is Step.MONTH:
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if step is Step.WEEK else 1)


def start_at(moment: datetime, step: Step, zone: ZoneInfo) -> date:
    """Beginning of the period that holds a moment: a day, or the full hour with its offset from UTC.

    The offset tells the two hours apart that are called the same in the night when summer time ends.
    """
    local = moment.astimezone(zone)
    if step is not Step.HOUR:
        return start_of(local.date(), step)
    offset = local.utcoffset() or timedelta()
    return local.replace(minute=0, second=0, microsecond=0, fold=0, tzinfo=timezone(offset))


def whole(since: date, until: date, step: Step) -> tuple[date, date]:
    """The days of all periods that hold one of these days; both second days are excluded."""
    if since >= until:
        return since, until
    return start_of(since, step), next_start(start_of(until - timedelta(days=1), step), step)


def moment_of(start: date, zone: ZoneInfo) -> datetime:
    """The moment at which a period begins, as UTC."""
    return start.astimezone(UTC) if isinstance(start, datetime) else midnight(start, zone)


def end_of(start: date, step: Step, zone: ZoneInfo) -> datetime:
    """The moment at which a period is over, as UTC."""
    return moment_of(next_start(start, step), zone)


def starts(since: date, until: date, step: Step, zone: ZoneInfo) -> list[date]:
    """Beginnings of all periods that hold one of the days, `until` excluded; a day has 23, 24 or 25 hours."""
    if step is Step.HOUR:
        first, last = midnight(since, zone), midnight(until, zone)
        quarters = (first + number * _QUARTER for number in range((last - first) // _QUARTER))
        return list(dict.fromkeys(start_at(quarter, step, zone) for quarter in quarters))
    found: list[date] = []
    start = start_of(since, step)
    while since < until and start < until:
        found.append(start)
        start = next_start(start, step)
    return found


def check(since: date, until: date, step: Step) -> None:
    """Raise MonitorError, with the remedy, when no figures can be had of these days; `until` is excluded."""
    if since > until:
        raise MonitorError(f"The first day, {since}, lies after the last one. Turn them round.")
    if not (since >= _FIRST and until <= _LAST):
        raise MonitorError("Name days of the years 1970 to 2199.")
    if step is Step.HOUR and (until - since).days > MOST_DAYS_BY_HOUR:
        raise MonitorError(
            f"By hour at most {MOST_DAYS_BY_HOUR} days are told. Name fewer days, or count by day."
        )
