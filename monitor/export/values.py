"""Turns rows of the store into the values of the columns, in their order; hides who wrote a post."""

import hmac
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor import trends
from monitor.alerts.rows import BY_RULE, WOKEN
from monitor.domain import AlertAction
from monitor.export.columns import Subject, names
from monitor.store.rows import AlertRow, MentionRow
from monitor.store.streaming import DoneRow, OpenedRow, SpokenRow
from monitor.trends import Point

_KEPT = 20_000
# Addresses that need no closer look, which would be most of the work of an export.
_PLAIN_HOST = re.compile(r"(https?://[a-z0-9.-]+)(?:/|$)", re.ASCII)
_WITH_POST_IDS = (AlertAction.OPENED.value, AlertAction.EXTENDED.value, AlertAction.REOPENED.value)


class Hiding:
    """Authors and addresses as they may leave: hidden with a key, or as they are without one."""

    def __init__(self, key: bytes | None) -> None:
        self._key = key
        # The same people write again and again; a hash for each post would be much of the work.
        self.author = lru_cache(_KEPT)(self._author)

    def _author(self, author: str, source: str) -> str:
        return author if self._key is None else pseudonym(author, source, self._key)

    def place(self, url: str) -> str:
        """The address, or only its host."""
        return place(url, self._key)


def pseudonym(author: str, source: str, key: bytes) -> str:
    """A stable name for an author that cannot be turned back without the key."""
    if not author:
        return ""
    return "author-" + hmac.digest(key, f"{source}\0{author}".encode(), "sha256").hex()[:12]


def place(url: str, key: bytes | None) -> str:
    """The address of a post; only its host where authors are hidden: many addresses name them."""
    if key is None:
        return url
    if plain := _PLAIN_HOST.match(url):
        return f"{plain[1]}/"
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.hostname if parts.scheme in ("http", "https") else None
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}/" if host else ""


def of_mention(row: SpokenRow, hide: Hiding) -> Sequence[Any]:
    """Values of one mention."""
    return (
        row.id,
        row.shop,
        row.source,
        hide.place(row.url),
        hide.author(row.author, row.source),
        row.title,
        row.text,
        row.posted_at,
        row.found_at,
        row.lang,
        row.thread_title,
        [_whole(word) for word in row.words],
        row.certainty,
        row.reach,
        _finite(row.rating),
        row.label,
        row.negative,
        row.neutral,
        row.positive,
        list(row.topics or ()),
        row.urgency,
        row.needs_reply,
        row.not_scored,
        row.model,
    )


def of_alert(row: OpenedRow, hide: Hiding) -> Sequence[Any]:
    """Values of one alert."""
    return (*row[:-2], hide.place(row.url), [str(reason["rule"]) for reason in row.reasons])


def of_event(row: DoneRow, key: bytes | None) -> Sequence[Any]:
    """Values of one event."""
    return row if key is None or row.via != BY_RULE else row._replace(note=_note_of_rule(row, key))


def _note_of_rule(row: DoneRow, key: bytes) -> str:
    """Without the id of the post that did it: some sources have the writer's account in it."""
    if row.action in _WITH_POST_IDS:
        return row.note if row.note == WOKEN else ""
    return place(row.note, key) if "://" in row.note else row.note


def of_point(point: Point, zone: ZoneInfo) -> Sequence[Any]:
    """Values of one point of a trend."""
    return tuple(point_fields(point, zone).values())


def mention_fields(row: MentionRow, key: bytes | None) -> dict[str, Any]:
    """One mention by the names of the columns, as the API gives it."""
    return dict(zip(names(Subject.MENTIONS), of_mention(_spoken(row), Hiding(key)), strict=True))


def alert_fields(row: AlertRow, key: bytes | None) -> dict[str, Any]:
    """One alert by the names of the columns."""
    first = row.first
    opened = OpenedRow(
        **{name: getattr(row, name) for name in OpenedRow._fields if name not in ("posted_at", "url")},
        posted_at=first.posted_at,
        url=first.url,
    )
    return dict(zip(names(Subject.ALERTS), of_alert(opened, Hiding(key)), strict=True))


def point_fields(point: Point, zone: ZoneInfo) -> dict[str, Any]:
    """One point of a trend by the names of the columns; `zone` is the shop's."""
    start = point.start
    found = dict(trends.fields(point))
    if isinstance(start, datetime):
        return {**found, "day": start.date(), "begins_at": start.astimezone(UTC)}
    return {**found, "begins_at": trends.midnight(start, zone)}


def _spoken(row: MentionRow) -> SpokenRow:
    judged = row.assessment
    of_post: list[Any] = [getattr(row, name) for name in SpokenRow._fields[:15]]
    return SpokenRow(*of_post, *(getattr(judged, name, None) for name in SpokenRow._fields[15:]))


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _whole(word: str) -> str:
    """A word without halves of characters, which JSON in the database may hold and no format can write."""
    return word if word.isascii() else word.encode("utf-8", "replace").decode()
