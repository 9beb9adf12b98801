"""The door of the login: what a posted form brings, through the real routes and a real store."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from dashboard import data, door, gate
from monitor.people import Role, hashed, mark
from monitor.store import people, visits
from tests.dashboard import seed

HERE = "http://127.0.0.1:8501"
PASSWORD = "lumi sataa hiljaa"


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def staffed(bare, kept):
    """A dashboard with one person who has a password."""
    with bare.store.transaction() as session:
        people.add_person(session, "Maija", Role.STAFF, None, kept, bare.now)
    return bare


@pytest.fixture
def post() -> Callable[..., httpx.Response]:
    """Send the form as a browser would."""

    def sent(who="Maija", secret=PASSWORD, asked="/", headers=None, base=HERE, client=None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(
                Starlette(routes=door.routes()), client=client or ("127.0.0.1", 5)
            )
            async with httpx.AsyncClient(transport=transport, base_url=base) as browser:
                return await browser.post(
                    door.ADDRESS,
                    data={"who": who, "secret": secret, "asked": asked},
                    headers={"sec-fetch-site": "same-origin"} if headers is None else headers,
                )

        return asyncio.run(ask())

    return sent


def _person(place, answer) -> gate.Person | None:
    token = answer.cookies.get(door.cookie_name(data.config()), "")
    with place.store.reading() as session:
        return gate.standing(session, data.config(), token, data.now())


def test_right_password_gives_a_visit_in_a_cookie_that_no_script_reads(staffed, post):
    answer = post(who=" maija ", asked="/mentions?q=lamppu&lang=sv")
    assert (answer.status_code, answer.headers["location"]) == (303, "/mentions?q=lamppu&lang=sv")
    flags = answer.headers["set-cookie"].casefold()
    assert "httponly" in flags
    assert "samesite=strict" in flags
    assert "max-age=604800" in flags
    person = _person(staffed, answer)
    assert person is not None
    assert (person.name, person.role) == ("Maija", Role.STAFF)


def test_token_stands_neither_in_the_address_nor_in_the_database(staffed, post):
    answer = post()
    token = answer.cookies[door.cookie_name(data.config())]
    assert token not in answer.headers["location"]
    with staffed.store.reading() as session:
        dump = "\n".join(session.connection().connection.driver_connection.iterdump())
    assert token not in dump
    assert mark("cookie", token) in dump
    assert PASSWORD not in dump


def test_cookie_of_an_https_address_is_for_that_alone(staffed, post):
    more = '[dashboard]\nurl = "https://vahti.example"\n[login]\npasswords = true'
    seed.config_file(staffed.folder, more=more)
    answer = post(base="https://vahti.example")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "secure" in cookie.casefold()


@pytest.mark.parametrize(
    ("who", "secret"), [("Maija", "wrong"), ("Nobody", PASSWORD), ("", ""), ("Maija", "")]
)
def test_wrong_name_and_wrong_password_get_the_same_answer(staffed, post, who, secret):
    answer = post(who=who, secret=secret)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?problem=wrong")
    assert "set-cookie" not in answer.headers


def test_guessing_at_one_name_gets_slower_from_any_address(staffed, post):
    for number in range(3):
        post(secret="wrong", client=(f"192.0.2.{number}", 5))
    answer = post(client=("192.0.2.99", 5))
    assert answer.headers["location"] == "/?problem=wait&wait=8"
    assert "set-cookie" not in answer.headers


def test_guessing_from_one_address_gets_slower_at_any_name(staffed, post):
    for number in range(3):
        post(who=f"name {number}", client=("192.0.2.1", 5))
    assert "problem=wait" in post(client=("192.0.2.1", 5)).headers["location"]
    assert "set-cookie" in post(client=("192.0.2.2", 5)).headers


def test_visitors_behind_a_proxy_of_this_machine_are_told_apart(staffed, post):
    def by_proxy(address: str, **more: str) -> str:
        headers = {"sec-fetch-site": "same-origin", "x-forwarded-for": f"10.9.9.9, {address}"}
        return str(post(headers=headers, **more).headers["location"])

    for number in range(3):
        by_proxy("192.0.2.1", who=f"name {number}")
    assert "problem=wait" in by_proxy("192.0.2.1")
    assert by_proxy("192.0.2.2") == "/"


def test_stranger_cannot_choose_the_address_that_is_counted(staffed, post):
    for number in range(3):
        headers = {"sec-fetch-site": "same-origin", "x-forwarded-for": f"203.0.113.{number}"}
        post(who=f"name {number}", headers=headers, client=("192.0.2.1", 5))
    assert "problem=wait" in post(client=("192.0.2.1", 5)).headers["location"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site", "origin": HERE},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ],
)
def test_form_of_another_site_is_not_read(staffed, post, headers):
    answer = post(headers=headers)
    assert answer.headers["location"] == "/?problem=strange"
    assert "set-cookie" not in answer.headers


def test_form_of_our_own_page_is_read_by_browsers_that_tell_only_the_origin(staffed, post):
    assert "set-cookie" in post(headers={"origin": HERE}).headers


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:x",
        "/a\r\nset-cookie: x=1",
        "",
        "/a/b",
    ],
)
def test_way_back_never_leads_to_another_site(staffed, post, asked):
    assert post(asked=asked).headers["location"] == "/"


def test_body_of_any_size_is_not_kept_in_memory(staffed, post):
    answer = post(secret="x" * 100_000)
    assert answer.headers["location"] == "/?problem=wrong"


def test_visit_ends_without_a_press_and_at_its_longest(staffed, post):
    config = data.config()
    token = post().cookies[door.cookie_name(config)]
    now = data.now()
    with staffed.store.transaction() as session:
        assert gate.standing(session, config, token, now + timedelta(hours=11)) is not None
        assert gate.standing(session, config, token, now + timedelta(hours=13)) is None
        for hours in range(10, 170, 10):
            visits.see(session, mark("cookie", token), now + timedelta(hours=hours))
        assert gate.standing(session, config, token, now + timedelta(hours=167)) is not None
        assert gate.standing(session, config, token, now + timedelta(hours=169)) is None


def test_visit_ends_everywhere_when_the_password_changes(staffed, post):
    answers = [post(), post()]
    with staffed.store.transaction() as session:
        person = people.person_named(session, "Maija")
        assert person is not None
        people.set_password(session, person.id, "another hash", staffed.now)
    assert [_person(staffed, answer) for answer in answers] == [None, None]


def test_hash_of_weaker_settings_is_renewed_at_the_login(bare, post):
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    with bare.store.transaction() as session:
        people.add_person(session, "Maija", Role.STAFF, None, weak, bare.now)
    assert "set-cookie" in post().headers
    with bare.store.reading() as session:
        found = people.password_of(session, "Maija")
    assert found is not None
    assert "m=65536" in found[1]
    assert "set-cookie" in post().headers


class TestOnePasswordForAll:
    """The password of [dashboard], as before there were people."""

    @pytest.fixture
    def shared(self, bare, monkeypatch):
        monkeypatch.setenv("DASHBOARD_PASSWORD", "oikea hevonen")
        more = '[dashboard]\npassword = { env = "DASHBOARD_PASSWORD" }'
        seed.config_file(bare.folder, language="en", more=more)
        return bare

    def test_lets_in_under_any_name_as_owner(self, shared, post):
        person = _person(shared, post(who="Kuka vain", secret="oikea hevonen"))
        assert person == gate.Person("Kuka vain", Role.OWNER)

    def test_asks_for_a_name(self, shared, post):
        assert post(who="  ", secret="oikea hevonen").headers["location"] == "/?problem=nameless"

    def test_wrong_one_is_refused_and_the_fourth_try_must_wait(self, shared, post):
        for number in range(3):
            answer = post(who=f"name {number}", secret="väärä")
            assert answer.headers["location"] == "/?problem=wrong"
        assert "problem=wait" in post(who="Maija", secret="oikea hevonen").headers["location"]

    def test_another_one_ends_the_visits_of_the_first(self, shared, post, monkeypatch):
        answer = post(secret="oikea hevonen")
        assert _person(shared, answer) is not None
        monkeypatch.setenv("DASHBOARD_PASSWORD", "uusi hevonen")
        assert _person(shared, answer) is None

    def test_opens_nothing_once_somebody_has_their_own(self, shared, post, kept):
        answer = post(secret="oikea hevonen")
        with shared.store.transaction() as session:
            people.add_person(session, "Maija", Role.OWNER, None, kept, shared.now)
        assert _person(shared, answer) is None
        assert "set-cookie" not in post(who="Maija", secret="oikea hevonen").headers
        assert "set-cookie" in post().headers


def test_dashboard_that_asks_nobody_lets_nobody_log_in(bare, post):
    assert post().headers["location"] == "/?problem=wrong"
