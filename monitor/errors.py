"""Every exception the service raises on purpose.

MonitorError
  ConfigError               all mistakes in config.toml at once, each with key path and remedy
  SourceError
    SourceBusy              try later (429, 503, time-out); carries retry_after in seconds
      SourceSpent           our own allowance of requests for the day is used up
    SourceBroken            the answer is not what we know; a person must look
      SourceDeaf            it answers, with a page or rows of which nothing can be read
      SourceGone            nothing is at this address (404, 410)
  NotifyError
    Temporary               will be tried again; carries retry_after in seconds
    Permanent               will not
  ModelError                weights missing, or checksum or labels differ
  StoreError                the database is locked, read-only, full or not ours
  AlertConflict             somebody else changed this alert first
  NotAllowed                the person's role does not allow it, or their visit has ended
"""

from collections.abc import Sequence
from dataclasses import dataclass


class MonitorError(Exception):
    """Base of all errors below; its text is one sentence a person can act on."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend in the configuration."""

    path: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem} {self.remedy}".strip()


class ConfigError(MonitorError):
    """The configuration cannot be used; `mistakes` lists every reason."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class SourceError(MonitorError):
    """A source could not be read this time."""


class SourceBusy(SourceError):
    """The other side asks us to wait, or does not answer in time."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class SourceSpent(SourceBusy):
    """We have asked as often today as we may; the other side is well."""


class SourceBroken(SourceError):
    """The answer is not what we know how to read; waiting does not help."""


class SourceDeaf(SourceBroken):
    """It answers as if all were well, and nothing can be heard: a login, a captcha, an unknown format."""


class SourceGone(SourceBroken):
    """There is nothing at this address, or not any more."""


class NotifyError(MonitorError):
    """A message was not handed over."""


class Temporary(NotifyError):
    """The message may go through later."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class Permanent(NotifyError):
    """The message will never go through as it is."""


class ModelError(MonitorError):
    """The model's files are missing or not the ones its checksums name."""


class StoreError(MonitorError):
    """The database refuses; the text says what to do."""


class AlertConflict(MonitorError):
    """The alert changed since it was read; look again before acting."""


class NotAllowed(MonitorError):
    """The person at the screen may not do this."""
