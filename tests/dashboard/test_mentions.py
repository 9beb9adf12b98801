"""Mentions: search, filters in the address, pages, and the table to take along."""

import re

import pytest
from sqlmodel import select

from monitor.domain import AlertAction
from monitor.store import reads
from monitor.store.tables import Label
from tests.dashboard.conftest import shown


def test_search_in_the_address_finds_words_and_marks_them(place, visit):
    told = shown(visit("mentions", q="torkkupeiton"))
    assert "1 mention" in told
    assert "<mark>torkkupeiton</mark>" in told


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"stance": "positive", "q": "adventtitähti"}, "1 mention"),
        ({"stance": "negative", "q": "adventtitähti"}, "0 mentions"),
        ({"topic": "payment"}, "1 mention"),
        ({"spoken": "sv", "q": "Tredje"}, "1 mention"),
        ({"spoken": "und", "q": "Tredje"}, "0 mentions"),
        ({"shop": "kotihelmi", "q": "Kide"}, "0 mentions"),
        ({"from": "2020-01-01", "to": "2020-01-02"}, "0 mentions"),
    ],
)
def test_filters_of_the_address_are_applied(place, visit, query, number):
    assert f">{number}<" in shown(visit("mentions", **query))


def test_nonsense_in_the_address_is_left_out(place, visit):
    told = shown(visit("mentions", stance="furious", shop="nobody", **{"from": "yesterday"}))
    assert ">0 mentions<" not in told


def test_second_page_shows_other_mentions(place, visit):
    at = visit("mentions")
    first = shown(at)
    at.get("pagination")[0].set_value(2).run()
    assert shown(at) != first


@pytest.mark.parametrize(
    ("handled", "stays"), [("waiting", "Kide-lamppu alkoi"), ("unalerted", "kaikki ehjänä"), ("done", None)]
)
def test_handled_or_not_is_a_filter(place, visit, handled, stays):
    told = shown(visit("mentions", handled=handled))
    everything = ["Kide-lamppu alkoi", "kaikki ehjänä"]
    text = re.sub(r"<[^>]+>", "", told)
    assert [words for words in everything if words in text] == ([stays] if stays else [])


def test_author_is_a_filter(place, visit):
    told = shown(visit("mentions", author="vilukissa_"))
    assert "4 mentions" in told
    assert "pihlajanmarja" not in told


def test_several_mentions_are_corrected_at_once(place, visit):
    at = visit("mentions", who="Maija", author="vilukissa_")
    at.toggle(key="correcting").set_value(True).run()
    for number in (1, 3):
        at.checkbox(key=f"pick_{number}").check()
    at.run()
    at.button(key="correct-neutral").click().run()
    assert not at.exception
    assert not any(box.value for box in at.checkbox)
    assert shown(at).count("Maija: neutral") == 2
    with place.store.reading() as session:
        labels = session.execute(select(Label)).scalars().all()
        (alert,) = [one for one in reads.open_alerts(session) if one.first.author == "vilukissa_"]
        told = [event for event in reads.history(session, alert.id) if event.action == AlertAction.CORRECTED]
    assert [(label.field, label.value, label.who) for label in labels] == [
        ("sentiment", "neutral", "Maija")
    ] * 2
    assert [(event.who, event.note) for event in told] == [("Maija", "sentiment: neutral")]
