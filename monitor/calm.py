"""When a message must wait so that nobody is flooded: quiet hours, silences, a day's budget. Decides only.

Critical messages never wait; that is for the caller to see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from monitor.config.schema import RecipientConfig

_DAY = timedelta(days=1)
# When the morning begins for people who get no digest.
_MORNING = time(8)
# From so many alerts on, what waits for somebody goes out as one summary.
JOINED_FROM = 4


@dataclass(frozen=True, slots=True)
class Held:
    """A message waits until then; `why` is quiet, silence or budget."""

    until: datetime
    why: str


def held(
    person: RecipientConfig,
    now: datetime,
    zone: tzinfo,
    silenced_until: datetime | None,
    sent_today: int | None,
) -> Held | None:
    """Say how long a message that is not critical must wait; None when it may go.

    `sent_today` counts the mails that went to this person today; None for calls, which have no budget.
    """
    waits = []
    if silenced_until is not None and silenced_until > now:
        waits.append(Held(silenced_until, "silence"))
    if sent_today is not None and person.most_a_day is not None and sent_today >= person.most_a_day:
        waits.append(Held(next_round(person, now, zone), "budget"))
    quiet = quiet_until(person.quiet, now, zone)
    if quiet is not None:
        waits.append(Held(quiet, "quiet"))
    return max(waits, key=lambda wait: wait.until, default=None)


def quiet_until(spans: Sequence[tuple[time, time]], now: datetime, zone: tzinfo) -> datetime | None:
    """End of the quiet hours that `now` lies in; None when it lies in none. Spans that touch are one."""
    ends = now
    for _ in range(len(spans) + 1):
        found = max((end for start, end in _around(spans, ends, zone) if start <= ends < end), default=None)
        if found is None:
            break
        ends = found
    return ends if ends > now else None


def _around(
    spans: Sequence[tuple[time, time]], moment: datetime, zone: tzinfo
) -> list[tuple[datetime, datetime]]:
    """The spans of the day before, the day itself and the day after, as moments."""
    day = moment.astimezone(zone).date()
    return [
        (_at(one, start, zone), _at(one if start < end else one + _DAY, end, zone))
        for one in (day - _DAY, day, day + _DAY)
        for start, end in spans
    ]


def day_began(now: datetime, zone: tzinfo) -> datetime:
    """Midnight of the day that `now` lies in."""
    return _at(now.astimezone(zone).date(), time(), zone)


def next_round(person: RecipientConfig, now: datetime, zone: tzinfo) -> datetime:
    """When somebody whose day is full hears again: with the next digest, or in the morning."""
    at = person.digest or _MORNING
    tomorrow = now.astimezone(zone).date() + _DAY
    return _at(tomorrow, at, zone)


def digest_due(person: RecipientConfig, now: datetime, zone: tzinfo, grace: timedelta) -> date | None:
    """The day whose digest is due now; None before its time, or so long after it that it would be stale."""
    if person.digest is None:
        return None
    day = now.astimezone(zone).date()
    at = _at(day, person.digest, zone)
    return day if at <= now < at + grace else None


def digest_time(person: RecipientConfig, day: date, zone: tzinfo) -> datetime:
    """The moment of a day's digest."""
    return _at(day, person.digest or _MORNING, zone)


def _at(day: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
