"""A mail, as bytes, into what it says: who, when, about what, in which thread, and its text.

Attachments are never opened. What the writer quotes of others is marked with "> ". Damaged mail never
raises: what cannot be decoded stays as it is written.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr

from monitor.text import LINE_LIMIT, clean_line, decode, html_to_text

_ANSWER = re.compile(r"^\s*(?:(?:re|vs|sv|fw|fwd|vl|aw)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([^<>]{1,2000})>")
_QUOTED = re.compile(r"^>\s?")
_INTRO = re.compile(
    r"^(?:on .{6,200} wrote|.{6,200} (?:kirjoitti|skrev)(?: .{0,60})?|den .{6,200} skrev .{2,200})\s*:\s*$",
    re.IGNORECASE,
)
_OLD_MAIL = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|alkuperäinen viesti|ursprungligt meddelande|forwarded message"
    r"|välitetty viesti|vidarebefordrat meddelande)\s*-*|_{20,})\s*$",
    re.IGNORECASE,
)
_OLD_HEADER = re.compile(r"^\W*(?:from|lähettäjä|från)\W*:\s*\S", re.IGNORECASE)
_OLD_SECOND = re.compile(r"^\W*(?:sent|date|lähetetty|päivämäärä|skickat|datum|to|vastaanottaja)\W*:", re.I)
_SIGNATURE = "--"
_LETTERS = 10  # text/plain with fewer letters only says that the reader cannot show HTML
_LONGEST = 4_000  # characters of a header
_DEEPEST = 30
_MOST_PARTS = 200
# What the email package raises for headers that break its rules; found by feeding it damaged mail.
_DAMAGED = (MessageError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. `text` is what the writer wrote, with quotes marked; `quoted` is what he answers.

    `thread` is the id of the first mail of the conversation, `markup` the HTML part where there is one.
    """

    id: str
    sender: str
    name: str
    reply_to: str
    reply_name: str
    subject: str
    topic: str
    date: str
    thread: str
    text: str
    quoted: str
    markup: str
    is_automatic: bool
    is_ours: bool


def read_mail(raw: bytes) -> Mail:
    """Read the bytes of a mail, whole or cut off."""
    message = message_from_bytes(raw, policy=policy.compat32)
    name, sender = _address(message, "From")
    reply_name, reply_to = _address(message, "Reply-To")
    subject, date = _header(message, "Subject"), _raw(message, "Date")
    own_id = _id(message, sender, subject, date)
    text, markup = _texts(message)
    own, quoted = split_quotes(text)
    return Mail(
        id=own_id,
        sender=sender.lower(),
        name=name,
        reply_to=reply_to.lower(),
        reply_name=reply_name,
        subject=subject,
        topic=_ANSWER.sub("", subject).strip(),
        date=date,
        thread=_first_of_thread(message) or own_id,
        text=own,
        quoted=quoted,
        markup=markup,
        is_automatic=_is_automatic(message),
        is_ours="alerts.mainevahti." in _header(message, "List-Id").lower(),
    )


def split_quotes(text: str) -> tuple[str, str]:
    """Return the text with every quoted line marked by "> ", and the quoted lines alone without marks.

    From an "Original message" line on all is quoted; a signature after "-- " is left out.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    marked: list[str] = []
    quoted: list[str] = []
    is_old = False
    for number, line in enumerate(lines):
        if not is_old and line.rstrip(" ") == _SIGNATURE:
            break
        is_old = is_old or _begins_old_mail(lines, number)
        bare = _QUOTED.sub("", line)
        if is_old or bare != line:
            marked.append(f"> {bare}".rstrip())
            quoted.append(bare)
        else:
            marked.append(f"> {line}" if _INTRO.match(line) else line)
    return "\n".join(marked), "\n".join(quoted).strip()


def _begins_old_mail(lines: list[str], number: int) -> bool:
    """Say whether an answered mail begins here, in the manner of Outlook: a rule, or its headers."""
    if _OLD_MAIL.match(lines[number]):
        return True
    after = lines[number + 1 : number + 4]
    return bool(_OLD_HEADER.match(lines[number])) and any(_OLD_SECOND.match(line) for line in after)


def _texts(message: Message) -> tuple[str, str]:
    """Return the text to read and the HTML part; text/plain is preferred where it says something."""
    plain, markup = "", ""
    for part in _parts(message):
        kind, text = _content(part)
        if kind == "text/plain" and not plain:
            plain = text
        elif kind == "text/html" and not markup:
            markup = text
    says_something = sum(char.isalpha() for char in plain) >= _LETTERS
    return (plain if says_something or not markup else html_to_text(markup)), markup


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts that are shown: not attachments, and nothing inside of attached mails."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    seen = 0
    while waiting and seen < _MOST_PARTS:
        part, depth = waiting.pop()
        seen += 1
        inner = part.get_payload() if part.is_multipart() else None
        if not _is_shown(part):
            continue
        if isinstance(inner, list):
            below = [(one, depth + 1) for one in inner if isinstance(one, Message)]
            waiting += reversed(below) if depth < _DEEPEST else ()
        else:
            yield part


def _is_shown(part: Message) -> bool:
    try:
        is_file = part.get_content_disposition() == "attachment" or bool(part.get_filename())
        return not is_file and part.get_content_maintype() != "message"
    except _DAMAGED:
        return False


def _content(part: Message) -> tuple[str, str]:
    """Return the kind of a part and its text; nothing where it is damaged beyond reading."""
    try:
        raw, charset = part.get_payload(decode=True), part.get_content_charset()
        is_flowed = "flowed" in str(part.get_param("format", "")).lower()
    except _DAMAGED:
        return "", ""
    text = decode(raw, charset) if isinstance(raw, bytes) else ""
    return part.get_content_type(), _unflowed(text) if is_flowed else text


def _unflowed(text: str) -> str:
    """Join the lines that format=flowed (RFC 3676) only broke for the wire."""
    return re.sub(r"(?<!^--) \r?\n(?!>|\r?\n)", " ", text, flags=re.MULTILINE)


def _raw(message: Message, name: str) -> str:
    """Return a header as written, on one line; bytes beyond ASCII that nobody encoded are kept."""
    found = (str(value) for key, value in message.raw_items() if key.lower() == name.lower())
    return clean_line(decode(next(found, "").encode("utf-8", "surrogateescape")), _LONGEST)


def _header(message: Message, name: str) -> str:
    return _decoded(_raw(message, name))


def _decoded(written: str, limit: int = LINE_LIMIT) -> str:
    """Return a header with its encoded words (RFC 2047) decoded, or as it is where they are damaged."""
    try:
        return clean_line(str(make_header(decode_header(written))), limit)
    except _DAMAGED:
        return clean_line(written, limit)


def _address(message: Message, name: str) -> tuple[str, str]:
    """Return name and address of a header; the name is decoded after the address was cut off."""
    shown, address = parseaddr(_raw(message, name))
    return _decoded(shown), clean_line(address)


def _id(message: Message, sender: str, subject: str, date: str) -> str:
    found = _first_id(message, "Message-ID")
    if found:
        return found
    return (
        "sha256:" + hashlib.sha256("\0".join((sender, subject, date)).encode("utf-8", "replace")).hexdigest()
    )


def _first_of_thread(message: Message) -> str:
    return _first_id(message, "References") or _first_id(message, "In-Reply-To")


def _first_id(message: Message, name: str) -> str:
    """Return the first id in a header, as it was before anybody broke it over lines; "" without one.

    A program that finds an id too long for a line breaks it in the middle (RFC 5322, 2.2.3, by the letter:
    the blank is not part of it), or writes it as encoded words (RFC 2047).
    """
    written = _raw(message, name)
    found = _MESSAGE_ID.search(_decoded(written, _LONGEST) if "=?" in written else written)
    return "".join(found.group(1).split()) if found else ""


def _is_automatic(message: Message) -> bool:
    """Say whether a machine answers here: an out-of-office note, or the report of a failed delivery."""
    answered = _raw(message, "Auto-Submitted").lower().startswith("auto-replied")
    has_mark = any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response"))
    return answered or has_mark or message.get_content_type() == "multipart/report"
