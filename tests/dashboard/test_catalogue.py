"""Every text of the pages is translated into Finnish and Swedish, and no translation is left over."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2] / "dashboard"
MARKERS = {"say": 1, "N_": 1, "say_many": 2}


def _used() -> set[tuple[str, ...]]:
    return {msgid for path in ROOT.rglob("*.py") for msgid in _of(path)}


def _of(path: Path) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
            texts = [
                argument.value
                for argument in node.args[: MARKERS[node.func.id]]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            ]
            if texts:
                yield tuple(texts)


def _catalogue(language: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    with (ROOT / "locale" / language / "dashboard.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {
        (message.id if isinstance(message.id, tuple) else (message.id,)): (
            message.string if isinstance(message.string, tuple) else (message.string,)
        )
        for message in catalogue
        if message.id
    }


def _blanks(texts: tuple[str, ...]) -> set[str]:
    return {part.split("}")[0] for text in texts for part in text.split("{")[1:]}


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_text_is_translated_and_no_translation_is_unused(language):
    used, known = _used(), _catalogue(language)
    assert len(used) > 200
    assert used - set(known) == set()
    assert set(known) - used == set()
    assert [msgid for msgid, strings in known.items() if not all(strings)] == []


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_translations_fill_the_same_blanks(language):
    for msgid, strings in _catalogue(language).items():
        assert _blanks(strings) <= _blanks(msgid) | {"n"}, msgid
        assert _blanks(msgid) - {"n"} <= _blanks(strings), msgid
