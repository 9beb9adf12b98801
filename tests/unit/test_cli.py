"""Commands as a person types them: what they print, and exit codes that mean something."""

import json
import os
import sqlite3
import time
from pathlib import Path

import pytest

from monitor.cli import main
from tests.unit.test_store_migrations import ALERT, DELIVERY, MENTION

CONFIG = """
[[shops]]
slug = "lumopuoti"
name = "Lumopuoti"

[[sources]]
slug = "kansio"
kind = "file"
folder = "drop"

[mail]
folder = "mail"

[database]
url = "sqlite:///var/test.db"
"""
POSTS = [
    {"id": "1", "text": "Lumopuodista tuli lamppu rikki.", "posted_at": "2026-11-24T12:00:00Z"},
    {"id": "2", "text": "Kaunis ilma tänään.", "posted_at": "2026-11-24T12:05:00Z"},
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "drop").mkdir()
    lines = "\n".join(json.dumps(post, ensure_ascii=False) for post in POSTS)
    dropped = tmp_path / "drop" / "posts.jsonl"
    dropped.write_text(lines + "\n", encoding="utf-8")
    # Written some time ago: a file that may still be growing is left alone.
    os.utime(dropped, (time.time() - 3600, time.time() - 3600))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_finds_no_mistake_in_a_good_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--offline"]) == 0
    assert "no mistakes" in capsys.readouterr().err


def test_check_shows_every_mistake_and_says_so_by_its_code(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = CONFIG.replace('kind = "file"', 'kind = "fiel"').replace('name = "Lumopuoti"', 'nmae = "x"')
    (folder / "config.toml").write_text(wrong, encoding="utf-8")
    assert main(["check"]) == 2
    told = capsys.readouterr().err
    assert 'Did you mean "file"?' in told
    assert 'Did you mean "name"?' in told


def test_check_without_a_file_says_where_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    assert "config.toml" in capsys.readouterr().err


def test_check_tries_one_source_live_and_shows_what_would_match(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "kansio"]) == 0
    told = capsys.readouterr().err
    assert "2 posts, 1 about a shop" in told
    assert "Lumopuodista" in told


def test_collect_dry_run_stores_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect", "--dry-run"]) == 0
    assert "Lumopuodista" in capsys.readouterr().out
    assert main(["collect"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split("\t")[:5] == ["kansio", "ok", "2", "1", "1"]


def test_collect_dry_run_shows_all_that_would_be_stored(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posts = [{"id": str(number), "text": f"Lumopuodista tuli lamppu {number}."} for number in range(30)]
    dropped = folder / "drop" / "posts.jsonl"
    dropped.write_text("\n".join(json.dumps(post) for post in posts) + "\n", encoding="utf-8")
    os.utime(dropped, (time.time() - 3600, time.time() - 3600))
    assert main(["collect", "kansio", "--dry-run"]) == 0
    assert capsys.readouterr().out.count("Lumopuodista") == 60  # the word found, and the text


def test_collect_since_reads_again_from_that_day_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect"]) == 0
    (folder / "var/test.db").rename(folder / "var/old.db")
    assert main(["collect", "kansio", "--since", "2026-11-01"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split("\t")[:5] == ["kansio", "ok", "2", "1", "1"]


def test_paused_source_is_left_out_unless_it_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["source", "pause", "kansio"]) == 0
    assert main(["health"]) == 0
    assert "paused" in capsys.readouterr().out
    assert main(["collect"]) == 0
    assert "kansio is paused by" in capsys.readouterr().err
    assert main(["collect", "kansio"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split("\t")[:2] == ["kansio", "ok"]
    assert main(["source", "resume", "kansio"]) == 0
    assert main(["source", "run", "kansoi"]) == 2


def test_collect_names_the_sources_there_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect", "kansoi"]) == 2
    assert "kansio" in capsys.readouterr().err


def test_collect_tells_by_its_code_that_a_source_failed(folder: Path) -> None:
    for path in (folder / "drop").iterdir():
        path.unlink()
    (folder / "drop").rmdir()
    (folder / "drop").write_text("a file where the folder should be")
    assert main(["collect"]) == 1


def test_export_writes_what_was_collected(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["collect"])
    capsys.readouterr()
    period = ["--since", "2026-11-24", "--until", "2026-11-24"]
    assert main(["export", "mentions", "--format", "jsonl", *period]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "Lumopuodista tuli lamppu rikki."
    assert main(["export", "trends", "--out", "trends.csv", *period]) == 0
    assert (folder / "trends.csv").read_text(encoding="utf-8").startswith("day,finished,shop")


@pytest.mark.parametrize(
    "wrong", [["--since", "2026-11-24", "--until", "2026-11-01"], ["--shop", "lumopuodi"]]
)
def test_export_refuses_what_cannot_be_meant(folder: Path, wrong: list[str]) -> None:
    assert main(["export", "mentions", *wrong]) == 2


@pytest.mark.parametrize("command", [["export", "mentions"], ["score", "drop/posts.jsonl"]])
def test_output_into_a_missing_folder_is_refused_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert main([*command, "--out", "missing/out.csv"]) == 3
    assert "Make the folder first" in capsys.readouterr().err
    assert not (folder / "missing").exists()


def test_score_refuses_a_configuration_that_is_named_and_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", "nope.toml", "score", "drop/posts.jsonl"]) == 2
    assert "nope.toml" in capsys.readouterr().err


def test_score_needs_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "posts.jsonl").write_text(r'{"id": "\ud800"}', encoding="utf-8")
    assert main(["score", "posts.jsonl"]) == 1
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert row["id"] == "\ud800"
    assert "error" in row


def test_deliver_tells_by_its_code_that_a_message_failed_for_good(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate"]) == 0
    with sqlite3.connect(folder / "var/test.db") as database:
        for row in (MENTION, ALERT, DELIVERY):
            database.execute(row)
    database.close()
    assert main(["deliver"]) == 1
    assert "1 failed for good" in capsys.readouterr().err
    assert main(["deliver"]) == 0


def test_health_shows_each_source(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["health"]) == 0
    assert "Not fetched yet." in capsys.readouterr().out


def test_migrate_may_be_repeated(folder: Path) -> None:
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0


def test_damaged_database_is_told_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "var").mkdir()
    (folder / "var/test.db").write_bytes(b"no database at all, just some text" * 200)
    assert main(["migrate"]) == 3
    assert "not a database" in capsys.readouterr().err


def test_forms_shows_inflected_forms(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forms", "Lumopuoti"]) == 0
    assert "lumopuodista" in capsys.readouterr().out.lower()


def test_run_makes_files_that_only_its_own_user_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)
    try:
        assert main(["run"]) == 2  # there is no config.toml
        (tmp_path / "made").touch()
    finally:
        os.umask(before)
    assert (tmp_path / "made").stat().st_mode & 0o077 == 0


def test_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["colect"])
    assert caught.value.code == 2
    assert "colect" in capsys.readouterr().err
