"""Mentions: search, filters in the address, pages, and the table to take along."""

import csv
import io

import pytest

from dashboard import tables
from monitor.store import reads
from tests.dashboard import seed
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


def test_table_holds_verdicts_without_authors(place):
    with place.store.reading() as session:
        found = reads.mentions(session, reads.MentionFilter(words="Kide-lamppu"))
    rows = list(csv.DictReader(io.StringIO(tables.mentions(found).decode("utf-8-sig"))))
    assert {row["source"] for row in rows} == {"kotifoorumi", "kotiblogi"}
    assert "author" not in rows[0]
    assert rows[0]["sentiment"] in ("negative", "neutral", "positive")


def test_table_defuses_what_a_spreadsheet_would_run(bare):
    with bare.store.transaction() as session:
        seed.hostile(session, bare.now)
        found = reads.mentions(session, reads.MentionFilter())
    cells = [
        cell for row in csv.reader(io.StringIO(tables.mentions(found).decode("utf-8-sig"))) for cell in row
    ]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]
