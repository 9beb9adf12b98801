"""RSS, Atom and JSON Feed documents turned into one shape."""

import calendar
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any
from urllib.parse import urljoin

import feedparser
from pydantic import Field

from monitor.errors import SourceBroken
from monitor.http import Answer
from monitor.sources.reading import Foreign, rows_of

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(x[0-9a-fA-F]{1,20}|[0-9]{1,20});?")
_MAIL_AND_NAME = re.compile(r"^\S+@\S+\s*\((.+)\)$")
_MOST_POSTS = 2_000


@dataclass(frozen=True, slots=True)
class FeedPost:
    """One post of a feed as written; times are epoch seconds or text, `markup` is HTML."""

    id: str = ""
    link: str = ""
    title: str = ""
    markup: str = ""
    author: str = ""
    published: object = None
    updated: object = None
    answers: str = ""
    rating: float | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole document; `flaw` says what is wrong with it where something is."""

    posts: tuple[FeedPost, ...]
    flaw: str = ""
    title: str = ""


def read_feed(answer: Answer) -> Feed:
    """Read a document of any feed format; SourceBroken when it is none."""
    text = answer.text().lstrip("\ufeff \t\r\n")
    if not text:
        raise SourceBroken(f"{answer.host} sent an empty feed document. Check the address of this source.")
    return _json_feed(answer) if text.startswith("{") else _xml_feed(text, answer)


def _xml_feed(text: str, answer: Answer) -> Feed:
    parsed = _parsed(text, answer.host)
    if not parsed.get("version") and not parsed.entries:
        raise SourceBroken(f"{answer.host} answered with something that is not a feed.")
    flaw = "The feed is damaged or cut off; what could be read was taken." if parsed.get("bozo") else ""
    language = parsed.feed.get("language")
    posts = (_from_xml(row, language) for row in parsed.entries[:_MOST_POSTS])
    linked = (replace(post, link=_joined(answer.url, post.link)) for post in posts)
    return Feed(tuple(linked), flaw, str(parsed.feed.get("title") or ""))


def _parsed(text: str, host: str) -> Any:
    text = _DECLARATION.sub("", text, count=1)
    text = _REFERENCE.sub(_possible, _NOT_XML.sub("", text))
    try:
        return feedparser.parse(
            io.BytesIO(text.encode()),  # not the bytes: it takes short ones for the name of a file to open
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError):
        raise SourceBroken(f"{host} answered with a feed that is too damaged to read.") from None


def _possible(reference: re.Match[str]) -> str:
    """Return a numeric reference to a character that exists; feedparser falls over the others."""
    number = reference.group(1).lower()
    code = int(number[1:], 16) if number[0] == "x" else int(number)
    return "" if code > 0x10FFFF or _NOT_XML.match(chr(code)) else reference.group()


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link) if link else ""
    except ValueError:
        return ""


def _from_xml(row: dict[str, Any], language: str | None) -> FeedPost:
    published, updated = _epoch(row, "published_parsed"), _epoch(row, "updated_parsed")
    return FeedPost(
        id=str(row.get("id") or ""),
        link=str(row.get("link") or ""),
        title=str(row.get("title") or ""),
        markup=_markup(row),
        author=_name(row),
        published=updated if published is None else published,
        updated=updated,
        answers=_answered(row),
        rating=_rating(row.get("im_rating")),
        lang=_language(row) or language,
    )


def _markup(row: Mapping[str, Any]) -> str:
    """The full content rather than the summary, which may be cut."""
    parts: Iterable[Mapping[str, Any]] = [*row.get("content", ()), row.get("summary_detail") or {}]
    values = [(part.get("type"), str(part.get("value") or "")) for part in parts]
    kind, value = next((pair for pair in values if pair[1].strip()), ("", ""))
    return _as_markup(value) if kind == "text/plain" else value


def _as_markup(text: str) -> str:
    return f"<pre>{escape(text)}</pre>" if text else ""


def _name(row: Mapping[str, Any]) -> str:
    author = row.get("author_detail") or {}
    name = str(author.get("name") or row.get("author") or "")
    found = _MAIL_AND_NAME.match(name)
    name = found.group(1) if found else name
    return "" if "@" in name and " " not in name.strip() else name


def _epoch(row: dict[str, Any], field: str) -> int | None:
    """Look a time up as it is; row.get() would let feedparser stand in one field for another."""
    moment = dict.get(row, field)
    try:
        return calendar.timegm(moment) if moment else None
    except (ValueError, OverflowError):
        return None


def _answered(row: Mapping[str, Any]) -> str:
    """What a post answers, by the Atom threading extension (RFC 4685)."""
    reference = row.get("thr_in-reply-to")
    return str(reference.get("ref") or reference.get("href") or "") if isinstance(reference, Mapping) else ""


def _rating(written: object) -> float | None:
    try:
        return float(str(written).replace(",", "."))
    except ValueError:
        return None


def _language(row: Mapping[str, Any]) -> str | None:
    details = [*row.get("content", ()), row.get("title_detail") or {}]
    return next((str(detail["language"]) for detail in details if detail.get("language")), None)


class _JsonAuthor(Foreign):
    name: str = ""


class _JsonPost(Foreign):
    """A row of JSON Feed 1 or 1.1 (https://www.jsonfeed.org/version/1.1/)."""

    id: str = ""
    url: str = ""
    external_url: str = ""
    title: str = ""
    content_html: str = ""
    content_text: str = ""
    summary: str = ""
    date_published: str = ""
    date_modified: str = ""
    author: _JsonAuthor = _JsonAuthor()
    authors: list[_JsonAuthor] = Field(default_factory=list)
    language: str = ""


def _json_feed(answer: Answer) -> Feed:
    document = answer.json()
    if "jsonfeed.org" not in str(document.get("version", "")) and "items" not in document:
        raise SourceBroken(f"{answer.host} answered with JSON that is not a feed.")
    rows = rows_of(document, "items", host=answer.host)[:_MOST_POSTS]
    language = str(document.get("language") or "") or None
    known = [_JsonPost.model_validate(row) for row in rows if isinstance(row, dict)]
    flaw = "" if len(known) == len(rows) else "The feed holds posts that are not objects; they were left out."
    return Feed(tuple(_from_json(row, language) for row in known), flaw, str(document.get("title") or ""))


def _from_json(row: _JsonPost, language: str | None) -> FeedPost:
    author = row.authors[0] if row.authors else row.author
    return FeedPost(
        id=row.id,
        link=row.url or row.external_url,
        title=row.title,
        markup=row.content_html or _as_markup(row.content_text or row.summary),
        author=author.name,
        published=row.date_published or row.date_modified,
        updated=row.date_modified,
        lang=row.language or language,
    )
