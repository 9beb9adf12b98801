"""Links, mail addresses, handles, hashtags and quotes."""

import pytest

from tests.unit.matching.posts import LUMO, certainty, shop, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("katso https://www.lumopuoti.fi/ale?x=1", "www.lumopuoti.fi"),
        ("katso https://m.lumopuoti.fi", "m.lumopuoti.fi"),
        ("lumopuoti.fi:n sivut", "lumopuoti.fi:n"),
        ("(lumopuoti.fi)", "lumopuoti.fi"),
        ("kirjoitin asiakaspalvelu@lumopuoti.fi", "lumopuoti.fi"),
        ("hei @lumopuoti vastatkaa", "@lumopuoti"),
        ("hei @Lumopuoti:lle", "@Lumopuoti:lle"),
        ("hei @lumopuoti@mastodon.example", "@lumopuoti@mastodon.example"),
        ("hei @lumopuoti_oy", "@lumopuoti_oy"),
        ("hei @lumopuotifi", "@lumopuotifi"),
        ("#lumopuoti", "lumopuoti"),
        ("#LumopuotiFail", "LumopuotiFail"),
        ("#ÄläOstaLumopuodista", "Lumopuodista"),
        ("#boikottilumopuoti", "lumopuoti"),
    ],
)
def test_own_link_handle_or_hashtag_names_the_shop(text: str, found: str) -> None:
    assert found in words(LUMO, text)


@pytest.mark.parametrize(
    "text",
    [
        "https://forum.example/t/lumopuoti-kokemuksia/12",
        "https://kauppa.example/?q=lumopuoti",
        "https://lumopuoti.fi.huijaus.example/",
        "https://lumopuoti.example.com/",
        "https://notlumopuoti.fi/",
        "notlumopuoti.fi",
        "lumopuoti@gmail.com",
        "@lumopuotifani",
        "#alumopuoti",
    ],
)
def test_name_inside_somebody_elses_address_does_not_count(text: str) -> None:
    assert words(LUMO, text) == ()


def test_own_domain_is_certain_and_a_copy_of_it_is_not() -> None:
    assert certainty(LUMO, "lumopuoti.fi") == 1.0
    assert 0.5 < certainty(LUMO, "lumopuoti.shop") < 0.9


def test_domain_of_a_shop_that_told_none_is_taken_from_its_name() -> None:
    assert certainty(shop("Uusikki Nen"), "uusikkinen.fi lähetti") > 0.9


def test_handle_alone_is_no_match_without_its_at_sign() -> None:
    kuura = shop("Zeppo", handles=("virallinenz",))
    assert words(kuura, "virallinenz") == ()
    assert words(kuura, "@virallinenz") == ("@virallinenz",)


@pytest.mark.parametrize(
    "text",
    [
        "> Lumopuodista tuli väärä koko\nMinulla ei ole kokemusta",
        '[quote="Maija"]Lumopuodista tuli väärä koko[/quote] En tiedä',
        "Maija kirjoitti:\nLumopuodista tuli väärä koko\n\nEn tiedä",
    ],
)
def test_quoted_text_of_others_does_not_carry(text: str) -> None:
    assert words(LUMO, text) == ()


def test_shop_that_is_said_to_have_written_is_still_named() -> None:
    assert words(LUMO, "Lumopuoti kirjoitti minulle:\nodota vielä viikko") == ("Lumopuoti",)


def test_own_words_after_a_quote_do_carry() -> None:
    assert words(LUMO, "> ihan hyvä kauppa\nMinusta Lumopuoti ei ole") == ("Lumopuoti",)
