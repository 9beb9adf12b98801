"""config.toml: every mistake at once, with key path and remedy; secrets never shown."""

from datetime import time, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

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
