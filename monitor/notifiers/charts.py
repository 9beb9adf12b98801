"""Charts of the weekly report as PNG pictures; knows nothing of mails and pages.

Drawn with matplotlib's own objects and not through pyplot, which keeps state for all threads.
"""

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from monitor.notifiers.weekparts import DayView, TopicView

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Say = Callable[..., str]
WIDTH = 430  # of a chart in a mail, in CSS pixels, drawn twice as sharp: between a phone and a wide screen
NARROW = 370  # of one that stands in a column, where its letters would be too small otherwise
_INCH = 100
_SHARPNESS = 200
_BAD, _SO, _GOOD, _UNKNOWN = "#b42318", "#98a2b3", "#067647", "#e4e7ec"
_INK, _SOFT, _LINE, _DEAF = "#344054", "#667085", "#e4e7ec", "#fef0c7"
_SMALL, _FONT = 7.5, 8.5


def days_chart(days: Sequence[DayView], say: Say, width: int = WIDTH) -> bytes:
    """Posts of seven days by stance; days that are not over are pale, deaf ones lie on a yellow ground."""
    figure, axes = _canvas(width, 190)
    parts: tuple[tuple[str, str, Callable[[DayView], int]], ...] = (
        (say("unhappy"), _BAD, lambda day: day.negative),
        (say("neutral"), _SO, lambda day: day.neutral),
        (say("happy"), _GOOD, lambda day: day.positive),
        (say("not judged"), _UNKNOWN, lambda day: day.unscored),
    )
    floor = [0] * len(days)
    for name, colour, count in parts:
        heights = [count(day) for day in days]
        if any(heights):
            bars = axes.bar(range(len(days)), heights, 0.62, bottom=floor, color=colour, label=name, zorder=3)
            for bar, day in zip(bars, days, strict=True):
                bar.set_alpha(1.0 if day.is_over else 0.45)
        floor = [low + high for low, high in zip(floor, heights, strict=True)]
    _deaf_ground(axes, days, say)
    for at, day in enumerate(days):
        if day.mentions:
            axes.annotate(
                str(day.mentions), (at, day.mentions), (0, 2), textcoords="offset points", ha="center",
                fontsize=_FONT, color=_INK,
            )  # fmt: skip
    axes.set_xticks(
        range(len(days)),
        [day.name.replace(" ", "\n", 1) for day in days],
        fontsize=_FONT,
        color=_INK,
        parse_math=False,
    )
    axes.set_xlim(-0.6, len(days) - 0.4)
    _count_axis(axes.yaxis, axes, max((day.mentions for day in days), default=0))
    axes.grid(axis="y", color=_LINE, linewidth=0.8, zorder=0)
    _legend(axes, last=say("a source was not heard"))
    return _png(figure)


def topics_chart(topics: Sequence[TopicView], say: Say, width: int = WIDTH) -> bytes:
    """Unhappy posts by topic, this week against the week before where that is known."""
    figure, axes = _canvas(width, 30 * max(len(topics), 2) + 40)
    places = range(len(topics))
    series = [(say("this week"), _BAD, [one.now for one in topics])]
    before = [one.before for one in topics if one.before is not None]
    if before:
        series.append((say("the week before"), _SO, before))
    for number, (name, colour, counts) in enumerate(series):
        heights = [at + 0.38 * (number - (len(series) - 1) / 2) for at in places]
        axes.barh(heights, counts, 0.34, color=colour, label=name)
        for height, count in zip(heights, counts, strict=True):
            axes.annotate(
                str(count), (count, height), (3, 0), textcoords="offset points", va="center",
                fontsize=_SMALL, color=_INK,
            )  # fmt: skip
    axes.set_yticks(places, [one.name for one in topics], fontsize=_FONT, color=_INK, parse_math=False)
    axes.invert_yaxis()
    _count_axis(axes.xaxis, axes, max((count for _, _, counts in series for count in counts), default=0))
    axes.tick_params(bottom=False, labelbottom=False)
    _legend(axes)
    return _png(figure)


def _canvas(width: int, height: int) -> "tuple[Figure, Axes]":
    # Half a second of loading, which only those need who draw.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / _INCH, height / _INCH), dpi=_SHARPNESS, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_LINE)
    axes.tick_params(length=0, labelsize=_SMALL, labelcolor=_SOFT)
    return figure, axes


def _deaf_ground(axes: "Axes", days: Sequence[DayView], say: Say) -> None:
    name = say("a source was not heard")
    for at, day in enumerate(days):
        if day.is_deaf:
            axes.axvspan(at - 0.45, at + 0.45, color=_DEAF, zorder=1, label=name, linewidth=0)
            name = "_"  # once in the legend


def _count_axis(axis: Any, axes: "Axes", most: int) -> None:
    """Whole numbers only, and some room above an empty week."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(4, integer=True))
    end = max(most * 1.18, 1.2)
    axes.set_ylim(0, end) if axis is axes.yaxis else axes.set_xlim(0, end)


def _legend(axes: "Axes", last: str = "") -> None:
    handles, names = axes.get_legend_handles_labels()
    if handles:
        order = sorted(range(len(names)), key=lambda at: names[at] == last)
        axes.figure.legend(
            [handles[at] for at in order], [names[at] for at in order], loc="outside upper left",
            ncols=2, frameon=False, fontsize=_SMALL, labelcolor=_SOFT, handlelength=0.9,
            handleheight=0.9, columnspacing=1.2, borderaxespad=0.2,
        )  # fmt: skip


def _png(figure: "Figure") -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
