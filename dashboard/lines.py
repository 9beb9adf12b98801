"""Charts of lines: shares of voice, and how long the first answer took; dashes tell lines apart too."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from dashboard import tables, widgets
from dashboard.axes import HEIGHT, days, posts, shares, timed, when
from dashboard.language import duration_of, number, percent, say
from monitor.trends import Point, Step

_SHOPS = ("#1b8598", "#c98a1b", "#8d6fc0", "#6f9448", "#b9628a", "#7c8a8e")
_DASHES = (("solid", (1, 0)), ("dashed", (7, 4)), ("dotted", (2, 3)))
_HOUR = 3600


def voices(points: Sequence[Point], names: Mapping[str, str], step: Step) -> alt.Chart:
    """Each shop's part of what was said of them all; periods that are not over are left out."""
    whole = tables.together(points)
    found = [
        {
            **times,
            "shop": names[point.shop],
            "posts": point.mentions,
            "share": tables.share_of_voice(point, whole),
            "told": percent(tables.share_of_voice(point, whole) or 0),
        }
        for point, times in timed(points, step)
        if point.is_finished and whole[point.start]
    ]
    looks = _looks(names)
    colours = alt.Scale(domain=list(names.values()), range=[colour for colour, _, _ in looks])
    dashes = alt.Scale(domain=list(names.values()), range=[list(dash) for _, _, dash in looks])
    columns = ["start", "called", "over", "shop", "posts", "share", "told"]
    return (
        alt.Chart(pd.DataFrame(found, columns=columns))
        .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=24))
        .encode(
            x=alt.X("start:T", axis=days(step)),
            y=alt.Y("share:Q", axis=shares(), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("shop:N", scale=colours, legend=None),
            strokeDash=alt.StrokeDash("shop:N", scale=dashes, legend=None),
            tooltip=[
                *when(),
                alt.Tooltip("shop:N", title=say("Shop")),
                alt.Tooltip("told:N", title=say("Share of voice")),
                posts(),
            ],
        )
        .properties(height=HEIGHT)
    )


def shop_keys(names: Mapping[str, str]) -> str:
    """What the lines of the shops look like, as HTML."""
    return widgets.row(
        *(
            widgets.key(shop, f"border-top:3px {style} {colour};height:0")
            for shop, (colour, style, _) in zip(names.values(), _looks(names), strict=True)
        )
    )


def _looks(names: Mapping[str, str]) -> list[tuple[str, str, tuple[int, int]]]:
    """Colour, name of the dash pattern and the pattern of each shop's line."""
    return [(_SHOPS[place % len(_SHOPS)], *_DASHES[place % len(_DASHES)]) for place in range(len(names))]


def waits(points: Sequence[Point], step: Step) -> alt.LayerChart:
    """Median time to the first answer, and the time within which nine of ten came."""
    median, most = say("Median"), say("Nine of ten")
    found = [
        {**times, "which": which, "hours": seconds / _HOUR, "told": duration_of(seconds), "n": point.answered}
        for point, times in timed(points, step)
        for which, seconds in ((median, point.median), (most, point.p90))
        if seconds is not None
    ]
    columns = ["start", "called", "over", "which", "hours", "told", "n"]
    axis = alt.Axis(title=None, tickCount=5, labelExpr="format(datum.value, '~r') + ' h'")
    colours = alt.Scale(domain=[median, most], range=list(_SHOPS[:2]))
    base = alt.Chart(pd.DataFrame(found, columns=columns)).encode(
        x=alt.X("start:T", axis=days(step)),
        y=alt.Y("hours:Q", axis=axis),
        color=alt.Color("which:N", scale=colours, legend=None),
        tooltip=[
            *when(),
            alt.Tooltip("which:N", title=say("First answer")),
            alt.Tooltip("told:N", title=say("Time")),
            alt.Tooltip("n:Q", title=say("Answered")),
        ],
    )
    dashes = alt.Scale(domain=[median, most], range=[[1, 0], [5, 4]])
    line = base.mark_line(strokeWidth=2.5).encode(
        strokeDash=alt.StrokeDash("which:N", scale=dashes, legend=None)
    )
    shapes = alt.Scale(domain=[median, most], range=["circle", "diamond"])
    dots = base.mark_point(filled=True, size=45, opacity=1).encode(
        shape=alt.Shape("which:N", scale=shapes, legend=None)
    )
    # Days without answers count too: the time axis is the one of the other charts.
    every = alt.Chart(pd.DataFrame([times for _, times in timed(points, step)])).mark_rule(opacity=0)
    return alt.layer(every.encode(x=alt.X("start:T")), line, dots).properties(height=HEIGHT)


def wait_keys() -> str:
    """What the two lines mean, as HTML."""
    return widgets.row(
        widgets.key(say("Median"), f"border-top:3px solid {_SHOPS[0]};height:0"),
        widgets.key(say("Nine of ten"), f"border-top:3px dashed {_SHOPS[1]};height:0"),
    )


def waits_described(points: Sequence[Point]) -> str:
    """One sentence that says what the chart of answers shows."""
    return say(
        "{answered} of {alerts} alerts were answered.",
        answered=number(sum(point.answered for point in points)),
        alerts=number(sum(point.alerts for point in points)),
    )
