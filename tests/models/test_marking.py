import pytest

from models.marking import mark


@pytest.mark.parametrize(
    ("text", "shop", "marked"),
    [
        ("Tilasin Mustikkapuodista eilen", "Mustikkapuoti", "Tilasin  [ Mustikkapuodista ]  eilen"),
        ("Rautapajan laatu", "Rautapaja", " [ Rautapajan ]  laatu"),
        ("kiitos Kerälle!", "Kerä", "kiitos  [ Kerälle ] !"),
        ("Viitasella oli ale", "Viitanen", " [ Viitasella ]  oli ale"),
        ("vadelmattaren mekko", "Vadelmatar", " [ vadelmattaren ]  mekko"),
        ("Kellokkaasta sain", "Kellokas", " [ Kellokkaasta ]  sain"),
        ("Valopajan lamppu", "Valopaja24", " [ Valopajan ]  lamppu"),
        ("@tuikkufi:sta vastaus", "Tuikku.fi", " [ @tuikkufi:sta ]  vastaus"),
        ("katso tuikku.fi", "Tuikku.fi", "katso  [ tuikku.fi ] "),
        ("Gable & Finch answered", "Gable & Finch", " [ Gable & Finch ]  answered"),
        ("Halmeen puutarhan taimet", "Halmeen Puutarha", " [ Halmeen puutarhan ]  taimet"),
        ("Lyktans kundtjänst", "Lyktan", " [ Lyktans ]  kundtjänst"),
        ("Hobson's is fine", "Hobson's Fabrics", " [ Hobson's ]  is fine"),
    ],
)
def test_mark_finds_inflected_name(text: str, shop: str, marked: str) -> None:
    assert mark(text, shop) == marked


@pytest.mark.parametrize(
    ("text", "shop"),
    [
        ("hallitus kokoontui", "Halla"),
        ("Kerron lisää", "Kerä"),
        ("Utuinen aamu", "Utu"),
        ("nothing of that name", "Otterly"),
        ("mikä tahansa", ""),
    ],
)
def test_mark_leaves_other_words_alone(text: str, shop: str) -> None:
    assert mark(text, shop) == text


def test_mark_marks_words_that_matching_found() -> None:
    assert mark("Ostin MP:stä sen", "Mustikkapuoti", ("MP:stä",)) == "Ostin  [ MP:stä ]  sen"


def test_mark_makes_brackets_of_the_text_round_so_that_nobody_can_forge_a_mark() -> None:
    assert mark("[Otterly]", "Otterly") == "( [ Otterly ] )"


def test_mark_joins_overlapping_spans_once() -> None:
    assert mark("Otterly", "Otterly", ("otterly", "Otterly")) == " [ Otterly ] "
