"""The kind "survey": answers to the shop's own surveys: date, score, free text, order reference.

From a folder (files as the kind "file" knows them), from signed letters (as the kind "webhook"), or both.
An answer with a score alone counts too. The order reference stands where others have the author: it leaves
in exports as a pseudonym, and is erased with the text. Nobody can be answered under it, so there is no link.
Terms: the shop's own; tell customers in the survey how their answers are used.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints, field_validator, model_validator

from monitor.config import Duration, SecretRef
from monitor.domain import Batch, Post
from monitor.sources.contract import Kind, SourceContext, SourceSettings, Word
from monitor.sources.exportposts import known_columns, row_hash, row_moment, row_number
from monitor.sources.exports import ExportRow
from monitor.sources.file import FilePosition, FileSettings, FileSource
from monitor.sources.reading import BatchMaker, Position
from monitor.sources.reviews import Reviewed, stars
from monitor.sources.webhook import WebhookSettings, WebhookSource

_LOWEST, _HIGHEST = 1.0, 5.0
_NEEDED = ("rating", "text")
Scale = Annotated[str, StringConstraints(pattern=r"^\d{1,3}-\d{1,3}$")]


class SurveySettings(SourceSettings):
    """`scale` is the worst and the best score that can be given: "0-10" (as in NPS), "1-5" (stars).

    `shop` is the one that the survey is about, where there are several. `columns`, `settle` and `create`
    are those of "file", `window` that of "webhook".
    """

    pushed_when: ClassVar[str] = "secret"

    folder: Path | None = None
    secret: SecretRef | None = None
    scale: Scale = "0-10"
    shop: Word | None = None
    columns: Mapping[str, Word] = Field(default_factory=dict)
    settle: Duration = timedelta(seconds=5)
    create: bool = False
    window: Annotated[Duration, Field(ge=timedelta(seconds=10), le=timedelta(hours=1))] = timedelta(minutes=5)

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: Mapping[str, str]) -> Mapping[str, str]:
        return known_columns(columns)

    @field_validator("scale")
    @classmethod
    def _rising(cls, scale: str) -> str:
        lowest, highest = _ends(scale)
        if lowest >= highest:
            raise ValueError('write the worst score first, such as "0-10" or "1-5"')
        return scale

    @model_validator(mode="after")
    def _has_a_way_in(self) -> "SurveySettings":
        if self.folder is None and self.secret is None:
            raise ValueError('give folder = "path", or secret = { env = "NAME" } for answers that are pushed')
        return self


class SurveyPosition(Position):
    """How far folder and letter box are read; each part has a cursor of its own."""

    folder: str | None = None
    letters: str | None = None


@dataclass(frozen=True, slots=True)
class _Answers:
    """Makes posts of rows: `about` is the shop's name, put over every answer so that the shop is found.

    `alike` counts the rows that are the same, by file, and `lines` says how far each file was read.
    """

    scale: str
    about: str
    alike: dict[str, Counter[str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def forget_but(self, files: Collection[str]) -> None:
        """Keep the counts of files that are not read to their end yet."""
        for name in set(self.alike) - set(files):
            del self.alike[name], self.lines[name]

    def post(self, row: ExportRow, place: str, maker: BatchMaker, zone: tzinfo) -> Post:
        """The post of one answer. Raises ValueError when it says nothing."""
        if row.problem:
            raise ValueError(row.problem)
        values = {key: value.strip() for key, value in row.values.items()}
        text, rating = values.get("text", ""), self._rating(values.get("rating", ""), place, maker)
        if not text and rating is None:
            raise ValueError("it has neither a score nor a text")
        order, written = values.get("order", ""), values.get("posted_at", "")
        return maker.post(
            values.get("id") or self._id(values, place),
            text or stars(round(rating or 0)),
            author=order,
            posted_at=row_moment(written, place, maker, zone),
            thread_title=self.about,
            rating=rating,
            lang=values.get("lang"),
        )

    def _id(self, values: Mapping[str, str], place: str) -> str:
        """The same in each export; without an order, rows that are the same are of several customers."""
        order = values.get("order", "")
        said = [order, *(values.get(name, "") for name in ("posted_at", "rating", "text"))]
        file, _, line = place.rpartition(", line ")
        if order or not file:
            return row_hash(*said)
        if int(line) <= self.lines.get(file, 0):  # it is read from its beginning once more
            self.alike[file].clear()
        self.lines[file] = int(line)
        same = row_hash(*said)
        seen = self.alike.setdefault(file, Counter())
        seen[same] += 1
        return same if seen[same] == 1 else row_hash(*said, str(seen[same]))

    def _rating(self, written: str, place: str, maker: BatchMaker) -> float | None:
        """The score in stars of 1 to 5; None, and a warning, for what is no score of the scale."""
        if not written:
            return None
        score = row_number(written)
        lowest, highest = _ends(self.scale)
        if score is None or not lowest <= score <= highest:
            maker.warn(f'{place}: "{written[:20]}" is no score of {self.scale}; it counts as not given.')
            return None
        return round(_LOWEST + (_HIGHEST - _LOWEST) * (score - lowest) / (highest - lowest), 1)


class SurveySource:
    """Reads the answers of one survey."""

    def __init__(self, settings: SurveySettings, context: SourceContext) -> None:
        self._slug = context.slug
        self._in = str(settings.folder) if settings.folder else ""
        answers = self._answers = _Answers(settings.scale, Reviewed(settings.shop, context).name)
        self._folder = _folder(settings, context, answers) if settings.folder else None
        self._letters = _letters(settings, context, answers) if settings.secret else None

    def fetch(self, cursor: str | None) -> Batch:
        """Return the answers of new files and letters; what is too much for once comes next time."""
        position = SurveyPosition.read(cursor, of=self._slug)
        left = FilePosition.read(position.folder, of=self._in) if self._in else None
        self._answers.forget_but(
            [name for name, seen in left.files.items() if not seen.is_done] if left else ()
        )
        parts: dict[str, Batch] = {}
        if self._folder is not None:
            parts["folder"] = self._folder.fetch(position.folder)
        if self._letters is not None:
            parts["letters"] = self._letters.fetch(position.letters)
        read = {name: part.cursor for name, part in parts.items()}
        return _joined(tuple(parts.values()), position.model_copy(update=read).write())


def _folder(settings: SurveySettings, context: SourceContext, answers: _Answers) -> FileSource:
    assert settings.folder is not None
    options: dict[str, Any] = settings.model_dump(include={"folder", "columns", "settle", "create"})
    return FileSource(FileSettings(**options), context, answers.post, _NEEDED)


def _letters(settings: SurveySettings, context: SourceContext, answers: _Answers) -> WebhookSource:
    assert settings.secret is not None
    options = WebhookSettings(secret=settings.secret, window=settings.window, columns=settings.columns)
    return WebhookSource(options, context, answers.post)


def _joined(parts: tuple[Batch, ...], cursor: str) -> Batch:
    """Both ways in as one batch."""
    return Batch(
        posts=tuple(post for part in parts for post in part.posts),
        cursor=cursor,
        warnings=tuple(warning for part in parts for warning in part.warnings),
        unreadable=sum(part.unreadable for part in parts),
        left_out=sum(part.left_out for part in parts),
        gone=tuple(one for part in parts for one in part.gone),
        more=any(part.more for part in parts),
    )


def _ends(scale: str) -> tuple[float, float]:
    lowest, _, highest = scale.partition("-")
    return float(lowest), float(highest)


KIND = Kind(
    name="survey",
    settings=SurveySettings,
    build=SurveySource,
    reads="answers to the shop's own surveys: score on any scale, text, order reference; CSV, XLSX, JSON",
    needs="a folder that exports are dropped into, or the table [web], a secret and a program that pushes",
    speed="10,000 rows a fetch; pushed answers within seconds",
    cannot_see="surveys that nobody exports; whom to answer, beyond the order reference",
    terms="the shop's own; tell customers in the survey how their answers are used",
)
