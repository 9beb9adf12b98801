"""config.toml: every mistake at once, with key path and remedy; secrets never shown."""

from datetime import time, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from monitor.app import all_secrets, read_config
from monitor.config import Config, SecretRef, load_config, parse_duration, read_secret
from monitor.errors import ConfigError

ROOT = Path(__file__).parents[2]


class PretendSettings(BaseModel):
    """Options of a source kind that exists only here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    token: SecretRef | None = None


KINDS = {"feed": PretendSettings}
GOOD = """
[[shops]]
slug = "lumo"
name = "Lumo"
recipients = ["owner"]

[[recipients]]
slug = "owner"
name = "Omistaja"
email = "omistaja@lumo.example"

[[sources]]
slug = "blogi"
kind = "feed"
url = "https://blogi.example/feed"
every = "15m"
"""


def load(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, KINDS, environ or {})


def mistakes(tmp_path: Path, text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return {mistake.path: f"{mistake.problem} {mistake.remedy}" for mistake in caught.value.mistakes}


def test_config_reads_a_small_file_and_fills_in_the_rest(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    assert config.shops[0].to_shop().name == "Lumo"
    assert config.sources[0].every == timedelta(minutes=15)
    assert config.sources[0].options == {"url": "https://blogi.example/feed"}
    assert config.deadlines.week[0] == ((time(9), time(17)),)
    assert config.path(Path("var")) == (tmp_path / "var").resolve()


def test_config_lists_every_mistake_with_path_and_remedy(tmp_path: Path) -> None:
    text = """
langauge = "fi"
timezone = "Europe/Helsingfors"
[[shops]]
slug = "Lumo Puoti"
name = "Lumopuoti"
recipients = ["ownr"]
[[recipients]]
slug = "owner"
name = "Omistaja"
email = "not an address"
[[sources]]
slug = "blogi"
kind = "fed"
[[sources]]
slug = "toinen"
kind = "feed"
ulr = "https://a.example"
evry = "10m"
[alerts]
more_every = "half an hour"
[deadlines]
monday = ["17-9"]
[mail]
transport = "smtp"
"""
    found = mistakes(tmp_path, text)
    assert 'Did you mean "language"?' in found["langauge"]
    assert "time zone" in found["timezone"]
    assert "shops[0].slug" in found
    assert "recipients[0].email" in found
    assert 'Did you mean "feed"?' in found["sources[0].kind"]
    assert 'Did you mean "url"?' in found["sources[1].ulr"]
    assert 'Did you mean "every"?' in found["sources[1].evry"]
    assert "missing" in found["sources[1].url"]
    assert '"10m"' in found["alerts.more_every"]
    assert "opening time" in found["deadlines.monday[0]"]
    assert "host" in found["mail"]


def test_config_names_unknown_references(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GOOD.replace('["owner"]', '["ownr"]'))
    assert 'Did you mean "owner"?' in found["shops[0].recipients"]


def test_config_refuses_doubled_slugs_and_only_rivals(tmp_path: Path) -> None:
    doubled = mistakes(tmp_path, GOOD + '[[shops]]\nslug = "lumo"\nname = "Lumo"\n')
    assert "stands twice" in doubled["shops"]
    rivals = mistakes(tmp_path, GOOD.replace('name = "Lumo"', 'name = "Lumo"\nrival = true'))
    assert "rival" in rivals["shops"]


def test_config_says_when_the_file_is_missing_or_not_toml(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "none.toml", KINDS, {})
    with pytest.raises(ConfigError, match="not TOML"):
        load(tmp_path, "[[shops")
    path = tmp_path / "latin.toml"
    path.write_bytes("language = 'ä'".encode("latin-1"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_config(path, KINDS, {})


def test_secret_comes_from_environment_or_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    assert read_secret(SecretRef(env="TOKEN"), tmp_path, {"TOKEN": "abc"}) == "abc"
    assert read_secret(SecretRef(file=Path("token")), tmp_path, {}) == "s3cret"


def test_secret_that_is_missing_is_named_with_its_key(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GOOD + 'token = { env = "BLOGI_TOKEN" }\n')
    assert "BLOGI_TOKEN is not set" in found["sources[0].token"]


def test_secret_written_in_the_clear_is_refused_and_not_repeated(tmp_path: Path) -> None:
    text = GOOD + '\n[mail]\ntransport = "smtp"\nhost = "smtp.example"\npassword = "hunter2"\n'
    found = mistakes(tmp_path, text)
    assert "mail.password" in found
    assert "hunter2" not in str(found)


def test_dashboard_beyond_this_machine_needs_a_password(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GOOD + '\n[dashboard]\naddress = "0.0.0.0"\n')
    assert "password" in found["dashboard"]


def test_dashboard_beyond_this_machine_needs_an_address_for_people(tmp_path: Path) -> None:
    wide = GOOD + '\n[dashboard]\naddress = "0.0.0.0"\npassword = { env = "PASSWORD" }\n'
    assert "url" in mistakes(tmp_path, wide)["dashboard"]
    config = load(tmp_path, wide + 'url = "https://vahti.example/"\n', {"PASSWORD": "hunter2"})
    assert config.dashboard.base_url == "https://vahti.example"


def test_dashboard_that_a_proxy_shows_to_others_needs_a_password(tmp_path: Path) -> None:
    shown = GOOD + '\n[dashboard]\nurl = "https://vahti.example"\n'
    assert "password" in mistakes(tmp_path, shown)["dashboard"]
    load(tmp_path, shown + 'password = { env = "PASSWORD" }\n', {"PASSWORD": "hunter2"})


@pytest.mark.parametrize("url", ["http://localhost:8501", "http://127.0.0.1:9000", "http://[::1]:8501"])
def test_dashboard_of_this_machine_needs_no_password(tmp_path: Path, url: str) -> None:
    config = load(tmp_path, GOOD + f'\n[dashboard]\nurl = "{url}"\n')
    assert config.dashboard.base_url == url


def test_dashboard_url_must_be_an_address(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GOOD + '\n[dashboard]\nurl = "vahti.example"\n')
    assert "whole address" in found["dashboard.url"]


def test_dashboard_puts_an_ipv6_address_into_brackets(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD + '\n[dashboard]\naddress = "::1"\n')
    assert config.dashboard.base_url == "http://[::1]:8501"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://vahti:hunter2@db.example/vahti",
        "postgresql+psycopg://vahti:hunter2/#?@db.example:5432/vahti",
        "postgresql+psycopg://:hunter2@db.example/vahti",
        "postgresql+psycopg://vahti@db.example/vahti?password=hunter2",
        "postgresql+psycopg://vahti@db.example/vahti?sslmode=require&Password=hunter2",
    ],
)
def test_password_in_the_address_of_the_database_is_refused_and_not_repeated(
    tmp_path: Path, url: str
) -> None:
    found = mistakes(tmp_path, GOOD + f'\n[database]\nurl = "{url}"\n')
    assert 'password = { env = "NAME" }' in found["database"]
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///var/vahti.db",
        "sqlite:////srv/a:b@c/vahti.db",
        "sqlite:///file:vahti.db?mode=ro&uri=true",
        "postgresql+psycopg://vahti@db.example:5432/vahti?sslmode=require",
        "postgresql+psycopg://vahti@[::1]:5432/vahti",
    ],
)
def test_address_of_the_database_without_a_password_is_fine(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, GOOD + f'\n[database]\nurl = "{url}"\n').database.url == url


def test_secret_of_a_source_that_is_switched_off_is_not_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    source = '[[sources]]\nslug = "off"\nkind = "feed"\nenabled = false\nsecret_url = { env = "NOT_SET" }\n'
    path.write_text(GOOD.partition("[[sources]]")[0] + source, encoding="utf-8")
    assert all_secrets(read_config(path)) == []


def test_config_is_frozen(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        load(tmp_path, GOOD).language = "sv"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("written", "seconds"), [("90s", 90), ("10m", 600), ("1h 30m", 5400), ("7d", 604800), ("2w", 1209600)]
)
def test_duration_is_read_as_people_write_it(written: str, seconds: int) -> None:
    assert parse_duration(written).total_seconds() == seconds


@pytest.mark.parametrize("written", ["", "10", "m10", "10 minutes", 10, None, "99999999w", "-5m"])
def test_duration_refuses_what_it_does_not_know(written: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(written)
