"""The list of names: every form is found and kept, look-alikes are not."""

import tomllib
from pathlib import Path

import pytest

from monitor.matching import Matcher, decide, engine
from tests.unit.matching.posts import post, shop

LIST = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))["name"]
ONLY_A_DICTIONARY_KNOWS = {"Lumipuodista"}  # lumi + puodista, one error from Lumopuodista


def _forms(name: dict[str, str], which: str) -> list[str]:
    return [form.replace("_", " ") for form in name[which].split()]


@pytest.mark.parametrize("name", LIST, ids=lambda name: name["name"])
def test_name_is_found_in_every_form(name: dict[str, str]) -> None:
    matcher = Matcher([shop(name["name"])])
    missed = [
        form
        for form in _forms(name, "found")
        if not any(
            decide(match.certainty, None)
            for match in matcher.find_shops(post(f"Eilen tilasin {form} paketin."))
        )
    ]
    assert missed == []


@pytest.mark.parametrize("name", LIST, ids=lambda name: name["name"])
def test_name_is_not_kept_for_words_that_look_like_it(name: dict[str, str]) -> None:
    matcher = Matcher([shop(name["name"])])
    kept = [
        form
        for form in _forms(name, "other")
        if any(decide(m.certainty, None) for m in matcher.find_shops(post(f"Eilen oli {form} paikalla.")))
    ]
    assert set(kept) <= (ONLY_A_DICTIONARY_KNOWS if engine() == "built-in rules" else set())


def test_all_names_are_found_together_in_one_pass() -> None:
    matcher = Matcher([shop(name["name"]) for name in LIST])
    text = "Sain Kenkäpolulta kengät, Glowberrystä rasvan, Hopeahylkeeltä korun ja Prylo.se:stä lampun."
    found = {match.shop.name: match.words for match in matcher.find_shops(post(text))}
    assert found["Kenkäpolku"] == ("Kenkäpolulta",)
    assert found["Glowberry"] == ("Glowberrystä",)
    assert found["Hopeahylje"] == ("Hopeahylkeeltä",)
    assert found["Prylo.se"] == ("Prylo.se:stä",)


def test_a_poets_plural_of_another_word_is_no_match() -> None:
    assert Matcher([shop("Lumopuoti")]).find_shops(post("lumopuotteja kuun alla")) == ()


def test_doubled_consonant_is_not_a_clitic() -> None:
    assert Matcher([shop("Peliko")]).find_shops(post("Pelikko mies vai eikö")) == ()


def test_matches_are_ordered_by_certainty_then_slug() -> None:
    shops = [shop("Zeppari"), shop("Aittuli"), shop("Kuura")]
    found = Matcher(shops).find_shops(post("Kuura oli kaunis. Tilasin Zepparista ja Aittulista paketin."))
    assert [match.shop.slug for match in found] == ["aittuli", "zeppari", "kuura"]
