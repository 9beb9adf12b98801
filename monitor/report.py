"""The week of one shop on one page: what was said, what changed, how it was answered, what was not heard.

Gathers figures and posts; how they are shown is for monitor.notifiers.weekly. Counting is monitor.trends.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from monitor import aftermath, trends
from monitor.aftermath import Share
from monitor.domain import Sentiment, Topic
from monitor.store import aftermath as answered
from monitor.store import reads, sites, storms
from monitor.store.reads import MentionFilter
from monitor.store.rows import MentionRow
from monitor.store.sites import SiteRow
from monitor.store.storms import EventRow, StormRow
from monitor.store.tables import Label, Mention
from monitor.trends import AnswerTimes, Point, Split

_WEEK = timedelta(days=7)
_FIRST_YEAR, _LAST_YEAR = 1971, 2199
_MOST_READ = 5000
_SHOWN = 2
_SURE = 1.96  # standard errors: 95 in 100 differences by chance are smaller


@dataclass(frozen=True, slots=True)
class TopicChange:
    """Unhappy posts about a topic, this week and the week before."""

    topic: Topic
    now: int
    before: int

    @property
    def has_risen(self) -> bool:
        """Whether it rose by more than the usual up and down of such counts."""
        return self.now - self.before > _SURE * math.sqrt(self.now + self.before)


@dataclass(frozen=True, slots=True)
class Deaf:
    """For how long a source was not heard in the week, and whether it still is not."""

    source: str
    length: timedelta
    lasts: bool


@dataclass(frozen=True, slots=True)
class Survey:
    """Answers to the shop's own surveys: how many, of how many with a score the mean in stars, and before."""

    answers: int
    scored: int
    mean: float | None
    mean_before: float | None


@dataclass(frozen=True, slots=True)
class WeekReport:
    """All that the page tells; `days` are the seven days, `before` the sum of the week before.

    Public posts and answers to surveys are counted apart; `corrections` were made by people in that week,
    at posts of any age. Of the week before an `is_first` nothing is known: nobody listened yet.
    """

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
    deaf: tuple[Deaf, ...]
    corrections: int
    survey: Survey | None = None
    site: SiteRow | None = None
    is_first: bool = False

    @property
    def change(self) -> int | None:
        """1 when the unhappy share rose by more than chance, -1 when it fell so, 0 when neither is sure.

        None where one of the weeks has nothing to compare. Two-proportion z-test.
        """
        if not (self.this and self.before and self.this.scored and self.before.scored):
            return None
        n, m = self.this.scored, self.before.scored
        pooled = (self.this.negative + self.before.negative) / (n + m)
        error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        gap = self.this.negative / n - self.before.negative / m
        return 0 if error == 0 or abs(gap) <= _SURE * error else int(math.copysign(1, gap))


def week_of(written: str) -> date:
    """Monday of a week such as "2026-W47". Raises ValueError with the remedy."""
    try:
        year, week = (int(part) for part in written.split("-W"))
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise ValueError(f"{year} is no year of posts")
        return date.fromisocalendar(year, week, 1)
    except ValueError as error:
        raise ValueError('write a week such as "2026-W47"') from error


def name_of(start: date) -> str:
    """The week that begins on a Monday, such as "2026-W47"."""
    year, week, _ = start.isocalendar()
    return f"{year}-W{week:02d}"


def gather(
    session: Session,
    shop: str,
    start: date,
    zone: ZoneInfo,
    now: datetime,
    surveys: Collection[str] = (),
    site: str | None = None,
) -> WeekReport:
    """Read everything about one week of one shop; `surveys` are the sources that are no public posts.

    `site` is the shop's own, of which the last look of that week is told.
    """
    end, earlier = start + _WEEK, start - _WEEK
    found = trends.daily(session, (shop,), start, end, zone, now)
    by_day = {point.start: point for point in trends.merge(_public(found, surveys))}
    first, last = trends.midnight(start, zone), trends.midnight(end, zone)
    posts = _posts(session, shop, first, last)
    this, before = (_total(session, shop, monday, zone, now, surveys) for monday in (start, earlier))
    return WeekReport(
        shop=shop,
        start=start,
        is_finished=now >= last,
        this=this,
        before=before,
        days=tuple(by_day.get(start + timedelta(days=number)) for number in range(7)),
        topics=_topics(session, shop, start, zone, now, surveys),
        answers=trends.answer_times(session, shop, first, last),
        saved=_saved(session, shop, first, last),
        worst=_loudest(posts, Sentiment.NEGATIVE),
        best=_loudest(posts, Sentiment.POSITIVE),
        storms=tuple(one for one in storms.storms_between(session, first, last) if one.shop == shop),
        events=tuple(storms.shop_events(session, [shop], first - timedelta(days=1), last)),
        deaf=_deaf(session, first, last, now),
        corrections=_corrections(session, shop, first, last),
        survey=_survey(session, shop, first, last, surveys),
        site=_site(session, shop, site, last),
        is_first=before is None and not _listened(session, trends.midnight(earlier, zone)),
    )


def _listened(session: Session, since: datetime) -> bool:
    """Whether any source was listened to by then."""
    heard_since = storms.heard_since(session)
    return heard_since is not None and heard_since <= since


def _public(points: Iterable[Point], surveys: Collection[str]) -> list[Point]:
    return [point for point in points if point.source not in surveys]


def _total(
    session: Session, shop: str, start: date, zone: ZoneInfo, now: datetime, surveys: Collection[str]
) -> Point | None:
    """The sum of a week's public posts; None when nobody wrote and every source was heard."""
    found = trends.totals(session, (shop,), start, start + _WEEK, zone, now, split=(Split.SOURCE,))
    public = _public(found, surveys)
    return trends.total(public) if public else None


def _posts(session: Session, shop: str, since: datetime, until: datetime) -> list[MentionRow]:
    wanted = MentionFilter(shops=(shop,), since=since, until=until)
    return reads.mentions(session, wanted, _MOST_READ)


def _topics(
    session: Session, shop: str, start: date, zone: ZoneInfo, now: datetime, surveys: Collection[str]
) -> tuple[TopicChange, ...]:
    """Topics of unhappy posts, the most frequent first."""
    this, before = (_unhappy(session, shop, monday, zone, now, surveys) for monday in (start, start - _WEEK))
    changes = [TopicChange(topic, this.get(topic, 0), before.get(topic, 0)) for topic in Topic]
    told = (change for change in changes if change.now or change.before)
    return tuple(sorted(told, key=lambda change: (-change.now, -change.before)))


def _unhappy(
    session: Session, shop: str, start: date, zone: ZoneInfo, now: datetime, surveys: Collection[str]
) -> dict[str, int]:
    split = (Split.SOURCE, Split.TOPIC)
    found = trends.totals(session, (shop,), start, start + _WEEK, zone, now, split=split)
    counts: dict[str, int] = {}
    for point in _public(found, surveys):
        counts[point.topic] = counts.get(point.topic, 0) + point.negative
    return counts


def _loudest(posts: Sequence[MentionRow], stance: Sentiment) -> tuple[MentionRow, ...]:
    """Posts of a stance that most people may see, then those the model is surest of; one of a thread."""
    mine = [post for post in posts if post.text and post.assessment and post.assessment.label is stance]
    mine.sort(key=lambda post: (-(post.reach or 0), -_score(post, stance)))
    by_thread = {(post.source, post.thread_key): post for post in reversed(mine)}
    return tuple(post for post in mine if by_thread[post.source, post.thread_key] is post)[:_SHOWN]


def _score(post: MentionRow, stance: Sentiment) -> float:
    assert post.assessment is not None
    found = post.assessment.negative if stance is Sentiment.NEGATIVE else post.assessment.positive
    return found or 0.0


def _saved(session: Session, shop: str, since: datetime, until: datetime) -> tuple[Share, ...]:
    rows = answered.decided_between(session, (shop,), since, until)
    return tuple(aftermath.shares((row.first_answer, row.outcome, row.saved) for row in rows))


def _deaf(session: Session, since: datetime, until: datetime, now: datetime) -> tuple[Deaf, ...]:
    """How long each source was not heard between the two, the longest first; overlapping gaps count once."""
    heard_until: dict[str, datetime] = {}
    length: dict[str, timedelta] = {}
    lasting = set()
    for gap in storms.gaps(session, since, until):
        begun = max(gap.began_at, heard_until.get(gap.source, since))
        ended = min(gap.ended_at or now, until)
        if gap.ended_at is None:
            lasting.add(gap.source)
        heard_until[gap.source] = max(ended, begun)
        length[gap.source] = length.get(gap.source, timedelta()) + max(ended - begun, timedelta())
    told = [Deaf(source, for_long, source in lasting) for source, for_long in length.items()]
    return tuple(sorted(told, key=lambda one: -one.length))


def _survey(
    session: Session, shop: str, since: datetime, until: datetime, surveys: Collection[str]
) -> Survey | None:
    """What customers said in the shop's own surveys; None without such a source."""
    if not surveys:
        return None
    answers, scored, mean = _scores(session, shop, since, until, surveys)
    _, _, before = _scores(session, shop, since - _WEEK, since, surveys)
    return Survey(answers, scored, mean, before)


def _scores(
    session: Session, shop: str, since: datetime, until: datetime, surveys: Collection[str]
) -> tuple[int, int, float | None]:
    spoken_at = reads.spoken_at()
    query = select(func.count(), func.count(col(Mention.rating)), func.avg(col(Mention.rating))).where(
        col(Mention.shop) == shop,
        col(Mention.source).in_(surveys),
        spoken_at >= since,
        spoken_at < until,
    )
    answers, scored, mean = session.execute(query).one()
    return int(answers), int(scored), None if mean is None else float(mean)


def _site(session: Session, shop: str, site: str | None, until: datetime) -> SiteRow | None:
    """The last look at the site; None where that was another one, or the shop has none any more."""
    seen = sites.last_check(session, shop, until) if site is not None else None
    return seen if seen is not None and seen.site == site else None


def _corrections(session: Session, shop: str, since: datetime, until: datetime) -> int:
    """How often people corrected the model about a shop in that time."""
    query = (
        select(func.count())
        .select_from(Label)
        .join(Mention, col(Mention.id) == col(Label.mention_id))
        .where(col(Mention.shop) == shop, col(Label.at) >= since, col(Label.at) < until)
    )
    return int(session.execute(query).scalar_one())
