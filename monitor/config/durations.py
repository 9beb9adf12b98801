"""Durations as people write them ("10m", "1h 30m", "7d") and times of day ("09:00-17:00")."""

import re
from datetime import time, timedelta
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:\d+\s*[smhdw]\s*)+")
_PART = re.compile(r"(\d+)\s*([smhdw])")
_PERIOD = re.compile(r"(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")
_MOST_SECONDS = 100 * 365 * 86400


def parse_duration(written: object) -> timedelta:
    """Turn "90s", "10m", "4h", "7d", "2w" or a sum such as "1h 30m" into a timedelta.

    Raises ValueError with the remedy when it is written otherwise.
    """
    if isinstance(written, timedelta):
        return written
    if not isinstance(written, str) or not _DURATION.fullmatch(written.strip()):
        raise ValueError('write a duration such as "90s", "10m", "4h", "7d" or "1h 30m"')
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(written))
    if seconds > _MOST_SECONDS:
        raise ValueError("a duration can be 100 years at most")
    return timedelta(seconds=seconds)


def parse_period(written: object) -> tuple[time, time]:
    """Turn "9-17" or "09:00-12:30" into its two times; 24:00 is written 23:59."""
    if isinstance(written, tuple):
        return written
    found = _PERIOD.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise ValueError('write opening hours such as "9-17" or "09:00-12:30"')
    from_hour, from_minute, to_hour, to_minute = (int(part or 0) for part in found.groups())
    opens, closes = time(from_hour, from_minute), time(to_hour, to_minute)
    if opens >= closes:
        raise ValueError("the opening time must be before the closing time")
    return opens, closes


def parse_clock(written: object) -> time:
    """Turn "8", "8:30" or "08.30" into a time of day."""
    if isinstance(written, time):
        return written
    found = _CLOCK.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise ValueError('write a time of day such as "8:00"')
    return time(int(found[1]), int(found[2] or 0))


def parse_span(written: object) -> tuple[time, time]:
    """Turn "21-7" or "22:30-06:00" into its two times; it may reach over midnight."""
    if isinstance(written, tuple):
        return written
    parts = written.split("-") if isinstance(written, str) else []
    if len(parts) != 2 or parts[0].strip() == parts[1].strip():
        raise ValueError('write quiet hours such as "21-7" or "22:30-06:00"')
    return parse_clock(parts[0]), parse_clock(parts[1])


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Period = Annotated[tuple[time, time], BeforeValidator(parse_period)]
ClockTime = Annotated[time, BeforeValidator(parse_clock)]
Span = Annotated[tuple[time, time], BeforeValidator(parse_span)]
