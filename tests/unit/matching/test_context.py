"""Certainty: ordinary words, people, context words, threads, typing errors."""

import pytest

from monitor.matching import Matcher, decide
from tests.unit.matching.posts import KUURA, LUMO, POLKU, certainty, find, is_kept, post, shop, words

PLAIN_KUURA = shop("Kuura")


@pytest.mark.parametrize(
    "text",
    [
        "Tilasin kuukausi sitten ja Kuuralta ei vastata",
        "@kuura missä paketti?",
        "Kuuran asiakaspalvelu on hyvä",
    ],
)
def test_ordinary_word_is_kept_where_the_shop_is_meant(text: str) -> None:
    assert is_kept(PLAIN_KUURA, text)


@pytest.mark.parametrize(
    "text",
    [
        "Aamulla oli paksu kuura auton ikkunassa.",
        "Eilen satoi ja yöllä kuuraa oli pihalla.",
        "KYLMÄ OLI JA KUURAA PIHALLA",
    ],
)
def test_ordinary_word_is_not_kept_where_it_is_just_a_word(text: str) -> None:
    assert not is_kept(PLAIN_KUURA, text)


def test_words_near_raise_and_not_words_sink() -> None:
    plain = certainty(PLAIN_KUURA, "Eilen Kuura oli kaunis.")
    assert certainty(KUURA, "Eilen Kuura oli kaunis koru.") > plain
    assert certainty(KUURA, "Eilen Kuura oli kaunis pakkasella.") < plain
    assert not is_kept(KUURA, "Eilen Kuuralta tuli ikkunaan jäätä.")


def test_not_words_count_in_their_inflected_forms() -> None:
    assert not is_kept(KUURA, "Kuuran voi raaputtaa ikkunoista")


@pytest.mark.parametrize("text", ["Kalle Nordhem voitti", "rouva Nordhem soitti", "Nordhem Anna, 7 v"])
def test_surname_of_a_person_is_not_kept(text: str) -> None:
    assert not is_kept(shop("Nordhem"), text)


def test_surname_is_kept_where_something_was_ordered() -> None:
    assert is_kept(shop("Nordhem"), "Tilasin Nordhemilta takin ja toimitus kesti")


def test_case_sensitive_name_needs_its_capital() -> None:
    strict = shop("Kuura", case_sensitive=True)
    assert words(strict, "tilasin kuuralta paketin") == ()
    assert words(strict, "tilasin Kuuralta paketin") == ("Kuuralta",)
    assert words(strict, "katso @kuura") == ("@kuura",)


def test_thread_title_carries_an_answer_that_names_nobody() -> None:
    (match,) = find(LUMO, "Sama täällä, ei vastausta", thread_title="Lumopuodista ei saa vastausta")
    assert (match.where, match.words) == ("thread", ("Lumopuodista",))
    assert match.certainty < certainty(LUMO, "Lumopuodista ei saa vastausta")
    assert decide(match.certainty, None)


def test_parent_carries_less_than_the_thread_title() -> None:
    (match,) = find(LUMO, "Sama täällä", parent="Lumopuodista ei tullut mitään")
    assert match.where == "parent"
    assert match.certainty < certainty(LUMO, "Sama täällä", thread_title="Lumopuodista ei tullut mitään")


def test_own_text_wins_over_the_thread_title() -> None:
    (match,) = find(LUMO, "Lumopuoti ei vastaa", thread_title="Lumopuoti")
    assert match.where == "text"


def test_name_in_the_thread_makes_an_unsure_word_surer() -> None:
    text = "Minulle kuura lähetti väärän"
    assert certainty(PLAIN_KUURA, text, thread_title="Kuuralta tilattu paketti") > certainty(
        PLAIN_KUURA, text
    )


def test_several_shops_give_a_match_each() -> None:
    found = find([LUMO, POLKU], "Lumopuoti vai Kenkäpolku? Kenkäpolulta tuli nopeammin.")
    assert {match.shop.slug: match.words for match in found} == {
        "lumopuoti": ("Lumopuoti",),
        "kenkäpolku": ("Kenkäpolku", "Kenkäpolulta"),
    }


@pytest.mark.parametrize(
    "typed", ["Lumopouti", "Lumpuoti", "Lumoopuoti", "Kumopuoti", "Lunopuodista", "Lumopuoodilta"]
)
def test_typing_error_is_a_weaker_match(typed: str) -> None:
    assert words(LUMO, f"Tilasin {typed} paketin") == (typed,)
    assert 0.5 <= certainty(LUMO, f"Tilasin {typed} paketin") < certainty(LUMO, "Tilasin Lumopuoti paketin")


@pytest.mark.parametrize("typed", ["Kultapsä Casinolta", "Kultapesä Casnolta", "kultapesäcasnolta"])
def test_typing_error_in_either_word_is_a_match(typed: str) -> None:
    assert words(shop("Kultapesä Casino"), f"Tilasin {typed} paketin") == (typed,)


def test_drawn_out_letters_are_a_match() -> None:
    assert words(LUMO, "Voi Lumopuotiiiii mitä teitte") == ("Lumopuotiiiii",)


def test_other_number_is_another_shop() -> None:
    assert words(shop("Kodinkulma24"), "Tilasin Kodinkulma25 paketin") == ()


def test_typing_errors_are_not_looked_for_in_short_names() -> None:
    assert words(shop("Zeppari"), "Tilasin Zepari paketin") == ()


@pytest.mark.parametrize("text", ["Sähkönurmi", "lumopuotti", "Lumopuota", "lumopuu"])
def test_typing_error_makes_no_other_word_into_the_shop(text: str) -> None:
    assert words(LUMO, text) == ()
    assert words(shop("Sähkönurkka"), text) == ()


def test_missing_diacritics_are_weaker_and_several_wrong_ones_no_match() -> None:
    assert 0.5 < certainty(POLKU, "Tilasin Kenkapolulta") < certainty(POLKU, "Tilasin Kenkäpolulta")
    assert 0.4 < certainty(shop("Hertsila"), "Tilasin Hertsilältä") < 0.7
    assert words(shop("Saarela"), "Sääreläst tuli") == ()


def test_short_name_counts_where_the_full_one_is_near() -> None:
    satumaa = shop("Satumaa Kosmetik")
    assert is_kept(satumaa, "Sama täällä, satumaa ei vastaa", thread_title="Satumaa Kosmetik huijaa")
    assert not is_kept(satumaa, "Eilen soi kaunis satumaa.")


def test_decide_without_a_model_keeps_what_is_as_likely_right_as_wrong() -> None:
    assert decide(0.5, None)
    assert not decide(0.49, None)


def test_decide_keeps_a_sure_match_unless_the_model_clearly_says_no() -> None:
    assert decide(1.0, 0.2)
    assert not decide(0.99, 0.1)


def test_decide_drops_an_unsure_match_unless_the_model_is_sure() -> None:
    assert decide(0.3, 0.9)
    assert not decide(0.3, 0.6)


def test_find_spans_are_those_of_one_shop_in_the_text_itself() -> None:
    text = "Lumopuoti, Kenkäpolulta ja Lumopuodista"
    spans = Matcher([LUMO, POLKU]).find_spans(text, LUMO)
    assert [text[start:end] for start, end in spans] == ["Lumopuoti", "Lumopuodista"]


def test_empty_post_names_nobody() -> None:
    assert Matcher([LUMO]).find_shops(post("")) == ()
