"""What all kinds share when they read: positions, shapes of foreign rows, and the making of a Batch.

Knows no kind and fetches nothing.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_core.core_schema import ValidationInfo

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceDeaf
from monitor.sources.moments import parse_moment
from monitor.text import LINE_LIMIT, MARKUP_LIMIT, TEXT_LIMIT, clean, clean_line, html_to_text, safe_url

Row = TypeVar("Row")
Shape = TypeVar("Shape", bound="Foreign")
_FIRST_YEAR = 1995
_IDENTIFIER_LIMIT = 500
_MOST_WARNINGS = 20
_MOST_REACH = 2**31 - 1  # what an integer column of any database holds
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])")


class Position(BaseModel):
    """How far a source has read; its JSON is the cursor.

    `of` says what the position belongs to (an address): when the settings name another one, or
    another kind, the source starts anew.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something of the past is left that a fetch found no pages for, to be read at once."""
        return False

    @classmethod
    def read(cls, cursor: str | None, of: str) -> Self:
        """Return the position of a cursor, or a fresh one when it belongs to something else."""
        mark = hashlib.sha256(of.encode()).hexdigest()[:12]
        try:
            position = cls.model_validate_json(cursor or "{}")
        except ValidationError:
            return cls(of=mark)
        return position if position.of == mark else cls(of=mark)

    def write(self) -> str:
        """Return the cursor."""
        return self.model_dump_json(exclude_defaults=True)


class Foreign(BaseModel):
    """Base of the rows that servers send: null means missing, and an odd optional field its default.

    So only a row without what we cannot do without fails.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        return {key: value for key, value in row.items() if value is not None}

    @field_validator("*", mode="wrap")
    @classmethod
    def _odd_is_default(cls, value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        field = cls.model_fields[info.field_name or ""]
        try:
            return validate(value)
        except ValidationError:
            if field.is_required():
                raise
            return field.get_default(call_default_factory=True)


def rows_of(answer: Any, *path: str, host: str) -> list[Any]:
    """Return the list at a path of a JSON answer; null is an empty list.

    Raises SourceBroken when something else is there: then this is not the server we know.
    """
    for key in path:
        if not isinstance(answer, dict) or key not in answer:
            raise SourceBroken(f"{host} answered with JSON of another shape than we know.")
        answer = answer[key]
    if answer is None and path:
        return []
    if not isinstance(answer, list):
        raise SourceBroken(f"{host} answered with JSON of another shape than we know.")
    return answer


def language_code(written: str | None) -> str | None:
    """Return "fi" for "fi", "fi-FI" and "FI"; None for what is no language code."""
    found = _LANGUAGE.match((written or "").strip().lower())
    return found.group() if found else None


def identifier(written: str) -> str:
    """Return an id fit for the database: on one line, and a hash of it where it is too long."""
    line = clean_line(written, 10 * _IDENTIFIER_LIMIT)
    if len(line) <= _IDENTIFIER_LIMIT:
        return line
    return "sha256:" + hashlib.sha256(written.encode("utf-8", "replace")).hexdigest()


class BatchMaker:
    """Makes one Batch: cleans what strangers wrote and turns what cannot be read into warnings."""

    def __init__(self, slug: str, now: datetime, host: str) -> None:
        self._slug, self._now, self._host = slug, now, host
        self._posts: dict[str, Post] = {}
        self._warnings: dict[str, None] = {}
        self._failed = 0
        self._left_out = 0

    @property
    def newest(self) -> datetime | None:
        """Time of the newest post so far."""
        return max((post.posted_at for post in self._posts.values() if post.posted_at), default=None)

    def read(
        self,
        rows: Iterable[Row],
        parse: Callable[[Row], Post | None],
        name: Callable[[Row], str] | None = None,
    ) -> None:
        """Parse rows; None means left out on purpose, a ValueError becomes a warning that names the row."""
        for number, row in enumerate(rows, 1):
            try:
                post = parse(row)
            except ValueError as error:
                self._fail(name(row) if name else f"post {number}", error)
                continue
            self._keep(post)

    def valid(self, rows: Iterable[object], model: type[Shape], name: str = "post") -> list[Shape]:
        """Return the rows that have the shape of `model`; the others become warnings."""
        shapes: list[Shape] = []
        for number, row in enumerate(rows, 1):
            try:
                shapes.append(model.model_validate(row))
            except ValidationError as error:
                self._fail(f"{name} {number}", error)
        return shapes

    def _fail(self, name: str, error: ValueError) -> None:
        self._failed += 1
        self.warn(f"{name} cannot be read: {_why(error)}")

    def _keep(self, post: Post | None) -> None:
        """Take a post into the batch; of two with the same id the later one stays."""
        if post is None:
            self._left_out += 1
        else:
            self._posts[post.external_id] = post

    def warn(self, sentence: str) -> None:
        """Note what a person may want to know; the same sentence only once, an empty one not at all."""
        if sentence:
            self._warnings[clean_line(sentence)] = None

    def text_of(self, markup: str, name: str) -> str:
        """Return the text of HTML; what is too long is cut, with a warning."""
        if len(markup) > MARKUP_LIMIT:
            self.warn(f"{name} is very long; only its beginning was taken.")
        return html_to_text(markup)

    def moment(self, written: object, name: str) -> datetime | None:
        """Return a time that can be true. One in the future becomes now, an absurd one None."""
        moment = parse_moment(written)
        if moment is None:
            return None
        if moment.year < _FIRST_YEAR or moment > self._now + timedelta(days=2):
            self.warn(f"{name} has an impossible date; it counts as not dated.")
            return None
        if moment > self._now + timedelta(minutes=5):
            self.warn(f"{name} is dated in the future; the present moment was taken.")
        return min(moment, self._now)

    def post(
        self,
        external_id: str,
        text: str,
        *,
        url: str = "",
        author: str = "",
        title: str = "",
        posted_at: object = None,
        edited_at: object = None,
        thread_key: str = "",
        thread_title: str = "",
        parent_text: str = "",
        reach: int | None = None,
        rating: float | None = None,
        lang: str | None = None,
    ) -> Post:
        """Return a clean Post; the thread is the post's own id where none is given.

        `text` is plain text. Times may be written in any way that `parse_moment` reads.
        """
        own_id = identifier(external_id)
        if not own_id:
            raise ValueError("it has no id")
        if len(text) > TEXT_LIMIT:
            self.warn(f"post {own_id[:100]} is very long; only its beginning was taken.")
        name = f"post {own_id[:100]}"
        return Post(
            source=self._slug,
            external_id=own_id,
            url=safe_url(url),
            author=clean_line(author, LINE_LIMIT),
            title=clean_line(title, LINE_LIMIT),
            text=clean(text),
            posted_at=self.moment(posted_at, name),
            edited_at=self.moment(edited_at, name),
            thread_key=identifier(thread_key) or own_id,
            thread_title=clean_line(thread_title, LINE_LIMIT),
            parent_text=clean(parent_text),
            reach=min(reach, _MOST_REACH) if reach is not None and reach >= 0 else None,
            rating=rating if rating is not None and 0 <= rating <= 5 else None,
            lang=language_code(lang),
        )

    def batch(self, position: Position, *, or_broken: bool = True) -> Batch:
        """Return the batch; SourceDeaf when rows came and not one of them could be read."""
        if or_broken and self._failed and not self._posts and not self._left_out:
            raise SourceDeaf(
                f"{self._host} sent {self._failed} posts and none of them could be read: "
                f"{next(iter(self._warnings), '')} Its format may have changed."
            )
        return Batch(
            posts=tuple(self._posts.values()),
            cursor=position.write(),
            warnings=self._some_warnings(),
            unreadable=self._failed,
            left_out=self._left_out,
            more=position.is_open,
        )

    def _some_warnings(self) -> tuple[str, ...]:
        warnings = list(self._warnings)
        more = len(warnings) - _MOST_WARNINGS
        return (*warnings[:_MOST_WARNINGS], *([f"and {more} more warnings"] if more > 0 else []))


def _why(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        fields = {".".join(str(part) for part in detail["loc"]) or "the row" for detail in error.errors()}
        return f"{', '.join(sorted(fields))} missing or of another kind."
    return f"{error}."
