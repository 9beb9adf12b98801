"""Exports over HTTP: the files of the command line, names only for those who may, clear refusals."""

import csv
import errno
import io
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from sqlalchemy import event
from sqlmodel import Session, select

from monitor import export
from monitor.export import Format, Subject
from monitor.store.tables import ExportRecord
from tests.stories.world import World
from tests.web.test_api import sqlite_error
from tests.web.visiting import ADDRESS, KEYS, TOKEN, Visitor, open_world, visit

ANALYST = "the-analyst-may-see-names"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two complaints of one writer and a thank-you of last month; a client that may see names."""
    folder = tmp_path_factory.mktemp("exports")
    tokens = [{"name": name, "secret": {"file": f"{name}.token"}} for name in KEYS]
    (folder / "analyst.token").write_text(ANALYST, encoding="utf-8")
    tokens.append({"name": "analyst", "secret": {"file": "analyst.token"}, "names": True})
    world = open_world(folder, web={"url": ADDRESS, "tokens": tokens})
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:52", author="Mökkiläinen")
    world.post("forum", "=Lumopuoti vei rahat.", at="13:55", thread="t2", author="Mökkiläinen")
    world.post("blog", "Kiitos Lumopuoti!", thread="t4", days_ago=40)
    world.run()
    yield world
    world.store.close()


@pytest.fixture
def visitor(filled: World) -> Visitor:
    return visit(filled)


def rows_of(raw: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def records(world: World) -> list[ExportRecord]:
    with world.store.reading() as session:
        found = list(session.execute(select(ExportRecord).order_by(ExportRecord.id)).scalars())
        session.expunge_all()
    return found


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("subject", Subject)
def test_every_subject_comes_in_every_format(visitor: Visitor, subject: Subject, format: Format) -> None:
    answer = visitor.api(f"export/{subject}", format=format.value)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == format.media_type
    name = f'attachment; filename="{subject}-2026-11-25{format.ending}"'
    assert answer.headers["content-disposition"] == name
    assert int(answer.headers["content-length"]) == len(answer.content)
    if format is Format.PARQUET:
        assert parquet.read_table(io.BytesIO(answer.content)).column_names == list(export.names(subject))


def test_export_holds_the_last_thirty_days_with_pseudonyms(visitor: Visitor) -> None:
    answer = visitor.api("export/mentions")
    rows = rows_of(answer.content)
    assert [row["text"] for row in rows] == ["Lumopuodista tuli lamppu rikki.", "'=Lumopuoti vei rahat."]
    assert len({row["author"] for row in rows}) == 1
    assert rows[0]["author"].startswith("author-")
    assert "Mökkiläinen" not in answer.text


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"since": "2026-10-01"}, 3),
        ({"until": "2026-10-31"}, 1),
        ({"since": "2026-11-25T13:55:00+02:00"}, 1),
        ({"shop": "vinterbo"}, 0),
        ({"source": "forum"}, 2),
        ({"sentiment": "negative", "topic": "product_quality"}, 2),
        ({"words": "Mökkiläinen"}, 0),
        ({"words": "lamppu"}, 1),
        ({"columns": "id,text"}, 2),
    ],
)
def test_export_is_filtered_as_the_lists_are(visitor: Visitor, query: dict[str, str], number: int) -> None:
    answer = visitor.api("export/mentions", format="jsonl", **query)
    assert answer.status_code == 200, answer.text
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert len(rows) == number
    assert "columns" not in query or list(rows[0]) == ["id", "text"]


def test_period_without_anything_is_a_file_with_its_header(visitor: Visitor) -> None:
    answer = visitor.api("export/mentions", since="2020-01-01", until="2020-01-31")
    assert answer.text == ",".join(export.names(Subject.MENTIONS)) + "\r\n"


def test_names_are_for_clients_that_may_see_them(filled: World) -> None:
    visitor = visit(filled)
    refused = visitor.api("export/mentions", TOKEN, names="true")
    assert refused.status_code == 403
    assert refused.json()["parameter"] == "names"
    named = visitor.api("export/mentions", ANALYST, names="true")
    assert {row["author"] for row in rows_of(named.content)} == {"Mökkiläinen"}
    last = records(filled)[-1]
    assert (last.names, last.who, last.via, last.rows) == (True, "analyst", "api", 2)
    hidden = visitor.api("export/mentions", ANALYST)
    assert "Mökkiläinen" not in hidden.text
    assert records(filled)[-1].names is False
    assert all(not record.names for record in records(filled) if record.who != "analyst")


@pytest.mark.parametrize(
    ("path", "query", "parameter", "said"),
    [
        ("mentions", {"format": "xls"}, "format", 'Did you mean "xlsx"?'),
        ("mentions", {"columns": "id,txt"}, "columns", 'Did you mean "text"?'),
        ("mentions", {"since": "2026-11-25", "until": "2026-11-24"}, "until", "it lies before since"),
        ("mentions", {"cursor": "x"}, "cursor", "there is no such parameter"),
        ("mentions", {"names": "yes"}, "names", "true or false"),
        ("alerts", {"words": "x"}, "words", "there is no such parameter"),
        ("labels", {"topic": "price"}, "topic", "there is no such parameter"),
        ("trends", {"step": "hour", "since": "2026-01-01"}, "since", "31 days"),
        ("trends", {"by": "source", "by_source": "false"}, "by_source", "the opposite"),
        ("events", {"shop": "lumopuot"}, "shop", 'Did you mean "lumopuoti"?'),
    ],
)
def test_what_cannot_be_understood_is_said(
    visitor: Visitor, path: str, query: dict[str, str], parameter: str, said: str
) -> None:
    answer = visitor.api(f"export/{path}", **query)
    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter
    assert said in answer.json()["error"]


def test_unknown_subject_is_a_404(visitor: Visitor) -> None:
    assert visitor.api("export/people").status_code == 404


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}])
def test_nobody_exports_without_a_token(visitor: Visitor, header: dict[str, str]) -> None:
    assert visitor.get("/api/v1/export/mentions", headers=header).status_code == 401


def test_trends_are_told_apart_as_asked(visitor: Visitor) -> None:
    rows = rows_of(visitor.api("export/trends", by=["language", "topic"]).content)
    assert {row["topic"] for row in rows} >= {"product_quality"}
    assert {row["source"] for row in rows} == {""}
    together = rows_of(visitor.api("export/trends", by_source="false", since="2026-11-25").content)
    assert [row["mentions"] for row in together] == ["2"]


def test_failing_database_is_a_503_and_leaves_no_file(filled: World) -> None:
    visitor, folder = visit(filled), filled.config.folder / "var"
    before = sorted(folder.iterdir())

    def forbid(*_: Any) -> None:
        raise sqlite_error("database is locked")

    event.listen(filled.store.engine, "checkout", forbid)
    try:
        answer = visitor.api("export/mentions")
    finally:
        event.remove(filled.store.engine, "checkout", forbid)
    assert answer.status_code == 503
    assert sorted(folder.iterdir()) == before


def test_full_disk_is_told_and_not_half_a_file(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    answer = visit(filled).api("export/mentions", format="parquet")
    assert answer.status_code == 507
    assert "Free some space" in answer.json()["error"]


def test_few_exports_are_written_at_once(filled: World) -> None:
    """Two exports are held up in the database; the third is told to come back."""
    visitor, held, go_on = visit(filled), threading.Barrier(3), threading.Event()

    def wait(*_: Any) -> None:
        if threading.current_thread() is not threading.main_thread() and not go_on.is_set():
            held.wait(30)
            go_on.wait(30)

    event.listen(Session, "after_begin", wait)
    others: list[int] = []
    threads = [
        threading.Thread(target=lambda: others.append(visitor.api("export/alerts").status_code))
        for _ in range(2)
    ]
    try:
        for thread in threads:
            thread.start()
        held.wait(30)
        refused = visitor.api("export/alerts")
    finally:
        go_on.set()
        for thread in threads:
            thread.join()
        event.remove(Session, "after_begin", wait)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "10"
    assert others == [200, 200]
    assert visitor.api("export/alerts").status_code == 200


def test_columns_are_told(visitor: Visitor) -> None:
    rows = visitor.api("columns").json()["columns"]
    told = {(row["subject"], row["name"]): row for row in rows}
    assert told["mentions", "negative"]["unit"] == "probability 0-1"
    assert len(rows) == sum(len(columns) for columns in export.COLUMNS.values())


@pytest.mark.parametrize("subject", Subject)
def test_export_points_to_what_its_columns_mean(visitor: Visitor, subject: Subject) -> None:
    answer = visitor.api(f"export/{subject.value}")
    path, told = answer.headers["link"].split(">; ")
    assert told == 'rel="describedby"'
    address, _, query = path.removeprefix("</api/v1/").partition("?")
    rows = visitor.api(address, **dict([query.split("=")])).json()["columns"]
    assert [row["name"] for row in rows] == answer.text.splitlines()[0].split(",")


def test_author_is_a_filter_for_clients_that_may_see_names(filled: World) -> None:
    visitor = visit(filled)
    found = visitor.api("export/mentions", ANALYST, names="true", author="Mökkiläinen")
    assert len(rows_of(found.content)) == 2
    assert not rows_of(visitor.api("export/mentions", ANALYST, names="true", author="Muu").content)
    refused = visitor.api("export/mentions", ANALYST, author="Mökkiläinen")
    assert (refused.status_code, refused.json()["parameter"]) == (400, "author")


def test_unfinished_day_of_a_download_is_that_of_the_shop(filled: World) -> None:
    """The name of the file carries the day in Helsinki."""
    before = filled.clock.moment
    filled.clock.moment = before.replace(hour=22, minute=30)
    try:
        name = visit(filled).api("export/labels").headers["content-disposition"]
    finally:
        filled.clock.moment = before
    assert str(date(2026, 11, 26)) in name
    assert Path(name.partition('"')[2].rstrip('"')).suffix == ".csv"
