"""Whether the stages of this process still run: when each one ended well last, and how often it failed."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.clock import Clock

# The sweep runs each minute, assessing every five seconds; a long queue shows in fresh verdicts.
MOST_SILENT: Mapping[str, timedelta] = {"sweep": timedelta(minutes=5), "assess": timedelta(minutes=15)}


@dataclass(frozen=True, slots=True)
class Beat:
    """One stage; `ended_at` is None until it has ended well once."""

    ended_at: datetime | None = None
    failures: int = 0


class Pulse:
    """Counts how the stages end. Threads may share it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started_at = clock.now()
        self._beats: dict[str, Beat] = {}
        self._lock = threading.Lock()

    def watch(self, stage: str, job: Callable[[], object]) -> Callable[[], None]:
        """Wrap a stage so that its end is noted; what it raises goes on to the caller."""

        def run() -> None:
            has_ended = False
            try:
                job()
                has_ended = True
            finally:
                self._note(stage, has_ended)

        return run

    def beats(self) -> dict[str, Beat]:
        """Every stage that has ended at least once, well or not."""
        with self._lock:
            return dict(self._beats)

    def silent(self, now: datetime, last_assessed_at: datetime | None) -> list[str]:
        """Stages that have not ended well for too long; fresh verdicts are a sign of life too."""
        ended = {stage: beat.ended_at or self._started_at for stage, beat in self.beats().items()}
        if last_assessed_at is not None:
            ended["assess"] = max(last_assessed_at, ended.get("assess", self._started_at))
        return [
            stage for stage, most in MOST_SILENT.items() if now - ended.get(stage, self._started_at) > most
        ]

    def _note(self, stage: str, has_ended: bool) -> None:
        with self._lock:
            beat = self._beats.get(stage, Beat())
            self._beats[stage] = (
                replace(beat, ended_at=self._clock.now())
                if has_ended
                else replace(beat, failures=beat.failures + 1)
            )
