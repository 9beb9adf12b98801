"""Business ids: found as people write them, and told apart from wrong ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reachability.businessid import business_ids, is_right


@pytest.mark.parametrize("right", ["1572860-0", "0737546-2", "0112038-9", "2331972-7"])
def test_right_ids_are_right(right: str) -> None:
    assert is_right(right)


@pytest.mark.parametrize("wrong", ["1572860-1", "0737546-3", "7372860-0", "1234567-8"])
def test_wrong_ids_are_wrong(wrong: str) -> None:
    assert not is_right(wrong)


def check_digit(number: str) -> int | None:
    """The rule as the tax office words it: weights, remainder, and none where the remainder is 1."""
    rest = sum(int(digit) * weight for digit, weight in zip(number, (7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return {0: 0, 1: None}.get(rest, 11 - rest)


@given(st.from_regex(r"[0-9]{7}", fullmatch=True))
def test_one_check_digit_fits_at_most(number: str) -> None:
    fitting = [digit for digit in range(10) if is_right(f"{number}-{digit}")]
    assert fitting == [digit for digit in [check_digit(number)] if digit is not None]


@given(st.from_regex(r"[0-9]{7}", fullmatch=True), st.integers(0, 6), st.integers(1, 9))
def test_one_mistyped_digit_is_noticed(number: str, place: int, by: int) -> None:
    digit = check_digit(number)
    other = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    if digit is not None:
        assert not is_right(f"{other}-{digit}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lumopuoti Oy, Y-tunnus 1572860-0", ["1572860-0"]),
        ("FO-nummer: 1572860–0.", ["1572860-0"]),
        ("ALV-numero FI15728600", ["1572860-0"]),
        ("VAT FI 15728600 / 1572860-0", ["1572860-0"]),
        ("737546-2", ["0737546-2"]),
        ("puh. 09-1572860-0", []),
        ("tuote 91572860-05", []),
        ("20.11.2026-1", []),
        ("", []),
    ],
)
def test_ids_are_found_as_people_write_them(text: str, found: list[str]) -> None:
    assert business_ids(text) == found
