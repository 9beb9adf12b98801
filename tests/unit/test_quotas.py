"""The day's allowance: in the database it outlasts a restart, and a source that used it up waits in peace."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from monitor.config import Config, SourceConfig
from monitor.domain import Shop
from monitor.errors import SourceSpent
from monitor.http import Http
from monitor.listening import Frame
from monitor.sources.quota import Ledger, MemoryLedger, Quota
from monitor.store import Store
from monitor.store.quotas import StoredLedger
from tests.sources.support import StillClock, recording

DAY, NEXT = "2026-11-24", "2026-11-25"


def opened(folder: Path) -> Store:
    store = Store(f"sqlite:///{folder / 'vahti.db'}")
    store.migrate()
    return store


def stored(folder: Path) -> Ledger:
    return StoredLedger(opened(folder))


each_ledger = pytest.mark.parametrize(
    "make", [stored, lambda folder: MemoryLedger()], ids=["stored", "memory"]
)


@each_ledger
def test_ledger_counts_up_to_the_limit_of_each_day(make: Callable[[Path], Ledger], tmp_path: Path) -> None:
    ledger = make(tmp_path)
    assert [ledger.spend("a", DAY, 2, 5) for _ in range(3)] == [True, True, False]
    assert ledger.spend("a", DAY, 1, 5)
    assert not ledger.spend("a", DAY, 1, 5)
    assert ledger.spend("b", DAY, 5, 5)
    assert ledger.spend("a", NEXT, 5, 5)
    assert not ledger.spend("a", NEXT, 1, 5)


def test_stored_ledger_outlasts_a_restart(tmp_path: Path) -> None:
    first = opened(tmp_path)
    assert StoredLedger(first).spend("youtube searches", DAY, 99, 100)
    first.close()
    again = StoredLedger(opened(tmp_path))
    assert again.spend("youtube searches", DAY, 1, 100)
    assert not again.spend("youtube searches", DAY, 1, 100)


def test_stored_ledger_counts_every_request_of_many_threads(tmp_path: Path) -> None:
    ledger = stored(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        counted = list(threads.map(lambda _: ledger.spend("a", DAY, 1, 40), range(60)))
    assert counted.count(True) == 40


def test_quota_begins_anew_at_midnight_of_its_zone() -> None:
    clock, ledger = StillClock(), MemoryLedger()  # 10:00 UTC, 12:00 in Helsinki
    quota = Quota("The daily_quota of forum", "forum", 1, ZoneInfo("Europe/Helsinki"), clock, ledger)
    quota.take()
    told = r"^The daily_quota of forum is used up for today; resting until 00:00\.$"
    with pytest.raises(SourceSpent, match=told) as caught:
        quota.take()
    assert caught.value.retry_after == 12 * 3600
    clock.advance(hours=12)
    quota.take()


def test_quota_tells_the_time_in_the_zone_of_who_reads_it() -> None:
    clock, ledger = StillClock(), MemoryLedger()
    zone, shown = ZoneInfo("America/Los_Angeles"), ZoneInfo("Europe/Helsinki")
    quota = Quota("The allowance", "youtube", 0, zone, clock, ledger, shown)
    with pytest.raises(SourceSpent, match="resting until 10:00"):
        quota.take()


def framed(folder: Path, clock: StillClock, **options: object) -> tuple[Frame, SourceConfig, list[str]]:
    asked: list[str] = []

    def site(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, content=recording("feed", "page.xml"))

    frame = {"slug": "forum", "kind": "feed", "options": {"url": "https://foorumi.example/feed"}, **options}
    config = Config(shops=[{"slug": "lumopuoti", "name": "Lumopuoti"}], sources=[frame])
    http = Http("t", clock, transport=httpx.MockTransport(site), pace=timedelta(0))
    shops = (Shop("lumopuoti", "Lumopuoti"),)
    return Frame(config, shops, clock, http, opened(folder)), config.sources[0], asked


def test_source_makes_no_more_requests_than_its_daily_quota(tmp_path: Path) -> None:
    clock = StillClock()
    frame, config, asked = framed(tmp_path, clock, daily_quota=2)
    for _ in range(2):
        frame.source(config).fetch(None)
    with pytest.raises(SourceSpent, match="daily_quota of forum"):
        frame.source(config).fetch(None)
    assert len(asked) == 2
    clock.advance(hours=12)
    frame.source(config).fetch(None)


def test_source_without_a_daily_quota_is_not_counted(tmp_path: Path) -> None:
    frame, config, asked = framed(tmp_path, StillClock())
    for _ in range(3):
        frame.source(config).fetch(None)
    assert len(asked) == 3
