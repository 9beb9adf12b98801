"""Times as servers write them, and numbers that are no times."""

from datetime import UTC, datetime

import pytest

from monitor.sources.moments import parse_moment


@pytest.mark.parametrize("number", [10**400, -(10**400), 1e308, float("nan"), float("inf")])
def test_parse_moment_takes_no_absurd_number(number: float) -> None:
    assert parse_moment(number) is None


def test_parse_moment_takes_seconds_and_milliseconds() -> None:
    moment = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert parse_moment(moment.timestamp()) == moment
    assert parse_moment(moment.timestamp() * 1000) == moment
