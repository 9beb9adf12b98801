"""The table [login]: what it takes to be reached from beyond this machine, and whom a provider lets in."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import all_secrets
from monitor.people import Role
from tests.unit.test_config import GOOD, load, mistakes

WIDE = '\n[dashboard]\naddress = "0.0.0.0"\nurl = "https://vahti.example"\n'
OIDC = """
[login]
oidc = { name = "Testi", metadata = "https://id.example/.well-known/openid-configuration", client_id = "us", \
client_secret = { file = "secret" }, cookie_secret = { file = "cookies" } }
members = [{ name = "Olli", email = "Olli@Shop.example" }, \
{ name = "Anna", email = "a@x.example", role = "owner" }]
"""


@pytest.fixture
def secrets(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("known to the provider")
    (tmp_path / "cookies").write_text("known to nobody else")


def test_login_is_short_and_closed_unless_said_otherwise(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    assert not config.asks_who
    assert (config.login.idle, config.login.longest) == (timedelta(hours=12), timedelta(days=7))


def test_own_passwords_open_the_dashboard_to_other_machines(tmp_path: Path) -> None:
    assert "dashboard" in mistakes(tmp_path, GOOD + WIDE)
    assert load(tmp_path, GOOD + WIDE + "[login]\npasswords = true\n").asks_who


@pytest.mark.usefixtures("secrets")
def test_provider_opens_the_dashboard_to_other_machines(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD + WIDE + OIDC)
    member = config.login.member("olli@shop.EXAMPLE")
    assert member is not None
    assert (member.name, member.role) == ("Olli", Role.STAFF)
    assert config.login.member("nobody@shop.example") is None


@pytest.mark.usefixtures("secrets")
def test_secrets_of_the_provider_are_blotted_out_of_logs(tmp_path: Path) -> None:
    told = all_secrets(load(tmp_path, GOOD + OIDC))
    assert {"known to the provider", "known to nobody else"} <= set(told)


def test_missing_secret_of_the_provider_is_told_with_its_place(tmp_path: Path) -> None:
    assert {"login.oidc.client_secret", "login.oidc.cookie_secret"} <= set(mistakes(tmp_path, GOOD + OIDC))


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ('members = [{ name = "Olli", email = "o@x.example" }]', "login"),
        ('idle = "1m"', "login.idle"),
        ('longest = "31d"', "login.longest"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, wrong: str, place: str) -> None:
    assert place in mistakes(tmp_path, f"{GOOD}\n[login]\n{wrong}\n")


@pytest.mark.usefixtures("secrets")
def test_two_members_with_one_address_are_refused(tmp_path: Path) -> None:
    twice = OIDC.replace("a@x.example", "olli@shop.example")
    assert "their own email" in mistakes(tmp_path, GOOD + twice)["login"]
