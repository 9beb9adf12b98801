"""The figures of the Trends page as tables: what the charts draw, for those who want it exactly."""

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard import tables
from dashboard.axes import called
from dashboard.cards import shop_name
from dashboard.language import duration_of, percent, say
from monitor.trends import Point

_UNKNOWN = "–"


def volume(points: Sequence[Point], before: Sequence[Point]) -> pd.DataFrame:
    """Posts by stance, newest period first, beside the same place of the period before."""
    then = [one.mentions for one in before[: len(points)]]
    then += [0] * (len(points) - len(then))
    pairs = list(zip(points, then, strict=True))[::-1]
    newest = [point for point, _ in pairs]
    return pd.DataFrame(
        {
            say("Beginning"): _starts(newest),
            **_stances(newest),
            say("Expects an answer"): [point.needs_reply for point in newest],
            say("Posts in the period before"): [number for _, number in pairs],
            say("Sources not heard"): [_deaf(point) for point in newest],
        }
    )


def share(points: Sequence[Point]) -> pd.DataFrame:
    """Share of negative posts with its interval, newest period first."""
    newest = points[::-1]
    return pd.DataFrame(
        {
            say("Beginning"): _starts(newest),
            say("Share negative"): [_share(point) for point in newest],
            say("95 % interval"): [_interval(point) for point in newest],
            say("Scored posts"): [point.scored for point in newest],
            say("Mean score"): [_score(point) for point in newest],
            say("Corrected by people"): [point.corrected for point in newest],
            say("Model"): [", ".join(point.models) or _UNKNOWN for point in newest],
        }
    )


def answers(points: Sequence[Point]) -> pd.DataFrame:
    """How alerts were answered, newest period first; periods without alerts are left out."""
    newest = [point for point in points[::-1] if point.alerts]
    return pd.DataFrame(
        {
            say("Beginning"): _starts(newest),
            say("Alerts"): [point.alerts for point in newest],
            say("Answered"): [point.answered for point in newest],
            say("Within the deadline"): [point.within_deadline for point in newest],
            say("Median"): [_time(point.median) for point in newest],
            say("Nine of ten"): [_time(point.p90) for point in newest],
            say("Customers won back"): [_saved(point) for point in newest],
        }
    )


def parted(rows: Mapping[str, Point], title: str) -> pd.DataFrame:
    """One row for each source, language or topic, the largest first."""
    names = sorted(rows, key=lambda name: -rows[name].mentions)
    points = [rows[name] for name in names]
    return pd.DataFrame(
        {
            title: names,
            **_stances(points),
            say("Share negative"): [_share(point) for point in points],
            say("95 % interval"): [_interval(point) for point in points],
        }
    )


def voices(now: Mapping[str, Point], then: Mapping[str, Point]) -> pd.DataFrame:
    """Each shop over the whole time: its part of what was said, and how unhappily."""
    points = list(now.values())
    whole = tables.together(points)
    shares = [tables.share_of_voice(point, whole) for point in points]
    return pd.DataFrame(
        {
            say("Shop"): [shop_name(point.shop) for point in points],
            say("Share of voice"): [_UNKNOWN if one is None else percent(one) for one in shares],
            say("Posts"): [point.mentions for point in points],
            say("Posts in the period before"): [then[point.shop].mentions for point in points],
            say("Share negative"): [_share(point) for point in points],
            say("95 % interval"): [_interval(point) for point in points],
        }
    )


def _starts(points: Sequence[Point]) -> list[str]:
    return [called(point.start) + ("" if point.is_finished else " *") for point in points]


def _stances(points: Sequence[Point]) -> dict[str, list[int]]:
    return {
        say("Posts"): [point.mentions for point in points],
        say("Negative"): [point.negative for point in points],
        say("Neutral"): [point.neutral for point in points],
        say("Positive"): [point.positive for point in points],
        say("Not scored"): [point.unscored for point in points],
    }


def _share(point: Point) -> str:
    return _UNKNOWN if point.share_negative is None else percent(point.share_negative)


def _interval(point: Point) -> str:
    return f"{percent(point.low or 0)} – {percent(point.high or 0)}" if point.scored else _UNKNOWN


def _score(point: Point) -> float | None:
    return None if point.mean_score is None else round(point.mean_score, 2)


def _time(seconds: float | None) -> str:
    return _UNKNOWN if seconds is None else duration_of(seconds)


def _saved(point: Point) -> str:
    if not point.decided:
        return _UNKNOWN
    return say("{saved} of {decided}", saved=point.saved, decided=point.decided)


def _deaf(point: Point) -> str:
    return ", ".join(f"{one.source} {duration_of(one.seconds)}" for one in point.deaf)
