"""What must hold for every name and every text."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.matching import Matcher, forms
from monitor.matching.clean import fold, plain
from monitor.matching.links import places, quoted
from monitor.matching.paradigm import decline
from tests.unit.matching.posts import post, shop

NAMES = (
    "Lumopuoti",
    "Kenkäpolku",
    "Hopeahylje",
    "Untuvainen",
    "Glowberry",
    "Vadelmatar",
    "Taimitarhat",
    "Denimio",
)
MATCHERS = {name: Matcher([shop(name)]) for name in NAMES}
LETTERS = "abcdefghijklmnopqrstuvwxyzåäö"
MADE_UP = st.text(alphabet=LETTERS, min_size=6, max_size=12).map(str.capitalize)
TEXTS = st.text(max_size=60)
CALM = st.text(alphabet="abc 1.,!?\n", max_size=40)
SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)


@SLOWLY
@given(name=st.sampled_from(NAMES), data=st.data(), before=CALM, after=CALM)
def test_every_form_is_found_in_any_text_with_its_exact_span(
    name: str, data: st.DataObject, before: str, after: str
) -> None:
    form = data.draw(st.sampled_from(forms(name))).text
    text = f"{before} {form}; {after}"
    start = len(before) + 1
    assert (start, start + len(form)) in MATCHERS[name].find_spans(text, shop(name))


@SLOWLY
@given(name=MADE_UP, data=st.data())
def test_every_form_of_a_made_up_name_is_found_with_its_exact_span(name: str, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(decline(name.lower()))).text
    spans = Matcher([shop(name)]).find_spans(f"Ja {form}!", shop(name))
    assert (3, 3 + len(form)) in spans


@SLOWLY
@given(name=st.sampled_from(NAMES), data=st.data(), letter=st.sampled_from(LETTERS))
def test_no_match_begins_inside_a_word(name: str, data: st.DataObject, letter: str) -> None:
    form = data.draw(st.sampled_from(forms(name))).text
    spans = MATCHERS[name].find_spans(f"Oli {letter}{form}.", shop(name))
    assert all(start == 4 for start, _ in spans)


@SLOWLY
@given(name=st.sampled_from(NAMES), text=TEXTS)
def test_matches_never_cut_a_word(name: str, text: str) -> None:
    text = f"{text}{name}n{text}"
    for start, end in MATCHERS[name].find_spans(text, shop(name)):
        assert not re.match(r"[^\W_]{2}", text[max(0, start - 1) : start + 1]) or "#" in text or "@" in text
        assert not re.match(r"[^\W_]{2}", text[end - 1 : end + 1]) or "#" in text or "@" in text


@SLOWLY
@given(text=st.text(max_size=80) | st.text(alphabet="&amp;#x3uml\u0308\u200bаÄa;", max_size=40))
def test_making_plain_twice_changes_nothing(text: str) -> None:
    once = plain(text)
    assert plain(once.text).text == once.text
    assert len(fold(once.text)) == len(once.text)
    for at in range(len(once.text)):
        start, end = once.original(at, at + 1)
        assert 0 <= start < end <= len(text)


@SLOWLY
@given(text=st.text(alphabet="@#./:wht psfi[]quoe>\n-_a", max_size=120))
def test_places_and_quotes_lie_inside_the_text(text: str) -> None:
    found = places(text)
    assert all(0 <= place.start < place.end <= len(text) for place in found)
    assert [place.start for place in found] == sorted(place.start for place in found)
    assert len(quoted(text)) in (0, len(text))


@SLOWLY
@given(name=st.text(max_size=12), text=TEXTS)
def test_any_name_and_any_text_crash_nothing(name: str, text: str) -> None:
    matcher = Matcher([shop(name, aliases=(text[:10],))])
    for match in matcher.find_shops(post(f"{text} {name} {text}", thread_title=text, parent=name)):
        assert 0.0 <= match.certainty <= 1.0
        assert match.words


@SLOWLY
@given(names=st.lists(MADE_UP, min_size=1, max_size=6, unique_by=str.lower), data=st.data())
def test_other_shops_do_not_change_what_is_found(names: list[str], data: st.DataObject) -> None:
    wanted = data.draw(st.sampled_from(names))
    text = f"Tilasin {wanted} paketin"
    alone = Matcher([shop(wanted)]).find_spans(text, shop(wanted))
    assert set(alone) <= set(Matcher([shop(name) for name in names]).find_spans(text, shop(wanted)))


OTHERS = [shop(name) for name in ("Zeppari", "Aittuli", "Kuura", "On Polku", "Oy Ab", "Vaa'a", "24", "Ruoko")]
CROWD = [*OTHERS, *(shop(f"Tuntematon{at} Nimi") for at in range(8))]


@SLOWLY
@given(name=MADE_UP, data=st.data(), before=CALM, after=CALM, lonely=st.booleans())
def test_first_look_misses_nothing_that_the_close_look_finds(
    name: str, data: st.DataObject, before: str, after: str, lonely: bool
) -> None:
    form = data.draw(st.sampled_from(decline(name.lower()))).text
    at = data.draw(st.integers(1, len(form) - 1))
    cut = data.draw(st.sampled_from((form, form[:at] + form[at + 1 :], form[:at] + "x" + form[at:])))
    lead = data.draw(st.sampled_from(("", "#", "@", "www.", "'", "ei/", "&amp;", "#Osta")))
    text = f"{before} {lead}{cut}; {after}"
    matcher = Matcher([shop(name)] if lonely else [shop(name), *CROWD])
    spans = matcher.find_spans(text, shop(name))
    for _ in range(2):  # the second time from memory
        found = [match for match in matcher.find_shops(post(text)) if match.shop.name == name]
        assert bool(found) == bool(spans)


@SLOWLY
@given(
    text=TEXTS, name=st.sampled_from(["µTorri", "Zeppari", "Oy Zabbu", "Vaaga", "Lumopuoti", "Lumo & Puoti"])
)
def test_first_look_misses_no_name_in_any_text(text: str, name: str) -> None:
    text = f"{text} Tilasin: {name} {text}"
    matcher = Matcher([shop(name), *CROWD])
    named = any(match.shop.name == name for match in matcher.find_shops(post(text)))
    assert named == bool(matcher.find_spans(text, shop(name)))
