"""Everything comes back from a backup, but what was erased; and nothing is touched by a bad one."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest
from alembic import command

from monitor import pipeline
from monitor.cli import main
from monitor.config.keeping import PASSPHRASE
from monitor.store import Store, erasing, reads
from monitor.store.engine import alembic_settings
from monitor.store.reads import MentionFilter
from monitor.store.rows import MentionRow
from tests.stories.world import World

PHRASE = "kolme vanhaa kuusta"
CONFIG = '[[shops]]\nslug = "lumopuoti"\nname = "Lumopuoti"\n[database]\nurl = "sqlite:///world.db"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration and a database in which three posts were heard."""
    monkeypatch.setenv(PASSPHRASE, PHRASE)
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    world = World(tmp_path)
    world.post("forum", "Lumopuodista tuli lamppu rikki.", author="vuokko", thread="a")
    world.post("blog", "Lumopuoti on mukava.", author="sauli", thread="b")
    world.post("forum", "Lumopuodin peili rikki.", author="toinen", thread="c")
    world.run()
    world.store.close()
    return tmp_path


def run(home: Path, *command: str) -> int:
    return main(["--config", str(home / "config.toml"), *command])


def mentions(home: Path) -> list[MentionRow]:
    store = Store(f"sqlite:///{home}/world.db")
    with store.reading() as session:
        rows = reads.mentions(session, MentionFilter())
    store.close()
    return sorted(rows, key=lambda row: row.id)


def everything(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, and what lies beside the database."""
    with sqlite3.connect(home / "world.db") as database:
        names = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        rows = {name: sorted(database.execute(f'select * from "{name}"'), key=str) for name in names}
    database.close()
    keys = [(path.name, path.read_bytes()) for path in sorted((home / "var").glob("*.key"))]
    return {**rows, "keys": list(keys), "config": [((home / "config.toml").read_text(),)]}


def test_everything_comes_back_on_another_machine(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert run(home, "export", "mentions", "--out", str(home / "posts.csv")) == 0
    file = home / "out" / "monday.backup"
    assert run(home, "backup", str(file)) == 0
    before = everything(home)
    assert before["keys"]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert run(elsewhere, "restore", str(file)) == 0
    assert everything(elsewhere) == before
    again = elsewhere / "posts.csv"
    assert run(elsewhere, "export", "mentions", "--out", str(again)) == 0
    assert again.read_bytes() == (home / "posts.csv").read_bytes()


def test_what_comes_back_is_for_our_own_eyes(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = CONFIG.replace("sqlite:///world.db", "sqlite:///var/deep/world.db")
    (home / "var" / "deep").mkdir(parents=True)
    shutil.copyfile(home / "world.db", home / "var" / "deep" / "world.db")
    (home / "config.toml").write_text(text, encoding="utf-8")
    assert run(home, "export", "mentions", "--out", str(home / "posts.csv")) == 0
    assert run(home, "backup", str(home / "a.backup")) == 0
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert run(elsewhere, "restore", str(home / "a.backup")) == 0
    for path in (elsewhere / "var" / "deep").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert (elsewhere / "var" / "deep").stat().st_mode & 0o077 == 0


def test_backup_is_locked_and_leaves_no_plain_copy(home: Path) -> None:
    file = home / "monday.backup"
    there = {path.name for path in home.iterdir()} | {"world.db", "world.db-wal", "world.db-shm"}
    assert run(home, "backup", str(file)) == 0
    assert b"lamppu" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert {path.name for path in home.iterdir()} - there == {"monday.backup"}
    with tarfile.open(file) as outer:
        assert all(
            outer.extractfile(member).read(22) == b"age-encryption.org/v1\n"  # type: ignore[union-attr]
            for member in outer
        )


def test_plain_copy_of_a_backup_that_was_killed_goes_with_the_next(home: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, others = home / f".backup-{ended.pid}-abc", home / f".backup-{os.getpid()}-abc"
    for room in (left, others):
        room.mkdir()
        (room / "database.sqlite").write_bytes(b"plain")
    assert run(home, "backup", str(home / "monday.backup")) == 0
    assert (left.exists(), others.exists()) == (False, True)


def test_backup_is_whole_while_the_service_writes(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world, is_over = World(home), threading.Event()

    def go_on() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            world.post("forum", f"Lumopuodin tilaus {number} tuli rikki.", thread=f"n{number}")
            pipeline.collect(world.parts, "forum")

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        assert run(home, "backup", str(home / "busy.backup")) == 0
    finally:
        is_over.set()
        writer.join()
    world.store.close()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert run(elsewhere, "restore", str(home / "busy.backup")) == 0
    assert {row.author for row in mentions(elsewhere)} >= {"vuokko", "sauli", "toinen"}


def test_restore_refuses_to_overwrite_without_force(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "backup", str(home / "a.backup")) == 0
    before = everything(home)
    assert run(home, "restore", str(home / "a.backup")) == 3
    assert "--force" in capsys.readouterr().err
    assert everything(home) == before
    assert run(home, "restore", str(home / "a.backup"), "--force") == 0


def test_restore_waits_until_the_service_has_stopped(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "backup", str(home / "a.backup")) == 0
    store = Store(f"sqlite:///{home}/world.db")
    with store.reading() as session:
        reads.count_mentions(session, MentionFilter())
        assert run(home, "restore", str(home / "a.backup"), "--force") == 3
    store.close()
    assert "Stop the service" in " ".join(capsys.readouterr().err.split())


def test_erased_writer_stays_erased_after_a_restore(home: Path) -> None:
    assert run(home, "backup", str(home / "a.backup")) == 0
    assert run(home, "erase", "--author", "vuokko") == 0
    assert "vuokko" not in (home / "var" / "erasures.jsonl").read_text(encoding="utf-8")
    assert run(home, "restore", str(home / "a.backup"), "--force") == 0
    assert {row.author for row in mentions(home)} == {"", "sauli", "toinen"}
    assert len(mentions(home)) == 3


def test_erased_writer_stays_erased_when_only_the_ledger_is_left(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = next(row.url for row in mentions(home) if row.author == "sauli")
    assert run(home, "backup", str(home / "a.backup")) == 0
    assert run(home, "erase", "--author", "vuokko", "--source", "forum") == 0
    assert run(home, "erase", "--url", url) == 0
    (home / "world.db").write_bytes(b"a disk went bad here")
    for ending in ("-wal", "-shm"):
        (home / f"world.db{ending}").unlink(missing_ok=True)
    assert run(home, "restore", str(home / "a.backup"), "--force") == 0
    assert {row.author for row in mentions(home)} == {"", "toinen"}
    assert "ledger alone" in " ".join(capsys.readouterr().err.split())


def test_post_deleted_where_it_stood_stays_away_after_a_restore(home: Path) -> None:
    assert run(home, "backup", str(home / "a.backup")) == 0
    world = World(home)
    for number in (1, 2):
        world.post("forum", "Lumopuoti.", post_id=f"read-before-{number}")
    world.post("forum", "Lumopuodin tuoli rikki.", author="neljäs", post_id="late")
    pipeline.collect(world.parts, "forum")
    with world.store.transaction() as session:
        assert erasing.erase_gone(session, "forum", ["forum-1", "late"], world.clock.now()) == 2
    world.store.close()
    assert run(home, "restore", str(home / "a.backup"), "--force") == 0
    assert {row.author for row in mentions(home)} == {"", "sauli", "toinen"}
    pipeline.collect(world.parts, "forum")
    world.store.close()
    assert "neljäs" not in {row.author for row in mentions(home)}


def test_ledgers_of_backup_and_folder_become_one(home: Path) -> None:
    ledger = home / "var" / "erasures.jsonl"
    run(home, "erase", "--author", "vuokko")
    assert run(home, "backup", str(home / "a.backup")) == 0
    run(home, "erase", "--author", "toinen")
    ledger.write_text(ledger.read_text() + "half a li", encoding="utf-8")
    assert run(home, "restore", str(home / "a.backup"), "--force") == 0
    assert len(ledger.read_text(encoding="utf-8").splitlines()) == 2
    assert {row.author for row in mentions(home)} == {"", "sauli"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good backup."""
    home = tmp_path_factory.mktemp("whole")
    (home / "config.toml").write_text(CONFIG, encoding="utf-8")
    world = World(home)
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run_without_mail()
    world.store.close()
    phrase = home / "phrase"
    phrase.write_text(PHRASE, encoding="utf-8")
    file = home / "good.backup"
    assert run(home, "backup", str(file), "--passphrase-file", str(phrase)) == 0
    return file


def damaged(good: bytes, how: str) -> bytes:
    return {
        "cut off": good[: len(good) // 2],
        "last block gone": good[:-10_240],
        "one bit": good[: len(good) - 12_000] + bytes([good[-12_000] ^ 1]) + good[-11_999:],
        "one bit of the key": good.replace(b"-> scrypt", b"-> scrypT", 1),
        "something else": b"PK\x03\x04" + b"x" * 5000,
        "empty": b"",
    }[how]


@pytest.mark.parametrize(
    "how", ["cut off", "last block gone", "one bit", "one bit of the key", "something else", "empty"]
)
def test_damaged_backup_touches_nothing(
    whole: Path, home: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "bad.backup"
    file.write_bytes(damaged(whole.read_bytes(), how))
    before = everything(home)
    there = sorted(path.name for path in home.iterdir() if not path.name.startswith("world.db-"))
    assert run(home, "restore", str(file), "--force") == 3
    assert "Nothing was touched" in " ".join(capsys.readouterr().err.split())
    assert everything(home) == before
    assert sorted(path.name for path in home.iterdir() if not path.name.startswith("world.db-")) == there


def test_backup_of_a_newer_version_touches_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(home / "world.db") as database:
        (now,) = database.execute("select version_num from alembic_version").fetchone()
        database.execute("update alembic_version set version_num = '9999'")
    database.close()
    assert run(home, "backup", str(home / "a.backup")) == 0
    with sqlite3.connect(home / "world.db") as database:
        database.execute("update alembic_version set version_num = ?", (now,))
    database.close()
    before = everything(home)
    assert run(home, "restore", str(home / "a.backup"), "--force") == 3
    assert "newer version" in capsys.readouterr().err
    assert everything(home) == before


def test_backup_of_an_older_version_is_brought_up(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = Store(f"sqlite:///{home}/world.db")
    with store.transaction() as session:
        settings = alembic_settings()
        settings.attributes["connection"] = session.connection()
        command.downgrade(settings, "0006")
    store.close()
    assert run(home, "backup", str(home / "a.backup")) == 0
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert run(elsewhere, "restore", str(home / "a.backup")) == 0
    assert {row.author for row in mentions(elsewhere)} == {"vuokko", "sauli", "toinen"}


def test_wrong_passphrase_touches_nothing(
    whole: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(home)
    monkeypatch.setenv(PASSPHRASE, "neljä nuorta koivua")
    assert run(home, "restore", str(whole), "--force") == 3
    assert "passphrase is another one" in " ".join(capsys.readouterr().err.split())
    assert everything(home) == before


@pytest.mark.parametrize("phrase", ["", "short"])
def test_backup_wants_a_good_passphrase(home: Path, monkeypatch: pytest.MonkeyPatch, phrase: str) -> None:
    monkeypatch.setenv(PASSPHRASE, phrase)
    assert run(home, "backup", str(home / "a.backup")) in (2, 3)
    assert not (home / "a.backup").exists()


def test_backup_that_cannot_be_written_leaves_no_half_file(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "taken").write_text("a file where a folder should be", encoding="utf-8")
    assert run(home, "backup", str(home / "taken" / "a.backup")) == 3
    assert run(home, "backup", str(home)) == 3
    assert "cannot be written" in " ".join(capsys.readouterr().err.split())
    assert not list(home.glob("**/*.part"))


def test_backup_names_the_secrets_it_does_not_hold(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAIL_WORD", "salainen")
    mail = '[mail]\ntransport = "smtp"\nhost = "mail.example"\nuser = "u"\npassword = { env = "MAIL_WORD" }\n'
    (home / "config.toml").write_text(CONFIG + mail, encoding="utf-8")
    assert run(home, "backup", str(home / "a.backup")) == 0
    said = capsys.readouterr().err
    assert "MAIL_WORD" in said
    assert "salainen" not in said
    shutil.rmtree(home / "var", ignore_errors=True)
