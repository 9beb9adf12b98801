"""How long servers ask us to wait, and the pace that threads share."""

import threading
from datetime import timedelta

import httpx
import pytest

from monitor.http.waits import Holds, Pace, wait_asked, wait_before_next
from tests.sources.support import NOW

EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": " 7.5 "}, 7.5),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "99999999"}, 86_400),
        ({"Retry-After": "Tue, 24 Nov 2026 10:00:30 GMT"}, 30),
        ({"Retry-After": "Tuesday, 24-Nov-26 10:00:30 GMT"}, 30),
        ({"Retry-After": "Tue, 24 Nov 2026 09:00:00 GMT"}, 0),
        ({"Retry-After": "Tue, 99 Nov 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "5"}, 5),
        ({"X-RateLimit-Reset": "2026-11-24T10:01:00Z"}, 60),
        ({"X-RateLimit-Reset": "2026-11-24T12:01:00+02:00"}, 60),
        ({"X-Rate-Limit-Reset": str(EPOCH + 60)}, 60),
        ({"X-RateLimit-Reset": str((EPOCH + 60) * 1000)}, 60),
        ({"X-RateLimit-Reset-After": "1.5"}, 1.5),
        ({"RateLimit-Reset": "12"}, 12),
        ({"RateLimit": "limit=100, remaining=0, reset=9"}, 9),
        ({"RateLimit": '"burst";r=0;t=9'}, 9),
        ({"RateLimit": '"burst";r=50;t=30, "daily";r=0;t=900, "hourly";r=0;t=60'}, 900),
        ({"RateLimit": '"burst";r=50'}, None),
        ({}, None),
    ],
)
def test_wait_asked_reads_every_format(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_asked(httpx.Headers(headers), NOW) == seconds


def test_wait_before_next_counts_only_when_the_allowance_is_used_up() -> None:
    reset = {"X-RateLimit-Reset": "60"}
    assert wait_before_next(httpx.Headers({**reset, "X-RateLimit-Remaining": "1"}), NOW) is None
    assert wait_before_next(httpx.Headers({**reset, "X-RateLimit-Remaining": "0"}), NOW) == 60
    two = '"burst";r=7;t=1, "daily";r={};t=900'
    assert wait_before_next(httpx.Headers({"RateLimit": two.format(3)}), NOW) is None
    assert wait_before_next(httpx.Headers({"RateLimit": two.format(0)}), NOW) == 900
    assert wait_before_next(httpx.Headers({"RateLimit": "limit=9, remaining=0, reset=5"}), NOW) == 5


def test_pace_gives_each_thread_a_turn_of_its_own() -> None:
    slept: list[float] = []
    pace = Pace(timedelta(seconds=2), slept.append, monotonic=lambda: 100.0)
    threads = [threading.Thread(target=pace.wait, args=("a.example",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [2, 4, 6, 8]


def test_pace_does_not_make_one_host_wait_for_another() -> None:
    slept: list[float] = []
    pace = Pace(timedelta(seconds=2), slept.append, monotonic=lambda: 100.0)
    pace.wait("a.example")
    pace.wait("b.example")
    assert slept == []


def test_pace_takes_a_slower_interval_for_one_request() -> None:
    slept: list[float] = []
    pace = Pace(timedelta(seconds=2), slept.append, monotonic=lambda: 100.0)
    pace.wait("a.example", timedelta(seconds=5))
    pace.wait("a.example")
    assert slept == [5]


def test_pace_keeps_a_slower_interval_to_the_request_before() -> None:
    slept: list[float] = []
    pace = Pace(timedelta(seconds=2), slept.append, monotonic=lambda: 100.0)
    pace.wait("a.example")
    pace.wait("a.example", timedelta(seconds=5))
    pace.wait("a.example", timedelta(0))
    assert slept == [5, 10]


def test_holds_end_after_an_hour_whatever_was_asked() -> None:
    holds = Holds()
    holds.hold("a.example", 86_400, NOW)
    assert holds.left("a.example", NOW) == 3600
    assert holds.left("a.example", NOW + timedelta(hours=1)) == 0
    assert holds.left("a.example", NOW) == 0
