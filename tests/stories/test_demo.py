"""The demonstration over real HTTP: the shipped configuration, the real collectors, a held clock."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import pipeline
from monitor.app import App, open_app, read_config
from monitor.demo import load_stream
from monitor.store import reads
from tests.stories.world import HeldClock, WordReader

ROOT = Path(__file__).parents[2]
PLACES = ("kotiblogi", "kotifoorumi", "mastodon")


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock(datetime(2026, 11, 25, 12, tzinfo=UTC))


@pytest.fixture
def app(tmp_path: Path, clock: HeldClock) -> Iterator[App]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    text = text.replace("8765", str(port)).replace('pace = "1s"', 'pace = "0s"')
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with open_app(read_config(tmp_path / "config.toml"), clock, WordReader()) as app:
        yield app


def collect(app: App) -> None:
    for place in PLACES:
        run = pipeline.collect(app.parts, place)
        assert (run.outcome, run.error, run.warnings) == ("ok", None, ())


def mentions(app: App) -> int:
    with app.store.reading() as session:
        return reads.count_mentions(session, reads.MentionFilter())


def test_backlog_is_read_from_all_three_places(app: App) -> None:
    collect(app)
    with app.store.reading() as session:
        for place in PLACES:
            assert reads.count_mentions(session, reads.MentionFilter(sources=(place,))) > 10
        assert {row.lang for row in reads.mentions(session, reads.MentionFilter(), 500)} >= {"fi", "sv", "en"}


def test_new_posts_keep_arriving_and_nothing_comes_twice(app: App, clock: HeldClock) -> None:
    collect(app)
    before = mentions(app)
    collect(app)
    assert mentions(app) == before
    clock.moment += timedelta(minutes=1)
    collect(app)
    assert mentions(app) > before


def test_whole_stream_is_heard_and_posts_about_nobody_are_dropped(app: App, clock: HeldClock) -> None:
    for _ in range(20):
        collect(app)
        clock.moment += timedelta(minutes=10)
    collect(app)
    with app.store.reading() as session:
        stored = {row.external_id for row in reads.mentions(session, reads.MentionFilter(), 1000)}
        texts = {row.text for row in reads.mentions(session, reads.MentionFilter(), 1000)}
    posts = load_stream()
    assert len(stored) < len(posts)
    named = [post for post in posts if "lumopuo" in post.text.lower()]
    assert len(named) > 100
    missed = [post.text for post in named if not any(post.text.split()[0] in text for text in texts)]
    assert missed == []


def test_alerts_come_out_of_the_demo(app: App) -> None:
    collect(app)
    pipeline.assess_all(app.parts)
    assert pipeline.deliver(app.parts) > 0
    with app.store.reading() as session:
        alerts = reads.open_alerts(session)
    assert {alert.shop for alert in alerts} == {"lumopuoti"}
    assert len(list(app.config.path(app.config.mail.folder).glob("*.eml"))) > 0


def test_check_in_a_second_terminal_uses_the_demo_that_runs(app: App, clock: HeldClock) -> None:
    with open_app(app.config, clock, WordReader()) as second:
        batch, found = pipeline.look(second.parts, "kotifoorumi")
    assert batch.posts
    assert found
    collect(app)
