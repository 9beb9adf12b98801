"""`mainevahti score`: JSON Lines and CSV in, the same rows with a verdict out, nothing lost."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain import Match, Post, Sentiment, Shop, Topic, Urgency, Verdict
from monitor.score import Scorer, read_posts, to_line
from monitor.text import LanguageDetector

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class GloomyReader:
    """Stands in for the model: everything is negative."""

    model = "gloomy-1"

    def assess(self, found: Sequence[tuple[Post, Match]]) -> list[Verdict]:
        scores = {Sentiment.NEGATIVE: 0.9, Sentiment.NEUTRAL: 0.06, Sentiment.POSITIVE: 0.04}
        return [
            Verdict(
                self.model, scores, Sentiment.NEGATIVE, (Topic.DELIVERY,), Urgency.HIGH, True, 0.9, post.lang
            )
            for post, _ in found
        ]

    def negative_above(self, lang: str | None) -> float:
        return 0.6


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    shops = [Shop(slug="lumopuoti", name="Lumopuoti", domains=("lumopuoti.fi",))]
    return Scorer(shops, GloomyReader(), LanguageDetector())


def score(scorer: Scorer, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    return list(scorer.score(rows, NOW))


def test_score_adds_every_promised_field_and_keeps_the_others(scorer: Scorer) -> None:
    text = "Lumopuodista tilattu paketti ei ole tullut kolmeen viikkoon."
    (row,) = score(scorer, {"id": 7, "text": text, "shop": "lumopuoti", "stars": 1})
    assert (row["id"], row["stars"], row["text"]) == (7, 1, text)
    assert row["matched"] is True
    assert row["matched_words"] == ["Lumopuodista"]
    assert row["lang"] == "fi"
    assert row["sentiment"] == "negative"
    assert sum(row["scores"].values()) == pytest.approx(1)
    assert row["topics"] == ["delivery"]
    assert row["urgency"] == "high"
    assert row["needs_reply"] is True
    assert any("Lumopuoti" in reason for reason in row["reasons"])


def test_shop_may_be_any_name_with_aliases_and_domain(scorer: Scorer) -> None:
    row = {"text": "Vilttitaivaasta ei vastata.", "shop": "Vilttitaivas"}
    assert score(scorer, row)[0]["matched"]
    by_alias = {"text": "Vilttis on hidas.", "shop": "Vilttitaivas", "aliases": ["Vilttis"]}
    assert score(scorer, by_alias)[0]["matched"]
    by_domain = {"text": "Katso vilttitaivas.fi:stä", "shop": "Muu Nimi", "domain": "vilttitaivas.fi"}
    assert score(scorer, by_domain)[0]["matched"]


def test_post_that_names_nobody_is_judged_but_not_matched(scorer: Scorer) -> None:
    (row,) = score(scorer, {"text": "Bussi oli taas myöhässä.", "shop": "lumopuoti"})
    assert (row["matched"], row["matched_words"], row["sentiment"]) == (False, [], "negative")


def test_review_stands_on_the_page_of_its_shop(scorer: Scorer) -> None:
    row = {"text": "Nopea toimitus, hyvä laatu.", "shop": "lumopuoti", "source": "review"}
    (found,) = score(scorer, row)
    assert (found["matched"], found["matched_words"]) == (True, [])


def test_thread_title_carries_the_match(scorer: Scorer) -> None:
    row = {"text": "Sama täällä, ei vastausta.", "shop": "lumopuoti", "thread_title": "Lumopuodin toimitus"}
    assert score(scorer, row)[0]["matched"]


def test_bad_row_says_why_and_the_others_are_scored(scorer: Scorer) -> None:
    rows = [{"id": 1}, {"id": 2, "text": 5}, {"id": 3, "text": "Lumopuoti on ok"}]
    found = score(scorer, *rows)
    assert [row["id"] for row in found] == [1, 2, 3]
    assert "text" in found[0]["error"]
    assert "text" in found[1]["error"]
    assert found[2]["matched"]


@pytest.mark.parametrize("text", ["", "😀😀", "x" * 200_000, "\x00\x07", "Привет, как дела", "a\ud800b"])
def test_odd_text_never_raises(scorer: Scorer, text: str) -> None:
    (row,) = score(scorer, {"text": text, "shop": "lumopuoti"})
    assert "matched" in row or "error" in row


def test_reader_takes_json_lines_and_tells_of_broken_ones() -> None:
    rows = list(read_posts('{"text": "a\u2028b"}\n\n{broken\n[1]\n{"text": "c"}\n', "posts.jsonl"))
    assert [row.get("text") for row in rows] == ["a\u2028b", None, None, "c"]
    assert [row.get("line") for row in rows] == [None, 3, 4, None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_reader_takes_csv_as_spreadsheets_write_it(delimiter: str) -> None:
    text = f'\ufeffid{delimiter}text\r\n1{delimiter}"kaksi\r\nriviä"\r\n'
    assert list(read_posts(text, "-")) == [{"id": "1", "text": "kaksi\r\nriviä"}]


def through(
    scorer: Scorer, text: str, name: str = "posts.jsonl", encoding: str = "utf-8"
) -> list[dict[str, Any]]:
    """What `score` writes, read again as strictly as JSON asks."""
    lines = [to_line(row, encoding).encode(encoding) for row in scorer.score(read_posts(text, name), NOW)]
    assert all(line.count(b"\n") == 1 for line in lines)
    return [json.loads(line, parse_constant=no_number) for line in lines]


def no_number(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


GOOD = '{"text": "Lumopuoti on ok", "shop": "lumopuoti"}'


@pytest.mark.parametrize(
    "bad",
    [
        r'{"text": "Lumopuoti \ud800", "shop": "lumopuoti", "\udfff": ["\ud83d"]}',
        r'{"text": "Lumopuoti", "shop": "\ud800", "id": "\ud800"}',
        "[" * 200_000,
        '{"a":' * 200_000,
        '{"text": "Lumopuoti", "shop": "lumopuoti", "a": ' + "[" * 500 + "]" * 500 + "}",
        '{"text": "Lumopuoti", "id": ' + "9" * 5_000 + "}",
        '{"text": "Lumopuoti", "shop": "lumopuoti", "a": [NaN, Infinity, -Infinity, 1e999]}',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_hostile_line_comes_out_as_json_and_the_next_is_scored(
    scorer: Scorer, bad: str, encoding: str
) -> None:
    for text in (f"{bad}\n{GOOD}\n", f"{GOOD}\n{bad}"):
        rows = through(scorer, text, encoding=encoding)
        assert len(rows) == 2
        assert sum(row.get("text") == "Lumopuoti on ok" and row["matched"] for row in rows) == 1


def test_half_surrogates_go_out_as_they_came_in(scorer: Scorer) -> None:
    (row,) = through(scorer, r'{"text": "Lumopuoti", "shop": "lumopuoti", "id": "a\ud800\u00e4"}')
    assert (row["id"], row["matched"]) == ("a\ud800ä", True)


def test_what_is_no_number_is_read_as_null(scorer: Scorer) -> None:
    (row,) = through(scorer, '{"text": "Lumopuoti", "shop": "lumopuoti", "stars": NaN, "n": 1e999, "x": 1.5}')
    assert (row["stars"], row["n"], row["x"], row["matched"]) == (None, None, 1.5, True)


def test_line_that_cannot_be_read_keeps_its_reason(scorer: Scorer) -> None:
    rows = through(scorer, f"{'[' * 200_000}\n{{broken\n{GOOD}\n", "-")
    assert [row.get("line") for row in rows] == [1, 2, None]
    assert "nested too deeply" in rows[0]["error"]
    assert "not JSON" in rows[1]["error"]


def test_long_cell_is_read_and_later_rows_are_kept(scorer: Scorer) -> None:
    before = csv.field_size_limit()
    text = f"id,text,shop\r\n1,Lumopuoti {'x' * 200_000},lumopuoti\r\n2,Lumopuoti on ok,lumopuoti\r\n"
    rows = through(scorer, text, "posts.csv")
    assert [(row["id"], row["matched"]) for row in rows] == [("1", True), ("2", True)]
    assert csv.field_size_limit() == before


def test_empty_lines_before_the_header_are_passed_over() -> None:
    assert list(read_posts("\r\n\r\ntext\r\nLumopuoti\r\n", "posts.csv")) == [{"text": "Lumopuoti"}]
