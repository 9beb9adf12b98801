"""The large figures at the head of the Trends page."""

from html import escape

import streamlit as st

from dashboard import widgets
from dashboard.language import duration_of, number, percent, say
from monitor import trends
from monitor.trends import Point


def draw(now: Point, then: Point) -> None:
    """Figures over a whole period, each beside the period before it."""
    with st.container(horizontal=True, key="figures"):
        _figure(
            say("Posts"),
            number(now.mentions),
            say("{n} in the period before", n=number(then.mentions)),
        )
        _figure(say("Negative"), _percent(now.share_negative), _interval(now), _before(then))
        _figure(say("Time to the first answer"), _time(now.median), *_times(now), _before_time(then))
        _figure(
            say("Customers won back"),
            number(now.saved),
            say("of {n} where it shows", n=number(now.decided)),
            say("{n} in the period before", n=number(then.saved)),
        )


def _percent(share: float | None) -> str:
    return "–" if share is None else percent(share)


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else duration_of(seconds)


def _interval(point: Point) -> str:
    if not point.scored:
        return ""
    low, high = trends.wilson(point.negative, point.scored)
    return say(
        "95 % interval {low}–{high}, n = {n}", low=percent(low), high=percent(high), n=number(point.scored)
    )


def _before(then: Point) -> str:
    return say("{share} in the period before", share=_percent(then.share_negative)) if then.scored else ""


def _before_time(then: Point) -> str:
    return say("{time} in the period before", time=_time(then.median)) if then.answered else ""


def _times(point: Point) -> tuple[str, str]:
    """Within what time nine of ten answers came, and how many came in time."""
    most = say("nine of ten within {time}", time=_time(point.p90)) if point.answered else ""
    in_time = say(
        "{in_time} of {answered} in time, {opened} alerts",
        in_time=number(point.within_deadline),
        answered=number(point.answered),
        opened=number(point.alerts),
    )
    return most, in_time


def _figure(label: str, value: str, *notes: str) -> None:
    told = "".join(f"<span>{escape(note)}</span>" for note in notes if note)
    widgets.draw(f'<div class="mv-figure"><span>{escape(label)}</span><b>{escape(value)}</b>{told}</div>')
