"""Axe (WCAG 2.2 A and AA) on every page, light and dark: it finds nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.dashboard import running, seed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(running.chromium() is None, reason="Debian's chromium is not installed"),
]
PAGES = ("", "alert?id=1", "mentions", "trends", "quality", "sources", "arrangements", "settings")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    expect.set_options(timeout=running.PATIENCE * 1000)
    with running.browser() as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("axe")
    config, store = seed.config_file(folder), seed.open_store(folder)
    seed.fill(store, datetime.now(UTC))
    with running.dashboard(config) as served:
        yield served
    store.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_to_mend(address: str, window: Browser, path: str, scheme: str) -> None:
    page = window.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.goto(f"{address}/{path}")
    expect(page.locator(".mv-title").first).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    assert _found(page) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend_in_open_downloads(address: str, window: Browser, scheme: str) -> None:
    page = window.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.goto(f"{address}/mentions")
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    page.locator(".st-key-downloads button").first.click()
    expect(page.get_by_role("link", name="CSV", exact=True)).to_be_visible()
    assert _found(page) == []
    page.close()


def _found(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page, options={"runOnly": RULES}).response
    assert found["passes"], "axe looked at nothing"
    return [(rule["id"], node["html"][:200]) for rule in found["violations"] for node in rule["nodes"]]
