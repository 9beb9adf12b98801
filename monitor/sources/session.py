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
    """What a log-in gave, until when it may be used, and what gets the next one without a log-in."""

    text: str
    until: datetime
    renewal: str = ""


class Session:
    """The token of one source.

    `log_in` gets a new one and raises SourceError when it cannot; `renew` does so with the renewal of the
    last one, as long as the platform takes that.
    """

    def __init__(
        self, log_in: Callable[[], Token], clock: Clock, renew: Callable[[str], Token] | None = None
    ) -> None:
        self._log_in, self._renew, self._clock = log_in, renew, clock
        self._token: Token | None = None

    def use(self, ask: Callable[[str], Found]) -> Found:
        """Ask with the token there is, and once more with a new one when the old one is refused."""
        if self._token and self._token.until > self._clock.now():
            try:
                return ask(self._token.text)
            except SourceGone:
                raise
            except SourceBroken:
                pass
        self._token = self._next()
        return ask(self._token.text)

    def _next(self) -> Token:
        last, self._token = self._token, None
        if last is not None and last.renewal and self._renew is not None:
            try:
                return self._renew(last.renewal)
            except SourceBroken:
                return self._log_in()
        return self._log_in()
