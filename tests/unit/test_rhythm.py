"""How often a source is fetched: always within its bounds, slower with each failure, back by successes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import rhythm
from monitor.config import SourceConfig

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
lengths = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=30))


def source(every: timedelta, slowest: timedelta | None = None) -> SourceConfig:
    return SourceConfig(slug="forum", kind="feed", every=every, slowest=slowest)


@given(lengths, st.none() | lengths, st.integers(0, 60), st.none() | lengths)
def test_interval_stays_between_its_bounds(
    every: timedelta, slowest: timedelta | None, slowdown: int, silence: timedelta | None
) -> None:
    last_post_at = NOW - silence if silence is not None else None
    found = rhythm.interval(source(every, slowest), slowdown, last_post_at, NOW)
    assert every <= found <= max(every, slowest or 6 * HOUR)


@given(lengths, st.none() | lengths)
def test_success_after_any_number_of_failures_soon_brings_back_the_interval(
    every: timedelta, slowest: timedelta | None
) -> None:
    asked, slowdown = source(every, slowest), 0
    for _ in range(100):
        slowdown = rhythm.slower(asked, slowdown)
    for _ in range(5):
        slowdown = rhythm.faster(slowdown)
    assert rhythm.interval(asked, slowdown, NOW, NOW) == every


@pytest.mark.parametrize(("failures", "minutes"), [(1, 10), (2, 10), (3, 20), (4, 40), (9, 120)])
def test_each_failure_after_the_second_doubles_the_interval(failures: int, minutes: int) -> None:
    asked, slowdown = source(10 * MINUTE, 2 * HOUR), 0
    for _ in range(failures):
        slowdown = rhythm.slower(asked, slowdown)
    assert rhythm.interval(asked, slowdown, None, NOW) == minutes * MINUTE


@pytest.mark.parametrize(
    ("silence", "found"),
    [(HOUR, 10 * MINUTE), (24 * HOUR, 30 * MINUTE), (96 * HOUR, 2 * HOUR), (999 * HOUR, 4 * HOUR)],
)
def test_quiet_place_is_asked_more_seldom_where_that_is_allowed(silence: timedelta, found: timedelta) -> None:
    assert rhythm.interval(source(10 * MINUTE, 4 * HOUR), 0, NOW - silence, NOW) == found
    assert rhythm.interval(source(10 * MINUTE), 0, NOW - silence, NOW) == 10 * MINUTE


def test_wait_that_was_asked_for_counts_when_it_is_longer() -> None:
    asked = source(10 * MINUTE)
    assert rhythm.not_before(asked, 0, None, NOW) is None
    assert rhythm.not_before(asked, 0, None, NOW, 90) == NOW + timedelta(seconds=90)
    assert rhythm.not_before(asked, 4, None, NOW, 90) == NOW + 35 * MINUTE
    assert rhythm.not_before(asked, 4, None, NOW, 7200) == NOW + 2 * HOUR
