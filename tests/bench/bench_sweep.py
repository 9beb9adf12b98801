"""One sweep over 10,000 open alerts whose deadlines pass, against reading the same rows with plain SQL."""

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from monitor import pipeline
from monitor.domain import Post
from tests.stories.world import World

ALERTS = 10_000


def rows() -> list[dict[str, object]]:
    """Seconds of a sweep with 10,000 alerts open, and of one plain read of them all."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), storm={"enabled": False})
        _fill(world)
        world.clock.moment += timedelta(hours=5)
        ours = min(_seconds(lambda: pipeline.sweep(world.parts)) for _ in range(3))
        with world.store.reading() as session:
            plain = min(
                _seconds(lambda: session.connection().exec_driver_sql("select * from alert").fetchall())
                for _ in range(3)
            )
            count = session.connection().exec_driver_sql("select count(*) from alert").scalar_one()
        world.store.close()
    return [
        {
            "what": "sweep",
            "alerts": int(count),
            "seconds": round(ours, 3),
            "plain_read": round(plain, 3),
            "ratio": round(ours / plain, 1),
        }
    ]


def _fill(world: World) -> None:
    now = world.clock.now()
    for number in range(ALERTS):
        world.places["forum"].posts.append(
            Post(
                source="forum",
                external_id=f"p{number}",
                author=f"k{number}",
                text=f"Lumopuodin lamppu numero {number} oli rikki.",
                thread_key=f"t{number}",
                posted_at=now - timedelta(minutes=30),
                lang="fi",
            )
        )
    world.run_without_mail()


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    print(rows())
