"""A filled store, and pages opened on it the way Streamlit opens them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from monitor.store import Store
from tests.dashboard import seed

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
TIMEOUT = 60


@dataclass(frozen=True)
class Place:
    """A folder with a configuration, its open store, and the moment at which it was filled."""

    folder: Path
    store: Store
    now: datetime


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """An empty store whose configuration the dashboard reads."""
    monkeypatch.setenv("MAINEVAHTI_CONFIG", str(seed.config_file(tmp_path, language="en")))
    store = seed.open_store(tmp_path)
    yield Place(tmp_path, store, datetime.now(UTC))
    store.close()
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def place(bare: Place) -> Place:
    """A store with a morning's alerts and a month of talk."""
    seed.fill(bare.store, bare.now)
    return bare


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """Open a page by the name of its file, with query parameters; the visitor may have a name, or a visit."""

    def opened(
        page: str = "inbox", who: str | None = None, visit: str | None = None, **query: str
    ) -> AppTest:
        at = AppTest.from_file(str(APP), default_timeout=TIMEOUT)
        if visit:
            at.session_state["visit"] = visit
        if who:
            at.session_state["who"] = who
        at.query_params.update(query)
        if page == "inbox":
            return at.run()
        at.run()
        at.query_params.update(query)
        return at.switch_page(f"views/{page}.py").run()

    return opened


def shown(at: AppTest) -> str:
    """All HTML that a page shows, as one string."""
    assert not at.exception, at.exception
    return "\n".join(element.body for element in at.get("html") if not element.body.startswith("<style"))
