"""What is drawn into the charts beside the figures: shop events, storms, and times a source was not heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import data, widgets
from dashboard.language import moment, say
from monitor import trends
from monitor.store import storms

_EVENT, _STORM, _DEAF = "#1d5f6b", "#b42318", "#8d6fc0"
_MOST = 20


@dataclass(frozen=True, slots=True)
class Happening:
    """Something at one time, or over a span; `kind` is event, storm or deaf."""

    kind: str
    at: datetime
    until: datetime | None
    said: str


def between(shop: str, since: date, until: date) -> list[Happening]:
    """What happened to a shop in a period, oldest first."""
    zone = data.config().zone
    first, last = trends.midnight(since, zone), trends.midnight(until, zone)
    with data.store().reading() as session:
        events = storms.shop_events(session, [shop], first, last)
        blown = [one for one in storms.storms_between(session, first, last) if one.shop == shop]
        gaps = storms.gaps(session, first, last)
    found = [Happening("event", one.at, one.until, one.title) for one in events]
    found += [
        Happening("storm", one.began_at, one.ended_at, say("Storm: {n} unhappy posts", n=one.count))
        for one in blown
    ]
    found += [
        Happening(
            "deaf", one.began_at, one.ended_at or data.now(), say("{source} not heard", source=one.source)
        )
        for one in gaps
    ]
    return sorted(found, key=lambda one: one.at)


def drawn(found: Sequence[Happening]) -> list[alt.Chart]:
    """Layers for a chart over time: a line for each event and storm, a shade for each gap."""
    zone = data.config().zone
    rows = [
        {
            "kind": one.kind,
            "at": pd.Timestamp(one.at.astimezone(zone).replace(tzinfo=None)),
            "until": pd.Timestamp((one.until or one.at).astimezone(zone).replace(tzinfo=None)),
            "said": one.said,
        }
        for one in found
    ]
    lines = [row for row in rows if row["kind"] != "deaf"]
    shades = [row for row in rows if row["kind"] == "deaf"]
    layers = []
    tooltip = [alt.Tooltip("said:N", title=say("What happened"))]
    if shades:
        layers.append(
            alt.Chart(pd.DataFrame(shades))
            .mark_rect(opacity=0.15, color=_DEAF)
            .encode(x="at:T", x2="until:T", tooltip=tooltip)
        )
    if lines:
        colours = alt.Scale(domain=["event", "storm"], range=[_EVENT, _STORM])
        layers.append(
            alt.Chart(pd.DataFrame(lines))
            .mark_rule(strokeWidth=2, strokeDash=[4, 3])
            .encode(x="at:T", color=alt.Color("kind:N", scale=colours, legend=None), tooltip=tooltip)
        )
    return layers


def listed(found: Sequence[Happening]) -> None:
    """The same in words, for those who do not see the lines."""
    if not found:
        return
    with st.expander(say("What happened")):
        widgets.draw(widgets.pairs([(moment(one.at), escape(one.said)) for one in found[-_MOST:]]))
