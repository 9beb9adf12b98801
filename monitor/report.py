"""The week of one shop on one page: what was said, what changed, how it was answered, what was not heard.

Gathers figures and posts; how they are shown is for monitor.notifiers.weekly. Counting is monitor.trends.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from monitor import aftermath, trends
from monitor.aftermath import Share
from monitor.domain import Sentiment, Topic
from monitor.store import aftermath as answered
from monitor.store import reads, storms
from monitor.store.reads import MentionFilter
from monitor.store.rows import MentionRow
from monitor.store.storms import EventRow, GapRow, StormRow
from monitor.store.tables import Label, Mention
from monitor.trends import AnswerTimes, Point

_WEEK = timedelta(days=7)
_MOST_READ = 5000
_SHOWN = 2


@dataclass(frozen=True, slots=True)
class TopicChange:
    """Unhappy posts about a topic, this week and the week before."""

    topic: Topic
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class WeekReport:
    """All that the page tells; `days` are the seven days, `before` the sum of the week before."""

    shop: str
    start: date
    is_finished: bool
    this: Point | None
    before: Point | None
    days: tuple[Point | None, ...]
    topics: tuple[TopicChange, ...]
    answers: AnswerTimes
    saved: tuple[Share, ...]
    worst: tuple[MentionRow, ...]
    best: tuple[MentionRow, ...]
    storms: tuple[StormRow, ...]
    events: tuple[EventRow, ...]
    gaps: tuple[GapRow, ...]
    corrections: int


def week_of(written: str) -> date:
    """Monday of a week such as "2026-W47". Raises ValueError with the remedy."""
    try:
        year, week = written.split("-W")
        return date.fromisocalendar(int(year), int(week), 1)
    except ValueError as error:
        raise ValueError('write a week such as "2026-W47"') from error


def name_of(start: date) -> str:
    """The week that begins on a Monday, such as "2026-W47"."""
    year, week, _ = start.isocalendar()
    return f"{year}-W{week:02d}"


def gather(session: Session, shop: str, start: date, zone: ZoneInfo, now: datetime) -> WeekReport:
    """Read everything about one week of one shop."""
    end, earlier = start + _WEEK, start - _WEEK
    points = trends.merge(trends.daily(session, (shop,), start, end, zone, now))
    by_day = {point.start: point for point in points}
    first, last = trends.midnight(start, zone), trends.midnight(end, zone)
    posts = _posts(session, shop, first, last)
    return WeekReport(
        shop=shop,
        start=start,
        is_finished=now >= last,
        this=_week(session, shop, start, zone, now),
        before=_week(session, shop, earlier, zone, now),
        days=tuple(by_day.get(start + timedelta(days=number)) for number in range(7)),
        topics=_topics(posts, _posts(session, shop, trends.midnight(earlier, zone), first)),
        answers=trends.answer_times(session, shop, first, last),
        saved=_saved(session, shop, first, last),
        worst=_loudest(posts, Sentiment.NEGATIVE),
        best=_loudest(posts, Sentiment.POSITIVE),
        storms=tuple(one for one in storms.storms_between(session, first, last) if one.shop == shop),
        events=tuple(storms.shop_events(session, [shop], first, last)),
        gaps=tuple(storms.gaps(session, first, last)),
        corrections=_corrections(session, shop, first, last),
    )


def _week(session: Session, shop: str, start: date, zone: ZoneInfo, now: datetime) -> Point | None:
    steps = trends.by_step(session, (shop,), start, start + _WEEK, zone, now, trends.Step.WEEK)
    return next(iter(trends.merge(steps)), None)


def _posts(session: Session, shop: str, since: datetime, until: datetime) -> list[MentionRow]:
    wanted = MentionFilter(shops=(shop,), since=since, until=until)
    return reads.mentions(session, wanted, _MOST_READ)


def _topics(posts: Sequence[MentionRow], before: Sequence[MentionRow]) -> tuple[TopicChange, ...]:
    now, then = _unhappy_topics(posts), _unhappy_topics(before)
    changes = [TopicChange(topic, now[topic], then[topic]) for topic in Topic if now[topic] or then[topic]]
    return tuple(sorted(changes, key=lambda change: (-change.now, -change.before)))


def _unhappy_topics(posts: Sequence[MentionRow]) -> Counter[Topic]:
    return Counter(
        topic
        for post in posts
        if post.assessment and post.assessment.label is Sentiment.NEGATIVE
        for topic in post.assessment.topics
    )


def _loudest(posts: Sequence[MentionRow], stance: Sentiment) -> tuple[MentionRow, ...]:
    """Posts of a stance that most people may see, then those the model is surest of."""
    mine = [post for post in posts if post.text and post.assessment and post.assessment.label is stance]
    mine.sort(key=lambda post: (-(post.reach or 0), -_score(post, stance)))
    return tuple(mine[:_SHOWN])


def _score(post: MentionRow, stance: Sentiment) -> float:
    assert post.assessment is not None
    found = post.assessment.negative if stance is Sentiment.NEGATIVE else post.assessment.positive
    return found or 0.0


def _saved(session: Session, shop: str, since: datetime, until: datetime) -> tuple[Share, ...]:
    rows = answered.decided_between(session, (shop,), since, until)
    return tuple(aftermath.shares((row.first_answer, row.outcome, row.saved) for row in rows))


def _corrections(session: Session, shop: str, since: datetime, until: datetime) -> int:
    """How often people corrected the model about a shop in that time."""
    query = (
        select(func.count())
        .select_from(Label)
        .join(Mention, col(Mention.id) == col(Label.mention_id))
        .where(col(Mention.shop) == shop, col(Label.at) >= since, col(Label.at) < until)
    )
    return int(session.execute(query).scalar_one())
