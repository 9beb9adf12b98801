"""A PostgreSQL database goes into a backup while it is in use, and comes back whole, erasures kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.cli import main
from monitor.config.keeping import PASSPHRASE
from monitor.domain import Match, Post, Shop
from monitor.store import Store, erasing, reads, writes
from monitor.store.reads import MentionFilter
from tests.servers.bluesky import start_database
from tests.servers.conftest import up
from tests.servers.installing import debian
from tests.servers.running import HOST, stand

pytestmark = pytest.mark.servers
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LUMOPUOTI = Shop("lumopuoti", "Lumopuoti")


def database() -> Iterator[str]:
    debian("postgresql-15")
    with stand("postgres") as place:
        yield f"postgresql+psycopg://verkko@{HOST}:{start_database(place)}/postgres"


@pytest.fixture(scope="module")
def url(untested: dict[str, str]) -> Iterator[str]:
    with up(untested, "PostgreSQL", contextmanager(database)()) as address:
        yield address


@pytest.fixture
def home(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(PASSPHRASE, "kolme vanhaa kuusta")
    config = f'[[shops]]\nslug = "lumopuoti"\nname = "Lumopuoti"\n[database]\nurl = "{url}"\n'
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    assert run(tmp_path, "migrate") == 0
    add(url, "vuokko", "sauli")
    yield tmp_path
    store = Store(url)
    with store.transaction() as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    store.close()


def run(home: Path, *command: str) -> int:
    return main(["--config", str(home / "config.toml"), *command])


def add(url: str, *authors: str) -> None:
    """Let some people write."""
    posts = [
        Post(source="forum", external_id=name, author=name, text="Lumopuoti!", thread_key=name)
        for name in authors
    ]
    store = Store(url)
    with store.transaction() as session:
        writes.add_mentions(session, [(post, Match(LUMOPUOTI, (), 1.0), "") for post in posts], NOW)
    store.close()


def authors(url: str) -> list[str]:
    store = Store(url)
    with store.reading() as session:
        found = [row.author for row in reads.mentions(session, MentionFilter(about_only=False))]
    store.close()
    return sorted(found)


def test_database_comes_back_and_erased_writers_do_not(url: str, home: Path) -> None:
    assert run(home, "backup", str(home / "a.backup")) == 0
    assert run(home, "erase", "--author", "vuokko") == 0
    add(url, "myöhempi")
    store = Store(url)
    with store.transaction() as session:
        assert erasing.erase_gone(session, "forum", ["myöhempi"], NOW) == 1
    store.close()
    assert run(home, "restore", str(home / "a.backup")) == 3
    assert authors(url) == ["", "", "sauli"]
    assert run(home, "restore", str(home / "a.backup"), "--force") == 0
    assert authors(url) == ["", "", "sauli"]
    add(url, "myöhempi", "vuokko")
    assert authors(url) == ["", "", "sauli"]


def test_dump_that_does_not_load_changes_nothing(
    url: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(home, "backup", str(home / "a.backup")) == 0
    add(url, "myöhempi")
    monkeypatch.setenv("PATH", str(home))
    assert run(home, "restore", str(home / "a.backup"), "--force") == 3
    assert run(home, "backup", str(home / "b.backup")) == 3
    assert "psql is missing" in capsys.readouterr().err
    assert authors(url) == ["myöhempi", "sauli", "vuokko"]
