"""What the charts over time share: where a period lies on the axis, how it is called, and how axes look."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import altair as alt
import pandas as pd

from dashboard import data
from dashboard.language import clock, current, day, say
from monitor.trends import Point, Step, next_start

HEIGHT = 260
PALE = 0.45
_FORMS = {"fi": "%-d.%-m.", "sv": "%-d/%-m", "en": "%-d %b"}
_WITH_HOURS = {"fi": "%-d.%-m. %-H.%M", "sv": "%-d/%-m %H:%M", "en": "%-d %b %H:%M"}
_HALF = timedelta(minutes=30)


def timed(points: Sequence[Point], step: Step) -> Iterator[tuple[Point, dict[str, Any]]]:
    """Each point with its start and end as the chart draws them, without a zone, and whether it is over.

    Of the two hours of the same name in an autumn night each has half of the room.
    """
    doubled = _doubled(points)
    over = {True: say("whole"), False: say("not over yet")}
    for point in points:
        start, end = _room(point.start, step)
        if point.start in doubled:
            is_second = point.start == max(one for one in doubled if wall(one) == wall(point.start))
            start, end = (start + _HALF, end) if is_second else (start, start + _HALF)
        yield (
            point,
            {
                "start": start,
                "end": end,
                "called": called(point.start),
                "over": over[point.is_finished],
                "is_over": point.is_finished,
            },
        )


def _doubled(points: Sequence[Point]) -> set[date]:
    starts = {point.start for point in points if isinstance(point.start, datetime)}
    seen: dict[datetime, int] = {}
    for start in starts:
        seen[wall(start)] = seen.get(wall(start), 0) + 1
    return {start for start in starts if seen[wall(start)] > 1}


def wall(start: date) -> datetime:
    """What calendar and clock on the wall show at the beginning of a period."""
    if isinstance(start, datetime):
        return start.replace(tzinfo=None)
    return datetime(start.year, start.month, start.day)


def _room(start: date, step: Step) -> tuple[pd.Timestamp, pd.Timestamp]:
    gap = {Step.HOUR: timedelta(minutes=8), Step.DAY: timedelta(hours=3)}.get(step, timedelta(hours=12))
    return pd.Timestamp(wall(start)), pd.Timestamp(wall(next_start(start, step))) - gap


def called(start: date) -> str:
    """A period as people say it; an hour with its offset in a night when the clocks are changed."""
    if not isinstance(start, datetime):
        return day(start)
    told = f"{day(start.date())} {clock(start)}"
    zone = data.config().zone
    around = [(start + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in (-4, 4)]
    return told if around[0] == around[1] else f"{told} ({start:%z})"


def days(step: Step = Step.DAY) -> alt.Axis:
    """The axis of time; few labels, so that a phone has room for them."""
    form = _WITH_HOURS if step is Step.HOUR else _FORMS
    return alt.Axis(format=form[current()], title=None, grid=False, labelOverlap=True, tickCount=6)


def counts() -> alt.Axis:
    """An axis of whole numbers."""
    return alt.Axis(tickMinStep=1, tickCount=5, format="d", title=None)


def shares() -> alt.Axis:
    """An axis of shares."""
    return alt.Axis(format="%", tickCount=5, title=None)


def when() -> list[alt.Tooltip]:
    """Lines of a tooltip that say which period it is."""
    return [alt.Tooltip("called:N", title=say("Beginning")), alt.Tooltip("over:N", title=say("Period"))]


def posts() -> alt.Tooltip:
    """The line of a tooltip that counts posts."""
    return alt.Tooltip("posts:Q", title=say("Posts"))
