"""A row of an export, or of a letter pushed to us, made into a Post. Reads nothing itself."""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

from monitor.domain import Post
from monitor.sources.exports import COLUMNS, ExportRow, export_moment
from monitor.sources.reading import BatchMaker
from monitor.text import html_to_text

_MARKUP = re.compile(r"<(?:p|br|div|span|a|blockquote)\b", re.IGNORECASE)
MakePost = Callable[[ExportRow, str, BatchMaker, tzinfo], Post]
_NUMBER = re.compile(r"\d{1,12}(?:[.,]\d{1,6})?")


def known_columns(columns: Mapping[str, str]) -> Mapping[str, str]:
    """The mapping of our names to headers, checked. Raises ValueError that tells the names there are."""
    unknown = sorted(set(columns) - set(COLUMNS))
    if unknown:
        raise ValueError(f"there is no column {', '.join(unknown)}; known: {', '.join(COLUMNS)}")
    return columns


def export_post(row: ExportRow, place: str, maker: BatchMaker, zone: tzinfo) -> Post:
    """Make the post of a row; `place` names the row in warnings, `zone` is that of dates without one.

    Raises ValueError when the row cannot be a post.
    """
    if row.problem:
        raise ValueError(row.problem)
    values = {key: value.strip() for key, value in row.values.items()}
    text = values.get("text", "")
    if not text:
        raise ValueError("it has no text")
    return maker.post(
        values.get("id") or _hash(values),
        html_to_text(text) if _MARKUP.search(text) else text,
        url=values.get("url", ""),
        author=values.get("author", ""),
        title=values.get("title", ""),
        posted_at=row_moment(values.get("posted_at", ""), place, maker, zone),
        edited_at=row_moment(values.get("edited_at", ""), place, maker, zone),
        thread_key=values.get("thread", ""),
        thread_title=values.get("thread_title", ""),
        parent_text=values.get("parent", ""),
        reach=_whole(row_number(values.get("reach", ""))),
        rating=row_number(values.get("rating", "")),
        lang=values.get("lang"),
    )


def row_moment(written: str, place: str, maker: BatchMaker, zone: tzinfo) -> datetime | None:
    """The time in a cell; one that cannot be read becomes a warning."""
    moment = export_moment(written, zone)
    if written and moment is None:
        maker.warn(f'{place}: "{written[:40]}" is not a date we can read; the post counts as not dated.')
    return moment


def _hash(values: Mapping[str, str]) -> str:
    return row_hash(*(values.get(name, "") for name in ("text", "title", "author", "posted_at", "url")))


def row_hash(*parts: str) -> str:
    """An id for a row without one; the line would not do, because exports grow and are sorted anew."""
    return "sha256:" + hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def row_number(written: str) -> float | None:
    """The number a cell begins with; None when it begins otherwise."""
    found = _NUMBER.match(written.replace("\u00a0", "").replace(" ", ""))
    return float(found.group().replace(",", ".")) if found else None


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
