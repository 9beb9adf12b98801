"""`mainevahti export`: the same rows as a file, the record of what left, clear words for what cannot be."""

import io
import json
import os
import pty
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from pyarrow import parquet
from sqlmodel import select

from monitor import export
from monitor.cli import main
from monitor.export import Format, Subject
from monitor.store import Store
from monitor.store.tables import ExportRecord
from tests.exports.support import KEY, NOW, ZONE, ask, exported, golden_store

CONFIG = """
[database]
url = "sqlite:///var/golden.db"
[[shops]]
slug = "lumo"
name = "Lumo"
[[shops]]
slug = "helmi"
name = "Helmi"
rival = true
[[sources]]
slug = "blogi"
kind = "file"
folder = "drop"
"""
PERIOD = ["--since", "2026-11-24", "--until", "2026-11-25"]
START = [sys.executable, "-m", "monitor"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/pseudonym.key").write_bytes(KEY)
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    golden_store(tmp_path / "var/golden.db").close()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def records(folder: Path) -> list[ExportRecord]:
    store = Store(f"sqlite:///{folder}/var/golden.db")
    with store.reading() as session:
        found = list(session.execute(select(ExportRecord).order_by(ExportRecord.id)).scalars())
        session.expunge_all()
    store.close()
    return found


@pytest.mark.parametrize("format", ["csv", "excel", "jsonl"])
@pytest.mark.parametrize("subject", ["mentions", "alerts", "events", "labels"])
def test_command_writes_the_same_as_every_other_door(
    folder: Path, store: Store, subject: str, format: str
) -> None:
    assert main(["export", subject, "--format", format, "--out", "out.txt", *PERIOD]) == 0
    assert (folder / "out.txt").read_bytes() == exported(store, ask(Subject(subject)), Format(format))
    assert (folder / "out.txt.columns.csv").exists()


def test_file_is_for_our_own_eyes(folder: Path) -> None:
    assert main(["export", "mentions", "--out", "posts.csv", *PERIOD]) == 0
    for path in (folder / "posts.csv", folder / "posts.csv.columns.csv"):
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["posts.pdf", "posts.xls", "posts.CSV.gz"])
def test_name_of_no_format_is_refused(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["export", "mentions", "--out", name, *PERIOD]) == 2
    told = capsys.readouterr().err
    assert "is no format of exports" in told
    assert "Name one with --format: csv, excel, xlsx, parquet, jsonl." in told
    assert list(folder.glob("posts*")) == []


def test_two_formats_side_by_side_have_a_dictionary_each(folder: Path) -> None:
    for name in ("posts.csv", "posts.parquet"):
        assert main(["export", "mentions", "--out", name, *PERIOD]) == 0
    csv, parquet = ((folder / f"posts.{ending}.columns.csv").read_text() for ending in ("csv", "parquet"))
    assert "timestamp in UTC" in parquet
    assert "timestamp in UTC" not in csv


def test_posts_of_one_writer_are_taken_out(folder: Path) -> None:
    assert main(["export", "mentions", "--out", "all.jsonl", "--names", *PERIOD]) == 0
    rows = [json.loads(line) for line in (folder / "all.jsonl").read_text().splitlines()]
    author = next(row["author"] for row in rows if row["author"])
    assert main(["export", "mentions", "--out", "one.jsonl", "--author", author, *PERIOD]) == 0
    found = [json.loads(line)["id"] for line in (folder / "one.jsonl").read_text().splitlines()]
    assert found == [row["id"] for row in rows if row["author"] == author]
    assert main(["export", "alerts", "--out", "a.csv", "--author", author, *PERIOD]) == 2


@pytest.mark.parametrize("format", Format)
def test_format_is_what_the_name_says(folder: Path, format: Format) -> None:
    name = f"posts{format.ending}"
    assert main(["export", "mentions", "--out", name, *PERIOD]) == 0
    magic = {Format.XLSX: b"PK", Format.PARQUET: b"PAR1", Format.JSONL: b'{"id"'}.get(format, b"id,shop")
    assert (folder / name).read_bytes().startswith(magic)


def test_filters_and_columns_are_heeded(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    options = ["--stance", "negative", "--shop", "lumo", "--topic", "trust", "--columns", "id,author"]
    assert main(["export", "mentions", *options, "--from", "2026-11-25", "--to", "2026-11-25"]) == 0
    assert capfdbinary.readouterr().out == b"id,author\r\n1,author-aa8cee880362\r\n"
    assert main(["export", "mentions", "--words", "nimimerkki", "--columns", "id", *PERIOD]) == 0
    assert capfdbinary.readouterr().out == b"id\r\n"
    assert main(["export", "mentions", "--words", "nimimerkki", "--names", "--columns", "id", *PERIOD]) == 0
    assert capfdbinary.readouterr().out == b"id\r\n2\r\n1\r\n"


def test_trends_are_told_apart_and_together(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", "trends", "--together", "--columns", "day,shop,mentions", *PERIOD]) == 0
    assert capfdbinary.readouterr().out.splitlines()[1:] == [b"2026-11-25,helmi,1", b"2026-11-25,lumo,3"]
    options = ["--by", "language", "--step", "month", "--shop", "lumo", "--columns", "day,language,mentions"]
    assert main(["export", "trends", *options, *PERIOD]) == 0
    assert capfdbinary.readouterr().out.splitlines()[1:] == [b"2026-11-01,fi,2", b"2026-11-01,und,1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["mentions", "--since", "2026-11-24", "--until", "2026-11-01"],
            "the first day is after the last one",
        ),
        (["mentions", "--shop", "lumi"], 'there is no shop "lumi"'),
        (["mentions", "--shop", ""], 'there is no shop ""'),
        (["mentions", "--columns", "id,txt"], 'there is no column "txt"'),
        (["alerts", "--words", "x"], "--words: it does not fit alerts. It is for mentions"),
        (["labels", "--topic", "price"], "It is for mentions and trends"),
        (["mentions", "--step", "day"], "It is for trends"),
        (["trends", "--step", "hour", "--since", "2026-01-01", "--until", "2026-11-01"], "31 days"),
        (["trends", "--topic", "price", "--topic", "trust"], "trends are of one topic"),
        (["trends", "--by", "topic", "--together"], "--together: it says the opposite of --by"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["export", *arguments]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert said in told
    assert "1 mistake on the command line:" in told
    assert sorted(path.name for path in folder.iterdir()) == ["config.toml", "var"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["people"],
        ["mentions", "--format", "xls"],
        ["mentions", "--since", "2026-02-30"],
        ["mentions", "--since", "0001-01-01"],
        ["alerts", "--until", "9999-12-31"],
        ["labels", "--until", "0001-01-05"],
    ],
)
def test_unknown_words_end_with_the_code_of_a_wrong_command_line(folder: Path, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["export", *wrong])
    assert ended.value.code == 2


def test_period_without_anything_is_a_whole_file_and_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    period = ["--since", "2020-01-01", "--until", "2020-01-02"]
    assert main(["export", "mentions", "--out", "none.parquet", *period]) == 0
    assert parquet.read_table(folder / "none.parquet").column_names == list(export.names(Subject.MENTIONS))
    said = capsys.readouterr().err
    assert "0 rows written to none.parquet" in said
    assert "no mentions fit" in said


def test_source_that_is_gone_from_the_configuration_is_exported_with_a_note(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "mentions", "--source", "forum", "--out", "out.csv", *PERIOD]) == 0
    said = capsys.readouterr().err
    assert 'has no source "forum" now' in said
    assert "3 rows written" in said


def test_every_export_is_written_down(folder: Path) -> None:
    assert main(["export", "mentions", "--out", "named.csv", "--names", *PERIOD]) == 0
    assert main(["export", "alerts", "--out", "hidden.csv", *PERIOD]) == 0
    named, hidden = records(folder)
    assert (named.what, named.rows, named.names, named.via) == ("mentions", 4, True, "cli")
    assert named.file == str(folder / "named.csv")
    assert (hidden.what, hidden.rows, hidden.names) == ("alerts", 1, False)
    assert named.filters["format"] == "csv"
    assert named.filters["since"] == "2026-11-23 22:00:00+00:00"


def test_name_of_the_file_is_not_given_while_the_record_cannot_be_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An export with names that nobody would know of must not stay."""
    store = Store(f"sqlite:///{folder}/var/golden.db")
    with store.transaction() as session:
        session.connection().exec_driver_sql(
            "create trigger full before insert on exportrecord begin select raise(fail, 'disk is full'); end"
        )
    store.close()
    assert main(["export", "mentions", "--out", "named.csv", "--names", *PERIOD]) == 3
    assert "the disk is full" in " ".join(capsys.readouterr().err.split())
    assert not (folder / "named.csv").exists()


def test_output_that_nobody_reads_to_its_end_is_written_down_all_the_same(folder: Path) -> None:
    """Names that went through a pipe are out, even if the reader left."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as nobody:
        command = [*START, "export", "mentions", "--names", *PERIOD]
        run = subprocess.run(command, stdout=nobody, stderr=subprocess.PIPE, check=False, timeout=120)
    assert b"Traceback" not in run.stderr
    (record,) = records(folder)
    assert record.names
    assert record.file == "standard output"


def test_long_export_tells_how_far_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "mentions", "--out", "out.csv", *PERIOD]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "Exporting mentions ...",
        "4 rows written to out.csv",
        "What the columns mean: out.csv.columns.csv",
    ]


@pytest.mark.parametrize("format", ["parquet", "xlsx"])
def test_binary_formats_are_not_written_to_a_terminal(folder: Path, format: str) -> None:
    ours, theirs = pty.openpty()
    command = [*START, "export", "mentions", "--format", format, *PERIOD]
    run = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    os.close(theirs)
    os.close(ours)
    assert run.returncode == 2
    assert "Name a file, or use a pipe." in " ".join(run.stderr.split())


@pytest.mark.parametrize("format", ["parquet", "xlsx", "jsonl"])
def test_every_format_goes_through_a_pipe(folder: Path, format: str) -> None:
    command = [*START, "export", "mentions", "--format", format, *PERIOD]
    run = subprocess.run(command, capture_output=True, check=True, timeout=120)
    if format == "parquet":
        assert parquet.read_table(io.BytesIO(run.stdout)).num_rows == 4
    elif format == "jsonl":
        assert len([json.loads(line) for line in run.stdout.splitlines()]) == 4
    else:
        assert run.stdout.startswith(b"PK")


def test_key_of_the_pseudonyms_is_made_for_its_owner_only(folder: Path) -> None:
    (folder / "var/pseudonym.key").unlink()
    assert main(["export", "mentions", "--out", "first.csv", *PERIOD]) == 0
    key = folder / "var/pseudonym.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert main(["export", "mentions", "--out", "again.csv", *PERIOD]) == 0
    assert (folder / "first.csv").read_bytes() == (folder / "again.csv").read_bytes()


def test_usual_period_is_thirty_days_of_the_shop() -> None:
    since, until = export.default_period(datetime.fromisoformat("2026-11-25T22:30:00+00:00"), ZONE)
    assert (str(since), str(until)) == ("2026-10-28", "2026-11-27")
    assert (until - since).days == 30
    assert export.default_period(NOW, ZONE)[1].isoformat() == "2026-11-26"
