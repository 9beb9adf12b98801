"""Disguises are undone, and every find is shown in the text as it was written."""

import unicodedata

import pytest

from monitor.matching import Matcher
from monitor.matching.clean import fold, plain
from tests.unit.matching.posts import LUMO, POLKU, words


@pytest.mark.parametrize(
    "written",
    [
        "Lumo\u200bpuodista",
        "Lumo\u00adpuodista",
        "Lumo&shy;puodista",
        "L&#117;mopuodista",
        "L&#x75;mopuodista",
        "L&amp;#117;mopuodista",
        "Ｌｕｍｏｐｕｏｄｉｓｔａ",
        "Lum\u043epu\u043edista",
        "Lumo\ufeffpuodista",
    ],
)
def test_disguised_name_is_found_and_shown_as_written(written: str) -> None:
    text = f"Tilasin {written} eilen"
    assert words(LUMO, text) == (written,)
    assert Matcher([LUMO]).find_spans(text, LUMO) == ((8, 8 + len(written)),)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_every_unicode_form_of_a_name_is_found(form: str) -> None:
    written = unicodedata.normalize(form, "Kenkäpolulta")
    assert words(POLKU, f"Sain {written} paketin") == (written,)


def test_span_after_an_astral_letter_and_an_entity_is_exact() -> None:
    text = "😀 &amp; 👩‍👧 Lumopuodista &auml;"
    ((start, end),) = Matcher([LUMO]).find_spans(text, LUMO)
    assert text[start:end] == "Lumopuodista"


def test_plain_leaves_ordinary_text_alone() -> None:
    text = "Hyvää päivää – ”kiitos” … 5 € 😀 ❤️"
    assert plain(text).text is text


def test_plain_undoes_entities_in_layers() -> None:
    assert plain("&amp;amp;auml;").text == "ä"


def test_plain_ends_with_text_escaped_a_thousand_times() -> None:
    assert plain("&" + "amp;" * 1000).text == "&"


def test_fold_keeps_length_and_leaves_only_plain_letters() -> None:
    text = "Kenkäpolku–Åbo, ½ ß😀!"
    folded = fold(text)
    assert len(folded) == len(text)
    assert folded.split() == ["kenkapolku", "abo", "s"]


def test_russian_word_of_look_alike_letters_crosses_no_border() -> None:
    assert words(LUMO, "Lumopuotiж") == ()
