"""What the README and config.toml promise is what the program has."""

import re
from pathlib import Path

import pytest

from monitor.app import read_config
from monitor.cli import _parser
from monitor.config import Config
from monitor.notifiers import NOTIFIERS
from monitor.rules import RULES
from monitor.sources import SOURCES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHIPPED = (ROOT / "config.toml").read_text(encoding="utf-8")


def test_shipped_config_has_no_mistake() -> None:
    assert read_config(ROOT / "config.toml").demo is not None


def test_shipped_config_shows_every_key() -> None:
    missing = []
    for name, field in Config.model_fields.items():
        table = getattr(field.annotation, "model_fields", {})
        missing += [key for key in table if not re.search(rf"^#? ?{key} = ", SHIPPED, re.MULTILINE)]
        if not table and name != "folder":
            assert re.search(rf"^(?:{name} = |\[\[?{name}\]\]?)", SHIPPED, re.MULTILINE), name
    assert missing == []


@pytest.mark.parametrize("kind", SOURCES)
def test_readme_has_a_row_for_every_source(kind: str) -> None:
    row = SOURCES[kind]
    cells = (f"`{kind}`", row.reads, row.needs, row.speed, row.cannot_see, row.terms)
    assert f"| {' | '.join(cells)} |" in README


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_has_recordings_and_tests(kind: str) -> None:
    assert any((ROOT / "tests/recordings" / kind).iterdir())
    assert (ROOT / f"tests/sources/test_{kind}.py").exists()


@pytest.mark.parametrize("rule", [rule.__name__ for rule in RULES])
def test_every_rule_has_a_test(rule: str) -> None:
    assert any(rule in path.read_text(encoding="utf-8") for path in (ROOT / "tests/rules").glob("test_*.py"))


@pytest.mark.parametrize("kind", NOTIFIERS)
def test_readme_names_every_notifier(kind: str) -> None:
    assert f'"{kind}"' in README


def test_readme_names_every_command() -> None:
    actions = next(action for action in _parser()._actions if action.dest == "command")
    assert actions.choices is not None
    missing = [command for command in actions.choices if f"mainevahti {command}" not in README]
    assert missing == []
