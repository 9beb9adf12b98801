"""Logging in, in a real browser: by password and through a provider; the visit outlives a reload."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from monitor.people import Role, hashed
from monitor.store import people
from tests.dashboard import running, seed
from tests.dashboard.provider import CLIENT, SECRET, provider

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(running.chromium() is None, reason="Debian's chromium is not installed"),
]
PASSWORD = "lumi sataa hiljaa"
LOGIN = """[dashboard]
url = "http://127.0.0.1:{port}"

[login]
members = [{{ name = "Olli", email = "olli@lumopuoti.example", role = "analyst" }}]
oidc = {{ name = "Testi", metadata = "{metadata}", client_id = "{client}", \
client_secret = {{ env = "OIDC_SECRET" }}, cookie_secret = {{ env = "OIDC_SECRET" }} }}
"""


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    expect.set_options(timeout=running.PATIENCE * 1000)
    with running.browser() as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard with a person who has a password, and one whom a provider lets in."""
    folder, now = tmp_path_factory.mktemp("login"), datetime.now(UTC)
    port, other = running.free_port(), running.free_port()
    with pytest.MonkeyPatch.context() as environ, provider(other, "olli@lumopuoti.example") as metadata:
        environ.setenv("OIDC_SECRET", SECRET)
        more = LOGIN.format(port=port, metadata=metadata, client=CLIENT)
        config, store = seed.config_file(folder, more=more), seed.open_store(folder)
        seed.fill(store, now)
        with store.transaction() as session:
            people.add_person(session, "Maija", Role.STAFF, None, hashed(PASSWORD), now)
        store.close()
        with running.dashboard(config, port) as found:
            yield found


def test_login_outlives_a_reload_and_log_out_ends_it_everywhere(window, address):
    context, strayed = running.fenced(window)
    page = context.new_page()
    page.goto(f"{address}/mentions?q=torkkupeiton")
    page.get_by_label("Nimesi").fill("maija")
    page.get_by_label("Salasana").fill("not the password")
    page.get_by_role("button", name="Kirjaudu", exact=True).click()
    expect(page.get_by_text("Nimi tai salasana ei ole oikein.")).to_be_visible()
    page.get_by_label("Nimesi").fill("maija")
    page.get_by_label("Salasana").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 maininta", exact=True)).to_be_visible()
    assert page.url == f"{address}/mentions?q=torkkupeiton"
    (cookie,) = [one for one in context.cookies() if one["name"] == "mainevahti_visit"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert cookie["value"] not in page.evaluate("document.cookie")
    page.reload()
    expect(page.get_by_text("Olet Maija.")).to_be_visible()
    second = context.new_page()
    second.goto(address)
    expect(second.get_by_text("Olet Maija.")).to_be_visible()
    page.get_by_role("button", name="Kirjaudu ulos").click()
    expect(page.get_by_label("Salasana")).to_be_visible()
    second.reload()
    expect(second.get_by_label("Salasana")).to_be_visible()
    assert strayed == []
    context.close()


def test_member_comes_in_through_the_provider_and_leaves(window, address):
    context, strayed = running.fenced(window)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Kirjaudu palvelulla Testi").click()
    expect(page.get_by_text("Olet Olli.")).to_be_visible()
    expect(page.locator("[class*='st-key-row-']").first).to_be_visible()
    expect(page.get_by_role("button", name="Otan tämän")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Olet Olli.")).to_be_visible()
    page.get_by_role("button", name="Kirjaudu ulos").click()
    expect(page.get_by_role("button", name="Kirjaudu palvelulla Testi")).to_be_visible()
    assert strayed == []
    context.close()
