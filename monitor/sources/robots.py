"""What a site asks of programs in its robots.txt (RFC 9309, with wildcards), looked up once a day.

None at all (404) means no rules; one that is refused or cannot be had means that nothing is read.
"""

from datetime import datetime, timedelta
from urllib.parse import urljoin

from protego import Protego

from monitor.errors import SourceBroken, SourceGone
from monitor.sources.contract import SourceContext, host_of

_NAME = "Mainevahti"
_KEEP = timedelta(days=1)
_MOST = 500_000  # characters; RFC 9309 asks to read at least so much
_LONGEST_DELAY = timedelta(minutes=1)


class Robots:
    """The rules of one host."""

    def __init__(self, context: SourceContext, home: str) -> None:
        self._context, self._home, self._host = context, home, host_of(home)
        self._rules: Protego | None = None
        self._read_at: datetime | None = None

    def allows(self, url: str) -> bool:
        """Say whether programs may read an address; SourceBroken when the rules cannot be had."""
        return bool(self._current().can_fetch(url, _NAME))

    def delay(self) -> timedelta:
        """The pause between two pages that the site asks for; SourceBroken when that is too long."""
        seconds = self._current().crawl_delay(_NAME) or 0.0
        delay = timedelta(seconds=min(max(float(seconds), 0.0), 86_400.0))
        if delay > _LONGEST_DELAY:
            raise SourceBroken(
                f"The robots.txt of {self._host} asks programs to wait {delay} between two pages, "
                "which is too slow to read it page by page. Ask its owner."
            )
        return delay

    def refusal(self, url: str, remedy: str) -> str:
        """Return the sentence that says an address is closed to programs, and what to do."""
        path = url.partition(self._host)[2] or "/"
        return f"The robots.txt of {self._host} asks programs not to read {path[:100]}. {remedy}"

    def _current(self) -> Protego:
        now = self._context.clock.now()
        if self._rules is None or self._read_at is None or now - self._read_at > _KEEP:
            self._rules, self._read_at = Protego.parse(self._fetched()), now
        return self._rules

    def _fetched(self) -> str:
        try:
            answer = self._context.get(urljoin(self._home, "/robots.txt"))
        except SourceGone as failure:
            if not str(failure).startswith(self._host):  # we were sent to another host, which has none
                raise
            return ""
        if answer.host != self._host:
            raise SourceBroken(moved(self._host, answer.host))
        return "" if answer.is_page else answer.text()[:_MOST]


def moved(host: str, elsewhere: str) -> str:
    """Return the sentence for a site that answers from another host than the one configured."""
    return f"{host} has moved to {elsewhere}. Write the new address into `url` of this source."
