"""Catalogues are complete, blanks survive translation, times and numbers look as the reader expects."""

import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir

from monitor.wording import LOCALE_FOLDER, Wording, load_wording

HELSINKI = ZoneInfo("Europe/Helsinki")
ROOMS = Path(__file__).parents[2] / "monitor"
KEYWORDS = {"N_": None, "say": None, "say_many": (1, 2)}
# What the command line says is for the person who runs the service, and stays English.
METHODS = [("cli/**.py", "ignore"), ("**.py", "python"), ("**.jinja", "jinja2.ext:babel_extract")]


def msgids() -> Iterator[tuple[str, ...]]:
    found = extract_from_dir(ROOMS, METHODS, keywords=KEYWORDS, options_map={"**.jinja": {"silent": "false"}})
    for _file, _line, message, _comments, _context in found:
        yield message if isinstance(message, tuple) else (message,)


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.fixture(params=["fi", "sv"])
def translated(request: pytest.FixtureRequest) -> Wording:
    return load_wording(request.param)


def test_catalogue_has_every_sentence_the_code_says(translated: Wording) -> None:
    wanted = {ids[0] for ids in msgids()}
    assert len(wanted) > 40
    assert wanted - translated.translations.keys() == set()


def test_catalogue_has_no_sentence_that_nothing_says(translated: Wording) -> None:
    assert translated.translations.keys() - {ids[0] for ids in msgids()} == set()


def test_catalogue_keeps_the_blanks(translated: Wording) -> None:
    for msgid, forms in translated.translations.items():
        for form in forms:
            assert blanks(form) == blanks(msgid) or "{n}" in msgid, msgid


def test_catalogue_has_both_forms_of_counted_sentences(translated: Wording) -> None:
    counted = {ids[0] for ids in msgids() if len(ids) == 2}
    assert counted
    assert {msgid for msgid in counted if len(translated.translations[msgid]) != 2} == set()


def test_say_shows_english_when_there_is_no_translation() -> None:
    assert load_wording("fi").say("Nobody translated {what}.", what="this") == "Nobody translated this."


def test_say_inserts_values_as_they_are() -> None:
    said = load_wording("en").say("{a} and {b}", a="{b}", b="{0} %s {a!r}")
    assert said == "{b} and {0} %s {a!r}"


def test_say_leaves_a_blank_without_value_visible() -> None:
    assert load_wording("en").say("Hello {name}.") == "Hello {name}."


@pytest.mark.parametrize(("n", "said"), [(1, "1 new post"), (0, "0 new posts"), (2000, "2,000 new posts")])
def test_say_many_chooses_the_form(n: int, said: str) -> None:
    assert load_wording("en").say_many("{n} new post", "{n} new posts", n) == said


def test_catalogues_of_several_folders_are_merged(tmp_path: Path) -> None:
    for name, msgid in [("a", "One"), ("b", "Two")]:
        folder = tmp_path / name / "fi"
        folder.mkdir(parents=True)
        text = f'msgid "{msgid}"\nmsgstr "Ä{msgid}"\n'
        (folder / f"{name}.po").write_text(text, encoding="utf-8")
    wording = load_wording("fi", tmp_path / "a", tmp_path / "b")
    assert (wording.say("One"), wording.say("Two")) == ("ÄOne", "ÄTwo")


def test_own_folder_is_the_default() -> None:
    assert load_wording("sv").translations == load_wording("sv", LOCALE_FOLDER).translations


NOON = datetime(2026, 11, 24, 12, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "clock", "moment", "share", "number"),
    [
        ("fi", "14.02", "ti 24.11. klo 14.02", "94\xa0%", "12\xa0345,5"),
        ("sv", "14:02", "tis 24 nov. kl. 14:02", "94\xa0%", "12\xa0345,5"),
        ("en", "14:02", "Tue 24 Nov at 14:02", "94%", "12,345.5"),
    ],
)
def test_times_and_numbers_look_like_the_readers_own(
    language: str, clock: str, moment: str, share: str, number: str
) -> None:
    wording = load_wording(language)
    assert wording.clock(NOON, HELSINKI) == clock
    assert wording.moment(NOON, HELSINKI) == moment
    assert wording.percent(0.943) == share
    assert wording.number(12345.5) == number


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=2, minutes=15), "2 hrs 15 mins"),
        (timedelta(hours=2), "2 hrs"),
        (timedelta(minutes=-7), "7 mins"),
        (timedelta(days=3, hours=4, minutes=5), "3 days 4 hrs"),
        (timedelta(days=3, minutes=5), "3 days"),
        (timedelta(), "0 mins"),
    ],
)
def test_duration_names_the_two_largest_units(length: timedelta, said: str) -> None:
    assert load_wording("en").duration(length) == said
