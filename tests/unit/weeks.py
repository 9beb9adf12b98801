"""Weeks as monitor.report would gather them; every field can be replaced."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from monitor.aftermath import Share
from monitor.domain import EventKind, Sentiment, Topic
from monitor.report import Deaf, Survey, TopicChange, WeekReport
from monitor.store.sites import Finding, SiteRow
from monitor.store.storms import EventRow, StormRow
from monitor.trends import AnswerTimes, Deafness, Point
from tests.unit.rows import assessment, mention

START = date(2026, 11, 16)
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
_TUESDAY = datetime(2026, 11, 17, 14, 5, tzinfo=UTC)
_DAYS = ((3, 5, 2), (2, 6, 4), (9, 7, 1), (14, 8, 2), (6, 5, 3), (1, 2, 2), (2, 3, 0))


def point(negative: int, neutral: int, positive: int, day: date = START, **fields: Any) -> Point:
    values: dict[str, Any] = {
        "start": day,
        "shop": "lumopuoti",
        "source": "",
        "mentions": negative + neutral + positive,
        "negative": negative,
        "neutral": neutral,
        "positive": positive,
        "unscored": 0,
        "is_finished": True,
        "models": ("mainevahti-3",),
    }
    return Point(**{**values, **fields})


def days() -> tuple[Point, ...]:
    found = [point(*counts, day=START + timedelta(days=at)) for at, counts in enumerate(_DAYS)]
    deaf = (Deafness("koti-foorumi", 11_400.0),)
    found[4] = point(*_DAYS[4], day=START + timedelta(days=4), deaf=deaf)
    return tuple(found)


def storm(**fields: Any) -> StormRow:
    values: dict[str, Any] = {
        "id": 1,
        "shop": "lumopuoti",
        "topic": "delivery",
        "began_at": _TUESDAY + timedelta(days=1),
        "noticed_at": _TUESDAY + timedelta(days=1),
        "last_seen_at": _TUESDAY + timedelta(days=2),
        "ended_at": _TUESDAY + timedelta(days=2),
        "count": 19,
        "expected": 1.4,
        "window": 3600.0,
        "cause": {"topic": "delivery", "topic_count": 16, "source": "koti-foorumi", "source_count": 14},
    }
    return StormRow(**{**values, **fields})


def event(title: str, **fields: Any) -> EventRow:
    values: dict[str, Any] = {
        "id": 1,
        "shop": "lumopuoti",
        "kind": EventKind.COURIER,
        "at": _TUESDAY,
        "until": None,
        "who": "Maija",
        "via": "cli",
    }
    return EventRow(title=title, **{**values, **fields})


def bad(text: str, **fields: Any) -> Any:
    return mention(text=text, author="Vuokko", posted_at=_TUESDAY, **fields)


def good(text: str, **fields: Any) -> Any:
    judged = assessment(label=Sentiment.POSITIVE, negative=0.02, positive=0.93)
    return mention(text=text, author="Sauli", posted_at=_TUESDAY, assessment=judged, **fields)


def usual(**fields: Any) -> WeekReport:
    """A week with a storm, a campaign, gaps, corrections, surveys and a site that lacks something."""
    values: dict[str, Any] = {
        "shop": "lumopuoti",
        "start": START,
        "is_finished": True,
        "this": point(37, 36, 14, corrected=4),
        "before": point(12, 40, 17),
        "days": days(),
        "topics": (
            TopicChange(Topic.DELIVERY, 21, 3),
            TopicChange(Topic.CUSTOMER_SERVICE, 9, 5),
            TopicChange(Topic.PRODUCT_QUALITY, 6, 4),
            TopicChange(Topic.RETURNS_REFUNDS, 3, 0),
            TopicChange(Topic.PRICE, 1, 2),
        ),
        "answers": AnswerTimes(18, 16, 13, 5_700.0),
        "saved": (Share(timedelta(hours=1), 9, 6, 5), Share(None, 7, 4, 1)),
        "worst": (
            bad("Tilasin Lumopuodista viltin kolme viikkoa sitten eikä pakettia näy. Palvelu ei vastaa."),
            bad("Paketti seisoo terminaalissa jo toista viikkoa, ja seuranta näyttää yhä ”matkalla”."),
        ),
        "best": (
            good(
                "Lumopuodista tuli uusi lamppu heti seuraavana päivänä, kun ilmoitin rikkoutuneesta. Kiitos!"
            ),
            good("Ystävällinen palvelu ja nopea toimitus, tilaan toistekin."),
        ),
        "storms": (storm(),),
        "events": (event("Kuljetusyhtiön lakko alkoi"),),
        "deaf": (Deaf("koti-foorumi", timedelta(hours=3, minutes=10), False),),
        "corrections": 5,
        "survey": Survey(42, 40, 4.12, 4.4),
        "site": SiteRow(
            "lumopuoti",
            "https://lumopuoti.example",
            NOW,
            (
                Finding(
                    "The certificate of {site} ends in {days} days.",
                    "Renew it, and see why it was not renewed by itself.",
                    {"site": "https://lumopuoti.example", "days": 9},
                ),
            ),
        ),
    }
    return WeekReport(**{**values, **fields})


def empty() -> WeekReport:
    """A week in which nobody wrote and nothing happened."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("topics", "saved", "worst", "best", "storms", "events", "deaf"), ()
    )
    return usual(
        **nothing,
        this=None,
        before=None,
        days=(None,) * 7,
        answers=AnswerTimes(0, 0, 0, None),
        corrections=0,
        survey=None,
        site=None,
    )
