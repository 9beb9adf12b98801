"""A point as a row: the columns of every table of trends that leaves the house, in their order."""

from collections.abc import Mapping
from typing import Any

from monitor.trends.points import Point

# Shares and scores have four digits after the point, times are seconds; None is unknown, which is not 0.
COLUMNS = (
    "day", "finished", "shop", "source", "language", "topic", "mentions", "negative", "neutral", "positive",
    "unscored", "share_negative", "share_negative_low", "share_negative_high", "mean_score", "corrected",
    "needs_reply", "reach", "alerts", "answered", "answer_median_s", "answer_p90_s", "within_deadline",
    "decided", "saved", "deaf_s", "deaf_sources", "models",
)  # fmt: skip


def fields(point: Point) -> Mapping[str, Any]:
    """One point by columns; `day` is a moment with its offset where the period is an hour."""
    return {
        "day": point.start,
        "finished": point.is_finished,
        "shop": point.shop,
        "source": point.source,
        "language": point.language,
        "topic": point.topic,
        "mentions": point.mentions,
        "negative": point.negative,
        "neutral": point.neutral,
        "positive": point.positive,
        "unscored": point.unscored,
        "share_negative": _rounded(point.share_negative),
        "share_negative_low": _rounded(point.low),
        "share_negative_high": _rounded(point.high),
        "mean_score": _rounded(point.mean_score),
        "corrected": point.corrected,
        "needs_reply": point.needs_reply,
        "reach": point.reach,
        "alerts": point.alerts,
        "answered": point.answered,
        "answer_median_s": _whole(point.median),
        "answer_p90_s": _whole(point.p90),
        "within_deadline": point.within_deadline,
        "decided": point.decided,
        "saved": point.saved,
        "deaf_s": _whole(point.deaf_seconds),
        "deaf_sources": [one.source for one in point.deaf],
        "models": list(point.models),
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)
