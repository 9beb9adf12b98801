"""A service killed (kill -9) at random moments under load, again and again, and what is left in the end."""

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import col

from monitor import pipeline
from monitor.domain import Batch, DeliveryState, Message, Post, SendReason
from monitor.store.tables import Alert, Assessment, Delivery, Mention
from tests.stories.world import World

_AT_ONCE = 15
# Longer than a claim may be held by a worker that does not answer.
_BETWEEN = timedelta(minutes=6)
_LONGEST_LIFE_S = 0.25


@dataclass
class Flood:
    """A site with many posts, read a few at a time; every seventh is critical and so mailed by itself."""

    posts: list[Post]

    def fetch(self, cursor: str | None) -> Batch:
        start = int(cursor or 0)
        return Batch(tuple(self.posts[start : start + _AT_ONCE]), str(min(start + _AT_ONCE, len(self.posts))))


class Ledger:
    """A post office that writes each Message-ID into a file the moment it takes the message."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: Message) -> None:
        with self._path.open("a", encoding="utf-8") as ledger:
            ledger.write(message.message_id + "\n")

    def try_out(self) -> None:
        pass

    def forget(self, before: object) -> int:
        return 0


@dataclass(frozen=True)
class Damage:
    """What went wrong in the end; `under_load` counts kills after which work was left to do."""

    kills: int
    under_load: int
    lost_mentions: int
    doubled_mentions: int
    unjudged: int
    judged_twice: int
    lost_alerts: int
    doubled_alerts: int
    untold_alerts: int
    repeated_mails: int
    mails: int

    @property
    def is_none(self) -> bool:
        """Whether nothing was lost or doubled; a mail may repeat with the same Message-ID."""
        wrong = (
            self.lost_mentions,
            self.doubled_mentions,
            self.unjudged,
            self.judged_twice,
            self.lost_alerts,
            self.doubled_alerts,
            self.untold_alerts,
        )
        return not any(wrong)


def kill_often(folder: Path, kills: int, posts: int, seed: int = 1) -> Damage:
    """Start, kill, start again, so many times; then let it finish, and count what is missing."""
    choose = random.Random(seed)
    ledger = folder / "ledger.txt"
    ledger.touch()
    prepared = _world(folder, posts, 0, ledger)
    prepared.store.close()
    busy = 0
    for number in range(kills):
        _live_and_die(folder, posts, number, ledger, choose.uniform(0.0, _LONGEST_LIFE_S))
        busy += _has_work(folder, posts)
    world = _world(folder, posts, kills, ledger)
    _work(world, rounds=3 * posts // _AT_ONCE)
    found = _count(world, posts, kills, busy, ledger)
    world.store.close()
    return found


def _live_and_die(folder: Path, posts: int, number: int, ledger: Path, life: float) -> None:
    """One life of the service in a process of its own, ended from outside."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            world = _world(folder, posts, number, ledger)
            os.write(writer, b"!")
            _work(world, rounds=10_000)
        finally:
            os._exit(0)
    os.read(reader, 1)
    time.sleep(life)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reader)
    os.close(writer)


def _has_work(folder: Path, posts: int) -> bool:
    with sqlite3.connect(folder / "world.db") as database:
        (stored,) = database.execute("select count(*) from mention").fetchone()
        (waiting,) = database.execute(
            "select count(*) from delivery where state in ('due', 'claimed')"
        ).fetchone()
    database.close()
    return bool(stored < posts or waiting)


def _world(folder: Path, posts: int, number: int, ledger: Path) -> World:
    world = World(folder, storm={"enabled": False})
    world.clock.moment += number * _BETWEEN
    world.office = Ledger(ledger)  # type: ignore[assignment]
    world.places.clear()
    world.places["forum"] = Flood(_posts(world, posts))  # type: ignore[assignment]
    world.parts = world._parts()
    return world


def _posts(world: World, count: int) -> list[Post]:
    said = ("Lumopuodin lamppu {} oli rikki.", "Lumopuoti {}: vien asian oikeuteen.")
    return [
        Post(
            source="forum",
            external_id=f"p{number}",
            author=f"k{number}",
            text=said[number % 7 == 0].format(number),
            thread_key=f"t{number}",
            lang="fi",
        )
        for number in range(count)
    ]


def _work(world: World, rounds: int) -> None:
    for _ in range(rounds):
        pipeline.collect(world.parts, "forum")
        pipeline.assess(world.parts, limit=_AT_ONCE)
        pipeline.sweep(world.parts)
        pipeline.deliver(world.parts)


def _count(world: World, posts: int, kills: int, busy: int, ledger: Path) -> Damage:
    ids = Counter(ledger.read_text(encoding="utf-8").split())
    with world.store.reading() as session:
        mentions = list(session.execute(select(col(Mention.external_id))).scalars())
        judged = Counter(session.execute(select(col(Assessment.mention_id))).scalars())
        threads = Counter(session.execute(select(col(Alert.thread))).scalars())
        told = session.execute(
            select(func.count(func.distinct(Delivery.alert_id))).where(
                col(Delivery.reason) == SendReason.FIRST.value,
                col(Delivery.state) == DeliveryState.SENT.value,
            )
        ).scalar_one()
    return Damage(
        kills=kills,
        under_load=busy,
        lost_mentions=posts - len(set(mentions)),
        doubled_mentions=len(mentions) - len(set(mentions)),
        unjudged=len(mentions) - len(judged),
        judged_twice=sum(count - 1 for count in judged.values()),
        lost_alerts=posts - len(threads),
        doubled_alerts=sum(count - 1 for count in threads.values()),
        untold_alerts=len(threads) - int(told),
        repeated_mails=sum(count - 1 for count in ids.values()),
        mails=len(ids),
    )
