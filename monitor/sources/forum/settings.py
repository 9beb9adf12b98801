"""What config.toml may say of a forum, and how far a forum has been read."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.config import Duration
from monitor.sources.contract import Address, Pages, SourceSettings, Word
from monitor.sources.forum.profile import Profile, load_profile
from monitor.sources.reading import Position


class ForumSettings(SourceSettings):
    """`profile` is a shipped one or a file "name.toml" beside config.toml.

    `areas` are parts of the address that list threads, such as "/forums/verkkokaupat.5/"; a search page
    is one as well, "{name}" in it stands for each name of the shops. `threads` and `posts` hold selectors
    written over the profile's. `pages` is the most that one fetch reads.
    """

    profile: Word
    url: Address | None = None
    areas: tuple[Word, ...] = ()
    accept_terms: bool = False
    threads: Mapping[str, Any] = Field(default_factory=dict)
    posts: Mapping[str, Any] = Field(default_factory=dict)
    pace: Duration = timedelta(seconds=3)
    pages: Pages = 40

    @model_validator(mode="after")
    def _usable(self) -> "ForumSettings":
        if self.profile.endswith(".toml"):
            return self  # the folder it lies in is known only when the source is built
        site = self.site(Path())
        if not (self.url or site.url):
            raise ValueError('write url = "https://..." of the forum')
        return self

    def site(self, folder: Path) -> Profile:
        """Return the profile with this source's own selectors in it; ValueError when it is wrong."""
        overrides = {"threads": self.threads, "posts": self.posts}
        return load_profile(self.profile, folder, {key: value for key, value in overrides.items() if value})


THREADS = "threads"


class SeenThread(BaseModel):
    """How far a thread was read: its mark in the list then, the last page, and tries that failed since."""

    model_config = ConfigDict(frozen=True)

    mark: str
    page: str
    tries: int = 0


class WaitingThread(BaseModel):
    """A thread that has something new, and which no pages were left for."""

    model_config = ConfigDict(frozen=True)

    url: str
    title: str = ""
    mark: str = ""


class ForumPosition(Position):
    """`deeper` is where the list of an area goes on, for lists longer than one fetch.

    `turn` is the area that the next fetch begins with, or THREADS when it begins with those that wait.
    """

    threads: Mapping[str, SeenThread] = Field(default_factory=dict)
    waiting: Mapping[str, WaitingThread] = Field(default_factory=dict)
    deeper: Mapping[str, str] = Field(default_factory=dict)
    turn: str = ""
    newest: datetime | None = None
