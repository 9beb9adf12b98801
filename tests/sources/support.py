"""A still clock, a site that answers from recordings, and a context for a source under test."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from monitor.config import SecretRef
from monitor.domain import Batch, Post, Shop
from monitor.http import Http
from monitor.sources import Rereads, Source, SourceContext
from monitor.sources.quota import Ledger

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SECRET = "s3kr3t-t0ken"
TOKEN = {"env": "TOKEN"}
LUMOPUOTI = Shop("lumopuoti", "Lumopuoti", domains=("lumopuoti.example",))
_RECORDINGS = Path(__file__).parent.parent / "recordings"

Answerer = Callable[[httpx.Request], httpx.Response]


def recording(kind: str, name: str) -> bytes:
    """Return the bytes of tests/recordings/<kind>/<name>."""
    return (_RECORDINGS / kind / name).read_bytes()


@dataclass
class StillClock:
    """A clock that moves only when told to."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class Site:
    """Answers requests by the first route whose key is in the address; notes what was asked.

    A value is bytes, the answer for every call, or a list of answers for one call after the other.
    """

    routes: Mapping[str, bytes | Answerer | Sequence[bytes | Answerer]]
    asked: list[httpx.Request] = field(default_factory=list)
    _calls: dict[str, int] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        key = next((key for key in self.routes if key in str(request.url)), None)
        if key is None:
            return httpx.Response(404)
        answer = self.routes[key]
        if isinstance(answer, Sequence) and not isinstance(answer, bytes):
            number = self._calls.get(key, 0)
            self._calls[key] = number + 1
            answer = answer[min(number, len(answer) - 1)]
        return httpx.Response(200, content=answer) if isinstance(answer, bytes) else answer(request)


@dataclass
class Book:
    """A ledger that can be looked into."""

    spent: Counter[tuple[str, str]] = field(default_factory=Counter)

    def spend(self, name: str, day: str, units: int, limit: int) -> bool:
        if self.spent[name, day] + units > limit:
            return False
        self.spent[name, day] += units
        return True

    def of(self, what: str) -> list[int]:
        """What was spent of an allowance, day by day."""
        return [units for (name, _), units in sorted(self.spent.items()) if name.startswith(what) and units]


@dataclass(frozen=True)
class Letter:
    """Something that was pushed to us."""

    id: int
    body: str


class Box:
    """Letters that wait until they are done with."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = [Letter(number, body) for number, body in enumerate(bodies, 1)]

    def __call__(self, source: str, done: Sequence[int], limit: int) -> Sequence[Letter]:
        self.waiting = [one for one in self.waiting if one.id not in done]
        return self.waiting[:limit]


def read_token(ref: SecretRef) -> str:
    return SECRET


def context_for(
    site: Answerer,
    clock: StillClock | None = None,
    *,
    folder: Path = Path(),
    shops: tuple[Shop, ...] = (LUMOPUOTI,),
    ledger: Ledger | None = None,
) -> SourceContext:
    """Return a context whose requests go to `site`, without pace."""
    clock = clock or StillClock()
    http = Http("Mainevahti test", clock, transport=httpx.MockTransport(site), pace=timedelta(0))
    zone = ZoneInfo("Europe/Helsinki")
    book = ledger or Book()
    return SourceContext("forum", http, clock, shops, read_token, folder=folder, zone=zone, ledger=book)


def by_id(batch: Batch) -> dict[str, Post]:
    """The posts of a batch by their ids."""
    return {post.external_id: post for post in batch.posts}


def stored(external_id: str, text: str = "Lumopuoti ei vastaa", **more: object) -> Post:
    """A post as it is stored, to be looked at again."""
    return Post.model_validate(
        {"source": "forum", "external_id": external_id, "thread_key": external_id, "text": text, **more}
    )


def again(source: Source, *posts: Post) -> Batch:
    """What a source says of posts that it handed on."""
    assert isinstance(source, Rereads)
    return source.again(posts)


def gone_of(source: Source, external_ids: Sequence[str]) -> tuple[str, ...]:
    """Which of these posts a source says are deleted."""
    return again(source, *(stored(name) for name in external_ids)).gone
