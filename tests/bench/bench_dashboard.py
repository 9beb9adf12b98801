"""The dashboard at size: a made-up year of a million mentions, each page against the limits of its users.

`make bench-dashboard` runs it. Server time is that of one run of a page's script; the search is compared
with a scan of the same texts in the same run.
"""

import argparse
import importlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from sqlalchemy import func, or_, select
from sqlmodel import col
from streamlit.testing.v1 import AppTest

from monitor.store import reads
from monitor.store.reads import MentionFilter
from monitor.store.tables import Mention
from tests.bench import colleagues, run, year
from tests.dashboard import running, seed

_APP = Path(__file__).parents[2] / "dashboard" / "app.py"
_ROUNDS, _MB = 5, 1_000_000
Rows = list[dict[str, Any]]


def rows(mentions: int = 1_000_000) -> Rows:
    """Milliseconds of queries and pages, megabytes of the process, seconds of ten people at once."""
    config, size = year.kept(mentions)
    store = seed.open_store(config.parent)
    year.count(store, size)
    store.close()
    return [*_search(config), *_pages(config), *_people(config)]


def _search(config: Path) -> Rows:
    """Each search with the index and, for the same words, as a scan of the texts."""
    store = seed.open_store(config.parent)
    found = []
    with store.reading() as session:
        for what, words in {"rare": year.RARE, "common": "paketti", "two": "paketti toimitus"}.items():
            wanted = MentionFilter(words=words)
            ours = _median(lambda wanted=wanted: reads.mentions(session, wanted, 20))
            likes = [
                or_(col(Mention.text).icontains(word), col(Mention.author).icontains(word))
                for word in words.split()
            ]
            scan = select(func.count(col(Mention.id))).where(*likes)
            plain = _median(lambda scan=scan: session.execute(scan).scalar_one(), rounds=1)
            found.append(
                {
                    "what": f"search, {what}",
                    "ms": ours,
                    "limit ms": 500,
                    "scan ms": plain,
                    "ratio": plain / ours,
                }
            )
    store.close()
    return found


def _pages(config: Path) -> Rows:
    """Server time of each page: one run of its script, with what it caches forgotten."""
    os.environ["MAINEVAHTI_CONFIG"] = str(config)
    importlib.import_module("dashboard.serving")  # settles what is settled once for all pages
    pages: dict[str, tuple[str, dict[str, str], int]] = {
        "Inbox": ("inbox", {}, 1000),
        "Inbox, filtered": ("inbox", {"shop": "kotihelmi"}, 300),
        "Mentions": ("mentions", {}, 300),
        "Mentions, one topic": ("mentions", {"topic": "privacy"}, 300),
        "Mentions, searched": ("mentions", {"q": "paketti"}, 500),
        "Alert": ("alert", {"id": "1"}, 300),
        "Trends of a year": ("trends", {"days": "365"}, 500),
        "Sources": ("sources", {}, 300),
    }
    return [
        {"what": f"page {what}", "ms": _page(name, query), "limit ms": limit}
        for what, (name, query, limit) in pages.items()
    ]


def _page(name: str, query: dict[str, str]) -> float:
    import streamlit as st

    at = AppTest.from_file(str(_APP), default_timeout=120)
    at.query_params.update(query)
    at.run()
    if name != "inbox":
        at.query_params.update(query)
        at.switch_page(f"views/{name}.py").run()

    def once() -> None:
        st.cache_data.clear()
        at.run()

    took = _median(once)
    assert not at.exception, at.exception
    return took


def _people(config: Path) -> Rows:
    """From click to alerts in a browser; ten people at once; the size of the process after them."""
    with running.dashboard(config) as address:
        with running.browser() as window:
            click = _click(window, address)
        together = colleagues.rows(address, config)
        memory = max(process.memory_info().rss for process in _streamlit()) / _MB
    return [
        {"what": "Inbox, from click to alerts", "ms": click, "limit ms": 1000},
        *together,
        {"what": "memory of the dashboard, MB", "MB": memory, "limit MB": 600},
    ]


def _click(window: Any, address: str) -> float:
    page = window.new_page()
    page.goto(address)
    rows = page.locator("[class*='st-key-row-']")
    took = []
    for _ in range(_ROUNDS):
        page.get_by_test_id("stSidebarNav").get_by_role("link").nth(1).click()
        page.locator(".mv-post").first.wait_for()
        page.locator("[data-test-script-state=notRunning]").wait_for()
        start = time.perf_counter()
        page.get_by_test_id("stSidebarNav").get_by_role("link").nth(0).click()
        rows.first.wait_for()
        took.append((time.perf_counter() - start) * 1000)
    page.close()
    return sorted(took)[len(took) // 2]


def _streamlit() -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if "streamlit" in one.cmdline()]


def _median(call: Callable[[], object], rounds: int = _ROUNDS) -> float:
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        took.append((time.perf_counter() - start) * 1000)
    return sorted(took)[len(took) // 2]


def main() -> int:
    """Print the table for a year of the size that was asked for."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--mentions", type=int, default=1_000_000)
    Console().print(run.table("dashboard", rows(asked.parse_args().mentions)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
