"""How long a new post waits at its source until the real service has stored it: by feeds, and by a stream.

The aim is one interval and two seconds for feeds, two seconds for the stream. Feeds and stream are servers on
loopback; the schedule, the collectors, the matching and the store are the real ones. A minute and a half.
"""

import random
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select
from sqlmodel import col

from monitor.app import App, open_app, read_config
from monitor.store.tables import Mention
from tests.sources.jetstream_server import StreamServer, event, microseconds, uri
from tests.sources.served import Served

SECONDS, FEEDS, EVERY_S = 60, 20, 10
_AIM_S = 2.0
_LOOK_S = 0.05
_SHOP = '[[shops]]\nslug = "lumopuoti"\nname = "Lumopuoti"\n[database]\nurl = "sqlite:///heard.db"\n'


class Feed:
    """A feed that somebody writes into."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self._rows: list[str] = []

    def write(self) -> str:
        """Publish a post; returns its id."""
        own_id, now = f"{self.slug}-{len(self._rows)}", format_datetime(datetime.now(UTC))
        said = f"<description>Lumopuoti {own_id}</description>"
        self._rows = [*self._rows, f"<item><guid>{own_id}</guid><pubDate>{now}</pubDate>{said}</item>"]
        return own_id

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = f'<rss version="2.0"><channel><title>t</title>{"".join(self._rows)}</channel></rss>'
        return httpx.Response(200, text=body)


def rows() -> list[dict[str, Any]]:
    """One row for the feeds and one for the stream; seconds from being published to being stored."""
    feeds = [Feed(f"feed{number}") for number in range(FEEDS)]
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        stream = closing.enter_context(StreamServer())
        tables = [_table(feed.slug, "feed", closing.enter_context(Served(feed)).url) for feed in feeds]
        tables.append(_table("stream", "jetstream", stream.url))
        (folder / "config.toml").write_text(_SHOP + "".join(tables), encoding="utf-8")
        over = threading.Event()
        closing.callback(over.set)
        app = closing.enter_context(open_app(read_config(folder / "config.toml"), is_stopping=over.is_set))
        scheduler = app.scheduler()
        scheduler.start()
        closing.callback(scheduler.shutdown)
        closing.callback(over.set)
        return _measured(app, feeds, stream)


def _table(slug: str, kind: str, url: str) -> str:
    options = f'allow_private = true\nevery = "{EVERY_S}s"\nurl = "{url}"\n'
    return f'[[sources]]\nslug = "{slug}"\nkind = "{kind}"\n{options}'


def _measured(app: App, feeds: list[Feed], stream: StreamServer) -> list[dict[str, Any]]:
    time.sleep(2 * EVERY_S)  # everything has been read once, the stream is open
    written: dict[str, float] = {}
    seen: dict[str, float] = {}
    over = threading.Event()
    watching = threading.Thread(target=_watch, args=(app, seen, over))
    watching.start()
    choose = random.Random(5)
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        _write(choose.choice(feeds).write, written)
        _write(partial(_say, stream, len(written)), written)
        time.sleep(choose.uniform(0.3, 0.7))
    time.sleep(EVERY_S + 2 * _AIM_S)
    over.set()
    watching.join()
    of_stream = {own_id for own_id in written if own_id.startswith("at://")}
    of_feeds, aim_s = written.keys() - of_stream, EVERY_S + _AIM_S
    return [
        _row(f"{FEEDS} feeds, every {EVERY_S} s", of_feeds, written, seen, aim_s),
        _row("stream", of_stream, written, seen, _AIM_S),
    ]


def _write(write: Callable[[], str], written: dict[str, float]) -> None:
    own_id = write()
    written[own_id] = time.monotonic()


def _say(stream: StreamServer, number: int) -> str:
    stream.say(event(microseconds(datetime.now(UTC)), f"k{number}", "Lumopuoti ei vastaa"))
    return uri(f"k{number}")


def _watch(app: App, seen: dict[str, float], over: threading.Event) -> None:
    while not over.wait(_LOOK_S):
        with app.store.reading() as session:
            found = session.execute(select(col(Mention.external_id))).scalars().all()
        now = time.monotonic()
        seen.update({own_id: now for own_id in found if own_id not in seen})


def _row(
    what: str, ids: set[str], written: Mapping[str, float], seen: Mapping[str, float], aim: float
) -> dict[str, Any]:
    waits = sorted(seen[own_id] - written[own_id] for own_id in ids & seen.keys())
    return {
        "what": what,
        "posts": len(ids),
        "lost": len(ids) - len(waits),
        "median_s": waits[len(waits) // 2],
        "p95_s": waits[int(len(waits) * 0.95)],
        "most_s": waits[-1],
        "aim_s": aim,
        "share of the aim": waits[-1] / aim,
    }


if __name__ == "__main__":
    print(rows())
