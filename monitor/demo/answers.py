"""What the demo server is asked and what it answers, free of sockets."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

Json = Mapping[str, object] | list[dict[str, object]]

_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Question:
    """One GET: the decoded path, the query, and the two headers of a conditional fetch."""

    path: str
    query: Mapping[str, list[str]]
    if_none_match: str = ""
    if_modified_since: str = ""

    def word(self, name: str, default: str = "") -> str:
        """Return the last value of a query parameter."""
        return self.query.get(name, [default])[-1]

    def number(self, name: str) -> int | None:
        """Return a query parameter as a number; None where it is missing or not a plausible one."""
        text = self.word(name)
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
            return None
        return int(text)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response, ready to be written."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def json_answer(value: Json, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Answer with a value as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, "application/json; charset=utf-8", body, headers)


def html_answer(page: str, status: int = 200) -> Answer:
    """Answer with a page that may load nothing and run nothing."""
    safe = ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
    return Answer(status, "text/html; charset=utf-8", page.encode(), (safe,))


def conditional(question: Question, content_type: str, body: bytes, modified: datetime) -> Answer:
    """Answer with the body and its validators, or with 304 where the caller has it already.

    As RFC 9110 13.2.2 orders it: If-Modified-Since counts only where there is no If-None-Match.
    """
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    validators = (("ETag", etag), ("Last-Modified", format_datetime(modified.astimezone(UTC), usegmt=True)))
    if _unchanged(question, etag, modified):
        return Answer(304, content_type, b"", validators)
    return Answer(200, content_type, body, validators)


def _unchanged(question: Question, etag: str, modified: datetime) -> bool:
    if question.if_none_match:
        known = [tag.strip().removeprefix("W/") for tag in question.if_none_match.split(",")]
        return etag in known or "*" in known
    since = _http_date(question.if_modified_since)
    return since is not None and modified.replace(microsecond=0) <= since


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def iso(moment: datetime) -> str:
    """Write a time as Discourse and Mastodon do: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
