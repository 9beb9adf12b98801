"""The real Mainevahti, as config.toml describes it: its own SQLite file, its own model, real connections.

Only the clock can be put forward, so that a day need not be waited for.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import pipeline
from monitor.app import App, open_app, read_config
from monitor.assessor import Assessor
from monitor.config import parse_duration
from monitor.domain import Sentiment
from monitor.store import reads
from monitor.store.rows import AlertRow, DeliveryRow, MentionRow, RunRow

SLUG = "place"
OWNER = "omistaja@lumopuoti.example"
_PATIENCE_S = 120

_CONFIG = """
language = "fi"

[[shops]]
slug = "lumopuoti"
name = "Lumopuoti"
domains = ["lumopuoti.example"]

[[recipients]]
slug = "owner"
name = "Omistaja"
email = "{owner}"

[http]
pace = "0s"
{more}
[[sources]]
slug = "{slug}"
allow_private = true
{source}
"""


class RunningClock:
    """The machine's time, put forward by `ahead`."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Service:
    """Listens to one place on this machine."""

    def __init__(self, app: App, clock: RunningClock) -> None:
        self.app, self._clock = app, clock
        self._ids: dict[int, str] = {}

    def listen(self) -> RunRow:
        """Every stage once; the fetch must go well."""
        parts = self.app.parts
        run = pipeline.collect(parts, SLUG)
        assert (run.outcome, run.error) == ("ok", None)
        pipeline.assess_all(parts)
        pipeline.sweep(parts)
        pipeline.deliver(parts)
        return run

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Hear a stream as the service does, in a thread of its own; what it brings is stored as it comes."""
        stopping = threading.Event()
        parts = replace(self.app.parts, is_stopping=stopping.is_set)
        thread = threading.Thread(target=pipeline.listen, args=(parts, SLUG))
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()

    def assess(self) -> None:
        """Judge what is stored and not yet judged."""
        pipeline.assess_all(self.app.parts)

    def listen_until(self, heard: Callable[[], object]) -> None:
        """Listen again and again: some servers show a post only a little later."""
        self.wait_until(lambda: self.listen() and heard())

    def wait_until(self, so: Callable[[], object]) -> None:
        """Wait for a server that needs a moment."""
        end = time.monotonic() + _PATIENCE_S
        while not so():
            assert time.monotonic() < end, [mention.text for mention in self.mentions]
            time.sleep(0.2)

    def recheck(self) -> None:
        """Look a day later at what was found, as the schedule does."""
        self._ids |= {mention.id: name for name, mention in self.by_id.items()}
        self.advance("21h")
        pipeline.recheck(self.app.parts)

    def advance(self, duration: str) -> None:
        self._clock.ahead += parse_duration(duration)

    @property
    def mentions(self) -> Sequence[MentionRow]:
        """What is stored, oldest first."""
        with self.app.store.reading() as session:
            found = reads.mentions(session, reads.MentionFilter(about_only=False))
        return sorted(found, key=lambda mention: mention.id)

    @property
    def mention(self) -> MentionRow:
        (mention,) = self.mentions
        return mention

    @property
    def by_id(self) -> dict[str, MentionRow]:
        """What is stored, by the ids that posts have where they stand; of what is erased no id is stored."""
        return {self._ids.setdefault(mention.id, mention.external_id): mention for mention in self.mentions}

    def label(self, external_id: str) -> Sentiment | None:
        """How the newest verdict on a post reads it."""
        assessment = self.by_id[external_id].assessment
        assert assessment is not None
        return assessment.label

    @property
    def texts(self) -> list[str]:
        return [mention.text for mention in self.mentions]

    @property
    def alerts(self) -> list[AlertRow]:
        with self.app.store.reading() as session:
            return reads.open_alerts(session)

    @property
    def deliveries(self) -> list[DeliveryRow]:
        """Messages of the only alert, the first one first."""
        (alert,) = self.alerts
        with self.app.store.reading() as session:
            return reads.deliveries(session, alert.id)


@contextmanager
def listening(
    folder: Path, assessor: Assessor, source: str, more: str = "", secrets: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """Open the service with one source; `source` and `more` are lines of config.toml.

    `secrets` are files beside it.
    """
    for name, secret in (secrets or {}).items():
        (folder / name).write_text(secret, encoding="utf-8")
    text = _CONFIG.format(owner=OWNER, slug=SLUG, source=source, more=more)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    clock = RunningClock()
    with open_app(read_config(folder / "config.toml"), clock=clock, assessor=assessor) as app:
        yield Service(app, clock)
