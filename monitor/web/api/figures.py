"""Reads which figures of trends a client asks for."""

from dataclasses import dataclass
from datetime import date, timedelta

from monitor import trends
from monitor.domain import Topic
from monitor.errors import MonitorError
from monitor.web.api.asking import Asked, Unclear

_MOST_PERIODS = 400


@dataclass(frozen=True, slots=True)
class Figures:
    """Days (`until` excluded), length of the periods, what is counted, and what is told apart."""

    since: date
    until: date
    step: trends.Step
    narrow: trends.Narrow
    split: tuple[trends.Split, ...]


def figures_of(asked: Asked, today: date) -> Figures:
    """What a query asks for. Raises Unclear."""
    step = next(iter(asked.choices("step", trends.Step)), trends.Step.DAY)
    since, until = _days(asked, step, today)
    narrow = trends.Narrow(
        sources=asked.texts("source"),
        languages=asked.texts("language"),
        topic=next(iter(asked.choices("topic", Topic)), None),
    )
    return Figures(since, until, step, narrow, _split(asked))


def _split(asked: Asked) -> tuple[trends.Split, ...]:
    split = tuple(dict.fromkeys(asked.choices("by", trends.Split)))
    if not asked.flag("by_source", True):
        if trends.Split.SOURCE in split:
            raise Unclear("by_source", "it says the opposite of by.")
        return split
    return split or (trends.Split.SOURCE,)


def _days(asked: Asked, step: trends.Step, today: date) -> tuple[date, date]:
    """First day and the day after the last one."""
    last = asked.day("until") or today
    since = asked.day("since") or last - timedelta(days=29)
    if since > last:
        raise Unclear("until", "it lies before since.")
    until = last + timedelta(days=1)
    try:
        trends.check(since, until, step)
    except MonitorError as error:
        raise Unclear("since", str(error)) from None
    length = (trends.next_start(since, step) - trends.start_of(since, step)).days
    if (last - since).days > _MOST_PERIODS * length:
        raise Unclear("since", f"ask for {_MOST_PERIODS} periods at once, or choose a longer step.")
    return since, until
