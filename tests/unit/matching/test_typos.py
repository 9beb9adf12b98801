"""Typing errors: the search for many names finds what a search of each name by itself finds."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from monitor.domain import Match, Shop
from monitor.matching import Matcher
from monitor.matching.clean import fold
from monitor.matching.names import names_of, shared_stem, stem_keys
from monitor.matching.typos import LEAST_SHARED, Nearby
from tests.unit.matching.posts import LUMO, find, post, shop, words

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SYLLABLES = [
    consonant + vowel for consonant in "klmnprstvz" for vowel in ("a", "e", "io", "uss", "ä", "ö", "y")
]
NAMES = st.lists(st.sampled_from(SYLLABLES), min_size=4, max_size=5, unique_by=lambda part: part[0]).map(
    lambda parts: "".join(parts).capitalize()
)
SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100)


def _all_errors(stem: str) -> Iterator[str]:
    """Every spelling with one error in it, one after another: what the quick search must agree with."""
    for at, letter in enumerate(stem):
        before, after = stem[:at], stem[at + 1 :]
        yield before + after
        yield before + letter + letter + after
        yield from (before + other + after for other in LETTERS if other != letter)
        if at:
            yield from (before + other + letter + after for other in LETTERS if other != letter)
        if after and after[0] != letter:
            yield before + after[0] + letter + after[1:]


def _swaps_after(word: str, stem: str) -> Iterator[str]:
    for at in range(len(stem) - 1, len(word) - 1):
        if word[at] != word[at + 1] and not {word[at], word[at + 1]} <= set("aeiouy"):
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _is_meant(name: str, token: str) -> bool:
    piece = name.lower()
    stem = shared_stem(piece)
    if len(stem) < LEAST_SHARED:
        return False
    ends = {key[len(stem) : len(stem) + 1] for key in stem_keys(piece)}
    errors = [stem + stem[-1]] if token.startswith(stem) else _all_errors(stem)
    wrong = {error + end for error in errors for end in ends}
    return token.startswith((*wrong, *_swaps_after(fold(piece), stem)))


def _mistyped(word: str, data: st.DataObject) -> str:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    before, here, after = word[:at], word[at], word[at + 1 :]
    kinds = (before + after, before + letter + after, before + letter + here + after)
    return data.draw(
        st.sampled_from((*kinds, before + here + here + after, before + after[:1] + here + after[1:]))
    )


@SLOWLY
@given(names=st.lists(NAMES, min_size=1, max_size=8, unique=True), data=st.data())
def test_search_for_all_names_finds_just_the_names_one_error_away(
    names: list[str], data: st.DataObject
) -> None:
    nearby = Nearby()
    for index, name in enumerate(names):
        nearby.add(index, next(names_of(index, shop(name))))
    ending = data.draw(st.sampled_from(("", "n", "lta", "ssa", "kin")))
    token = _mistyped(fold(data.draw(st.sampled_from(names)).lower()), data) + ending
    assume(not token.startswith(tuple(key for name in names for key in stem_keys(name.lower()))))
    found = {names[index] for index in nearby.candidates(token)}
    assert found == {name for name in names if _is_meant(name, token)}


def _many_shops(count: int) -> list[Shop]:
    choose = random.Random(count)
    syllables = [a + b for a in "bdfgjkmnprstvz" for b in "aeiouy"]
    names = {"".join(choose.choice(syllables) for _ in range(4)) for _ in range(count)}
    return [shop(name.capitalize()) for name in sorted(names)]


MANY = Matcher([LUMO, *_many_shops(4000)])


def _seen(matches: tuple[Match, ...]) -> list[tuple[str, tuple[str, ...], float]]:
    return [(match.shop.slug, match.words, match.certainty) for match in matches if match.shop == LUMO]


@pytest.mark.parametrize(
    "typed",
    [
        "Kumopuoti",
        "Lwmopuoti",
        "umopuodilla",
        "Lumopuxodista",
        "Lumopouti",
        "lumoputi-tilaus",
        "Lumop0uoti",
        "Lumopuqti",
    ],
)
def test_any_error_is_found_among_thousands_of_names_as_surely_as_alone(typed: str) -> None:
    text = f"Tilasin {typed} paketin"
    alone = _seen(find(LUMO, text))
    assert [found[0] for found in alone] == ["lumopuoti"]
    assert _seen(MANY.find_shops(post(text))) == alone


def test_two_errors_are_not_found_among_thousands_of_names() -> None:
    assert _seen(MANY.find_shops(post("Tilasin Kumopouti paketin"))) == []


@pytest.mark.parametrize("typed", ["Lumoputi", "Lumopuuoti", "Lumopuoodista"])
def test_error_in_the_last_letter_that_all_forms_share_is_found(typed: str) -> None:
    assert words(LUMO, f"Tilasin {typed} paketin") == (typed,)


def test_name_that_begins_like_another_does_not_hide_its_typing_errors() -> None:
    shops = [LUMO, shop("Lumo")]
    assert words_of(shops, "Tilasin Lumopouti paketin") == {"lumopuoti": ("Lumopouti",)}


def test_form_of_another_shop_is_no_typing_error() -> None:
    shops = [shop("Vadelmari"), shop("Vadelmati")]
    assert words_of(shops, "Tilasin Vadelmarista") == {"vadelmari": ("Vadelmarista",)}


def test_part_of_a_name_that_stands_right_counts_though_another_part_is_mistyped() -> None:
    both = shop("Zeppari Glowberry")
    (full,) = find(both, "Tilasin Zeppari Glowbrery paketin")
    (alone,) = find(both, "Tilasin Zeppari paketin")
    assert full.words == ("Zeppari Glowbrery",)
    assert full.certainty >= alone.certainty


def words_of(shops: list[Shop], text: str) -> dict[str, tuple[str, ...]]:
    return {match.shop.slug: match.words for match in find(shops, text)}
