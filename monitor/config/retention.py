"""The table [retention]: how long what people wrote is kept, by source and by kind of source."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from monitor.config.base import Slug, Table
from monitor.config.durations import Duration


class RetentionConfig(Table):
    """How long text and author of a post are kept; figures stay.

    `sources` goes before `kinds`, and `kinds` before `posts`.
    """

    posts: Duration = timedelta(days=400)
    runs: Duration = timedelta(days=90)
    kinds: Mapping[str, Duration] = Field(default_factory=dict)
    sources: Mapping[Slug, Duration] = Field(default_factory=dict)

    def of(self, source: str, kind: str | None) -> timedelta:
        """How long posts of a source are kept; `kind` is None for one that left the configuration."""
        return self.sources.get(source) or self.kinds.get(kind or "") or self.posts

    @property
    def shortest(self) -> timedelta:
        """The shortest of all, for copies that mix sources, such as mails."""
        return min((self.posts, *self.kinds.values(), *self.sources.values()))
