"""What is drawn into the charts beside the figures: events, storms, changes of model, and gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from html import escape

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import data, widgets
from dashboard.language import moment, say
from monitor import trends
from monitor.store import storms
from monitor.trends import Point
from monitor.wording import N_

_MOST = 20


class Kind(StrEnum):
    """What happened."""

    EVENT = "event"
    STORM = "storm"
    MODEL = "model"
    DEAF = "deaf"


_NAMES = {
    Kind.EVENT: N_("Shop event"),
    Kind.STORM: N_("Storm"),
    Kind.MODEL: N_("Another model"),
    Kind.DEAF: N_("A source not heard"),
}
# Lines are told apart by their pattern too.
_LOOKS = {
    Kind.EVENT: ("#1b8598", "dashed", [6, 4]),
    Kind.STORM: ("#b42318", "solid", [1, 0]),
    Kind.MODEL: ("#8d6fc0", "dotted", [2, 3]),
}
_SHADE = "#7c8a8e"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something at one time, or over a span; `lasts` where it is not over."""

    kind: Kind
    at: datetime
    until: datetime | None
    said: str
    lasts: bool = False


def between(shop: str, since: date, until: date) -> list[Happening]:
    """What happened to a shop in a period, oldest first."""
    zone = data.config().zone
    first, last = trends.midnight(since, zone), trends.midnight(until, zone)
    with data.store().reading() as session:
        events = storms.shop_events(session, [shop], first, last)
        blown = [one for one in storms.storms_between(session, first, last) if one.shop == shop]
        gaps = storms.gaps(session, first, last)
    found = [Happening(Kind.EVENT, one.at, one.until, one.title) for one in events]
    found += [
        Happening(Kind.STORM, one.began_at, one.ended_at, say("Storm: {n} unhappy posts", n=one.count))
        for one in blown
    ]
    now = data.now()
    found += [
        Happening(
            Kind.DEAF,
            max(one.began_at, first),
            min(one.ended_at or now, last),
            say("{source} not heard", source=one.source)
            if one.ended_at
            else say("{source} not heard since then", source=one.source),
            lasts=one.ended_at is None,
        )
        for one in gaps
    ]
    return sorted(found, key=lambda one: one.at)


def models(line: Sequence[Point]) -> list[Happening]:
    """Where another model began to judge: figures before and after do not quite compare."""
    found, known = [], set[str]()
    for point in line:
        fresh = set(point.models) - known
        if known and fresh:
            at = trends.moment_of(point.start, data.config().zone)
            told = say("From here on judged by {model}", model=", ".join(sorted(fresh)))
            found.append(Happening(Kind.MODEL, at, None, told))
        known |= fresh
    return found


def drawn(found: Sequence[Happening]) -> list[alt.Chart]:
    """Layers for a chart over time: a line for each event, storm and model, a shade for each gap."""
    rows = [
        {"kind": one.kind.value, "at": _wall(one.at), "until": _wall(one.until or one.at), "said": one.said}
        for one in found
    ]
    lines = [row for row in rows if row["kind"] != Kind.DEAF]
    shades = [row for row in rows if row["kind"] == Kind.DEAF]
    layers = []
    tooltip = [alt.Tooltip("said:N", title=say("What happened"))]
    if shades:
        layers.append(
            alt.Chart(pd.DataFrame(shades))
            .mark_rect(opacity=0.15, color=_SHADE)
            .encode(x=alt.X("at:T"), x2=alt.X2("until:T"), tooltip=tooltip)
        )
    if lines:
        kinds = [kind.value for kind in _LOOKS]
        colours = alt.Scale(domain=kinds, range=[colour for colour, _, _ in _LOOKS.values()])
        dashes = alt.Scale(domain=kinds, range=[dash for _, _, dash in _LOOKS.values()])
        layers.append(
            alt.Chart(pd.DataFrame(lines))
            .mark_rule(strokeWidth=2)
            .encode(
                x=alt.X("at:T"),
                color=alt.Color("kind:N", scale=colours, legend=None),
                strokeDash=alt.StrokeDash("kind:N", scale=dashes, legend=None),
                tooltip=tooltip,
            )
        )
    return layers


def _wall(at: datetime) -> pd.Timestamp:
    return pd.Timestamp(at.astimezone(data.config().zone).replace(tzinfo=None))


def keys(found: Sequence[Happening]) -> list[str]:
    """Entries of the legend for what is drawn, as HTML."""
    kinds = {one.kind for one in found}
    return [widgets.key(say(_NAMES[kind]), _style(kind)) for kind in Kind if kind in kinds]


def _style(kind: Kind) -> str:
    if kind is Kind.DEAF:
        return f"background:{_SHADE};opacity:0.3"
    colour, pattern, _ = _LOOKS[kind]
    return f"border-left:3px {pattern} {colour};width:0;height:1rem"


def listed(found: Sequence[Happening]) -> None:
    """The same in words, for those who do not see the lines."""
    if not found:
        return
    with st.expander(say("What happened")):
        told = found[-_MOST:]
        widgets.draw(widgets.pairs([(moment(one.at), escape(_told(one))) for one in told]))


def _told(one: Happening) -> str:
    """What it was; of a silence also until when."""
    if one.kind is not Kind.DEAF or one.until is None or one.lasts:
        return one.said
    return say("{what}, until {when}", what=one.said, when=moment(one.until))
