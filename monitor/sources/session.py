"""A token that a platform lends for some hours: asked for when it is needed, kept in memory only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from monitor.clock import Clock
from monitor.errors import SourceBroken, SourceGone

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Token:
    """What a log-in gave, and until when it may be used."""

    text: str
    until: datetime


class Session:
    """The token of one source; `log_in` gets a new one and raises SourceError when it cannot."""

    def __init__(self, log_in: Callable[[], Token], clock: Clock) -> None:
        self._log_in, self._clock = log_in, clock
        self._token: Token | None = None

    def use(self, ask: Callable[[str], Found]) -> Found:
        """Ask with the token there is, and once more with a new one when the old one is refused."""
        if self._token and self._token.until > self._clock.now():
            try:
                return ask(self._token.text)
            except SourceGone:
                raise
            except SourceBroken:
                self._token = None
        self._token = self._log_in()
        return ask(self._token.text)
