"""Settings of retention, backups, the look at a shop's site, and surveys: what is refused, and why."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import all_secrets, read_config
from monitor.config import Config
from monitor.errors import ConfigError
from monitor.listening import hooks

SHOP = '[[shops]]\nslug = "lumopuoti"\nname = "Lumopuoti"\n'
FORUM = '[[sources]]\nslug = "foorumi"\nkind = "discourse"\nurl = "https://foorumi.example"\n'
SURVEY = '[[sources]]\nslug = "kysely"\nkind = "survey"\nsecret = { env = "SURVEY_WORD" }\n'


def read(folder: Path, *tables: str) -> Config:
    path = folder / "config.toml"
    path.write_text("".join((SHOP, *tables)), encoding="utf-8")
    return read_config(path)


def mistakes(folder: Path, *tables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, *tables)
    return str(caught.value)


def test_source_goes_before_its_kind_and_kind_before_all(tmp_path: Path) -> None:
    keep = '[retention]\nposts = "400d"\nkinds = { survey = "180d" }\nsources = { foorumi = "30d" }\n'
    retention = read(tmp_path, FORUM, keep).retention
    assert retention.of("foorumi", "discourse") == timedelta(days=30)
    assert retention.of("kysely", "survey") == timedelta(days=180)
    assert retention.of("blogi", "feed") == timedelta(days=400)
    assert retention.of("poistettu", None) == timedelta(days=400)
    assert retention.shortest == timedelta(days=30)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('sources = { fourumi = "30d" }', 'no source "fourumi"'),
        ('kinds = { surveys = "30d" }', 'no kind of source "surveys"'),
        ('kinds = { survey = "soon" }', "write a duration"),
    ],
)
def test_retention_of_what_is_not_there_is_a_mistake(tmp_path: Path, keys: str, said: str) -> None:
    assert said in mistakes(tmp_path, FORUM, f"[retention]\n{keys}\n")


def test_site_has_a_port_that_there_can_be(tmp_path: Path) -> None:
    assert "Port out of range" in mistakes(tmp_path, 'site = "https://lumopuoti.fi:99999"\n')


@pytest.mark.parametrize(
    "site",
    ["lumopuoti.fi", "ftp://lumopuoti.fi", "https://lumopuoti.fi/?x=1", "https://me:secret@lumopuoti.fi"],
)
def test_site_is_a_whole_address(tmp_path: Path, site: str) -> None:
    assert "write the whole address" in mistakes(tmp_path, f'site = "{site}"\n')


def test_nothing_is_looked_at_unless_a_site_is_named(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.shops[0].site is None
    assert config.reach.every == timedelta(days=7)


def test_pushed_survey_needs_the_web_endpoint_and_a_dropped_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_WORD", "w" * 30)
    assert "has no way in" in mistakes(tmp_path, SURVEY)
    assert (
        list(hooks(read(tmp_path, SURVEY.replace('secret = { env = "SURVEY_WORD" }', 'folder = "x"')))) == []
    )
    ((slug, hook),) = hooks(read(tmp_path, SURVEY, "[web]\n"))
    assert (slug, hook.secret, hook.window) == ("kysely", "w" * 30, timedelta(minutes=5))


def test_passphrase_of_backups_is_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = '[backup]\npassphrase = { env = "BACKUP_WORD" }\n'
    assert "BACKUP_WORD is not set" in mistakes(tmp_path, table)
    monkeypatch.setenv("BACKUP_WORD", "kolme vanhaa kuusta")
    assert "kolme vanhaa kuusta" in all_secrets(read(tmp_path, table))
