"""Names that are hard to use are told, with what to do; no name crashes anything."""

import pytest

from monitor.matching import Form, Matcher, Trouble, advise, engine, forms, mistyped
from tests.unit.matching.posts import post, shop

ODD_NAMES = [
    "",
    " ",
    "!!",
    "a",
    "ja",
    "X",
    ".*",
    "(a+)+$",
    "[",
    "\\",
    "a|b",
    "Магазин",
    "商店",
    "Ελλάς",
    "😀",
    "Šiška",
    "Ærø",
    "a" * 300,
    "-".join(["x"] * 60),
    "Lumo\u200bpuoti",
    "İstanbul",
    "ﬁ",
    "&",
    "@",
    "#",
    "'",
    "s",
    "24",
    "7",
    "e",
    "öö",
    "\x00",
]


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("", Trouble.NOTHING_TO_FIND),
        ("!!", Trouble.NOTHING_TO_FIND),
        ("HM", Trouble.TOO_SHORT),
        ("ja", Trouble.STOP_WORD),
        ("och", Trouble.STOP_WORD),
        ("the", Trouble.STOP_WORD),
        ("Kuura", Trouble.ORDINARY_WORD),
        ("Halme", Trouble.PERSON),
        ("Aino", Trouble.PERSON),
        ("Магазин", Trouble.OTHER_SCRIPT),
        ("商店", Trouble.OTHER_SCRIPT),
    ],
)
def test_hard_name_is_told(name: str, trouble: Trouble) -> None:
    assert trouble in {advice.trouble for advice in advise(name)}


@pytest.mark.parametrize("name", ["Glowberry", "Zaffiro", "Trendella", "Kodinkulmio24"])
def test_made_up_name_needs_no_advice(name: str) -> None:
    assert [advice for advice in advise(name) if advice.trouble is not Trouble.COMPOUND] == []


def test_advice_on_an_ordinary_word_gives_its_frequency_and_context_words() -> None:
    (advice,) = [advice for advice in advise("Halla", ["fi"]) if advice.trouble is Trouble.ORDINARY_WORD]
    assert advice.per_million is not None
    assert advice.per_million > 1
    assert "asiakaspalvelu" in advice.context
    assert "'Halla'" in str(advice)


def test_warnings_name_the_shop_and_shared_names() -> None:
    shops = [shop("Kuura"), shop("Zeppari", aliases=("Kuura", ""))]
    warnings = Matcher(shops).warnings
    assert any(warning.startswith("kuura: The name 'Kuura' is an ordinary word") for warning in warnings)
    assert any("belongs to both kuura and zeppari" in warning for warning in warnings)
    assert any(warning.startswith("zeppari: The name '' has no letters") for warning in warnings)


def test_made_up_names_give_no_warnings() -> None:
    assert Matcher([shop("Glowberry")]).warnings == ()


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_name_crashes_nothing(name: str) -> None:
    odd = shop(
        name, aliases=(name, ""), domains=(name,), handles=(name,), words_near=(name,), not_words=(name,)
    )
    matcher = Matcher([odd, odd])
    text = f"Tilasin {name} kaupasta paketin {'a' * 400} {name}:n #{name} @{name} https://{name}.fi"
    assert isinstance(matcher.find_shops(post(text)), tuple)
    assert isinstance(matcher.warnings, tuple)
    assert isinstance(forms(name), list)
    assert isinstance(mistyped(name), list)
    for start, end in matcher.find_spans(text, odd):
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("name", ["Магазин", "商店", "Ελλάς"])
def test_name_in_another_script_is_found_as_written(name: str) -> None:
    (match,) = Matcher([shop(name)]).find_shops(post(f"Tilasin {name} eilen"))
    assert match.words == (name,)


def test_stop_word_as_a_name_does_not_flood() -> None:
    matcher = Matcher([shop("ja"), shop("On")])
    assert matcher.find_shops(post("Hän on kotona ja minä en. On kaunista.")) == ()


def test_forms_say_what_each_is_and_show_it_in_a_sentence() -> None:
    found = {form.text: form for form in forms("Lumopuoti")}
    assert found["Lumopuodista"].what == "elative"
    assert found["Lumopuodista"].example == "Tilasin Lumopuodista kengät."
    assert found["Lumopuotikin"].what == "nominative, clitic -kin"
    assert found["Lumopuotista"].weight < found["Lumopuodista"].weight == 1.0
    assert isinstance(found["Lumopuoti"], Form)


def test_forms_keep_the_names_own_spelling() -> None:
    texts = {form.text for form in forms("Kultapesä Casino")}
    assert {"Kultapesä Casinolta", "Kultapesä Casinon"} <= texts


@pytest.mark.parametrize("name", ["Lumopuoti", "Kultapesä Casino", "Sähkönurkka"])
def test_typing_errors_that_are_shown_do_match(name: str) -> None:
    shown = mistyped(name)
    assert shown
    for form in shown:
        (match,) = Matcher([shop(name)]).find_shops(post(f"Tilasin {form.text} paketin"))
        assert form.text in match.words
        assert form.what == "typing error"


def test_no_typing_errors_are_shown_for_a_short_name() -> None:
    assert mistyped("Zeppari") == []


def test_engine_says_which_morphology_is_in_use() -> None:
    assert engine() == "built-in rules" or engine().startswith("libvoikko")
