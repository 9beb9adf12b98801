"""The kind "survey": answers from a folder and from letters, on any scale."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.domain import Batch, Post, Shop
from monitor.errors import SourceBroken
from monitor.sources import SOURCES
from tests.sources.support import LUMOPUOTI, NOW, TOKEN, Box, Site, context_for, recording


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kysely").mkdir()
    return tmp_path / "kysely"


def drop(folder: Path, name: str, raw: bytes | None = None) -> None:
    path = folder / name
    path.write_bytes(recording("survey", name) if raw is None else raw)
    os.utime(path, (NOW.timestamp() - 60, NOW.timestamp() - 60))


def fetch(
    place: Path,
    cursor: str | None = None,
    letters: Box | None = None,
    shops: tuple[Shop, ...] = (LUMOPUOTI,),
    **options: object,
) -> Batch:
    context = context_for(Site({}), folder=place.parent, shops=shops)
    context = replace(context, letters=letters or Box())
    wanted = {"folder": "kysely", **options}
    return SOURCES["survey"].make({k: v for k, v in wanted.items() if v is not None}, context).fetch(cursor)


def by_order(batch: Batch) -> dict[str, Post]:
    return {post.author: post for post in batch.posts}


def test_survey_maps_every_score_to_stars(folder: Path) -> None:
    drop(folder, "page.csv")
    answers = by_order(fetch(folder))
    assert {order: post.rating for order, post in answers.items()} == {
        "LP-10231": 5.0,
        "LP-10244": 1.8,
        "LP-10201": 4.6,
        "LP-10202": None,
        "": None,
    }


def test_survey_keeps_text_time_and_shop_and_has_no_link(folder: Path) -> None:
    drop(folder, "page.csv")
    answer = by_order(fetch(folder))["LP-10244"]
    assert answer.text == "Lamppu oli rikki;\nkukaan ei vastannut."
    assert answer.posted_at == datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
    assert (answer.thread_title, answer.url, answer.lang) == ("Lumopuoti", "", "fi")
    assert answer.thread_key == answer.external_id
    assert "LP-10244" not in answer.external_id


def test_survey_counts_a_score_without_words(folder: Path) -> None:
    drop(folder, "page.csv")
    assert by_order(fetch(folder))["LP-10201"].text == "★★★★★"


def test_survey_counts_customers_who_say_the_same(folder: Path) -> None:
    rows = "date;score;text;order\n2026-11-24;9;;\n2026-11-24;9;;\n2026-11-24;9;Hyvä;\n2026-11-24;9;Hyvä;\n"
    drop(folder, "a.csv", (rows + "2026-11-24;9;;A1\n2026-11-24;9;;A1\n").encode())
    first = fetch(folder)
    assert len({post.external_id for post in first.posts}) == 5
    drop(folder, "grown.csv", (rows + "2026-11-24;9;;\n").encode())
    grown = fetch(folder, first.cursor)
    new = {post.external_id for post in grown.posts} - {post.external_id for post in first.posts}
    assert len(new) == 1


def test_survey_counts_customers_of_a_file_that_takes_several_fetches(folder: Path) -> None:
    """10,000 rows are read at once; what is said again after that is another customer's too."""
    drop(folder, "long.csv", b"date;score;text;order\n" + b"2026-11-24;9;;\n" * 10_002)
    source = SOURCES["survey"].make({"folder": "kysely"}, context_for(Site({}), folder=folder.parent))
    first = source.fetch(None)
    second = source.fetch(first.cursor)
    ids = [post.external_id for batch in (first, second) for post in batch.posts]
    assert (len(first.posts), len(second.posts), len(set(ids))) == (10_000, 2, 10_002)
    assert [post.external_id for post in source.fetch(None).posts] == ids[:10_000]


def test_survey_says_which_score_lies_outside_the_scale_and_keeps_the_text(folder: Path) -> None:
    drop(folder, "page.csv")
    batch = fetch(folder)
    assert batch.warnings == ('page.csv, line 6: "11" is no score of 0-10; it counts as not given.',)
    assert batch.unreadable == 0


def test_survey_names_rows_that_say_nothing(folder: Path) -> None:
    drop(folder, "broken.csv")
    batch = fetch(folder)
    assert batch.unreadable == 1
    assert [post.rating for post in batch.posts] == [4.2]
    assert "page" not in str(batch.warnings)
    assert "neither a score nor a text" in batch.warnings[0] + batch.warnings[1]


def test_survey_of_nobody_is_an_empty_batch(folder: Path) -> None:
    drop(folder, "empty.csv")
    assert fetch(folder).posts == ()


@pytest.mark.parametrize(
    ("scale", "score", "rating"), [("1-5", "1", 1.0), ("1-5", "4,5", 4.5), ("0-100", "75", 4.0)]
)
def test_survey_knows_other_scales(folder: Path, scale: str, score: str, rating: float) -> None:
    drop(folder, "a.csv", f"date;score\n2026-11-24;{score}\n".encode())
    (answer,) = fetch(folder, scale=scale).posts
    assert answer.rating == rating


def test_survey_reads_letters_and_takes_answers_back(folder: Path) -> None:
    box = Box(recording("survey", "letter.json").decode())
    batch = fetch(folder, folder=None, letters=box, secret=TOKEN)
    assert [(post.external_id, post.author, post.rating) for post in batch.posts] == [("v-1", "LP-9", 1.4)]
    assert batch.gone == ("v-0",)


def test_survey_goes_on_in_both_ways_from_where_it_was(folder: Path) -> None:
    drop(folder, "page.csv")
    box = Box(recording("survey", "letter.json").decode())
    first = fetch(folder, letters=box, secret=TOKEN)
    assert len(first.posts) == 6
    again = fetch(folder, first.cursor, letters=box, secret=TOKEN)
    assert again.posts == ()
    drop(folder, "more.csv", b"date;score\n2026-11-24;7\n")
    assert len(fetch(folder, again.cursor, letters=box, secret=TOKEN).posts) == 1


def test_survey_gives_the_same_ids_twice(folder: Path) -> None:
    drop(folder, "page.csv")
    assert fetch(folder).posts == fetch(folder).posts


def test_survey_without_its_folder_is_broken(folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(SourceBroken, match="kysely"):
        fetch(folder)


def test_survey_says_which_shop_it_is_about_where_there_are_several(folder: Path) -> None:
    drop(folder, "page.csv")
    shops = (LUMOPUOTI, Shop("tuikku", "Tuikkumaa"))
    assert {post.thread_title for post in fetch(folder, shops=shops, shop="Tuikkumaa").posts} == {"Tuikkumaa"}


@pytest.mark.parametrize(
    "options", [{"scale": "5-1"}, {"scale": "ten"}, {"folder": None}, {"columns": {"when": "date"}}]
)
def test_survey_refuses_what_cannot_work(folder: Path, options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        fetch(folder, **options)


@pytest.mark.parametrize("cell", ["=1+1", "NaN", "1e99", "-3", "\u0661", "9" * 500, "<b>5</b>"])
def test_survey_survives_odd_scores(folder: Path, cell: str) -> None:
    drop(folder, "a.csv", f"date;score;text;order\n2026-11-24;{cell};Hyvä;A\u202e1\n".encode())
    (answer,) = fetch(folder).posts
    assert answer.text == "Hyvä"
    assert answer.rating is None or 1 <= answer.rating <= 5
    assert answer.author == "A1"
