"""When a rise of unhappy posts is more than the usual up and down."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from monitor.storms import History, Voice, cause, goes_on, rise, tail, usual

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 8, 26, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(weeks=30)
HOUR = timedelta(hours=1)


def history(times: Sequence[datetime], **over: object) -> History:
    return History(**{"times": times, "deaf": (), "heard_since": LONG_AGO, "zone": HELSINKI, **over})  # type: ignore[arg-type]


def burst(n: int, end: datetime = NOW, within: timedelta = HOUR) -> list[datetime]:
    return [end - within * (number + 0.5) / n for number in range(n)]


def weekly(n: int) -> list[datetime]:
    """So many posts in this very hour of each of the last eight weeks."""
    return [at for week in range(1, 9) for at in burst(n, NOW - timedelta(weeks=week))]


@given(st.integers(1, 60), st.floats(0.05, 40))
def test_tail_is_that_of_poisson(count: int, expected: float) -> None:
    assert tail(count, expected) == pytest.approx(poisson.sf(count - 1, expected), abs=1e-9)


def test_burst_out_of_silence_is_a_rise() -> None:
    found = rise(history(burst(6)), NOW, at_least=5)
    assert found is not None
    assert (found.count, found.window, found.began_at) == (6, HOUR, min(burst(6)))


def test_fewer_than_asked_for_are_no_rise() -> None:
    assert rise(history(burst(4)), NOW, at_least=5) is None


def test_hour_that_is_busy_every_week_is_no_rise() -> None:
    assert rise(history([*weekly(6), *burst(7)]), NOW, at_least=5) is None
    assert rise(history([*weekly(6), *burst(30)]), NOW, at_least=5) is not None


def test_same_posts_at_another_hour_of_the_week_do_not_excuse() -> None:
    elsewhere = [at - timedelta(hours=9) for at in weekly(6)]
    assert rise(history([*elsewhere, *burst(8)]), NOW, at_least=5) is not None


def test_one_storm_in_the_past_does_not_hide_the_next() -> None:
    past = burst(40, NOW - timedelta(weeks=3))
    assert rise(history([*past, *burst(8)]), NOW, at_least=5) is not None


def test_weeks_in_which_nobody_listened_do_not_count() -> None:
    times = [at for week in range(5, 9) for at in burst(6, NOW - timedelta(weeks=week))]
    deaf = [
        (NOW - timedelta(weeks=week, hours=2), NOW - timedelta(weeks=week - 1, hours=3))
        for week in range(1, 5)
    ]
    assert usual(history(times), NOW, HOUR) < usual(history(times, deaf=deaf), NOW, HOUR)
    assert rise(history([*times, *burst(9)], deaf=deaf), NOW, at_least=5) is None


def test_first_days_of_listening_ask_for_more() -> None:
    young = {"heard_since": NOW - timedelta(hours=5)}
    assert rise(history(burst(5), **young), NOW, at_least=5) is None
    assert rise(history(burst(9), **young), NOW, at_least=5) is not None


def test_posts_of_the_backfill_are_no_rise() -> None:
    spread = burst(80, within=timedelta(days=7))
    assert rise(history(spread, heard_since=NOW - HOUR), NOW, at_least=5) is None


def test_slow_rise_over_six_hours_is_seen() -> None:
    found = rise(history(burst(24, within=timedelta(hours=6))), NOW, at_least=5)
    assert found is not None
    assert rise(history(burst(16, within=timedelta(hours=6))), NOW, at_least=5) is not None


def test_wall_clock_counts_over_the_end_of_summer_time() -> None:
    now = datetime(2026, 10, 28, 7, 0, tzinfo=UTC)  # 9 in Helsinki; a week before it was 9 at 6 UTC
    times = [at for week in range(1, 9) for at in burst(6, now - timedelta(weeks=week, hours=1))]
    assert rise(history([*times, *burst(7, now)]), now, at_least=5) is None


def test_posts_of_a_storm_that_is_over_make_no_new_one() -> None:
    settled = history(burst(8), settled=NOW - timedelta(minutes=1))
    assert rise(settled, NOW, at_least=5) is None
    assert rise(
        history([*burst(8), *burst(8, within=timedelta(seconds=50))], settled=settled.settled), NOW, 5
    )


def test_storm_goes_on_until_the_hour_would_surprise_nobody() -> None:
    assert goes_on(history(burst(4)), NOW, at_least=5)
    assert not goes_on(history(burst(1)), NOW, at_least=5)
    assert not goes_on(history([*weekly(6), *burst(6)]), NOW, at_least=5)


@given(st.lists(st.integers(0, 60 * 24 * 60), max_size=60))
def test_no_history_breaks_the_count(minutes: list[int]) -> None:
    times = [NOW - timedelta(minutes=minute) for minute in minutes]
    found = rise(history(times), NOW, at_least=5)
    assert found is None or (found.count >= 5 and found.expected > 0 and NOW - found.began_at <= found.window)


def voice(
    number: int, text: str, author: str, source: str = "forum", topics: tuple[str, ...] = ("delivery",)
) -> Voice:
    return Voice(number, NOW, source, author, topics, text, reach=number)


SAME = "Tilaukseni on kadonnut jo toista kertaa eikä kauppa vastaa viesteihin mitään {}"


def test_cause_names_topic_source_and_campaign() -> None:
    said = [voice(number, SAME.format("!" * number), f"k{number}") for number in range(4)]
    said.append(voice(9, "Hinta oli aivan liian kallis minulle", "x", "blog", ("price",)))
    found = cause(said)
    assert (found.topic, found.topic_count, found.source, found.source_count) == ("delivery", 4, "forum", 4)
    assert (found.copies, found.copy_authors) == (4, 4)
    assert found.examples[0] == 9


def test_cause_names_nothing_that_does_not_stand_out() -> None:
    topics = (("price",), ("trust",), ("delivery",), ())
    texts = ("Hinta nousi", "En luota", "Paketti hukassa", "Huono kokemus")
    found = cause([voice(n, texts[n], "sama", f"s{n}", topics[n]) for n in range(4)])
    assert (found.topic, found.source, found.copies) == (None, None, 0)
