"""Mails into posts, by who sent them: Google Alerts, review sites, contact forms, and people.

The forms are settled by the address in "From", which anybody can write; nothing here is trusted more
for it. Knows no mailbox.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lxml import etree, html

from monitor.sources.feed import unwrapped
from monitor.sources.mails import Mail
from monitor.text import canonical_url, clean_line, html_to_line

_STARS = re.compile(r"[★⭐]")
_RATING = re.compile(
    r"\b([1-5])\s*(?:/\s*5\b|[- ]?(?:stars?\b|tähte|tähden|stjärn|out of 5))"
    r"|\b(?:arvosana|betyg|rating)\W{1,3}([1-5])\b",
    re.IGNORECASE,
)
_FIELD = re.compile(r"^\s*\*?([^\W\d_][\w \-/]{1,30}?)\*?\s*:\s*(.*)$")
_TEXT_FIELDS = ("viesti", "palaute", "kommentti", "message", "comment", "feedback", "meddelande", "fråga")
_NAME_FIELDS = ("nimi", "name", "namn", "etunimi", "first name", "förnamn")
_TITLE_FIELDS = ("aihe", "otsikko", "subject", "ämne")


class Form(StrEnum):
    """How the mails of a sender are read."""

    LETTER = "letter"
    ALERTS = "alerts"
    REVIEW = "review"
    CONTACT = "contact"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class MailPost:
    """One post out of a mail; an alert mail holds several."""

    id: str
    text: str
    author: str = ""
    title: str = ""
    url: str = ""
    thread: str = ""
    thread_title: str = ""
    parent_text: str = ""
    rating: float | None = None


def posts_of(mail: Mail, form: Form) -> list[MailPost]:
    """Return the posts of a mail; what does not look like its form is read as a letter."""
    if form is Form.IGNORE:
        return []
    if form is Form.ALERTS:
        return list(_alerts(mail)) or [_letter(mail)]
    if form is Form.CONTACT:
        return [_contact(mail)]
    if form is Form.REVIEW:
        return [replace(_letter(mail), rating=_rating(mail))]
    return [_letter(mail)]


def _letter(mail: Mail) -> MailPost:
    return MailPost(
        id=mail.id,
        text=mail.text,
        author=mail.name or mail.sender,
        title=mail.subject,
        thread=mail.thread,
        thread_title=mail.topic,
        parent_text=mail.quoted,
    )


def _contact(mail: Mail) -> MailPost:
    """Read a form that a shop's own site sends: "Nimi: ...", "Viesti: ...", the message last."""
    fields = _fields(mail.text)
    text = next((fields[name] for name in _TEXT_FIELDS if fields.get(name)), "")
    author = next((fields[name] for name in _NAME_FIELDS if fields.get(name)), "")
    title = next((fields[name] for name in _TITLE_FIELDS if fields.get(name)), mail.subject)
    letter = _letter(mail)
    author = author or mail.reply_name or mail.reply_to or letter.author
    return replace(letter, text=text or letter.text, author=author, title=title)


def _fields(text: str) -> dict[str, str]:
    """Return the labelled lines of a form; the text under its message label runs to the end."""
    fields: dict[str, str] = {}
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = _FIELD.match(line)
        label = found.group(1).strip().casefold() if found else ""
        if found and label in _TEXT_FIELDS:
            fields[label] = "\n".join([found.group(2), *lines[number + 1 :]]).strip()
            break
        if found:
            fields.setdefault(label, found.group(2).strip())
    return fields


def _rating(mail: Mail) -> float | None:
    """Return the stars that a review site names in subject or text, where it does."""
    for written in (mail.subject, mail.text[:2_000]):
        found = _RATING.search(written)
        if found:
            return float(found.group(1) or found.group(2))
        stars = len(_STARS.findall(written))
        if 1 <= stars <= 5:
            return float(stars)
    return None


def _alerts(mail: Mail) -> Iterator[MailPost]:
    """Yield the results of a Google Alerts mail, from its data and from its links, each once."""
    root = _parsed(mail.markup)
    if root is None:
        return
    known: set[str] = set()
    for link, title, text in (*_from_cards(root), *_from_links(root)):
        url = canonical_url(unwrapped(link))
        if not url or url in known or not title:
            continue
        known.add(url)
        yield MailPost(id=url, text=text or title, title=title if text else "", url=url, thread_title=title)


def _from_cards(root: etree._Element) -> list[tuple[str, str, str]]:
    """Read the cards that Google puts into a script for mail programs."""
    found: list[tuple[str, str, str]] = []
    for script in root.iter("script"):
        for card in _rows(_json(script.text or ""), "cards"):
            for row in _rows(card, "widgets"):
                link, title, text = (str(row.get(key) or "") for key in ("url", "title", "description"))
                found.append((link, html_to_line(title), html_to_line(text, 2_000)))
    return found


def _from_links(root: etree._Element) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for anchor in root.iter("a"):
        link = anchor.get("href", "").strip()
        if unwrapped(link) == link:
            continue
        title = clean_line(anchor.text_content())
        rows = (above for above in anchor.iterancestors("tr") if "Article" in above.get("itemtype", ""))
        row = next(rows, None)
        texts = row.xpath(".//*[@itemprop='description']") if row is not None else []
        found.append((link, title, clean_line(texts[0].text_content(), 2_000) if texts else ""))
    return found


def _json(written: str) -> Any:
    try:
        return json.loads(written, strict=False)
    except (ValueError, RecursionError):
        return None


def _rows(holder: Any, key: str) -> list[dict[str, Any]]:
    rows = holder.get(key) if isinstance(holder, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _parsed(markup: str) -> etree._Element | None:
    raw = markup.replace("\x00", "").encode("utf-8", "ignore")
    try:
        return html.document_fromstring(raw, parser=html.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError, AssertionError):
        return None
