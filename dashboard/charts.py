"""The charts of how much is said, how unhappily and where, drawn by Altair; lines are in dashboard.lines.

Colours are told apart by the colour-blind too. A period that is not over is drawn pale and named so; a share
comes with its interval and its n.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard import widgets
from dashboard.axes import HEIGHT, PALE, called, counts, days, posts, shares, timed, when
from dashboard.language import name, number, percent, say
from monitor.domain import Sentiment
from monitor.trends import Point, Step

# Vermilion, grey and blue of the Okabe-Ito palette, slightly muted; the light grey is "not scored".
_COLOURS = {"negative": "#c4501b", "neutral": "#9aa6a8", "positive": "#3b7fc4", "unscored": "#cfd6d8"}
_BEFORE = "#9a7a0a"
# Given as what they are, here and below: Altair takes long to find the class of a bare dict or string.
_WHOLE = {"test": "datum.is_over", "value": 1.0}


def volume(
    points: Sequence[Point], before: Sequence[Point], step: Step, beside: Sequence[alt.Chart] = ()
) -> alt.LayerChart:
    """How much was said, stacked by stance, under a line of the period before.

    `beside` are layers of what happened meanwhile.
    """
    rows = [
        {**times, "stance": stance, "posts": said, "low": low, "high": low + said}
        for point, times in timed(points, step)
        for stance, said, low in _stacked(parts_of(point))
    ]
    bars = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(cornerRadius=1)
        .encode(
            x=alt.X("start:T", axis=days(step)),
            x2=alt.X2("end:T"),
            y=alt.Y("low:Q", title=None, axis=counts()),
            y2=alt.Y2("high:Q"),
            color=alt.Color("stance:N", scale=_stances(), legend=None),
            opacity=alt.OpacityValue(PALE, condition=_WHOLE),
            tooltip=[*when(), alt.Tooltip("stance:N", title=say("Stance")), posts()],
        )
    )
    layers = [bars, *_line_before(points, before, step), *beside]
    return alt.layer(*layers).resolve_scale(color="independent").properties(height=HEIGHT)


def _line_before(points: Sequence[Point], before: Sequence[Point], step: Step) -> list[alt.Chart]:
    """The period before, each of its days over the one as far from the beginning."""
    rows = [
        {**times, "then": one.mentions, "then_called": called(one.start)}
        for (_, times), one in zip(timed(points, step), before, strict=False)
    ]
    if not rows:
        return []
    line = alt.Chart(pd.DataFrame(rows)).mark_line(
        color=_BEFORE, strokeWidth=2, strokeDash=[5, 3], interpolate="step-after", point=len(rows) == 1
    )
    told = [
        alt.Tooltip("then_called:N", title=say("The period before")),
        alt.Tooltip("then:Q", title=say("Posts")),
    ]
    return [line.encode(x=alt.X("start:T", axis=days(step)), y=alt.Y("then:Q"), tooltip=told)]


def share(points: Sequence[Point], step: Step, beside: Sequence[alt.Chart] = ()) -> alt.LayerChart:
    """Share of negative posts with its 95 % interval; the size of a dot tells how many were scored.

    `beside` are layers of what happened meanwhile.
    """
    rows = [{**times, **_share(point)} for point, times in timed(points, step) if point.scored]
    base = alt.Chart(pd.DataFrame(rows)).encode(x=alt.X("start:T", axis=days(step)))
    # Days without posts count too: the time axis is the one of the volume above.
    all_days = alt.Chart(pd.DataFrame([times for _, times in timed(points, step)])).mark_rule(opacity=0)
    finished = base.transform_filter("datum.is_over")
    colour = _COLOURS["negative"]
    scale, axis = alt.Scale(domain=[0, 1]), shares()
    band = finished.mark_area(opacity=0.2, color=colour).encode(
        y=alt.Y("low:Q", title=None, scale=scale, axis=axis), y2=alt.Y2("high:Q")
    )
    line = finished.mark_line(color=colour, strokeWidth=2).encode(y=alt.Y("share:Q"))
    dots = base.mark_circle(color=colour, opacity=1).encode(
        y=alt.Y("share:Q"),
        size=alt.Size("n:Q", legend=None, scale=alt.Scale(range=[15, 140])),
        fillOpacity=alt.FillOpacityValue(PALE, condition=_WHOLE),
        tooltip=[
            *when(),
            alt.Tooltip("told:N", title=say("Negative")),
            alt.Tooltip("n:Q", title=say("Scored posts")),
        ],
    )
    return alt.layer(all_days.encode(x=alt.X("start:T")), band, line, dots, *beside).properties(height=HEIGHT)


def places(parted: Mapping[str, tuple[int, int, int, int]], title: str) -> alt.Chart:
    """Posts by place or topic, the largest on top; values are negative, neutral, positive, unscored."""
    rows = [
        {"place": place, "stance": stance, "posts": number, "low": low, "high": low + number}
        for place, parts in parted.items()
        for stance, number, low in _stacked(parts)
    ]
    order = sorted(parted, key=lambda place: -sum(parted[place]))
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(cornerRadius=1)
        .encode(
            x=alt.X("low:Q", title=None, axis=counts()),
            x2=alt.X2("high:Q"),
            y=alt.Y("place:N", title=None, sort=order, axis=alt.Axis(labelLimit=120)),
            color=alt.Color("stance:N", scale=_stances(), legend=None),
            tooltip=[
                alt.Tooltip("place:N", title=title),
                alt.Tooltip("stance:N", title=say("Stance")),
                posts(),
            ],
        )
        .properties(height=40 + 30 * len(parted))
    )


def stance_keys(*more: str) -> str:
    """What the colours of the bars mean, as HTML; `more` are further entries of the legend."""
    pairs = zip(_labels(), _COLOURS.values(), strict=True)
    return widgets.row(*(widgets.key(label, f"background:{colour}") for label, colour in pairs), *more)


def before_key() -> str:
    """What the line of the period before looks like, as HTML."""
    return widgets.key(say("The period before"), f"border-top:3px dashed {_BEFORE};height:0")


def share_keys(*more: str) -> str:
    """What line, band and dots of the share mean, as HTML."""
    colour = _COLOURS["negative"]
    return widgets.row(
        widgets.key(say("Share negative"), f"border-top:3px solid {colour};height:0"),
        widgets.key(say("95 % interval"), f"background:{colour};opacity:0.25"),
        *more,
    )


def described(points: Sequence[Point]) -> str:
    """One sentence that says what a chart shows, for those who do not see it."""
    total, negative = sum(point.mentions for point in points), sum(point.negative for point in points)
    return say(
        "{posts} posts in the period, {negative} of them negative.",
        posts=number(total),
        negative=number(negative),
    )


def _share(point: Point) -> dict[str, Any]:
    told = (percent(value or 0) for value in (point.share_negative, point.low, point.high))
    return {
        "share": point.share_negative,
        "low": point.low,
        "high": point.high,
        "n": point.scored,
        "told": "{} ({}–{})".format(*told),
    }


def parts_of(point: Point) -> tuple[int, int, int, int]:
    """Negative, neutral, positive and unscored posts."""
    return point.negative, point.neutral, point.positive, point.unscored


def _stacked(parts: Sequence[int]) -> Iterator[tuple[str, int, int]]:
    """Name of a stance, its posts, and where its piece of the bar begins."""
    low = 0
    for stance, said in zip(_labels(), parts, strict=True):
        yield stance, said, low
        low += said


def _labels() -> list[str]:
    return [*(name(label) for label in Sentiment), say("Not scored")]


def _stances() -> alt.Scale:
    return alt.Scale(domain=_labels(), range=list(_COLOURS.values()))
