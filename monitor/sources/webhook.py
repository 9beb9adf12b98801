"""The kind "webhook": posts that another program pushes to us, signed, for platforms without an open door.

The web endpoint checks and keeps the letters (POST /hooks/SLUG, monitor.web.hooks); this source reads them.
A letter is one JSON object, a list of them, or {"posts": [...]}, with the columns that the kind "file" knows;
{"id": ..., "deleted": true} takes a post back.
Terms: those of the place that the posts come from.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from monitor.config import Duration, SecretRef
from monitor.domain import Batch
from monitor.sources.contract import Kind, LetterBox, SourceContext, SourceSettings, Word
from monitor.sources.exportposts import MakePost, export_post, known_columns
from monitor.sources.exports import object_row
from monitor.sources.reading import BatchMaker, Position, identifier

_LETTERS_AT_ONCE = 500


class WebhookSettings(SourceSettings):
    """`secret` signs the letters; `window` is how far their time may be from ours; `columns` as in "file"."""

    needs_web: ClassVar[bool] = True

    secret: SecretRef
    window: Annotated[Duration, Field(ge=timedelta(seconds=10), le=timedelta(hours=1))] = timedelta(minutes=5)
    columns: Mapping[str, Word] = Field(default_factory=dict)

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: Mapping[str, str]) -> Mapping[str, str]:
        return known_columns(columns)


class WebhookPosition(Position):
    """The letters that the last fetch read."""

    letters: tuple[int, ...] = ()


class WebhookSource:
    """Reads the letters of one hook."""

    def __init__(
        self, settings: WebhookSettings, context: SourceContext, make_post: MakePost = export_post
    ) -> None:
        """`make_post` turns an object of a letter into a post."""
        self._settings, self._context, self._make_post = settings, context, make_post
        self._letters: LetterBox = context.letters

    def fetch(self, cursor: str | None) -> Batch:
        """Return the posts of new letters, 500 letters at most; more of them come at once."""
        slug = self._context.slug
        position = WebhookPosition.read(cursor, of=slug)
        maker = BatchMaker(slug, self._context.clock.now(), "the letter box")
        gone: list[str] = []
        read = []
        for letter in self._letters(slug, position.letters, _LETTERS_AT_ONCE):
            self._read(letter.body, f"letter {letter.id}", maker, gone)
            read.append(letter.id)
        batch = maker.batch(position.model_copy(update={"letters": tuple(read)}), or_broken=False)
        return replace(batch, gone=tuple(gone), more=len(read) >= _LETTERS_AT_ONCE)

    def _read(self, body: str, place: str, maker: BatchMaker, gone: list[str]) -> None:
        try:
            rows = letter_rows(body)
        except ValueError:
            maker.warn(f"{place} is not JSON.")
            return
        gone += [identifier(str(row["id"])) for row in rows if _is_taken_back(row)]
        kept = [row for row in rows if not _is_taken_back(row)]
        maker.read(
            list(enumerate(kept, 1)),
            lambda row: self._make_post(
                object_row(row[0], row[1], self._settings.columns), place, maker, self._context.zone
            ),
            lambda row: f"{place}, post {row[0]}",
        )


def letter_rows(body: str) -> list[Any]:
    """The objects of a letter. Raises ValueError when it is not JSON."""
    try:
        said = json.loads(body)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if isinstance(said, dict) and isinstance(said.get("posts"), list):
        said = said["posts"]
    return said if isinstance(said, list) else [said]


def _is_taken_back(row: Any) -> bool:
    return isinstance(row, dict) and row.get("deleted") is True and bool(str(row.get("id") or ""))


KIND = Kind(
    name="webhook",
    settings=WebhookSettings,
    build=WebhookSource,
    reads="posts that another program pushes, signed as Standard Webhooks are (POST /hooks/SLUG)",
    needs="the table [web], a shared secret, and a program that pushes",
    speed="stored within seconds; letters of 1 MB at most",
    cannot_see="what nobody pushes",
    terms="those of the place that the posts come from",
)
