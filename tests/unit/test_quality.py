"""Posts drawn from a week are judged once each, and the marks are counted as people would count them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from monitor import quality, trends
from monitor.domain import Match, Post, Sentiment, Shop, Verdict
from monitor.quality import Answer, Judged
from monitor.store import Store, erasing, samples, searches, writes
from monitor.store.tables import Label, SavedSearch

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NOW = MONDAY + timedelta(days=9)
SHOP = Shop(slug="lumo", name="Lumo")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/test.db")
    store.migrate()
    yield store
    store.close()


def fill(store: Store, number: int, *, scored: bool = True, is_about: bool = True) -> None:
    with store.transaction() as session:
        for one in range(number):
            post = Post(
                source="forum", external_id=str(one), text=f"Lumo {one}", thread_key="t", author="x",
                posted_at=MONDAY + timedelta(hours=one), lang="fi",
            )  # fmt: skip
            stored = writes.add_mentions(session, [(post, Match(SHOP, ("Lumo",), 1.0), "")], NOW)
            scores = {Sentiment.NEGATIVE: 0.9, Sentiment.NEUTRAL: 0.05, Sentiment.POSITIVE: 0.05}
            verdict = Verdict("m1", scores if scored else {}, Sentiment.NEGATIVE if scored else None)
            writes.add_assessment(session, stored.new[0], verdict, is_about, (), NOW)


def draw(store: Store, number: int = 20) -> list[samples.SampleRow]:
    with store.transaction() as session:
        samples.draw(session, "2026-W47", MONDAY, MONDAY + timedelta(days=7), number)
    with store.reading() as session:
        return samples.drawn(session, "2026-W47")


def test_a_week_is_drawn_once_and_only_from_what_was_scored_in_it(store: Store) -> None:
    fill(store, 200)
    first = draw(store)
    assert len(first) == 20
    assert all(MONDAY <= row.mention.spoken_at < MONDAY + timedelta(days=7) for row in first)
    assert [row.id for row in draw(store)] == [row.id for row in first]
    assert {row.answer for row in first} == {None}


def test_nothing_is_drawn_of_what_was_not_scored(store: Store) -> None:
    fill(store, 3, scored=False)
    assert draw(store) == []


def test_an_answer_stands_and_is_a_label(store: Store) -> None:
    fill(store, 3)
    one, other, third = draw(store)
    with store.transaction() as session:
        assert samples.answer(session, one.id, Answer.NEUTRAL, "Maija", NOW)
        assert not samples.answer(session, one.id, Answer.NEGATIVE, "Otto", NOW)
        assert samples.answer(session, other.id, Answer.NOT_ABOUT, "Otto", NOW)
        assert samples.answer(session, third.id, Answer.UNCLEAR, "Otto", NOW)
        assert not samples.answer(session, 999, Answer.NEGATIVE, "Otto", NOW)
    with store.reading() as session:
        labels = [(row.field, row.value, row.who) for row in session.execute(select(Label)).scalars()]
        judged = samples.judged(session, ["2026-W47"])
    assert labels == [("sentiment", "neutral", "Maija"), ("about_shop", "false", "Otto")]
    assert sorted(one.answer for one in judged) == ["neutral", "not_about", "unclear"]


def test_post_that_the_model_held_to_be_about_another_shop_is_judged_as_that(store: Store) -> None:
    """Its stance was never used, so it is no part of what the model said."""
    fill(store, 2, is_about=False)
    one, other = draw(store)
    assert [row.said for row in (one, other)] == [Answer.NOT_ABOUT] * 2
    with store.transaction() as session:
        assert samples.answer(session, one.id, Answer.NOT_ABOUT, "Maija", NOW)
        assert samples.answer(session, other.id, Answer.NEGATIVE, "Maija", NOW)
    with store.reading() as session:
        everything = quality.marks(samples.judged(session))[0]
        (point,) = trends.daily(
            session, ["lumo"], MONDAY.date(), MONDAY.date() + timedelta(days=1), ZoneInfo("UTC"), NOW
        )
    assert (everything.agreement, everything.precision, everything.recall) == (
        quality.Share(1, 2), quality.Share(0, 0), quality.Share(0, 1),
    )  # fmt: skip
    assert (point.mentions, point.negative) == (1, 1)


def test_what_was_erased_meanwhile_is_not_shown(store: Store) -> None:
    fill(store, 3)
    gone = draw(store)[0]
    with store.transaction() as session:
        erasing.erase_gone(session, "forum", [gone.mention.external_id], NOW)
    assert gone.id not in {row.id for row in draw(store)}


def test_marks_are_counted_by_hand() -> None:
    negative, neutral = Answer.NEGATIVE, Answer.NEUTRAL
    judged = [
        Judged("fi", negative, Answer.NEGATIVE),
        Judged("fi", negative, Answer.NOT_ABOUT),
        Judged("fi", neutral, Answer.NEGATIVE),
        Judged("fi", neutral, Answer.NEUTRAL),
        Judged("sv", neutral, Answer.POSITIVE),
        Judged("sv", negative, Answer.UNCLEAR),
    ]
    everything, finnish, swedish = quality.marks(judged)
    assert (everything.lang, everything.n, everything.agreement.value) == ("", 5, 0.4)
    assert (finnish.lang, finnish.precision.value, finnish.recall.value) == ("fi", 0.5, 0.5)
    assert (finnish.precision.n, finnish.recall.n) == (2, 2)
    assert (swedish.n, swedish.precision.value, swedish.recall.value) == (1, None, None)


def test_nothing_judged_gives_no_marks() -> None:
    assert quality.marks([Judged("fi", Answer.NEUTRAL, Answer.UNCLEAR)]) == []


@pytest.mark.parametrize(
    ("today", "week", "first"),
    [
        (date(2026, 11, 25), "2026-W47", date(2026, 11, 16)),
        (date(2026, 11, 23), "2026-W47", date(2026, 11, 16)),
        (date(2026, 11, 22), "2026-W46", date(2026, 11, 9)),
        (date(2027, 1, 4), "2026-W53", date(2026, 12, 28)),
    ],
)
def test_the_last_whole_week_ends_before_this_one(today: date, week: str, first: date) -> None:
    assert quality.last_whole_week(today) == (week, first, first + timedelta(days=7))


def test_a_saved_search_is_replaced_under_its_name_and_forgotten(store: Store) -> None:
    with store.transaction() as session:
        searches.save(session, "Huijaukset", "q=huijaus", "Maija", NOW)
        searches.save(session, "Huijaukset", "q=huijari", "Otto", NOW)
        searches.save(session, "Peitot", "q=peitto", "Otto", NOW)
    with store.transaction() as session:
        first, second = searches.all_searches(session)
        assert (first.name, first.query, first.who) == ("Huijaukset", "q=huijari", "Otto")
        searches.forget(session, second.id)
    with store.reading() as session:
        assert [row.name for row in searches.all_searches(session)] == ["Huijaukset"]


def test_a_saved_search_may_be_as_long_as_filters_get() -> None:
    """SQLite keeps what it is given, PostgreSQL refuses what is longer than its column."""
    length = SavedSearch.__table__.c.query.type.length  # type: ignore[attr-defined]
    words = [("q", "😡" * 200), ("author", "😡" * 200)]
    longest = urlencode([*words, *(("source", f"forum-{number}") for number in range(99))])
    assert length is None or len(longest) <= length
