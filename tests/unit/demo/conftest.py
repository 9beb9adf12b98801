"""A demo server with a clock that stands still until a test moves it, and a client to ask it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from monitor.demo import DemoServer

START = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)


class StillClock:
    """Tells the time it was last set to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> StillClock:
    return StillClock(START)


@pytest.fixture
def server(clock: StillClock) -> Iterator[DemoServer]:
    demo = DemoServer(0, clock)
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture
def client(server: DemoServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False) as asking:
        yield asking
