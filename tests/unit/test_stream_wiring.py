"""From config.toml to a stream that is listened to: schedule, composition root and command line."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from monitor import schedule
from monitor.app import open_app, read_config
from monitor.cli import main
from monitor.domain import Batch, Post
from monitor.errors import StoreError
from monitor.sources.streaming import joined
from monitor.store import Store, reads, streams, writes
from monitor.store.tables import Mention
from tests.sources.jetstream_server import StreamServer, event, microseconds
from tests.stories.world import WordReader

CONFIG = """
[[shops]]
slug = "lumopuoti"
name = "Lumopuoti"

[[sources]]
slug = "bluesky"
kind = "jetstream"
url = "URL"
canary = "Helsinki"
collect_for = "1s"
allow_private = true

[mail]
folder = "mail"

[database]
url = "sqlite:///test.db"
"""


@pytest.fixture
def server() -> Iterator[StreamServer]:
    with StreamServer() as server:
        now = microseconds(datetime.now(UTC))
        server.say(
            event(now - 3_000, "a", "Lumopuodista tuli lamppu rikki"),
            event(now - 2_000, "b", "Kaunis ilma"),
            event(now - 1_000, "c", "Helsinki on kaunis"),
        )
        yield server


@pytest.fixture
def folder(tmp_path: Path, server: StreamServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG.replace("URL", server.url), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stored(folder: Path) -> list[str]:
    store = Store(f"sqlite:///{folder}/test.db")
    with store.reading() as session:
        texts = [mention.text for mention in reads.mentions(session, reads.MentionFilter())]
    store.close()
    return texts


def test_running_service_listens_to_its_streams_and_stops(folder: Path, server: StreamServer) -> None:
    stopping = threading.Event()
    config = read_config(folder / "config.toml")
    with open_app(config, assessor=WordReader(), is_stopping=stopping.is_set) as app:
        scheduler = app.scheduler()
        jobs = {job.id for job in scheduler.get_jobs()}
        scheduler.start()
        for _ in range(3_000):
            if stored(folder):
                break
            threading.Event().wait(0.01)
        stopping.set()
        scheduler.shutdown(wait=True)
    assert "listen:bluesky" in jobs
    assert "collect:bluesky" not in jobs
    assert stored(folder) == ["Lumopuodista tuli lamppu rikki"]
    assert server.asked[0].headers["User-Agent"].startswith("Mainevahti/")


def test_collect_listens_to_a_stream_for_a_while(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect", "bluesky"]) == 0
    cells = capsys.readouterr().out.split()
    assert cells[-5:] == ["bluesky", "ok", "3", "1", "1"]
    assert stored(folder) == ["Lumopuodista tuli lamppu rikki"]


def test_dry_run_and_check_show_what_a_stream_brings(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["collect", "bluesky", "--dry-run"]) == 0
    assert main(["check", "bluesky"]) == 0
    assert capsys.readouterr().err.count("3 posts, 1 about a shop") == 2
    assert stored(folder) == []


def test_streams_run_in_threads_of_their_own_and_begin_again_when_they_fall(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stopping, fell = threading.Event(), threading.Event()
    threads: set[str] = set()

    def listen() -> None:
        threads.add(threading.current_thread().name)
        if not fell.is_set():
            fell.set()
            raise StoreError("the disk is full")
        stopping.wait(30)

    def listen_too() -> None:
        threads.add(threading.current_thread().name)
        stopping.wait(30)

    scheduler = BackgroundScheduler(timezone="UTC")
    streams = {"one": listen, "two": listen_too}
    with caplog.at_level(logging.ERROR):
        schedule.add_streams(scheduler, streams, stopping.is_set, timedelta())
        scheduler.start()
        for _ in range(3_000):
            # A job is taken out after it was begun; a shutdown in between would meet it half way.
            if fell.is_set() and len(threads) == 2 and not scheduler.get_jobs():
                break
            threading.Event().wait(0.01)
        stopping.set()
        scheduler.shutdown(wait=True)
    assert len(threads) == 2
    assert "one: the disk is full" in caplog.text


def test_no_streams_need_no_threads() -> None:
    scheduler = BackgroundScheduler(timezone="UTC")
    schedule.add_streams(scheduler, {}, lambda: False)
    assert scheduler.get_jobs() == []


def post(external_id: str, text: str = "Lumopuoti", author: str = "a") -> Post:
    return Post(source="bluesky", external_id=external_id, thread_key="t", text=text, author=author)


def test_joined_batches_count_everything_and_keep_the_later_of_two() -> None:
    early, late = datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 24, 11, tzinfo=UTC)
    first = Batch((post("1", "ennen"),), "c1", ("w",), 1, 2, ("g",), ("x",), passed=5, newest=late)
    then = Batch(
        (post("1", "nyt"), post("2")), "c2", ("w", "v"), 3, 4, ("g", "h"), ("y",), passed=6, newest=early
    )
    both = joined(first, then)
    assert [one.text for one in both.posts] == ["nyt", "Lumopuoti"]
    assert (both.cursor, both.warnings, both.gone, both.gone_authors) == (
        "c2",
        ("w", "v"),
        ("g", "h"),
        ("x", "y"),
    )
    assert (both.unreadable, both.left_out, both.passed, both.heard, both.newest) == (4, 6, 11, 13, late)


def test_joined_warnings_stay_few() -> None:
    total = Batch()
    for number in range(100):
        total = joined(total, Batch(warnings=(f"warning {number}",)))
    assert len(total.warnings) == 20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/streams.db")
    store.migrate()
    yield store
    store.close()


def test_store_knows_which_posts_of_a_stream_it_has(store: Store) -> None:
    now = datetime(2026, 11, 24, 10, tzinfo=UTC)
    with store.transaction() as session:
        rows = [
            mention(f"p{number}", author=f"did:{number % 2}", source=source, now=now)
            for source in ("bluesky", "muu")
            for number in range(1_200)
        ]
        writes.insert_new(session, Mention, rows)
    asked = [f"p{number}" for number in range(0, 3_000, 2)]
    with store.reading() as session:
        assert sorted(streams.stored_among(session, "bluesky", asked)) == sorted(asked[:600])
        assert len(streams.written_by(session, "bluesky", ["did:1", "did:9"])) == 600
        assert streams.stored_among(session, "bluesky", []) == []


@pytest.mark.parametrize("column", ["external_id", "author"])
def test_looking_for_posts_of_a_stream_uses_an_index(store: Store, column: str) -> None:
    query = f"explain query plan select id from mention where source = 'a' and {column} in ('b', 'c')"
    with store.reading() as session:
        plan = json.dumps([tuple(row) for row in session.connection().exec_driver_sql(query)])
    assert "USING INDEX ix_mention_source" in plan or "USING COVERING INDEX ix_mention_source" in plan


def mention(external_id: str, author: str, source: str, now: datetime) -> dict[str, object]:
    return {
        "shop": "lumopuoti",
        "source": source,
        "external_id": external_id,
        "url": "",
        "author": author,
        "title": "",
        "text": "Lumopuoti",
        "posted_at": now,
        "edited_at": None,
        "found_at": now,
        "thread_key": "t",
        "thread_title": "",
        "parent_text": "",
        "reach": None,
        "rating": None,
        "lang": "fi",
        "words": ["Lumopuoti"],
        "certainty": 1.0,
        "found_where": "text",
        "fingerprint": "f",
        "text_hash": "h",
    }
