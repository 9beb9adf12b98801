"""Time counted in opening hours: weekends, holidays and clock changes by example, the rest by property."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.schema import DeadlineConfig
from monitor.deadlines import (
    Calendar,
    NeverOpen,
    PublicHolidays,
    before,
    business_time_between,
    calendar_of,
    due,
    policy_of,
)
from monitor.domain import Urgency

HELSINKI = ZoneInfo("Europe/Helsinki")
OFFICE = calendar_of(DeadlineConfig(), HELSINKI)
HOUR = timedelta(hours=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI)


def calendar(*periods: tuple[int, int], days: int = 7, closed: frozenset[date] = frozenset()) -> Calendar:
    hours = tuple((time(start), time(end)) for start, end in periods)
    return Calendar(tuple(hours if day < days else () for day in range(7)), closed, HELSINKI)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-11-24T10:00", 4, "2026-11-24T14:00"),  # within the day
        ("2026-11-24T15:00", 4, "2026-11-25T11:00"),  # over the night
        ("2026-11-24T07:00", 4, "2026-11-24T13:00"),  # before opening
        ("2026-11-27T16:00", 4, "2026-11-30T12:00"),  # Friday to Monday
        ("2026-11-28T12:00", 4, "2026-11-30T13:00"),  # Saturday
        ("2026-12-04T16:00", 8, "2026-12-07T16:00"),  # Independence Day is a Sunday
        ("2025-12-05T16:00", 2, "2025-12-08T10:00"),  # Independence Day is a Saturday
        ("2026-12-23T16:00", 4, "2026-12-28T12:00"),  # Christmas
        ("2026-06-18T16:00", 4, "2026-06-22T12:00"),  # Midsummer
        ("2026-04-02T16:00", 2, "2026-04-07T10:00"),  # Easter
        ("2026-04-30T16:00", 2, "2026-05-04T10:00"),  # May Day is a Friday
        ("2026-11-24T09:00", 8, "2026-11-24T17:00"),  # up to the last minute
        ("2026-11-24T17:00", 1, "2026-11-25T10:00"),  # closed in this very minute
    ],
)
def test_due_counts_opening_hours(start: str, hours: int, expected: str) -> None:
    assert due(local(start), hours * HOUR, OFFICE) == local(expected)


def test_due_counts_every_period_of_a_day() -> None:
    lunch = calendar((9, 12), (13, 17))
    assert due(local("2026-11-24T11:00"), 2 * HOUR, lunch) == local("2026-11-24T14:00")


def test_due_counts_overlapping_periods_once() -> None:
    assert due(local("2026-11-24T08:00"), 4 * HOUR, calendar((9, 12), (11, 17))) == local("2026-11-24T13:00")


def test_due_round_the_clock_asks_no_calendar() -> None:
    assert due(local("2026-11-28T23:30"), HOUR, OFFICE, round_the_clock=True) == local("2026-11-29T00:30")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-29T00:00", "2026-03-29T05:00+03:00"),  # the hour from three to four is left out
        ("2026-10-25T00:00", "2026-10-25T03:00+02:00"),  # the hour from three to four comes twice
    ],
)
def test_due_counts_real_hours_when_clocks_change(start: str, expected: str) -> None:
    open_always = Calendar((((time(0), time(23, 59)),),) * 7, frozenset(), HELSINKI)
    assert due(local(start), 4 * HOUR, open_always) == datetime.fromisoformat(expected)
    assert due(local(start), 4 * HOUR, OFFICE, round_the_clock=True) == datetime.fromisoformat(expected)


def test_opening_hours_follow_the_clock_on_the_wall_after_a_change() -> None:
    assert due(local("2026-03-27T16:00"), 2 * HOUR, OFFICE) == local("2026-03-30T10:00")
    assert due(local("2026-10-23T16:00"), 2 * HOUR, OFFICE) == local("2026-10-26T10:00")


def test_last_minute_of_the_day_means_midnight() -> None:
    late = Calendar((((time(20), time(23, 59)),),) * 7, frozenset(), HELSINKI)
    assert due(local("2026-11-24T20:00"), 4 * HOUR, late) == local("2026-11-25T00:00")
    assert business_time_between(local("2026-11-24T00:00"), local("2026-11-25T00:00"), late) == 4 * HOUR


def test_due_says_so_when_the_calendar_never_opens() -> None:
    never = Calendar(((),) * 7, frozenset(), HELSINKI)
    with pytest.raises(NeverOpen):
        due(local("2026-11-24T10:00"), HOUR, never)
    with pytest.raises(NeverOpen):
        before(local("2026-11-24T10:00"), HOUR, never)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2026-11-24T14:00", "2026-11-24T13:30"),
        ("2026-11-24T09:10", "2026-11-23T16:40"),
        ("2026-11-30T09:10", "2026-11-27T16:40"),
    ],
)
def test_before_leaves_that_much_opening_time(end: str, expected: str) -> None:
    assert before(local(end), timedelta(minutes=30), OFFICE) == local(expected)


def test_holidays_cover_any_year() -> None:
    finnish = PublicHolidays("FI")
    assert date(2031, 12, 6) in finnish
    assert date(2031, 12, 9) not in finnish


def test_calendar_without_holidays_opens_on_christmas() -> None:
    open_all_year = calendar_of(DeadlineConfig(holidays=None), HELSINKI)
    assert due(local("2026-12-25T10:00"), HOUR, open_all_year) == local("2026-12-25T11:00")


def test_policy_answers_critical_posts_round_the_clock_only_where_the_shop_says_so() -> None:
    saturday = local("2026-11-28T20:00")
    assert policy_of(DeadlineConfig(), HELSINKI).due_at(saturday, Urgency.CRITICAL) == saturday + HOUR
    by_day = policy_of(DeadlineConfig(critical_round_the_clock=False), HELSINKI)
    assert by_day.due_at(saturday, Urgency.CRITICAL) == local("2026-11-30T10:00")


def test_policy_reminds_and_escalates_in_opening_hours() -> None:
    policy = policy_of(DeadlineConfig(), HELSINKI)
    due_at = local("2026-11-24T16:30")
    assert policy.remind_at(due_at, Urgency.NORMAL) == local("2026-11-24T16:00")
    assert policy.escalate_at(due_at, Urgency.NORMAL, local("2026-11-24T12:00")) == local("2026-11-25T09:30")


def test_policy_leaves_time_before_escalating_a_post_that_was_found_late() -> None:
    policy = policy_of(DeadlineConfig(), HELSINKI)
    found = local("2026-11-24T12:00")
    assert policy.escalate_at(local("2026-11-20T12:00"), Urgency.NORMAL, found) == local("2026-11-24T13:00")


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
SPANS = st.timedeltas(timedelta(), timedelta(hours=60)).map(lambda span: span - span % timedelta(seconds=1))
PERIODS = st.lists(
    st.tuples(st.times(max_value=time(22)), st.integers(1, 110)).map(
        lambda found: (
            found[0].replace(microsecond=0),
            (datetime.combine(date(2024, 1, 1), found[0]) + timedelta(minutes=found[1]))
            .time()
            .replace(microsecond=0),
        )
    ),
    max_size=3,
).map(tuple)
CALENDARS = st.builds(
    Calendar,
    st.tuples(PERIODS, *[PERIODS] * 5, st.just(((time(9), time(17)),))),
    st.frozensets(st.dates(date(2024, 1, 1), date(2031, 1, 1)), max_size=20),
    st.sampled_from(
        [HELSINKI, ZoneInfo("UTC"), ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")]
    ),
)
properties = settings(max_examples=150, deadline=None)


@properties
@given(MOMENTS, SPANS, CALENDARS)
def test_due_is_never_before_the_start_and_takes_exactly_the_time_allowed(
    start: datetime, allowed: timedelta, opening: Calendar
) -> None:
    end = due(start, allowed, opening)
    assert end >= start + allowed
    assert business_time_between(start, end, opening) == allowed


@properties
@given(MOMENTS, MOMENTS, SPANS, CALENDARS)
def test_due_of_a_later_post_is_not_earlier(
    one: datetime, other: datetime, allowed: timedelta, opening: Calendar
) -> None:
    first, second = sorted((one, other))
    assert due(first, allowed, opening) <= due(second, allowed, opening)


@properties
@given(MOMENTS, SPANS, SPANS, CALENDARS)
def test_due_adds_up(start: datetime, one: timedelta, other: timedelta, opening: Calendar) -> None:
    assert due(due(start, one, opening), other, opening) == due(start, one + other, opening)


@properties
@given(MOMENTS, SPANS, CALENDARS)
def test_before_is_as_far_away_as_asked(end: datetime, span: timedelta, opening: Calendar) -> None:
    start = before(end, span, opening)
    assert start <= end
    assert business_time_between(start, end, opening) == span


@properties
@given(MOMENTS, MOMENTS, MOMENTS, CALENDARS)
def test_business_time_adds_up_and_is_never_negative(
    one: datetime, other: datetime, third: datetime, opening: Calendar
) -> None:
    a, b, c = sorted((one, other, third))
    b, c = min(b, a + timedelta(days=40)), min(c, a + timedelta(days=80))
    whole = business_time_between(a, c, opening)
    assert business_time_between(a, b, opening) + business_time_between(b, c, opening) == whole
    assert timedelta() <= whole <= c - a
    assert business_time_between(c, a, opening) == timedelta()
