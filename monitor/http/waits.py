"""How long other servers ask us to wait, in all the ways they say it, and the pace per host."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST = 86_400.0
_RESETS = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset", "x-ratelimit-reset-after")
_REMAINING = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
_RESET = re.compile(r"\b(?:t|reset)\s*=\s*(\d+)")
_USED_UP = re.compile(r"\b(?:r|remaining)\s*=\s*0\b")


def wait_asked(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that an answer asks us to wait, or None when it does not say.

    Understands Retry-After in seconds or as a date, X-RateLimit-Reset and its spellings as seconds
    from now, as epoch in seconds or milliseconds and as ISO time, and the RateLimit field of the
    IETF draft. Never negative, one day at most.
    """
    for name in ("retry-after", *_RESETS):
        seconds = _seconds(headers.get(name, ""), now)
        if seconds is not None:
            return seconds
    field = headers.get("ratelimit", "")
    return _longest(_used_up(field) or _limits(field))


def wait_before_next(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds until the next request is welcome when this one used up the allowance."""
    used_up = any(headers.get(name, "").strip() in ("0", "0.0") for name in _REMAINING)
    return wait_asked(headers, now) if used_up else _longest(_used_up(headers.get("ratelimit", "")))


def _limits(field: str) -> list[str]:
    """The limits of a RateLimit field; drafts before the seventh had one, with commas inside."""
    return field.split(",") if ";" in field else [field]


def _used_up(field: str) -> list[str]:
    return [limit for limit in _limits(field) if _USED_UP.search(limit)]


def _longest(limits: Iterable[str]) -> float | None:
    """The seconds until the last of these limits is lifted."""
    found = [float(reset.group(1)) for limit in limits if (reset := _RESET.search(limit))]
    return _bounded(max(found)) if found else None


def _seconds(written: str, now: datetime) -> float | None:
    written = written.strip()
    try:
        number = float(written)
    except ValueError:
        moment = _moment(written)
        return _bounded((moment - now).total_seconds()) if moment else None
    if not 0 <= number < 1e15:
        return None
    if number > 1e11:
        number /= 1000
    return _bounded(number - now.timestamp() if number > 1e9 else number)


def _moment(written: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST)


class Pace:
    """At most one request per host and interval, over all threads; later ones wait their turn."""

    def __init__(
        self,
        every: timedelta,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._every, self._sleep, self._monotonic = every, sleep, monotonic
        self._last: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, every: timedelta | None = None) -> None:
        """Return when it is our turn at this host; `every` counts to the request before and to the next."""
        interval = (self._every if every is None else every).total_seconds()
        with self._lock:
            now = self._monotonic()
            last, wanted = self._last.get(host, (now - interval, interval))
            turn = max(now, last + max(wanted, interval))
            self._last[host] = (turn, interval)
        if turn > now:
            self._sleep(turn - now)


class Holds:
    """Hosts that asked for quiet, so that of ten sources at one host not each has to be told."""

    _LONGEST = timedelta(hours=1)

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def hold(self, host: str, seconds: float, now: datetime) -> None:
        with self._lock:
            self._until[host] = now + min(timedelta(seconds=seconds), self._LONGEST)

    def left(self, host: str, now: datetime) -> float:
        """Return the seconds of quiet that are left for this host; 0.0 when it may be asked."""
        with self._lock:
            until = self._until.get(host, now)
            if until <= now:
                self._until.pop(host, None)
            return max((until - now).total_seconds(), 0.0)
