"""A morning at the dashboard, in a real browser: the ten things people do most, on a desk and on a phone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from monitor.domain import AlertState
from monitor.people import Role, hashed
from monitor.store import Store, people, reads
from monitor.store.tables import Label, Sample
from tests.dashboard import running, seed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(running.chromium() is None, reason="Debian's chromium is not installed"),
]
PASSWORD = "lumi sataa hiljaa"


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    expect.set_options(timeout=running.PATIENCE * 1000)
    with running.browser() as found:
        yield found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Store]]:
    now, store = datetime.now(UTC), seed.open_store(tmp_path)
    seed.fill(store, now)
    with store.transaction() as session:
        people.add_person(session, "Maija", Role.STAFF, None, hashed(PASSWORD), now)
    with running.dashboard(seed.config_file(tmp_path)) as address:
        yield address, store
    store.close()


def at_rest(page: Page) -> None:
    """Wait until the page is drawn: what it had before leads nowhere any more."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()


def row(page: Page, words: str):
    return page.locator("[class*='st-key-row-']").filter(has_text=words)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_morning_of_ten_things(
    served: tuple[str, Store], window: Browser, width: int, tmp_path: Path
) -> None:
    address, store = served
    context, strayed = running.fenced(window, width=width)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    _log_in_and_see(page, address)
    _take_and_answer_with_a_ready_made_reply(page, address)
    _correct(page, address)
    _search_filter_and_share(page, address)
    _export(page, tmp_path)
    _judge_five(page, address)
    _switch_language(page, address, width)
    with store.reading() as session:
        closed = {
            alert.first.author: alert
            for alert in reads.closed_alerts(session, datetime(2020, 1, 1, tzinfo=UTC))
        }
        labels = session.execute(select(Label)).scalars().all()
        judged = session.execute(select(Sample).where(Sample.answer.is_not(None))).scalars().all()  # type: ignore[union-attr]
    answered = closed["vilukissa_"]
    assert (answered.state, answered.taken_by, answered.answer_url) == (
        AlertState.ANSWERED, "Maija", "https://forum.example/t/1#9",
    )  # fmt: skip
    assert closed["korpikuusi"].state is AlertState.DISMISSED
    assert {(label.field, label.value, label.who) for label in labels} >= {
        ("sentiment", "not_negative", "Maija")
    }
    assert [one.who for one in judged] == ["Maija"] * 5
    assert strayed == []
    context.close()


def _log_in_and_see(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Nimesi").fill("Maija")
    page.get_by_label("Salasana").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(row(page, "Kide-lamppu suli")).to_be_visible()


def _take_and_answer_with_a_ready_made_reply(page: Page, address: str) -> None:
    found = row(page, "Kide-lamppu suli")
    found.get_by_role("button", name="Otan tämän").click()
    expect(found.get_by_text("Maija hoitaa")).to_be_visible()
    found.get_by_role("link", name="Lue").click()
    reply = page.get_by_test_id("stCode").first
    expect(reply).to_contain_text("Hei")
    reply.hover()
    reply.get_by_role("button").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == reply.locator("code").inner_text()
    at_rest(page)
    page.get_by_role("button", name="Vastattu, linkin kera").click()
    page.get_by_label("Vastauksesi osoite").fill("https://forum.example/t/1#9")
    page.keyboard.press("Tab")
    at_rest(page)
    page.get_by_role("button", name="Vastattu", exact=True).last.click()
    expect(page.get_by_role("button", name="Avaa uudelleen")).to_be_visible()


def _correct(page: Page, address: str) -> None:
    page.goto(address)
    found = row(page, "Rahat lähti")
    found.get_by_role("button", name="Muut", exact=False).click()
    page.get_by_role("menuitem", name="Ei ole kielteinen").or_(
        page.get_by_role("option", name="Ei ole kielteinen")
    ).click()
    expect(found).to_have_count(0)


def _search_filter_and_share(page: Page, address: str) -> None:
    page.goto(f"{address}/mentions")
    page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first.fill("peitto")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 maininta", exact=True)).to_be_visible()
    expect(page.locator("mark", has_text="orkkupeit").first).to_be_visible()
    page.goto(f"{address}/mentions?stance=negative&source=mastodon")
    expect(page.get_by_role("button", name="Rajaa (2)")).to_be_visible()
    colleague = page.context.new_page()
    colleague.goto(page.url)
    expect(colleague.get_by_role("button", name="Rajaa (2)")).to_be_visible()
    colleague.close()


def _export(page: Page, folder: Path) -> None:
    at_rest(page)
    page.get_by_role("button", name="Lataa", exact=False).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    download.value.save_as(folder / "mentions.csv")
    assert "mastodon" in (folder / "mentions.csv").read_text(encoding="utf-8-sig")


def _judge_five(page: Page, address: str) -> None:
    page.goto(f"{address}/quality")
    for number in range(5):
        expect(page.get_by_text(f"{number}/", exact=False).first).to_be_visible()
        page.get_by_role("button", name="Neutraali").click()
    expect(page.get_by_text("5/", exact=False).first).to_be_visible()


def _switch_language(page: Page, address: str, width: int) -> None:
    page.goto(address)
    if width < 600:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("radio", name="Svenska").or_(page.get_by_role("button", name="Svenska")).click()
    expect(page.get_by_role("heading", name="Inkorg")).to_be_attached()
