"""How the talk develops: volume, share of negative posts, sources, rivals; each with its table."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from html import escape

import pandas as pd
import streamlit as st

from dashboard import cards, charts, choices, data, happenings, tables, widgets
from dashboard.happenings import Happening
from dashboard.language import day, duration_of, name, number, percent, say, say_many
from monitor import trends
from monitor.trends import Point, Step

_DAYS = {"7": 7, "30": 30, "90": 90, "365": 365}


def _span(days: str) -> tuple[date, date]:
    today = data.now().astimezone(data.config().zone).date()
    return today - timedelta(days=_DAYS[days] - 1), today + timedelta(days=1)


def _chosen() -> tuple[str, Step, str]:
    own = [shop.slug for shop in data.config().shops if not shop.rival]
    shop = own[0]
    with st.container(horizontal=True, vertical_alignment="center", key="trend-tools"):
        days = choices.one(
            say("Period"),
            "days",
            list(_DAYS),
            lambda one: say_many("{n} day", "{n} days", int(one)),
            default="30",
        )
        step = Step(
            choices.one(say("Step"), "step", list(Step), lambda one: name(Step(one)), default=Step.DAY)
        )
        if len(own) > 1:
            shop = choices.one(say("Shop"), "shop", own, cards.shop_name, default=own[0])
    return days, step, shop


def _filled(points: Sequence[Point], shop: str, since: date, until: date, step: Step) -> list[Point]:
    """One point per period: a day on which nobody spoke is a zero, not a hole."""
    by_start = {point.start: point for point in trends.merge(points)}
    starts, start = [], trends.start_of(since, step)
    while start < until:
        starts.append(start)
        start = trends.next_start(start, step)
    today = data.now().astimezone(data.config().zone).date()
    blank = Point(since, shop, "", 0, 0, 0, 0, 0, True)
    return [
        by_start.get(start)
        or replace(blank, start=start, is_finished=trends.next_start(start, step) <= today)
        for start in starts
    ]


def _table(points: Sequence[Point]) -> pd.DataFrame:
    def interval(point: Point) -> str:
        return f"{percent(point.low or 0)} – {percent(point.high or 0)}" if point.scored else "–"

    return pd.DataFrame(
        {
            say("Beginning"): [day(point.start) + ("" if point.is_finished else " *") for point in points],
            say("Posts"): [point.mentions for point in points],
            say("Negative"): [point.negative for point in points],
            say("Neutral"): [point.neutral for point in points],
            say("Positive"): [point.positive for point in points],
            say("Not scored"): [point.unscored for point in points],
            say("Share negative"): [
                percent(point.share_negative) if point.share_negative is not None else "–" for point in points
            ],
            say("95 % interval"): [interval(point) for point in points],
        }
    )


def _figures(points: Sequence[Point], before: Sequence[Point], answers: trends.AnswerTimes) -> None:
    """Three figures over the whole period, each beside the period before it."""
    total, scored = sum(point.mentions for point in points), sum(point.scored for point in points)
    negative = sum(point.negative for point in points)
    earlier = sum(point.mentions for point in before)
    share = f"{percent(negative / scored)}" if scored else "–"
    note = ""
    if scored:
        low, high = trends.wilson(negative, scored)
        note = say(
            "95 % interval {low}–{high}, n = {n}", low=percent(low), high=percent(high), n=number(scored)
        )
    with st.container(horizontal=True, key="figures"):
        _figure(say("Posts"), number(total), say("{n} in the period before", n=number(earlier)))
        _figure(say("Negative"), share, note)
        _figure(say("Time to an answer"), *_answered(answers))


def _answered(answers: trends.AnswerTimes) -> tuple[str, str]:
    """Median time to an answer, and how many came in time."""
    in_time = say(
        "{in_time} of {answered} in time, {opened} alerts",
        in_time=number(answers.within_deadline),
        answered=number(answers.answered),
        opened=number(answers.opened),
    )
    return ("–" if answers.median is None else duration_of(answers.median)), in_time


def _figure(label: str, value: str, note: str) -> None:
    widgets.draw(
        f'<div class="mv-figure"><span>{escape(label)}</span><b>{escape(value)}</b>'
        f"<span>{escape(note)}</span></div>"
    )


def _by_source(points: Sequence[Point]) -> dict[str, tuple[int, int, int, int]]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for point in points:
        for place, value in enumerate((point.negative, point.neutral, point.positive, point.unscored)):
            counts[cards.source_name(point.source)][place] += value
    return {source: (row[0], row[1], row[2], row[3]) for source, row in counts.items()}


def _warn(points: Sequence[Point]) -> None:
    """Say what a reader of the curves must know before believing them."""
    models = {model for point in points for model in point.models}
    if len(models) > 1:
        st.info(
            say("The model changed in this period; a step in the curve may come from that."),
            icon=":material/info:",
        )
    if any(not point.is_finished for point in points):
        widgets.draw(
            widgets.paragraph(say("The pale end is not over yet; more may come (* in the table)."), "note")
        )


def _page() -> None:
    widgets.heading(say("Trends"), say("How the talk develops, and how sure the figures are."))
    days, step, shop = _chosen()
    since, until = _span(days)
    length = timedelta(days=_DAYS[days])
    everything = data.points(since, until, step)
    own = [point for point in everything if point.shop == shop]
    before = [point for point in data.points(since - length, since, step) if point.shop == shop]
    if not own:
        widgets.empty(
            say("Nothing was said in this period."),
            say("Choose a longer one, or look at Sources: do they all work?"),
        )
        return
    line = _filled(own, shop, since, until, step)
    _figures(line, before, data.answer_times(shop, since, until))
    _warn(line)
    _curves(line, step, happenings.between(shop, since, until))
    _places(own)
    _compare(everything, since, until, step)


def _curves(line: Sequence[Point], step: Step, found: Sequence[Happening]) -> None:
    told, beside = charts.described(line), happenings.drawn(found)
    widgets.subheading(say("How much is said"))
    widgets.draw(charts.stance_keys())
    st.altair_chart(charts.volume(line, step, beside), key="volume", alt=told)
    widgets.subheading(say("Share of negative posts"))
    st.altair_chart(charts.share(line, step, beside), key="share", alt=told)
    widgets.draw(
        widgets.paragraph(say("The band is the 95 % interval; a larger dot stands for more posts."), "note")
    )
    happenings.listed(found)
    with st.expander(say("The figures as a table")):
        st.dataframe(_table(line[::-1]), hide_index=True)
        st.download_button(
            say("Download as CSV"),
            data=lambda: tables.points(line),
            file_name="trends.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )


def _places(own: Sequence[Point]) -> None:
    widgets.subheading(say("Where it is said"))
    widgets.draw(charts.stance_keys())
    st.altair_chart(charts.places(_by_source(own)), key="sources", alt=charts.described(own))


def _compare(everything: Sequence[Point], since: date, until: date, step: Step) -> None:
    names = {shop.slug: shop.name for shop in data.config().shops}
    if len(names) < 2:
        return
    lines = [
        point
        for slug in names
        for point in _filled([one for one in everything if one.shop == slug], slug, since, until, step)
    ]
    widgets.subheading(say("Beside the rivals"))
    widgets.draw(charts.shop_keys(names))
    st.altair_chart(charts.rivals(lines, names, step), key="rivals", alt=charts.described(lines))


if __name__ == "__main__":
    _page()
