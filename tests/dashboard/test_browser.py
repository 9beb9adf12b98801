"""What people do most, in a real browser against a real server; and nothing leaves this machine."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from monitor.domain import AlertState
from monitor.store import Store, reads
from tests.dashboard import running, seed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(running.chromium() is None, reason="Debian's chromium is not installed"),
]
PAGES = ("", "mentions", "trends", "quality", "sources", "arrangements", "settings")


@dataclass(frozen=True)
class Served:
    """A dashboard that runs, with its store."""

    address: str
    store: Store


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    expect.set_options(timeout=running.PATIENCE * 1000)
    with running.browser() as found:
        yield found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from _served(tmp_path_factory.mktemp("served"), with_hostile=False)


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from _served(tmp_path_factory.mktemp("besieged"), with_hostile=True)


def _served(folder: Path, *, with_hostile: bool) -> Iterator[Served]:
    config, store, now = seed.config_file(folder), seed.open_store(folder), datetime.now(UTC)
    seed.fill(store, now)
    if with_hostile:
        with store.transaction() as session:
            seed.hostile_colleague(session, now, seed.hostile(session, now))
    with running.dashboard(config) as address:
        yield Served(address, store)
    store.close()


def _row(page: Page, words: str):
    return page.locator("[class*='st-key-row-']").filter(has_text=words)


def test_take_and_answer_an_alert_then_see_it_leave(served, window):
    context, strayed = running.fenced(window)
    page = context.new_page()
    page.goto(served.address)
    row = _row(page, "Kide-lamppu suli")
    row.get_by_role("button", name="Otan tämän").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill("Liisa Testaaja")
    dialog.get_by_role("combobox").press("Enter")
    dialog.get_by_role("button", name="Jatka").click()
    expect(row.get_by_text("Liisa Testaaja hoitaa")).to_be_visible()
    row.get_by_role("button", name="Vastattu").click()
    expect(row).to_have_count(0)
    gone = page.locator("[class*='st-key-gone-']")
    expect(gone).to_contain_text("Vastattu")
    with served.store.reading() as session:
        closed = reads.closed_alerts(session, datetime(2020, 1, 1, tzinfo=UTC))
    assert (AlertState.ANSWERED, "Liisa Testaaja") in [(alert.state, alert.taken_by) for alert in closed]
    gone.get_by_role("button").click()
    expect(row).to_have_count(1)
    assert strayed == []
    context.close()


def test_new_alert_appears_by_itself_below_what_is_read(served, window):
    context, strayed = running.fenced(window)
    page = context.new_page()
    page.goto(served.address)
    expect(_row(page, "Tredje förseningen")).to_be_visible()
    with served.store.transaction() as session:
        said = seed.Said(1, "mastodon", "uusi", "Lumopuodin lamppu syttyi palamaan, kertoo Elviira", left=-90)
        seed.tell(session, said, datetime.now(UTC), 7777)
    expect(_row(page, "Elviira")).to_be_visible()
    assert "Elviira" in page.locator("[class*='st-key-row-']").last.inner_text()
    page.get_by_role("button", name="uusi alempana").click()
    expect(page.locator("[class*='st-key-row-']").first).to_contain_text("Elviira")
    assert strayed == []
    context.close()


def test_view_and_language_can_be_sent_to_a_colleague(served, window):
    context, _ = running.fenced(window)
    page = context.new_page()
    page.goto(served.address)
    page.get_by_role("radio", name="Svenska").or_(page.get_by_role("button", name="Svenska")).click()
    expect(page.get_by_role("heading", name="Inkorg")).to_be_visible()
    page.get_by_role("radio", name="Mina").or_(page.get_by_role("button", name="Mina")).click()
    expect(page.get_by_text("Du har inga larm.")).to_be_visible()
    colleague = context.new_page()
    colleague.goto(page.url)
    expect(colleague.get_by_text("Du har inga larm.")).to_be_visible()
    context.close()


def test_alert_opens_from_the_inbox_and_leads_on(served, window):
    context, _ = running.fenced(window)
    page = context.new_page()
    page.goto(served.address)
    _row(page, "Rahat lähti").get_by_role("link", name="Lue").click()
    expect(page.get_by_role("heading", name="Keskustelu")).to_be_visible()
    before = page.url
    page.get_by_role("button", name="Seuraava").click()
    expect(page).not_to_have_url(before)
    expect(page.get_by_role("heading", name="Keskustelu")).to_be_visible()
    context.close()


def test_mentions_are_searched_and_taken_along(served, window, tmp_path):
    context, strayed = running.fenced(window)
    page = context.new_page()
    page.goto(f"{served.address}/mentions")
    page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first.fill("torkkupeiton")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 maininta", exact=True)).to_be_visible()
    assert "q=torkkupeiton" in page.url
    # While the page is still being drawn anew, the button it had before leads to a file that is gone.
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    page.get_by_role("button", name="Lataa", exact=False).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    download.value.save_as(tmp_path / "mentions.csv")
    written = (tmp_path / "mentions.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert [row["source"] for row in rows] == ["kotiblogi"]
    assert strayed == []
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_posts_run_nothing_load_nothing_and_keep_the_layout(besieged, window, width):
    context, strayed = running.fenced(window, width=width)
    page = context.new_page()
    opened: list[str] = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    with besieged.store.reading() as session:
        ids = [
            alert.id
            for alert in reads.open_alerts(session)
            if "evil" in alert.first.author + alert.first.text
        ]
    assert ids
    for place in (*PAGES, *(f"alert?id={one}" for one in ids[:3])):
        page.goto(f"{besieged.address}/{place}")
        page.locator(".mv-title").wait_for()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("[...document.querySelectorAll('.stHtml *')].every(e => e.scrollWidth < 4000)")
        assert not page.evaluate("!!document.querySelector('.stHtml img, .stHtml iframe, .stHtml script')")
        assert "owned" not in page.title()
    assert (opened, strayed) == ([], [])
    context.close()
