"""Quiet hours, silences and a day's budget: how long a message waits."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.calm import Held, digest_due, held, next_round, quiet_until
from monitor.config.durations import parse_clock, parse_span
from monitor.config.schema import RecipientConfig

HELSINKI = ZoneInfo("Europe/Helsinki")


def person(**rules: object) -> RecipientConfig:
    return RecipientConfig.model_validate({"slug": "o", "name": "O", "email": "o@lumopuoti.example", **rules})


def at(clock: str, day: int = 25) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=HELSINKI).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at("20:59"), None),
        (at("21:00"), at("7:00", 26)),
        (at("23:59"), at("7:00", 26)),
        (at("6:59"), at("7:00")),
        (at("7:00"), None),
    ],
)
def test_quiet_hours_reach_over_midnight(now: datetime, until: datetime | None) -> None:
    assert quiet_until([parse_span("21-7")], now, HELSINKI) == until


def test_quiet_hours_that_touch_are_one() -> None:
    spans = [parse_span("21-0:00"), parse_span("0-7"), parse_span("7-8:30")]
    assert quiet_until(spans, at("22:00"), HELSINKI) == at("8:30", 26)


def test_quiet_hours_all_day_long_end_some_day() -> None:
    until = quiet_until([parse_span("0-12"), parse_span("12-0")], at("22:00"), HELSINKI)
    assert until is not None
    assert until > at("22:00")


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.times(), st.times())
def test_end_of_quiet_hours_lies_ahead_and_is_not_quiet(moment: datetime, start: time, end: time) -> None:
    assume(start != end)
    now, span = moment.replace(tzinfo=UTC), (start, end)
    until = quiet_until([span], now, HELSINKI)
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        assert quiet_until([span], until, HELSINKI) is None


def test_longest_wait_counts() -> None:
    who = person(quiet=["21-7"], most_a_day=2, digest="9:30")
    now = at("22:00")
    assert held(who, now, HELSINKI, None, 0) == Held(at("7:00", 26), "quiet")
    assert held(who, now, HELSINKI, None, 2) == Held(at("9:30", 26), "budget")
    assert held(who, now, HELSINKI, at("12:00", 27), 2) == Held(at("12:00", 27), "silence")


def test_nothing_waits_without_rules() -> None:
    assert held(person(), at("3:00"), HELSINKI, None, 10_000) is None
    assert held(person(most_a_day=1), at("3:00"), HELSINKI, None, None) is None
    assert held(person(), at("3:00"), HELSINKI, at("2:00"), 0) is None


def test_full_day_goes_on_in_the_morning_without_a_digest() -> None:
    assert next_round(person(), at("10:00"), HELSINKI) == at("8:00", 26)


@pytest.mark.parametrize(
    ("now", "day"), [(at("7:59"), None), (at("8:00"), 25), (at("19:59"), 25), (at("20:00"), None)]
)
def test_digest_is_due_from_its_time_on_until_it_is_stale(now: datetime, day: int | None) -> None:
    due = digest_due(person(digest="8:00"), now, HELSINKI, timedelta(hours=12))
    assert due == (date(2026, 11, day) if day else None)


def test_digest_is_never_due_to_those_who_want_none() -> None:
    assert digest_due(person(), at("8:00"), HELSINKI, timedelta(hours=12)) is None


@pytest.mark.parametrize("written", ["21", "21-21", "25-7", "21-7-9", "late", 21, "21:75-7"])
def test_quiet_hours_written_otherwise_are_told(written: object) -> None:
    with pytest.raises(ValidationError, match="write"):
        person(quiet=[written])


def test_clock_is_read_as_finns_write_it() -> None:
    assert (parse_clock("8"), parse_clock("08.30"), parse_clock("8:05")) == (time(8), time(8, 30), time(8, 5))
