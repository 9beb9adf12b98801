"""What every source is, what it gets, and the row of the table that describes a kind.

A new kind is one file: settings (SourceSettings), a position (Position, see reading.py), a class with
`fetch`, and a KIND at the end; then one line in the table in `__init__`.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, runtime_checkable
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from monitor.clock import Clock
from monitor.config import Duration, SecretRef
from monitor.domain import Batch, Post, Shop
from monitor.http import Answer, Http, OnRefusal
from monitor.sources.quota import Ledger, MemoryLedger

Word = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/@]+(/[^\s]*)?$", max_length=2000)]
Pages = Annotated[int, Field(ge=1, le=100)]


class Source(Protocol):
    """A place where people write."""

    def fetch(self, cursor: str | None) -> Batch:
        """Return what is new or changed since `cursor`, and the cursor for the next fetch.

        A post may come again (fetches overlap) but is never skipped. Without a cursor the last
        `backfill` days are fetched. Raises SourceBusy or SourceBroken; then the old cursor stays good.
        """
        ...


@runtime_checkable
class Rereads(Protocol):
    """A source that can read single posts again, and so sees what became of them."""

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return, of stored posts, those that are there as they read now, and in `gone` the deleted ones.

        The texts of these are removed for good, so of what it cannot know it claims nothing. `more` says
        that not all could be looked at; then one that was looked at in vain comes as it was. Raises
        SourceBusy or SourceBroken when it cannot tell, AllGone when every one of many is missing.
        """
        ...


@runtime_checkable
class Stream(Source, Protocol):
    """A source that speaks by itself: its posts come as they are written, as long as somebody listens.

    `fetch` listens for a bounded time.
    """

    def listen(self, cursor: str | None) -> AsyncGenerator[Batch, None]:
        """Give what comes after `cursor` in batches at most a second apart, also when nothing came.

        The cursor of a batch stands for all batches until then. Without a cursor it begins `backfill` ago.
        Posts that the context does not want are counted only, but for edited ones. Ends by SourceBusy or
        SourceBroken alone; who listens again from the last cursor misses nothing.
        """
        ...


class PushedLetter(Protocol):
    """Something a platform pushed to us, as it came."""

    @property
    def id(self) -> int: ...
    @property
    def body(self) -> str: ...


class LetterBox(Protocol):
    """Where pushed letters wait: the unread ones of a source, oldest first.

    What the letters of `done` said is stored, and not needed any more.
    """

    def __call__(self, source: str, done: Sequence[int], limit: int) -> Sequence[PushedLetter]: ...


def no_letters(source: str, done: Sequence[int], limit: int) -> Sequence[PushedLetter]:
    """Stand in for the letter box where nothing can be pushed."""
    return ()


def no_forms(name: str) -> Sequence[str]:
    """Stand in for the inflection of names."""
    return ()


def anything(post: Post) -> bool:
    """Stand in for the filter of streams: every post is wanted."""
    return True


def no_limit() -> None:
    """Stand in for the day's allowance where requests are not counted."""


class SourceSettings(BaseModel):
    """Options that every kind has; the frame (slug, kind, every, ...) is in monitor.config.

    `needs_web`: the kind is pushed to, so the table [web] must be there; `pushed_when` names the option
    with which one that can also be read otherwise is.
    """

    needs_web: ClassVar[bool] = False
    pushed_when: ClassVar[str] = ""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    backfill: Duration = timedelta(days=7)


def host_of(url: str) -> str:
    """Return the name of the server in an address, for sentences."""
    return urlsplit(url).hostname or "the server"


def no_secret(ref: SecretRef) -> str:
    """Stand in for the reader of secrets where a source has none."""
    return ""


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What the frame gives to a source.

    `shops` are there to search for; finding them in posts is not the source's work. `folder` is where
    relative paths of the configuration start, `zone` the time zone of dates that name none. Of a stream
    only posts that are `wanted` are handed on. `agent` is how we present ourselves. `allowance` counts a
    request and raises SourceSpent when the operator wants no more of them today; allowances of platforms
    are counted in the `ledger`. `inflected` gives the usual forms of a name, the most usual first.
    """

    slug: str
    http: Http
    clock: Clock
    shops: tuple[Shop, ...] = ()
    secret: Callable[[SecretRef], str] = no_secret
    allow_private: bool = False
    folder: Path = Path()
    zone: tzinfo = UTC
    letters: LetterBox = no_letters
    wanted: Callable[[Post], bool] = anything
    agent: str = "Mainevahti"
    allowance: Callable[[], None] = no_limit
    ledger: Ledger = field(default_factory=MemoryLedger)
    inflected: Callable[[str], Sequence[str]] = no_forms

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        secret_headers: Mapping[str, str] | None = None,
        pace: timedelta | None = None,
        on_refusal: OnRefusal | None = None,
    ) -> Answer:
        """Fetch an address by the rules of this source; see Http.get."""
        self.allowance()
        return self.http.get(
            url,
            params=params,
            headers=headers,
            secret_headers=secret_headers,
            allow_private=self.allow_private,
            pace=pace,
            on_refusal=on_refusal,
        )

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
        secret_headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a log-in by the rules of this source; see Http.post."""
        self.allowance()
        return self.http.post(
            url, form=form, json=json, secret_headers=secret_headers, allow_private=self.allow_private
        )

    def names(self) -> tuple[str, ...]:
        """The words to search for: name, aliases and domains of every shop, each once."""
        names = (word for shop in self.shops for word in (shop.name, *shop.aliases, *shop.domains))
        return tuple({name.casefold(): name for name in names}.values())


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table of sources; its texts also make the table in README.md."""

    name: str
    settings: type[SourceSettings]
    build: Callable[[Any, SourceContext], Source]
    reads: str
    needs: str
    speed: str
    cannot_see: str
    terms: str

    def make(self, options: Mapping[str, Any], context: SourceContext) -> Source:
        """Build a source out of its part of config.toml; pydantic.ValidationError when that is wrong."""
        return self.build(self.settings.model_validate(options), context)
