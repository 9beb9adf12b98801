"""One form of a word finds the others, in three languages, and nothing a stranger writes breaks a search."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.stems import hits, terms, wanted


def finds(search: str, text: str) -> bool:
    """What an index does with `wanted`: every word of the search by its beginning or one of its roots."""
    said = terms(text)
    return all(
        any(term.startswith(word) for term in said) or bool(set(roots) & set(said))
        for word, roots in wanted(search)
    )


@pytest.mark.parametrize(
    "forms",
    [
        "toimitus toimituksen toimitusta toimituksia toimitukset toimitusten",
        "palautus palautuksen palautusta palautuksessa",
        "peitto peiton peittoa peitot",
        "kenkä kengät kenkiä kengissä",
        "lamppu lamput lampun lamppuja",
        "kauppa kaupan kauppaa kaupassa",
        "laatu laadun laatua",
        "hevonen hevosen hevosta",
        "turvallisuus turvallisuuden turvallisuutta",
        "leverans leveransen",
        "order orders ordered",
        "huijaus huijausta huijauksen",
    ],
)
def test_every_form_finds_every_other(forms: str) -> None:
    words = forms.split()
    missed = [(one, other) for one in words for other in words if not finds(one, f"Se {other} oli siinä.")]
    assert missed == []


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("peitto", "Torkkupeiton väri on väärä"),
        ("PEITTO väri", "torkkupeiton Väri"),
        ("torkku", "torkkupeitto"),
        ("toimitusaika", "Toimitusaikoja ei kerrottu"),
        ("100", "maksoi 100 %"),
        ("漢字", "漢字 ja muuta"),
        ("pui puis", "pui puis"),
    ],
)
def test_a_word_is_found_in_compounds_cases_and_other_scripts(search: str, text: str) -> None:
    assert finds(search, text)


@pytest.mark.parametrize(
    ("search", "text"), [("tilaus", "tila on iso"), ("kenkä", "kenraali"), ("10", "5"), ("peitto", "peili")]
)
def test_another_word_is_not_found(search: str, text: str) -> None:
    assert not finds(search, text)


@given(st.text())
def test_any_text_finds_itself_and_its_terms_hold_nothing_but_letters_and_digits(text: str) -> None:
    assert all(re.fullmatch(r"[^\W_]{1,41}", term) for term in terms(text))
    assert finds(text, text)


def test_a_search_of_many_words_is_cut() -> None:
    assert len(wanted("sana " * 5_000)) == 16


def test_what_was_found_is_told_as_it_stands_in_the_text() -> None:
    text = "TORKKUPEITON väri on väärä, väri!"
    assert hits(text, "peitto väri") == ("TORKKUPEITON", "väri")
    assert hits(text, "peili 🙂") == ()
