from pathlib import Path

import pytest

from models.inputs import MAX_WINDOWS, clean, pair, windows
from models.questions import Question
from models.storage import load_tokenizer


def test_pair_puts_shop_title_and_parent_before_the_post() -> None:
    found = pair(Question("Sama täällä", "Lyktan", "Lyktan?", "Lyktanin paketti hukassa"))
    assert found.context == "[ Lyktan ] |  [ Lyktan ] ? |  [ Lyktanin ]  paketti hukassa"
    assert found.post == "Sama täällä"


def test_pair_has_no_context_when_nothing_is_known() -> None:
    assert pair(Question("Hei", "")).context == ""


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x00b\u202ec\n\n d", "a b c d"),
        ("\ud800 hei", "hei"),
        ("eiiiiiiiiiiiiiii", "eiiiii"),
        (" \t\n", ""),
    ],
)
def test_clean_leaves_one_readable_line(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_windows_cover_a_long_post_with_a_bounded_number(tiny_base: Path) -> None:
    tokenizer = load_tokenizer(tiny_base)
    short = pair(Question("Kiitos", "Lyktan"))
    long = pair(Question("paketti ei ole tullut " * 4000, "Lyktan"))
    one, many = windows([short, long], tokenizer, 64)
    assert len(one) == 1
    assert 1 < len(many) <= MAX_WINDOWS
    assert all(len(ids) <= 64 for ids in many)
    assert many[-1][-1] == tokenizer.sep_token_id
