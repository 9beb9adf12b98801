"""Posts about the same matter are found by the rare words that they share."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.text.similar import similar

ASKED = "Kide-lamppu alkoi savuta ja pistoke suli kiinni pistorasiaan"
OTHERS = [
    "Paketti on hukassa, kolmas kerta tänä syksynä",
    "Minunkin lamppuni savusi, pistokkeeseen suli reikä",
    "Hyvä palvelu, paketti tuli ajallaan",
    "Lampun väri ei ollut se mikä kuvassa",
]


def test_same_matter_in_other_forms_is_found_and_other_matters_are_not() -> None:
    assert [place for place, _ in similar(ASKED, OTHERS)] == [1]


def test_equal_text_comes_first_and_is_wholly_alike() -> None:
    found = similar(ASKED, [*OTHERS, ASKED])
    assert found[0][0] == 4
    assert found[0][1] > 0.99


def test_word_that_all_texts_hold_says_nothing() -> None:
    assert similar("Lumopuoti Lumopuoti", ["Lumopuoti tänään", "Lumopuoti huomenna"]) == []


def test_empty_and_wordless_texts_are_like_nothing() -> None:
    assert similar("", OTHERS) == []
    assert similar("!!! 😀 a b", ["", "!!! 😀"]) == []
    assert similar(ASKED, []) == []


@given(st.text(), st.lists(st.text(), max_size=5))
def test_any_text_is_read(text: str, others: list[str]) -> None:
    assert all(0 <= likeness <= 1.000001 for _, likeness in similar(text, others, at_least=0))
