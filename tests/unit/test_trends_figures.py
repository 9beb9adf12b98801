"""Figures of points: what a person said, answers and their times, silent sources, hours in DST nights."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor import alerts, trends
from monitor.domain import Match, Post, Reason, Sentiment, Shop, Topic, Urgency, Verdict
from monitor.errors import MonitorError
from monitor.store import Store, aftermath, reads, storms, writes
from monitor.store.rows import AlertRow
from monitor.trends import Narrow, Point, Split, Step

ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 11, 25), date(2026, 11, 26)
URGENT = (Reason("urgent_words", Urgency.HIGH, "Says the money is gone."),)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/test.db")
    store.migrate()
    yield store
    store.close()


def add(
    store: Store,
    at: datetime = NOW,
    label: Sentiment | None = Sentiment.NEGATIVE,
    topics: tuple[Topic, ...] = (),
    model: str = "m1",
    shop: str = "lumo",
    needs_reply: bool = False,
    **more: Any,
) -> int:
    post = Post(
        **{"source": "forum", "external_id": f"{at}{more}", "text": "x", "thread_key": f"{at}{more}", **more},
        posted_at=at,
    )
    scores = {one: 0.7 if one is label else 0.15 for one in Sentiment} if label else {}
    verdict = Verdict(model, scores, label, topics, needs_reply=needs_reply)
    with store.transaction() as session:
        (found,) = writes.add_mentions(session, [(post, Match(Shop(shop, shop), ("x",), 1.0), "f")], at).new
        writes.add_assessment(session, found, verdict, True, (), at)
    return found


def opened(store: Store, mention_id: int, at: datetime, due_at: datetime = NOW) -> AlertRow:
    with store.transaction() as session:
        mention = reads.mention(session, mention_id)
        assert mention is not None
        change = alerts.open_or_extend(session, mention, URGENT, due_at, at)
    assert change is not None
    return change.alert


def answer(store: Store, alert: AlertRow, at: datetime) -> AlertRow:
    with store.transaction() as session:
        now = reads.alert(session, alert.id)
        assert now is not None
        return alerts.answer(session, alert.id, "Maija", at, now.version)


def correct(store: Store, mention_id: int, field: str, value: str, at: datetime = NOW + HOUR) -> None:
    alert = opened(store, mention_id, NOW)
    with store.transaction() as session:
        alerts.correct(session, alert.id, "Maija", at, alert.version, field, value)


def told(
    store: Store, since: date = TODAY, until: date = TOMORROW, step: Step = Step.DAY, **more: Any
) -> list[Point]:
    asked: dict[str, Any] = {"split": (), **more}
    with store.reading() as session:
        return trends.by_step(session, ["lumo"], since, until, ZONE, NOW, step, **asked)


@pytest.mark.parametrize(
    ("field", "value", "counts"),
    [
        ("sentiment", "positive", (1, 0, 0, 1)),
        ("sentiment", "neutral", (1, 0, 1, 0)),
        ("sentiment", "not_negative", (1, 0, 1, 0)),
        ("about_shop", "false", None),
        ("about_shop", "true", (1, 1, 0, 0)),
    ],
)
def test_word_of_a_person_stands_in_place_of_the_models(
    store: Store, field: str, value: str, counts: tuple[int, ...] | None
) -> None:
    correct(store, add(store), field, value)
    (point,) = told(store)
    if counts is None:
        assert (point.mentions, point.corrected) == (0, 0)
    else:
        assert (point.mentions, point.negative, point.neutral, point.positive) == counts
        assert point.corrected == 1


def test_last_word_of_a_person_counts(store: Store) -> None:
    mention_id = add(store)
    alert = opened(store, mention_id, NOW)
    with store.transaction() as session:
        for value in ("positive", "neutral"):
            alert = alerts.correct(session, alert.id, "Maija", NOW, alert.version, "sentiment", value)
    (point,) = told(store)
    assert (point.neutral, point.positive, point.mean_score) == (1, 0, 0.0)


def test_word_about_a_text_that_was_edited_since_counts_no_more(store: Store) -> None:
    correct(store, add(store, external_id="p", thread_key="p"), "sentiment", "positive")
    edited = Post(source="forum", external_id="p", text="y", thread_key="p", posted_at=NOW)
    with store.transaction() as session:
        later = NOW + 2 * HOUR
        found = [(edited, Match(Shop("lumo", "lumo"), ("x",), 1.0), "f")]
        (mention_id,) = writes.add_mentions(session, found, later).edited
        verdict = Verdict("m1", dict.fromkeys(Sentiment, 1 / 3), Sentiment.NEGATIVE)
        writes.add_assessment(session, mention_id, verdict, True, (), later)
    (point,) = told(store)
    assert (point.negative, point.positive, point.corrected) == (1, 0, 0)


def test_topics_of_a_person_stand_in_place_of_the_models(store: Store) -> None:
    correct(store, add(store, topics=(Topic.PRICE,)), "topics", "delivery,trust")
    found = told(store, split=(Split.TOPIC,))
    assert [(point.topic, point.mentions) for point in found if point.mentions] == [
        ("delivery", 1),
        ("trust", 1),
    ]
    assert told(store, narrow=Narrow(topic=Topic.TRUST))[0].mentions == 1
    assert [point.mentions for point in told(store, narrow=Narrow(topic=Topic.PRICE))] in ([], [0])


def test_point_tells_reach_needs_reply_and_mean_score(store: Store) -> None:
    add(store, reach=40, needs_reply=True)
    add(store, label=Sentiment.POSITIVE, external_id="b")
    (point,) = told(store)
    assert (point.reach, point.needs_reply) == (40, 1)
    assert point.mean_score == pytest.approx(0.0)
    add(store, external_id="c")
    assert told(store)[0].mean_score == pytest.approx(-0.55 / 3)


def test_reach_that_nobody_knows_is_not_zero(store: Store) -> None:
    add(store)
    assert told(store)[0].reach is None
    add(store, external_id="b", reach=0)
    assert told(store)[0].reach == 0


def test_languages_and_topics_are_told_apart(store: Store) -> None:
    add(store, lang="fi", topics=(Topic.PRICE, Topic.TRUST))
    add(store, external_id="b", lang=None)
    languages = {point.language: point.mentions for point in told(store, split=(Split.LANGUAGE,))}
    topics = {point.topic: point.mentions for point in told(store, split=(Split.TOPIC,))}
    assert languages == {"fi": 1, "und": 1}
    assert topics == {"price": 1, "trust": 1, "none": 1}
    assert told(store, narrow=Narrow(languages=("und",)))[0].mentions == 1


def test_models_that_judged_are_named(store: Store) -> None:
    add(store)
    add(store, external_id="b", model="m2")
    assert told(store)[0].models == ("m1", "m2")


def test_first_answer_is_timed_from_the_post(store: Store) -> None:
    for number, hours in enumerate((1, 2, 9)):
        at = NOW - timedelta(hours=10)
        alert = opened(store, add(store, at, external_id=str(number), thread_key=str(number)), at + HOUR / 2)
        answer(store, alert, at + hours * HOUR)
    (point,) = told(store)
    assert (point.alerts, point.answered, point.within_deadline) == (3, 3, 3)
    assert point.median == 2 * 3600
    assert point.p90 == pytest.approx((2 + 0.8 * 7) * 3600)


def test_answer_after_the_deadline_is_not_within_it(store: Store) -> None:
    at = NOW - timedelta(hours=10)
    alert = opened(store, add(store, at), at, due_at=at + HOUR)
    answer(store, alert, at + 2 * HOUR)
    (point,) = told(store)
    assert (point.answered, point.within_deadline) == (1, 0)


def test_answer_that_was_taken_back_counts_for_nothing(store: Store) -> None:
    at = NOW - timedelta(hours=10)
    done = answer(store, opened(store, add(store, at), at), at + HOUR)
    with store.transaction() as session:
        alerts.reopen(session, done.id, "Maija", at + HOUR, done.version)
    (point,) = told(store)
    assert (point.alerts, point.answered, point.within_deadline, point.median) == (1, 0, 0, None)
    answer(store, done, at + 3 * HOUR)
    assert told(store)[0].waits == (3 * 3600,)


def test_first_answer_stays_the_first_when_the_writer_comes_back(store: Store) -> None:
    at = NOW - timedelta(hours=10)
    done = answer(store, opened(store, add(store, at, thread_key="t"), at), at + HOUR)
    again = opened(store, add(store, at + 2 * HOUR, thread_key="t", external_id="b"), at + 2 * HOUR)
    assert again.id == done.id
    (point,) = told(store)
    assert (point.alerts, point.waits, point.within_deadline) == (1, (3600,), 0)
    answer(store, again, at + 5 * HOUR)
    (point,) = told(store)
    assert (point.alerts, point.waits, point.within_deadline) == (1, (3600,), 1)


def test_saved_customers_are_counted_of_those_where_it_shows(store: Store) -> None:
    at = NOW - timedelta(hours=10)
    for number, saved in enumerate((True, False, None)):
        alert = opened(store, add(store, at, external_id=str(number), thread_key=str(number)), at)
        done = answer(store, alert, at + HOUR)
        with store.transaction() as session:
            aftermath.follow(session, done, "h", timedelta(days=14))
            if saved is not None:
                aftermath.decide(session, done.id, "calmed", saved, None, NOW)
    (point,) = told(store)
    assert (point.answered, point.decided, point.saved) == (3, 2, 1)


def test_alerts_are_told_apart_like_the_posts_that_opened_them(store: Store) -> None:
    opened(store, add(store, lang="sv", topics=(Topic.PRICE,)), NOW)
    add(store, external_id="b", lang="fi", topics=(Topic.TRUST,))
    assert {one.language: one.alerts for one in told(store, split=(Split.LANGUAGE,))} == {"sv": 1, "fi": 0}
    assert {one.topic: one.alerts for one in told(store, split=(Split.TOPIC,))} == {"price": 1, "trust": 0}
    assert told(store, narrow=Narrow(languages=("fi",)))[0].alerts == 0
    assert told(store, narrow=Narrow(topic=Topic.PRICE))[0].alerts == 1


def test_silence_of_sources_is_told_by_period(store: Store) -> None:
    add(store)
    with store.transaction() as session:
        storms.open_gap(session, "blog", datetime(2026, 11, 23, 10, tzinfo=UTC), "deaf")
        storms.close_gap(session, "blog", datetime(2026, 11, 24, 10, tzinfo=UTC))
        storms.open_gap(session, "forum", NOW - HOUR, "deaf")
    found = {point.start.day: point for point in told(store, date(2026, 11, 22), TOMORROW, fill=True)}
    assert {day: point.deaf_seconds / 3600 for day, point in found.items()} == {22: 0, 23: 12, 24: 12, 25: 1}
    assert [one.source for one in found[25].deaf] == ["forum"]


def test_source_that_was_deaf_is_a_point_even_when_it_brought_nothing(store: Store) -> None:
    with store.transaction() as session:
        storms.open_gap(session, "blog", NOW - HOUR, "deaf")
    (point,) = told(store, split=(Split.SOURCE,))
    assert (point.source, point.mentions, point.deaf_seconds) == ("blog", 0, 3600)


def test_month_of_gaps_leaves_every_day_marked(store: Store) -> None:
    with store.transaction() as session:
        storms.open_gap(session, "forum", NOW - timedelta(days=60), "deaf")
    found = told(store, date(2026, 10, 26), TOMORROW, fill=True)
    assert len(found) == 31
    assert {point.deaf_seconds for point in found} == {86_400, 14 * 3600}


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)]
)
def test_day_has_as_many_hours_as_its_clock(store: Store, day: date, hours: int) -> None:
    found = told(store, day, day + timedelta(days=1), Step.HOUR, fill=True)
    assert len({point.start.isoformat() for point in found}) == len(found) == hours


def test_doubled_hour_is_two_periods(store: Store) -> None:
    add(store, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    add(store, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    found = told(store, date(2026, 10, 25), date(2026, 10, 26), Step.HOUR)
    starts = [point.start.isoformat() for point in found]
    assert starts == ["2026-10-25T03:00:00+03:00", "2026-10-25T03:00:00+02:00"]
    assert [point.mentions for point in found] == [1, 1]


def test_running_hour_is_unfinished(store: Store) -> None:
    add(store, NOW)
    add(store, NOW - HOUR)
    assert [one.is_finished for one in told(store, step=Step.HOUR)] == [True, False]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham"])
def test_hours_and_days_of_odd_zones_lose_nothing(store: Store, zone: str) -> None:
    odd = ZoneInfo(zone)
    for number in range(0, 3 * 1440, 15):
        add(store, datetime(2026, 4, 4, tzinfo=UTC) + timedelta(minutes=number), external_id=str(number))
    with store.reading() as session:
        asked = (session, ["lumo"], date(2026, 4, 3), date(2026, 4, 8), odd, NOW)
        by_hour = trends.by_step(*asked, Step.HOUR, split=(), fill=True)
        by_day = {one.start: one.mentions for one in trends.by_step(*asked, Step.DAY, split=())}
    assert sum(one.mentions for one in by_hour) == sum(by_day.values()) == 288
    assert max(one.mentions for one in by_hour) == 4
    for day, number in by_day.items():
        assert number == sum(
            one.mentions for one in by_hour if date.fromisoformat(str(one.start)[:10]) == day
        )


def test_totals_take_the_days_as_one_period(store: Store) -> None:
    add(store, NOW - timedelta(days=40))
    add(store, NOW - timedelta(days=1), source="blog")
    with store.reading() as session:
        asked = (session, ["lumo"], date(2026, 10, 1), TOMORROW, ZONE, NOW)
        (whole,) = trends.totals(*asked)
        apart = trends.totals(*asked, split=(Split.SOURCE,))
    assert (whole.start, whole.mentions, whole.is_finished) == (date(2026, 10, 1), 2, False)
    assert [(one.source, one.mentions) for one in apart] == [("blog", 1), ("forum", 1)]


def test_merged_points_are_those_that_were_never_apart(store: Store) -> None:
    at = NOW - timedelta(hours=10)
    for number, source in enumerate(("forum", "blog", "forum")):
        key = {"external_id": str(number), "thread_key": str(number)}
        answer(
            store, opened(store, add(store, at, source=source, reach=number, **key), at), at + number * HOUR
        )
    with store.transaction() as session:
        storms.open_gap(session, "blog", NOW - HOUR, "deaf")
    assert trends.merge(told(store, split=(Split.SOURCE,))) == told(store)


def test_empty_shop_has_no_points_unless_they_are_filled(store: Store) -> None:
    assert told(store) == []
    (point,) = told(store, fill=True)
    assert (point.mentions, point.share_negative, point.reach, point.mean_score) == (0, None, None, None)


@pytest.mark.parametrize(
    ("since", "until", "step", "said"),
    [
        (TOMORROW, TODAY, Step.DAY, "lies after the last one"),
        (date(2016, 1, 1), TODAY, Step.HOUR, "at most 31 days"),
        (date(1, 1, 1), TODAY, Step.MONTH, "1970 to 2199"),
        (TODAY, date.max, Step.DAY, "1970 to 2199"),
    ],
)
def test_days_that_cannot_be_told_are_refused_with_the_remedy(
    store: Store, since: date, until: date, step: Step, said: str
) -> None:
    with pytest.raises(MonitorError, match=said):
        told(store, since, until, step)


def test_hours_that_are_still_to_come_are_not_told(store: Store) -> None:
    found = told(store, step=Step.HOUR, fill=True)
    assert [found[0].start.isoformat(), found[-1].start.isoformat()] == [
        "2026-11-25T00:00:00+02:00",
        "2026-11-25T14:00:00+02:00",
    ]


@pytest.mark.parametrize("step", Step)
def test_no_days_are_no_points(store: Store, step: Step) -> None:
    add(store)
    add(store, NOW - 24 * HOUR)
    assert told(store, TODAY, TODAY, step, fill=True) == []


@pytest.mark.parametrize("step", [Step.WEEK, Step.MONTH])
def test_period_is_told_whole_though_the_days_asked_for_begin_and_end_within_it(
    store: Store, step: Step
) -> None:
    """October and the week of the 12th are over: figures of a part of them would pass for the whole."""
    for day in (12, 15, 18):
        at = datetime(2026, 10, day, 9, tzinfo=UTC)
        opened(store, add(store, at), at)
    (point,) = told(store, date(2026, 10, 14), date(2026, 10, 16), step)
    assert (point.is_finished, point.mentions, point.alerts) == (True, 3, 3)


@pytest.mark.parametrize(
    ("waits", "median", "p90"), [((), None, None), ((5.0,), 5.0, 5.0), ((0.0, 10.0), 5.0, 9.0)]
)
def test_quantiles_lie_between_the_nearest_values(
    waits: tuple[float, ...], median: float | None, p90: float | None
) -> None:
    assert (trends.quantile(waits, 0.5), trends.quantile(waits, 0.9)) == (median, p90)


def test_places_are_the_totals_by_source_and_by_language(store: Store) -> None:
    add(store, source="forum", lang="fi")
    add(store, source="forum", lang="sv", label=Sentiment.POSITIVE, at=NOW - HOUR)
    add(store, source="blog", lang="fi", label=None, shop="rival")
    with store.transaction() as session:
        storms.open_gap(session, "shy", NOW - HOUR, "deaf")
    span = (TODAY - timedelta(days=3), TOMORROW, ZONE, NOW)
    for narrow in (Narrow(), Narrow(sources=("forum",)), Narrow(languages=("fi",))):
        with store.reading() as session:
            found = trends.places(session, (), *span, narrow)
            for split, points in found.items():
                assert points == trends.totals(
                    session, (), *span, narrow=narrow, split=(split,), with_answers=False
                )
    assert {point.source for point in found[Split.SOURCE]} >= {"forum", "blog"}
    assert [point.language for point in found[Split.LANGUAGE]] == ["fi", "fi"]
