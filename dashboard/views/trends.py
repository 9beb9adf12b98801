"""How the talk develops: volume, unhappy share, answers, topics, sources, rivals; each with its table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import (
    auth,
    cards,
    charts,
    choices,
    data,
    downloads,
    happenings,
    lines,
    tables,
    trendfigures,
    trendtables,
    widgets,
)
from dashboard.happenings import Happening
from dashboard.language import language_name, name, number, say, say_many
from monitor import trends
from monitor.domain import Topic
from monitor.people import Deed
from monitor.trends import NO_LANGUAGE, NO_TOPIC, Narrow, Point, Split, Step

_DAYS = {"7": 7, "30": 30, "90": 90, "365": 365}
_LANGUAGES = ("fi", "sv", "en", NO_LANGUAGE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the visitor wants to see: days (`until` excluded), length of the periods, shop, which posts."""

    days: int
    until: date
    step: Step
    shop: str
    narrow: Narrow

    @property
    def since(self) -> date:
        """The first day of the first period."""
        return trends.start_of(self.until - timedelta(days=self.days), self.step)

    @property
    def before(self) -> tuple[date, date]:
        """As many whole periods before."""
        start = self.since
        if self.step in (Step.HOUR, Step.DAY):
            return start - timedelta(days=self.days), start
        for _ in trends.starts(start, self.until, self.step, data.config().zone):
            start = trends.start_of(start - timedelta(days=1), self.step)
        return start, self.since


def _asked() -> Asked:
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
    today = data.now().astimezone(data.config().zone).date()
    return Asked(_DAYS[days], today + timedelta(days=1), step, shop, _narrow())


def _narrow() -> Narrow:
    narrowing = any(key in st.query_params for key in ("source", "language", "topic"))
    with st.expander(say("Only some of the posts"), expanded=narrowing), st.container(horizontal=True):
        sources = choices.many(
            say("Source"), "source", [one.slug for one in data.config().sources], cards.source_name
        )
        languages = choices.many(say("Language"), "language", _LANGUAGES, _language)
        topic = choices.pick(say("Topic"), "topic", list(Topic), lambda one: name(Topic(one)))
    return Narrow((), sources, languages, Topic(topic) if topic else None)


def _language(code: str) -> str:
    return say("Unknown language") if code == NO_LANGUAGE else language_name(code)


def _topic(slug: str) -> str:
    return say("No topic") if slug == NO_TOPIC else name(Topic(slug)) if slug in list(Topic) else slug


def _page() -> None:
    widgets.heading(say("Trends"), say("How the talk develops, and how sure the figures are."))
    asked = _asked()
    if asked.step is Step.HOUR and asked.days > trends.MOST_DAYS_BY_HOUR:
        widgets.empty(
            say("By hour, {n} days can be shown at most.", n=trends.MOST_DAYS_BY_HOUR),
            say("Choose a shorter period, or a longer step."),
        )
        return
    everybody = _everybody(asked, asked.since, asked.until)
    line = [point for point in everybody if point.shop == asked.shop]
    if not any(point.mentions or point.alerts for point in line):
        widgets.empty(
            say("Nothing was said in this period."),
            say("Choose a longer one, or look at Sources: do they all work?"),
        )
        return
    earlier = _everybody(asked, *asked.before)
    now, then = _totals(everybody), _totals(earlier)
    trendfigures.draw(now[asked.shop], then[asked.shop])
    span = (asked.since, asked.until)
    downloads.offer_all(downloads.period(_shops(), asked.shop, span, asked.step, asked.narrow))
    _warn(line)
    found = happenings.between(asked.shop, asked.since, asked.until) + happenings.models(line)
    _volume(asked, line, [point for point in earlier if point.shop == asked.shop], found)
    _share(asked, line, found)
    happenings.listed(sorted(found, key=lambda one: one.at))
    _answers(asked, line)
    _parts(asked)
    _rivals(asked, everybody, now, then)


def _everybody(asked: Asked, since: date, until: date) -> list[Point]:
    return data.trend(_shops(), since, until, asked.step, asked.narrow)


def _totals(points: Sequence[Point]) -> dict[str, Point]:
    """All periods of each shop as one."""
    return {slug: trends.total([point for point in points if point.shop == slug]) for slug in _shops()}


def _shops() -> tuple[str, ...]:
    return tuple(shop.slug for shop in data.config().shops)


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


def _chart(
    key: str, chart: alt.TopLevelMixin, told: str, table: pd.DataFrame, csv: Callable[[], bytes]
) -> None:
    """A chart with a sentence for those who do not see it, its table, and its figures to take along."""
    st.altair_chart(chart, key=key, alt=told)
    with st.expander(say("The figures as a table")):
        st.dataframe(table, hide_index=True, key=f"{key}-table")
        if auth.allows(Deed.EXPORT):
            st.download_button(
                say("Download as CSV"),
                data=auth.at_press(Deed.EXPORT, csv),
                file_name=f"trends-{key}.csv",
                mime="text/csv",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
                key=f"{key}-csv",
            )


def _volume(asked: Asked, line: Sequence[Point], before: Sequence[Point], found: Sequence[Happening]) -> None:
    widgets.subheading(say("How much is said"))
    widgets.draw(charts.stance_keys(charts.before_key(), *happenings.keys(found)))
    _chart(
        "volume",
        charts.volume(line, before, asked.step, happenings.drawn(found)),
        charts.described(line),
        trendtables.volume(line, before),
        lambda: tables.points([*before, *line], data.config().zone),
    )


def _share(asked: Asked, line: Sequence[Point], found: Sequence[Happening]) -> None:
    widgets.subheading(say("Share of negative posts"))
    widgets.draw(charts.share_keys(*happenings.keys(found)))
    _chart(
        "share",
        charts.share(line, asked.step, happenings.drawn(found)),
        charts.described(line),
        trendtables.share(line),
        lambda: tables.points(line, data.config().zone),
    )
    widgets.draw(
        widgets.paragraph(say("The band is the 95 % interval; a larger dot stands for more posts."), "note")
    )


def _answers(asked: Asked, line: Sequence[Point]) -> None:
    widgets.subheading(say("Time to the first answer"))
    if not any(point.answered for point in line):
        widgets.draw(widgets.paragraph(say("No alert of this period was answered yet."), "note"))
        return
    widgets.draw(lines.wait_keys())
    _chart(
        "answers",
        lines.waits(line, asked.step),
        lines.waits_described(line),
        trendtables.answers(line),
        lambda: tables.points(line, data.config().zone),
    )
    widgets.draw(widgets.paragraph(say("An alert counts in the period in which it was opened."), "note"))


def _parts(asked: Asked) -> None:
    _part(asked, Split.TOPIC, say("What it is about"), say("Topic"), _topic)
    widgets.draw(widgets.paragraph(say("A post with several topics counts under each of them."), "note"))
    _part(asked, Split.SOURCE, say("Where it is said"), say("Source"), cards.source_name)
    _part(asked, Split.LANGUAGE, say("In which language"), say("Language"), _language)


def _part(asked: Asked, split: Split, title: str, column: str, called: Callable[[str], str]) -> None:
    found = data.totals((asked.shop,), asked.since, asked.until, asked.narrow, split)
    rows = {called(getattr(point, split.value)): point for point in found}
    widgets.subheading(title)
    widgets.draw(charts.stance_keys())
    bars = {label: charts.parts_of(point) for label, point in rows.items()}
    _chart(
        f"{split.value}s",
        charts.places(bars, column),
        ", ".join(f"{label} {number(point.mentions)}" for label, point in rows.items()),
        trendtables.parted(rows, column),
        lambda: tables.parts(found, data.config().zone),
    )


def _rivals(
    asked: Asked, points: Sequence[Point], now: Mapping[str, Point], then: Mapping[str, Point]
) -> None:
    names = {slug: cards.shop_name(slug) for slug in now}
    if len(names) < 2:
        return
    widgets.subheading(say("Share of voice, beside the rivals"))
    widgets.draw(lines.shop_keys(names))
    _chart(
        "rivals",
        lines.voices(points, names, asked.step),
        charts.described(points),
        trendtables.voices(now, then),
        lambda: tables.voices(points, data.config().zone),
    )


if __name__ == "__main__":
    _page()
