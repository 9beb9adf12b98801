"""Posts of the Bluesky network as its servers write them: records, and views of them.

Fetches nothing; https://docs.bsky.app/docs/api/app-bsky-feed-get-posts shows the shapes.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from monitor.domain import Post
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Foreign
from monitor.sources.rechecking import readable

_WITHDRAWN = ("!hide", "!takedown")


class Shape(Foreign):
    """A row with names in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel)


class Author(Shape):
    """An account; followers are known only where its profile was asked for."""

    did: str = ""
    handle: str = ""
    followers_count: int | None = None


class _Reference(Shape):
    uri: str = ""


class _Reply(Shape):
    root: _Reference = _Reference()
    parent: _Reference = _Reference()


class _Span(Shape):
    byte_start: int
    byte_end: int


class _Facet(Shape):
    index: _Span
    features: tuple[_Reference, ...] = ()


class Record(Shape):
    """A post as its author wrote it."""

    text: str
    langs: tuple[str, ...] = ()
    created_at: str = ""
    reply: _Reply = _Reply()
    facets: tuple[Any, ...] = ()


class _Value(Shape):
    text: str = ""


class Card(Shape):
    """The preview of a link: other people's words."""

    uri: str = ""
    title: str = ""
    description: str = ""


class _Quoted(Shape):
    value: _Value = _Value()


class _Quote(_Quoted):
    record: _Quoted = _Quoted()


class _Media(Shape):
    external: Card = Card()


class Embed(_Media):
    """What hangs on a post: a page, another post, or both."""

    record: _Quote = _Quote()
    media: _Media = _Media()

    @property
    def card(self) -> Card:
        return self.external if self.external.uri else self.media.external

    @property
    def quoted_text(self) -> str:
        """What the post quotes: another post, or the preview of a page."""
        quoted = self.record.value.text or self.record.record.value.text
        return quoted or "\n".join(filter(None, (self.card.title, self.card.description)))


class _Label(Shape):
    val: str = ""


class View(Shape):
    """A post as search and getPosts show it."""

    uri: str
    record: Record
    author: Author = Author()
    embed: Embed = Embed()
    indexed_at: str = ""
    labels: tuple[_Label, ...] = ()

    @property
    def is_withdrawn(self) -> bool:
        return any(label.val in _WITHDRAWN for label in self.labels)


def sorted_by(row: Any) -> datetime | None:
    """The time by which Bluesky sorts: the author's claim, or when the network saw it if that is earlier."""
    if not isinstance(row, View):
        try:
            row = View.model_validate(row)
        except ValidationError:
            return None
    return min(filter(None, map(parse_moment, (row.record.created_at, row.indexed_at))), default=None)


def with_links(record: Record, card: Card) -> str:
    """Return the text with whole addresses where it shows shortened ones, and that of its preview."""
    raw = record.text.encode("utf-8", "replace")
    pieces, end = [], 0
    for start, stop, uri in sorted(_links(record.facets)):
        if end <= start < stop <= len(raw):
            shown = raw[start:stop].decode("utf-8", "replace")
            pieces += [raw[end:start].decode("utf-8", "replace"), _spelled_out(shown, uri)]
            end = stop
    text = "".join([*pieces, raw[end:].decode("utf-8", "replace")])
    return text if not card.uri or card.uri in text else f"{text}\n{card.uri}"


def _links(facets: Iterable[Any]) -> Iterator[tuple[int, int, str]]:
    for facet in facets:
        try:
            link = _Facet.model_validate(facet)
        except ValidationError:
            continue
        uri = next((feature.uri for feature in link.features if feature.uri), "")
        if uri:
            yield link.index.byte_start, link.index.byte_end, uri


def _spelled_out(shown: str, uri: str) -> str:
    return uri if shown.rstrip("… .") in uri else f"{shown} ({uri})"


def as_now(rows: Iterable[Any], maker: BatchMaker) -> dict[str, Post | None]:
    """Return the words of posts that are shown to everybody, by their addresses; None of a damaged one."""
    sent = list(rows)
    uris = (row.get("uri") for row in sent if isinstance(row, dict))
    there: dict[str, Post | None] = {uri: None for uri in uris if isinstance(uri, str)}
    for view in maker.valid(sent, View):
        there[view.uri] = readable(lambda one: _words(one, maker), view)
        if view.is_withdrawn:
            del there[view.uri]
    return there


def _words(view: View, maker: BatchMaker) -> Post:
    return maker.post(view.uri, with_links(view.record, view.embed.card))
