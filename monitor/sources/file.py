"""The kind "file": a folder into which exports are dropped (CSV, JSONL, JSON, spreadsheets), each read once.

The way in for what has no open door: helpdesks, review sites, Meta, TikTok. Nothing in the folder is
changed or removed. A file that is still being written waits until it is at rest.
Terms: those of the place that the export comes from.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from monitor.config import Duration
from monitor.domain import Batch
from monitor.errors import SourceBroken
from monitor.sources.contract import Kind, SourceContext, SourceSettings, Word
from monitor.sources.exportposts import MakePost, export_post, known_columns
from monitor.sources.exports import SHEETS, read_export
from monitor.sources.reading import BatchMaker, Position

_SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json")
_MOST_BYTES = 100 * 2**20
_ROWS_AT_ONCE = 10_000


class FileSettings(SourceSettings):
    """`columns` maps our names (text, title, author, posted_at, ...) to the headers of the exports.

    `settle` is how long a file must lie unchanged before it is read. All rows count, however old.
    `create` makes the folder where it is missing; without it a vanished network drive is told.
    """

    folder: Path
    columns: Mapping[str, Word] = Field(default_factory=dict)
    settle: Duration = timedelta(seconds=5)
    create: bool = False

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: Mapping[str, str]) -> Mapping[str, str]:
        return known_columns(columns)


class _Seen(BaseModel):
    """One file as it was read: `rows` were taken, all of them when `is_done`."""

    model_config = ConfigDict(frozen=True)

    size: int
    changed: int
    digest: str
    rows: int
    is_done: bool


class FilePosition(Position):
    """What was read of each file that still lies in the folder."""

    files: Mapping[str, _Seen] = Field(default_factory=dict)


class FileSource:
    """Reads one folder."""

    def __init__(
        self,
        settings: FileSettings,
        context: SourceContext,
        make_post: MakePost = export_post,
        needed: Sequence[str] = ("text",),
    ) -> None:
        """`make_post` turns a row into a post; a table must have one of the `needed` columns."""
        self._settings, self._context = settings, context
        self._make_post, self._needed = make_post, needed
        self._folder = context.folder / settings.folder

    def fetch(self, cursor: str | None) -> Batch:
        """Return the posts of new files, 10,000 rows at most; the rest comes with the next fetch."""
        position = FilePosition.read(cursor, of=str(self._settings.folder))
        maker = BatchMaker(self._context.slug, self._context.clock.now(), "the folder")
        files: dict[str, _Seen] = {}
        left = _ROWS_AT_ONCE
        for path in self._files():
            before = position.files.get(path.name)
            after, taken = self._read(path, before, left, maker)
            left -= taken
            if after is not None:
                files[path.name] = after
        return maker.batch(position.model_copy(update={"files": files}), or_broken=False)

    def _files(self) -> list[Path]:
        try:
            if self._settings.create:
                self._folder.mkdir(parents=True, exist_ok=True)
            paths = sorted(self._folder.iterdir())
        except OSError:
            raise SourceBroken(
                f"The folder {self._folder} cannot be read. Create it, or mend `folder` of this source."
            ) from None
        wanted = (*_SUFFIXES, *SHEETS)
        return [path for path in paths if path.suffix.lower() in wanted and path.name[0] not in ".~"]

    def _read(
        self, path: Path, before: _Seen | None, left: int, maker: BatchMaker
    ) -> tuple[_Seen | None, int]:
        """Return how far the file is read now, and how many rows were taken for it."""
        try:
            stat = path.stat()
            if (
                before
                and before.is_done
                and (before.size, before.changed) == (stat.st_size, stat.st_mtime_ns)
            ):
                return before, 0
            if left <= 0 or not self._is_at_rest(stat.st_mtime):
                return before, 0
            raw = path.read_bytes() if _is_readable(path, stat.st_size, maker) else b""
        except OSError as error:
            maker.warn(f"{path.name} cannot be read: {error.strerror}.")
            return before, 0
        digest = hashlib.sha256(raw).hexdigest()
        start = before.rows if before and before.digest == digest else 0
        rows = (
            list(
                islice(read_export(path.name, raw, self._settings.columns, self._needed), start, start + left)
            )
            if raw
            else []
        )
        maker.read(
            rows,
            lambda row: self._make_post(row, f"{path.name}, line {row.line}", maker, self._context.zone),
            lambda row: f"{path.name}, line {row.line}",
        )
        is_done = len(rows) < left
        seen = _Seen(
            size=stat.st_size,
            changed=stat.st_mtime_ns,
            digest=digest,
            rows=start + len(rows),
            is_done=is_done,
        )
        return seen, len(rows)

    def _is_at_rest(self, changed: float) -> bool:
        age = self._context.clock.now().timestamp() - changed
        settle = self._settings.settle.total_seconds()
        return not -settle < age < settle  # far in the future: a wrong clock, not a writer at work


def _is_readable(path: Path, size: int, maker: BatchMaker) -> bool:
    if size > _MOST_BYTES:
        maker.warn(f"{path.name} is larger than {_MOST_BYTES // 2**20} MB; cut it into parts.")
        return False
    return True


KIND = Kind(
    name="file",
    settings=FileSettings,
    build=FileSource,
    reads="exports in a folder: CSV (also Finnish Excel's), XLSX, ODS, JSONL, JSON, headers in fi, sv or en",
    needs="a folder, and somebody or something that drops files there",
    speed="10,000 rows a fetch",
    cannot_see="what nobody exports; the second and further sheets of a spreadsheet",
    terms="those of the place that the export comes from",
)
