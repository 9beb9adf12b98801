"""One logging set-up: plain lines on stderr, with every known secret blotted out."""

import logging
import sys
from collections.abc import Collection
from typing import TextIO

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_SHORTEST_SECRET = 4


class Redaction(logging.Formatter):
    """Writes *** wherever a secret would stand, in messages and in tracebacks alike."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__(_FORMAT)
        # A very short secret would blot out ordinary words and so tell what it is.
        self._secrets = sorted((s for s in secrets if len(s) >= _SHORTEST_SECRET), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what is stderr at that moment: a progress bar stands in for it, to stay below the lines."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def set_up_logging(secrets: Collection[str] = (), level: int = logging.INFO) -> None:
    """Send log lines of the whole process to stderr; calling it again replaces the set-up."""
    lines = _Stderr()
    lines.setFormatter(Redaction(secrets))
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(level)
    # These tell of every request and job; ours say the same with more sense.
    for name in ("httpx", "httpcore", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns whenever a stage is still at work when its next turn comes, which is as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
