"""The kind "file" with real files in a real folder."""

import io
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from pydantic import ValidationError

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken
from monitor.sources import SOURCES, Source
from tests.sources.support import NOW, Site, StillClock, context_for, recording


def source_of(folder: Path, clock: StillClock | None = None, **options: object) -> Source:
    return SOURCES["file"].make(
        {"folder": "tuonti", **options}, context_for(Site({}), clock, folder=folder.parent)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "tuonti"
    place.mkdir()
    return place


def drop(folder: Path, name: str, raw: bytes, at: float = NOW.timestamp() - 60) -> Path:
    path = folder / name
    path.write_bytes(raw)
    os.utime(path, (at, at))
    return path


def by_text(batch: Batch) -> dict[str, Post]:
    return {post.text.split("\n")[0]: post for post in batch.posts}


def test_file_reads_what_finnish_excel_writes(folder: Path) -> None:
    drop(folder, "page.csv", recording("file", "page.csv"))
    post = by_text(source_of(folder).fetch(None))["Lumopuoti vei rahat;"]
    assert post.text == "Lumopuoti vei rahat;\ntavaraa ei kuulu"
    assert (post.author, post.title, post.rating) == ("Äijä", "Ei ikinä enää", 1.5)
    assert post.posted_at == datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
    assert post.url == "https://arvostelut.example/1"


def test_file_names_file_and_line_of_bad_rows_and_keeps_the_good_ones(folder: Path) -> None:
    drop(folder, "page.csv", recording("file", "page.csv"))
    drop(folder, "page.jsonl", recording("file", "page.jsonl"))
    batch = source_of(folder).fetch(None)
    assert len(batch.posts) == 5
    assert any(warning.startswith("page.csv, line 6 ") and "no text" in warning for warning in batch.warnings)
    assert any(
        warning.startswith("page.csv, line 5:") and "not a date" in warning for warning in batch.warnings
    )
    assert any(warning.startswith("page.jsonl, line 3 ") for warning in batch.warnings)
    assert any(warning.startswith("page.jsonl, line 4 ") for warning in batch.warnings)


def test_file_reads_jsonl_with_html_and_epoch_times(folder: Path) -> None:
    drop(folder, "page.jsonl", recording("file", "page.jsonl"))
    first, second = source_of(folder).fetch(None).posts
    assert (first.external_id, first.lang) == ("1", "sv")
    assert second.text == "Kiitos nopeasta vastauksesta"
    assert second.posted_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_file_is_read_once(folder: Path) -> None:
    drop(folder, "page.csv", recording("file", "page.csv"))
    start = source_of(folder).fetch(None)
    again = source_of(folder).fetch(start.cursor)
    assert start.posts
    assert (again.posts, again.warnings, again.cursor) == ((), (), start.cursor)


def test_file_that_was_only_touched_is_not_read_again(folder: Path) -> None:
    path = drop(folder, "page.csv", recording("file", "page.csv"))
    start = source_of(folder).fetch(None)
    os.utime(path, (NOW.timestamp() - 30, NOW.timestamp() - 30))
    assert source_of(folder).fetch(start.cursor).posts == ()


def test_file_that_grows_waits_until_it_is_at_rest(folder: Path) -> None:
    clock = StillClock()
    drop(folder, "a.csv", b"id,text\n1,yksi\n", at=NOW.timestamp() - 1)
    start = source_of(folder, clock).fetch(None)
    clock.advance(seconds=60)
    later = source_of(folder, clock).fetch(start.cursor)
    assert start.posts == ()
    assert [post.text for post in later.posts] == ["yksi"]


def test_file_that_grew_is_read_again_with_the_same_ids(folder: Path) -> None:
    clock = StillClock()
    drop(folder, "a.csv", b"text,date\nyksi,2026-11-24\n")
    start = source_of(folder, clock).fetch(None)
    clock.advance(minutes=10)
    drop(folder, "a.csv", b"text,date\nyksi,2026-11-24\nkaksi,2026-11-24\n", at=NOW.timestamp() + 60)
    later = source_of(folder, clock).fetch(start.cursor)
    assert [post.text for post in later.posts] == ["yksi", "kaksi"]
    assert later.posts[0].external_id == start.posts[0].external_id


def test_file_with_very_many_rows_comes_in_parts(folder: Path) -> None:
    lines = "".join(f"{number},teksti {number}\n" for number in range(25_000))
    drop(folder, "iso.csv", f"id,text\n{lines}".encode())
    cursor, found = None, []
    for _ in range(4):
        batch = source_of(folder).fetch(cursor)
        cursor, found = batch.cursor, found + [post.external_id for post in batch.posts]
    assert found == [str(number) for number in range(25_000)]


def test_file_with_a_bad_header_does_not_stop_the_others(folder: Path) -> None:
    drop(folder, "broken.csv", recording("file", "broken.csv"))
    drop(folder, "empty.csv", recording("file", "empty.csv"))
    drop(folder, "page.csv", recording("file", "page.csv"))
    batch = source_of(folder).fetch(None)
    assert len(batch.posts) == 3
    assert any("broken.csv, line 1" in warning and "foo, bar" in warning for warning in batch.warnings)


def test_file_takes_columns_named_by_hand(folder: Path) -> None:
    drop(folder, "a.csv", b"foo\tbar\nyksi\tMaija\n")
    (post,) = source_of(folder, columns={"text": "foo", "author": "bar"}).fetch(None).posts
    assert (post.text, post.author) == ("yksi", "Maija")


def test_file_settings_refuse_unknown_columns() -> None:
    with pytest.raises(ValidationError, match="teksti"):
        SOURCES["file"].settings.model_validate({"folder": "x", "columns": {"teksti": "foo"}})


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\ufefftext;author\nÄäni;x\n".encode(), "Ääni"),
        ("text;author\nÄäni;x\n".encode("utf-16"), "Ääni"),
        ("sep=;\ntext;author\nÄäni;x\n".encode("cp1252"), "Ääni"),
        (b'text,author\n"never closed,a\nb,c\n', "never"),
        (b"text,author\na\x00b,c\n", "ab"),
    ],
)
def test_file_reads_odd_files(folder: Path, raw: bytes, text: str) -> None:
    drop(folder, "odd.csv", raw)
    batch = source_of(folder).fetch(None)
    assert [post.text for post in batch.posts if post.text.startswith(text)] or batch.warnings


def test_file_keeps_the_beginning_of_a_very_long_text(folder: Path) -> None:
    drop(folder, "a.csv", b"text,author\n" + b"x" * 300_000 + b",Maija\ny,Olli\n")
    batch = source_of(folder).fetch(None)
    assert [(len(post.text), post.author) for post in batch.posts] == [(20_000, "Maija"), (1, "Olli")]
    assert "very long" in batch.warnings[0]


def test_file_says_that_a_spreadsheet_must_be_saved_as_csv(folder: Path) -> None:
    drop(folder, "taulukko.xlsx", b"PK")
    start = source_of(folder).fetch(None)
    assert "CSV" in start.warnings[0]
    assert source_of(folder).fetch(start.cursor).warnings == ()


def test_file_leaves_hidden_and_other_files_alone(folder: Path) -> None:
    for name in (".piilo.csv", "~$auki.csv", "kuva.png"):
        drop(folder, name, b"text\nx\n")
    assert source_of(folder).fetch(None).posts == ()


def test_file_makes_its_folder_when_asked(tmp_path: Path) -> None:
    folder = tmp_path / "ei-ole" / "tuonti"
    assert source_of(folder, create=True).fetch(None).posts == ()
    assert folder.is_dir()


def test_file_is_broken_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceBroken, match="Create it"):
        source_of(tmp_path / "ei-ole" / "tuonti").fetch(None)


def test_file_names_a_file_that_cannot_be_read(folder: Path) -> None:
    (folder / "kansio.csv").mkdir()
    os.utime(folder / "kansio.csv", (NOW.timestamp() - 60,) * 2)
    drop(folder, "page.csv", recording("file", "page.csv"))
    batch = source_of(folder).fetch(None)
    assert len(batch.posts) == 3
    assert any("kansio.csv cannot be read" in warning for warning in batch.warnings)


def sheet(rows: list[list[object]], above: int = 0) -> bytes:
    """A workbook as people make it, its table beginning some rows down, with a second sheet behind."""
    book = Workbook()
    first = book.worksheets[0]
    for number, row in enumerate(rows, above + 1):
        for column, cell in enumerate(row, 1):
            first.cell(number, column, cell)
    book.create_sheet("muistiinpanot").append(["teksti"])
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def test_file_reads_a_spreadsheet_with_its_types(folder: Path) -> None:
    written = datetime(2026, 11, 23, 9, 30)
    rows = [
        ["Nro", "Pvm", "Teksti", "Arvosana"],
        [17, written, "Lumopuoti: paketti hukassa", 2],
        [None, "24.11.2026 klo 8.15", "  Kaikki hyvin, Lumopuoti ", 4.5],
        [None, None, None, None],
        [18, "huomenna", None, 1],
    ]
    drop(folder, "palaute.xlsx", sheet(rows, above=2))
    batch = source_of(folder).fetch(None)
    first, second = batch.posts
    assert (first.external_id, first.rating) == ("17", 2)
    assert first.posted_at == datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert (second.text, second.rating) == ("Kaikki hyvin, Lumopuoti", 4.5)
    assert second.posted_at == datetime(2026, 11, 24, 6, 15, tzinfo=UTC)
    assert batch.unreadable == 1
    assert any(warning.startswith("palaute.xlsx, line 7 ") for warning in batch.warnings)


@pytest.mark.parametrize(
    "raw", [b"", b"PK\x03\x04 half of it", b"just text", b"\xd0\xcf\x11\xe0" + b"\0" * 600]
)
@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
def test_file_tells_of_a_spreadsheet_that_is_none(folder: Path, name: str, raw: bytes) -> None:
    drop(folder, name, raw)
    drop(folder, "b.csv", b"teksti\nLumopuoti\n")
    batch = source_of(folder).fetch(None)
    assert [post.text for post in batch.posts] == ["Lumopuoti"]
    assert not raw or any(warning.startswith(f"{name}, line 1 ") for warning in batch.warnings)


def test_file_refuses_a_spreadsheet_that_unpacks_to_more_than_it_should(folder: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as parts, parts.open("a.xml", "w") as part:
        for _ in range(520):
            part.write(b" " * 2**20)
    drop(folder, "pommi.xlsx", raw.getvalue())
    batch = source_of(folder).fetch(None)
    assert any("larger unpacked" in warning for warning in batch.warnings)
