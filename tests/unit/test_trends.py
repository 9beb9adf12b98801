"""Figures: days in the shop's zone, unfinished periods, Wilson intervals."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor import trends
from monitor.domain import Match, Post, Sentiment, Shop, Verdict
from monitor.store import Store, writes

ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SHOP = Shop(slug="lumo", name="Lumo")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/test.db")
    store.migrate()
    yield store
    store.close()


def add(
    store: Store, posted_at: datetime, label: Sentiment | None, source: str = "forum", is_about: bool = True
) -> None:
    post = Post(
        source=source, external_id=posted_at.isoformat(), text="x", thread_key="t", posted_at=posted_at
    )
    with store.transaction() as session:
        (mention_id,) = writes.add_mentions(session, [(post, Match(SHOP, ("x",), 1.0), "f")], NOW).new
        scores = {label: 1.0} if label else {}
        verdict = Verdict("m", scores, label, not_scored=None if label else "language")
        writes.add_assessment(session, mention_id, verdict, is_about, (), NOW)


def points(store: Store, since: date, until: date, step: trends.Step = trends.Step.DAY) -> list[trends.Point]:
    with store.reading() as session:
        return trends.by_step(session, ["lumo"], since, until, ZONE, NOW, step)


def test_day_begins_at_midnight_of_the_shop_not_of_utc(store: Store) -> None:
    add(store, datetime(2026, 11, 23, 22, 30, tzinfo=UTC), Sentiment.NEGATIVE)
    (point,) = points(store, date(2026, 11, 24), date(2026, 11, 25))
    assert point.start == date(2026, 11, 24)


def test_days_around_the_change_of_summer_time_lose_nothing(store: Store) -> None:
    for hour in range(25):
        add(store, datetime(2026, 10, 24, 21, tzinfo=UTC) + timedelta(hours=hour), Sentiment.NEUTRAL)
    (point,) = points(store, date(2026, 10, 25), date(2026, 10, 26))
    assert point.mentions == 25


def test_today_is_marked_unfinished(store: Store) -> None:
    add(store, NOW, Sentiment.NEGATIVE)
    add(store, NOW - timedelta(days=1), Sentiment.NEGATIVE)
    found = points(store, date(2026, 11, 24), date(2026, 11, 26))
    assert [point.is_finished for point in found] == [True, False]


def test_unscored_and_homonyms_do_not_count_as_opinions(store: Store) -> None:
    add(store, NOW, None)
    add(store, NOW - timedelta(minutes=1), Sentiment.NEGATIVE)
    add(store, NOW - timedelta(minutes=2), Sentiment.NEGATIVE, is_about=False)
    (point,) = points(store, date(2026, 11, 25), date(2026, 11, 26))
    assert (point.mentions, point.scored, point.unscored, point.share_negative) == (2, 1, 1, 1.0)


def test_share_is_unknown_and_not_zero_when_nothing_was_scored(store: Store) -> None:
    add(store, NOW, None)
    (point,) = points(store, date(2026, 11, 25), date(2026, 11, 26))
    assert (point.share_negative, point.low, point.high) == (None, None, None)


def test_merge_adds_sources_together(store: Store) -> None:
    add(store, NOW, Sentiment.NEGATIVE, "forum")
    add(store, NOW - timedelta(minutes=1), Sentiment.POSITIVE, "blog")
    (merged,) = trends.merge(points(store, date(2026, 11, 25), date(2026, 11, 26)))
    assert (merged.mentions, merged.negative, merged.positive, merged.source) == (2, 1, 1, "")


@pytest.mark.parametrize(
    ("step", "start"), [(trends.Step.WEEK, date(2026, 11, 23)), (trends.Step.MONTH, date(2026, 11, 1))]
)
def test_longer_steps_begin_where_a_reader_expects(store: Store, step: trends.Step, start: date) -> None:
    add(store, NOW, Sentiment.NEGATIVE)
    (point,) = points(store, date(2026, 11, 25), date(2026, 11, 26), step)
    assert point.start == start
    assert not point.is_finished


def test_next_month_follows_december() -> None:
    assert trends.next_start(date(2026, 12, 1), trends.Step.MONTH) == date(2027, 1, 1)


def test_wilson_gives_the_textbook_interval() -> None:
    low, high = trends.wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert trends.wilson(0, 5)[0] == 0.0
    assert trends.wilson(5, 5)[1] == 1.0
