"""The gate: with a password nobody passes without it, and guessing gets slower."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.auth import Attempts
from tests.dashboard import seed
from tests.dashboard.conftest import shown

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def guarded(place, monkeypatch):
    monkeypatch.setenv("DASHBOARD_PASSWORD", "oikea hevonen")
    more = '[dashboard]\npassword = { env = "DASHBOARD_PASSWORD" }'
    seed.config_file(place.folder, language="en", more=more)
    return place


def _log_in(at, password, name="Maija"):
    at.text_input[0].input(password)
    at.text_input[1].input(name)
    return at.button[0].click().run()


def test_nothing_is_shown_before_the_password(guarded, visit):
    for page in ("inbox", "mentions", "sources", "settings"):
        told = shown(visit(page))
        assert "Log in" in told
        assert "Lumopuo" not in told
        assert "kotiblogi" not in told


def test_right_password_opens_the_page_and_gives_the_name(guarded, visit):
    at = _log_in(visit(), "oikea hevonen")
    told = shown(at)
    assert "Kide-lamppu suli" in told
    assert "You are Maija." in told


def test_wrong_password_is_refused_and_the_fifth_try_must_wait(guarded, visit):
    at = visit()
    for _ in range(3):
        _log_in(at, "väärä")
        assert at.error[0].value == "That password is not right."
    _log_in(at, "oikea hevonen")
    assert "Too many tries" in at.error[0].value
    assert "Kide-lamppu" not in shown(at)


def test_login_without_a_name_asks_for_it(guarded, visit):
    at = _log_in(visit(), "oikea hevonen", name="  ")
    assert "Write your name too" in at.error[0].value


def test_pause_doubles_with_each_wrong_try_and_ends():
    attempts = Attempts()
    pauses = []
    for _ in range(6):
        attempts.failed("192.0.2.1", NOW)
        pauses.append(attempts.pause("192.0.2.1", NOW))
    assert pauses[:2] == [timedelta(), timedelta()]
    assert pauses[3] == 2 * pauses[2] > timedelta()
    assert attempts.pause("192.0.2.1", NOW + timedelta(minutes=10)) == timedelta()
    assert attempts.pause("192.0.2.2", NOW) == timedelta()
