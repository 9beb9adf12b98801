"""The charts of the Trends page, drawn by Altair. Colours are told apart by the colour-blind too.

A period that is not over is drawn pale and named so; a share comes with its interval and its n.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import altair as alt
import pandas as pd

from dashboard import widgets
from dashboard.language import current, name, number, percent, say
from monitor.domain import Sentiment
from monitor.trends import Point, Step, next_start

# Vermilion, grey and blue of the Okabe-Ito palette, slightly muted; the light grey is "not scored".
_COLOURS = {"negative": "#c4501b", "neutral": "#9aa6a8", "positive": "#3b7fc4", "unscored": "#cfd6d8"}
_SHOPS = ("#1b8598", "#c98a1b", "#8d6fc0", "#6f9448", "#b9628a", "#7c8a8e")
_DASHES = (("solid", (1, 0)), ("dashed", (7, 4)), ("dotted", (2, 3)))
_HEIGHT = 260
_DAYS = {"fi": "%-d.%-m.", "sv": "%-d/%-m", "en": "%-d %b"}
_PALE = 0.45


def volume(points: Sequence[Point], step: Step, beside: Sequence[alt.Chart] = ()) -> alt.LayerChart:
    """How much was said, stacked by stance; `beside` are layers of what happened meanwhile."""
    rows = [
        {**times, "stance": stance, "posts": posts, "low": low, "high": low + posts}
        for point, times in _timed(points, step)
        for stance, posts, low in _stacked(_parts(point))
    ]
    bars = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(cornerRadius=1)
        .encode(
            x=alt.X("start:T", axis=_days()),
            x2="end:T",
            y=alt.Y("low:Q", title=None, axis=_counts()),
            y2="high:Q",
            color=alt.Color("stance:N", scale=_stances(), legend=None),
            opacity=alt.condition("datum.is_over", alt.value(1.0), alt.value(_PALE)),
            tooltip=[*_when(), alt.Tooltip("stance:N", title=say("Stance")), _posts()],
        )
    )
    return alt.layer(bars, *beside).resolve_scale(color="independent").properties(height=_HEIGHT)


def share(points: Sequence[Point], step: Step, beside: Sequence[alt.Chart] = ()) -> alt.LayerChart:
    """Share of negative posts with its 95 % interval; the size of a dot tells how many were scored.

    `beside` are layers of what happened meanwhile.
    """
    rows = [{**times, **_share(point)} for point, times in _timed(points, step) if point.scored]
    base = alt.Chart(pd.DataFrame(rows)).encode(x=alt.X("start:T", axis=_days()))
    # Days without posts count too: the time axis is the one of the volume above.
    days = alt.Chart(pd.DataFrame([times for _, times in _timed(points, step)])).mark_rule(opacity=0)
    finished = base.transform_filter("datum.is_over")
    colour = _COLOURS["negative"]
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format="%", tickCount=5)
    band = finished.mark_area(opacity=0.2, color=colour).encode(
        y=alt.Y("low:Q", title=None, scale=scale, axis=axis), y2="high:Q"
    )
    line = finished.mark_line(color=colour, strokeWidth=2).encode(y="share:Q")
    dots = base.mark_circle(color=colour, opacity=1).encode(
        y="share:Q",
        size=alt.Size("n:Q", legend=None, scale=alt.Scale(range=[15, 140])),
        fillOpacity=alt.condition("datum.is_over", alt.value(1.0), alt.value(_PALE)),
        tooltip=[
            *_when(),
            alt.Tooltip("told:N", title=say("Negative")),
            alt.Tooltip("n:Q", title=say("Scored posts")),
        ],
    )
    return alt.layer(days.encode(x="start:T"), band, line, dots, *beside).properties(height=_HEIGHT)


def places(counts: Mapping[str, tuple[int, int, int, int]]) -> alt.Chart:
    """Posts by source, the largest on top; values are negative, neutral, positive, unscored."""
    rows = [
        {"place": place, "stance": stance, "posts": posts, "low": low, "high": low + posts, "all": sum(parts)}
        for place, parts in counts.items()
        for stance, posts, low in _stacked(parts)
    ]
    order = sorted(counts, key=lambda place: -sum(counts[place]))
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(cornerRadius=1)
        .encode(
            x=alt.X("low:Q", title=None, axis=_counts()),
            x2="high:Q",
            y=alt.Y("place:N", title=None, sort=order, axis=alt.Axis(labelLimit=160)),
            color=alt.Color("stance:N", scale=_stances(), legend=None),
            tooltip=[
                alt.Tooltip("place:N", title=say("Source")),
                alt.Tooltip("stance:N", title=say("Stance")),
                _posts(),
            ],
        )
        .properties(height=40 + 36 * len(counts))
    )


def rivals(points: Sequence[Point], names: Mapping[str, str], step: Step) -> alt.Chart:
    """How much was said of each shop; a dash pattern tells the lines apart besides the colour."""
    rows = [
        {**times, "shop": names[point.shop], "posts": point.mentions}
        for point, times in _timed(points, step)
        if point.is_finished
    ]
    colours = alt.Scale(domain=list(names.values()), range=[colour for colour, _, _ in _lines(names)])
    dashes = alt.Scale(domain=list(names.values()), range=[list(dash) for _, _, dash in _lines(names)])
    return (
        alt.Chart(pd.DataFrame(rows, columns=["start", "over", "shop", "posts"]))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("start:T", axis=_days()),
            y=alt.Y("posts:Q", title=None, axis=_counts()),
            color=alt.Color("shop:N", scale=colours, legend=None),
            strokeDash=alt.StrokeDash("shop:N", scale=dashes, legend=None),
            tooltip=[*_when(), alt.Tooltip("shop:N", title=say("Shop")), _posts()],
        )
        .properties(height=_HEIGHT)
    )


def stance_keys() -> str:
    """What the colours of the bars mean, as HTML."""
    pairs = zip(_labels(), _COLOURS.values(), strict=True)
    return widgets.row(*(widgets.key(label, f"background:{colour}") for label, colour in pairs))


def shop_keys(names: Mapping[str, str]) -> str:
    """What the lines of the shops look like, as HTML."""
    return widgets.row(
        *(
            widgets.key(shop, f"border-top:3px {style} {colour};height:0")
            for shop, (colour, style, _) in zip(names.values(), _lines(names), strict=True)
        )
    )


def _lines(names: Mapping[str, str]) -> list[tuple[str, str, tuple[int, int]]]:
    """Colour, name of the dash pattern and the pattern of each shop's line."""
    return [(_SHOPS[place % len(_SHOPS)], *_DASHES[place % len(_DASHES)]) for place in range(len(names))]


def described(points: Sequence[Point]) -> str:
    """One sentence that says what a chart shows, for those who do not see it."""
    total, negative = sum(point.mentions for point in points), sum(point.negative for point in points)
    return say(
        "{posts} posts in the period, {negative} of them negative.",
        posts=number(total),
        negative=number(negative),
    )


def _timed(points: Sequence[Point], step: Step) -> Iterator[tuple[Point, dict[str, Any]]]:
    """Each point with its start and end as the chart draws them, without a zone, and whether it is over."""
    gap = timedelta(hours=3 if step is Step.DAY else 12)
    for point in points:
        yield (
            point,
            {
                "start": pd.Timestamp(point.start),
                "end": pd.Timestamp(next_start(point.start, step)) - gap,
                "over": say("whole") if point.is_finished else say("not over yet"),
                "is_over": point.is_finished,
            },
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


def _parts(point: Point) -> tuple[int, int, int, int]:
    return point.negative, point.neutral, point.positive, point.unscored


def _stacked(parts: Sequence[int]) -> Iterator[tuple[str, int, int]]:
    """Name of a stance, its posts, and where its piece of the bar begins."""
    low = 0
    for stance, posts in zip(_labels(), parts, strict=True):
        yield stance, posts, low
        low += posts


def _labels() -> list[str]:
    return [*(name(label) for label in Sentiment), say("Not scored")]


def _stances() -> alt.Scale:
    return alt.Scale(domain=_labels(), range=list(_COLOURS.values()))


def _days() -> alt.Axis:
    return alt.Axis(format=_DAYS[current()], title=None, grid=False, labelOverlap=True, tickCount=8)


def _counts() -> alt.Axis:
    return alt.Axis(tickMinStep=1, tickCount=5, format="d")


def _when() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("start:T", title=say("Beginning"), format=_DAYS[current()]),
        alt.Tooltip("over:N", title=say("Period")),
    ]


def _posts() -> alt.Tooltip:
    return alt.Tooltip("posts:Q", title=say("Posts"))
