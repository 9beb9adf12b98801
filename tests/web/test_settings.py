"""The table [web]: off without it, this machine only by default, guarded beyond."""

import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.app import all_secrets
from monitor.config import Config, WebConfig, load_config, own_key
from monitor.errors import ConfigError

ROOT = Path(__file__).parents[2]
GOOD = '[[shops]]\nslug = "lumo"\nname = "Lumo"\n'
TOKEN = "tokens-are-twenty-signs"


def load(folder: Path, text: str, **environ: str) -> Config:
    path = folder / "config.toml"
    path.write_text(GOOD + text, encoding="utf-8")
    return load_config(path, {}, environ)


def mistakes(folder: Path, text: str, **environ: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **environ)
    return {mistake.path: f"{mistake.problem} {mistake.remedy}" for mistake in caught.value.mistakes}


def test_web_is_off_without_its_table(tmp_path: Path) -> None:
    assert load(tmp_path, "").web is None


def test_web_stays_on_this_machine_by_default(tmp_path: Path) -> None:
    web = load(tmp_path, "[web]").web
    assert web is not None
    assert web.base_url == "http://127.0.0.1:8502"


def test_links_start_with_the_public_address() -> None:
    assert WebConfig(url="https://vahti.example/mv/").base_url == "https://vahti.example/mv"
    assert WebConfig(address="::1").base_url == "http://[::1]:8502"


@pytest.mark.parametrize(
    "text",
    [
        '[web]\naddress = "0.0.0.0"',
        '[web]\naddress = "0.0.0.0"\nurl = "https://vahti.example"',
        '[web]\naddress = "192.0.2.1"\ntokens = [{ name = "a", secret = { env = "T" } }]',
    ],
)
def test_beyond_this_machine_needs_url_and_tokens(tmp_path: Path, text: str) -> None:
    said = mistakes(tmp_path, text, T=TOKEN)["web"]
    assert "beyond 127.0.0.1" in said
    assert "tokens = [{ name" in said


def test_beyond_this_machine_with_both(tmp_path: Path) -> None:
    text = '[web]\naddress = "0.0.0.0"\nurl = "https://vahti.example"\n'
    web = load(tmp_path, text + 'tokens = [{ name = "a", secret = { env = "T" } }]', T=TOKEN).web
    assert web is not None
    assert web.address == "0.0.0.0"


@pytest.mark.parametrize(
    "url", ["vahti.example", "ftp://vahti.example", "https://", "https://x/?a=b", "https://a b"]
)
def test_strange_public_address_is_a_mistake(url: str) -> None:
    with pytest.raises(ValidationError):
        WebConfig(url=url)


def test_missing_and_weak_tokens_are_mistakes_with_their_path(tmp_path: Path) -> None:
    text = """[web]
    tokens = [{ name = "a", secret = { env = "A" } }, { name = "b", secret = { env = "B" } },
              { name = "c", secret = { env = "C" } }]
    """
    said = mistakes(tmp_path, text, B="short", C="with a space in it, which no header carries")
    assert "is not set" in said["web.tokens[0].secret"]
    assert "20 plain characters" in said["web.tokens[1].secret"]
    assert "without spaces" in said["web.tokens[2].secret"]
    assert "short" not in str(said)


def test_two_tokens_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    text = '[web]\ntokens = [{ name = "a", secret = { env = "T" } }, { name = "a", secret = { env = "T" } }]'
    assert "its own name" in mistakes(tmp_path, text, T=TOKEN)["web"]


def test_token_in_the_clear_is_a_mistake_that_does_not_repeat_it(tmp_path: Path) -> None:
    said = mistakes(tmp_path, f'[web]\ntokens = [{{ name = "a", secret = "{TOKEN}" }}]')
    assert TOKEN not in str(said)
    assert list(said) == ["web.tokens[0].secret"]


def test_tokens_are_blotted_out_of_logs(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    text = '[web]\ntokens = [{ name = "a", secret = { file = "token" } }]'
    assert all_secrets(load(tmp_path, text)) == [TOKEN]


def test_shipped_config_shows_every_key_of_the_table() -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    table = text.partition("\n[web]")[2].partition("\n[")[0]
    missing = [key for key in WebConfig.model_fields if not re.search(rf"^#? ?{key} = ", table, re.MULTILINE)]
    assert missing == []
    assert tomllib.loads(text)["web"] == {"address": "127.0.0.1", "port": 8502}


def test_key_is_made_once_by_however_many(tmp_path: Path) -> None:
    config = load(tmp_path, "")
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: own_key(config, "links"), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["links.key"]


def test_key_that_is_damaged_or_out_of_reach_is_a_mistake(tmp_path: Path) -> None:
    config = load(tmp_path, "")
    (tmp_path / "var").mkdir()
    (tmp_path / "var/links.key").write_bytes(b"short")
    with pytest.raises(ConfigError, match="damaged"):
        own_key(config, "links")
    (tmp_path / "var/other.key").mkdir()
    with pytest.raises(ConfigError, match="cannot be used"):
        own_key(config, "other")
