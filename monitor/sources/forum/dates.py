"""Times as forums show them to people: "tänään klo 14.02", "12:34 | 8.12.2024", "Idag, 12:30", "2 h sitten".

Finnish, Swedish and English; nothing is fetched and no clock is read here.
"""

import re
from datetime import datetime, timedelta, tzinfo

from monitor.sources.moments import parse_moment

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBERS = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})?(?!\d)")
_SLASHES = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_TIME = re.compile(r"\b(\d{1,2})[.:](\d{2})(?:[.:](\d{2}))?(?:\s*([ap])\.?m\b)?")
_FULL_HOUR = re.compile(r"\b(\d{1,2})\s*([ap])\.?m\b|\b(noon|midnight)\b")
_DAY_AND_MONTH = re.compile(r"\b(\d{1,2})\.?\s+([^\W\d_]{3,})\.?,?(?:\s+(\d{4}))?")
_MONTH_AND_DAY = re.compile(r"\b([^\W\d_]{3,})\.?\s+(\d{1,2})(?:,\s*|\s+)(\d{4})")
_AGO = re.compile(r"(?:(\d+)|\b(?:an?|en|ett))?\s*\b([^\W\d_]+)\.?\s+(?:sitten|sedan|ago)\b")
_NOW = re.compile(r"\b(?:juuri nyt|äsken|hetki sitten|just nu|nyss|just now|(?:a )?moments? ago)\b")
_MONTHS = {
    **{"tammi": 1, "helmi": 2, "maalis": 3, "huhti": 4, "touko": 5, "kesä": 6, "heinä": 7, "elo": 8},
    **{"syys": 9, "loka": 10, "marras": 11, "joulu": 12},
    **{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "maj": 5, "may": 5, "jun": 6, "jul": 7, "aug": 8},
    **{"sep": 9, "okt": 10, "oct": 10, "nov": 11, "dec": 12},
}
_DAYS_BACK = {
    **{"tänään": 0, "idag": 0, "i dag": 0, "today": 0},
    **{"toissapäivänä": 2, "i förrgår": 2, "eilen": 1, "igår": 1, "i går": 1, "yesterday": 1},
}
_WEEKDAYS = (
    ("maanantai", "måndag", "monday"),
    ("tiistai", "tisdag", "tuesday"),
    ("keskiviikko", "onsdag", "wednesday"),
    ("torstai", "torsdag", "thursday"),
    ("perjantai", "fredag", "friday"),
    ("lauantai", "lördag", "saturday"),
    ("sunnuntai", "söndag", "sunday"),
)
_UNITS = (
    (("sek", "second"), timedelta(seconds=1)),
    (("min",), timedelta(minutes=1)),
    (("tunti", "tuntia", "timm", "hour", "h"), timedelta(hours=1)),
    (("päiv", "dag", "dygn", "day", "vrk"), timedelta(days=1)),
    (("viik", "veck", "week", "vko"), timedelta(weeks=1)),
    (("kuuka", "månad", "month", "kk"), timedelta(days=30)),
    (("vuo", "år", "year"), timedelta(days=365)),
)


def shown_moment(written: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the time that a page shows, aware, or None. A time without an offset is in `zone`.

    A date without a year is the latest such day; a day without a time begins at midnight.
    """
    written = " ".join(written.casefold().split())[:200]
    if _ISO.search(written):
        return parse_moment(written.upper(), zone)
    moment = _ago(written, now) or _on_a_day(written, now.astimezone(zone), zone)
    return moment or parse_moment(written, zone)


def _ago(written: str, now: datetime) -> datetime | None:
    if _NOW.search(written):
        return now
    found = _AGO.search(written)
    if not found:
        return None
    for names, unit in _UNITS:
        if any(found.group(2).startswith(name) for name in names):
            return now - unit * min(int(found.group(1) or 1), 1_000)
    return None


def _on_a_day(written: str, now: datetime, zone: tzinfo) -> datetime | None:
    found = _dated(written, now) or _named_day(written, now)
    if found is None:
        return None
    (year, month, day), rest = found
    hour, minute, second = _time_of(rest)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


_Day = tuple[int, int, int]
_ORDERS = ((_NUMBERS, "dmy"), (_SLASHES, "dmy"), (_MONTH_AND_DAY, "mdy"), (_DAY_AND_MONTH, "dmy"))


def _dated(written: str, now: datetime) -> tuple[_Day, str] | None:
    """Return a date in numbers or with a month's name, and the text around it."""
    for pattern, order in _ORDERS:
        for found in pattern.finditer(written):
            parts = dict(zip(order, found.groups(), strict=True))
            day, month = int(parts["d"]), _month(parts["m"])
            if month and 1 <= day <= 31:
                rest = f"{written[: found.start()]} {written[found.end() :]}"
                year = int(parts["y"]) if parts["y"] else _latest_year(month, day, now)
                return (year, month, day), rest
    return None


def _month(written: str) -> int | None:
    if written.isdecimal():
        return int(written) if 1 <= int(written) <= 12 else None
    names = sorted(_MONTHS, key=len, reverse=True)
    return next((_MONTHS[name] for name in names if written.startswith(name)), None)


def _latest_year(month: int, day: int, now: datetime) -> int:
    return now.year if (month, day) <= (now.month, now.day) else now.year - 1


def _named_day(written: str, now: datetime) -> tuple[_Day, str] | None:
    back = next((days for word, days in _DAYS_BACK.items() if word in written), None)
    if back is None:
        names = (any(name in written for name in day) for day in _WEEKDAYS)
        weekday = next((number for number, is_named in enumerate(names) if is_named), None)
        if weekday is None:
            return None
        back = (now.weekday() - weekday) % 7 or 7
    day = now - timedelta(days=back)
    return (day.year, day.month, day.day), written


def _time_of(written: str) -> tuple[int, int, int]:
    found = _TIME.search(written)
    if found:
        hour, minute, second = (int(part or 0) for part in found.groups()[:3])
        return _of_day(hour, found.group(4)), minute, second
    full = _FULL_HOUR.search(written)
    if not full:
        return 0, 0, 0
    return (
        (12 * (full.group(3) == "noon") if full.group(3) else _of_day(int(full.group(1)), full.group(2))),
        0,
        0,
    )


def _of_day(hour: int, half: str | None) -> int:
    """Return the hour of 24; `half` is "a" or "p" where the page counts to twelve."""
    return hour % 12 + 12 * (half == "p") if half and hour <= 12 else hour
