"""The kind "imap": complaints and alert mails out of a mailbox, read by polling and left unread there.

RFC 3501, standard imaplib. Needs host, user and password (or an app password) of a mailbox that only the
shop's own mail comes to. Cannot see other folders, attachments, or that a mail was deleted. Terms: it is
the shop's own mailbox; letters are confidential, so keep the retention short.
"""

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy
from monitor.http.guard import is_public, resolve_host
from monitor.sources.contract import Kind, SourceContext, SourceSettings, Word
from monitor.sources.mailforms import Form, MailPost, posts_of
from monitor.sources.mails import Mail, read_mail
from monitor.sources.reading import BatchMaker, Position

_TIMEOUT = 30.0
_MOST_BYTES = 2 * 2**20  # the texts of a mail come first; what is behind them are attachments
_CHUNK = 20
_UID = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_UID_WRITTEN = re.compile(rb"\d{1,10}")
_RECEIVED = re.compile(rb'INTERNALDATE "([^"]{20,30})"', re.IGNORECASE)
_LATER = (b"[UNAVAILABLE]", b"[INUSE]", b"[LIMIT]", b"[OVERQUOTA]", b"[SERVERBUG]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:_-]+$", max_length=253)]


class SenderRule(BaseModel):
    """`sender` is an address in which "*" stands for anything; `form` how its mails are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: Word
    form: Form


_USUAL = (
    SenderRule(sender="googlealerts-noreply@google.com", form=Form.ALERTS),
    SenderRule(sender="*@trustpilot.com", form=Form.REVIEW),
    SenderRule(sender="*@*.trustpilot.com", form=Form.REVIEW),
)


class ImapSettings(SourceSettings):
    """`senders` are looked through from the first to the last, then the usual ones; else it is a letter.

    `mails` is the most that one fetch reads; the rest comes with the next.
    """

    host: Host
    user: Word
    password: SecretRef
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    folder: Word = "INBOX"
    senders: tuple[SenderRule, ...] = ()
    mails: Annotated[int, Field(ge=1, le=2_000)] = 200


class ImapPosition(Position):
    """`last` is the highest UID read; it counts only as long as the folder keeps its `validity`."""

    validity: int = 0
    last: int = 0
    newest: datetime | None = None


class ImapSource:
    """Reads one folder of one mailbox."""

    def __init__(self, settings: ImapSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._password = context.secret(settings.password)
        self._rules = (*settings.senders, *_USUAL)

    def fetch(self, cursor: str | None) -> Batch:
        """Return the posts of mails that came since; the mails stay where they are, unread."""
        chosen = self._settings
        position = ImapPosition.read(cursor, of=f"{chosen.user}@{chosen.host}/{chosen.folder}")
        maker = BatchMaker(self._context.slug, self._context.clock.now(), chosen.host)
        with self._mailbox() as box:
            validity = _validity(box)
            last = position.last if validity == position.validity else 0
            uids = self._new(box, last)[: chosen.mails]
            for start in range(0, len(uids), _CHUNK):
                for letter in _fetched(box, uids[start : start + _CHUNK]):
                    self._take(letter, maker)
        newest = max(filter(None, (position.newest, maker.newest)), default=None)
        update = {"validity": validity, "last": max([last, *uids]), "newest": newest}
        return maker.batch(position.model_copy(update=update), or_broken=False)

    def _take(self, letter: "_Letter", maker: BatchMaker) -> None:
        """Parse one mail; what machines answer and what we sent ourselves is left out."""
        mail = read_mail(letter.raw)
        if mail.is_automatic or mail.is_ours:
            return
        posts = posts_of(mail, self._form(mail))
        received = mail.date or letter.received
        maker.read(posts, lambda post: _parse(post, received, maker), lambda post: f"mail {letter.uid}")

    def _form(self, mail: Mail) -> Form:
        rules = (rule.form for rule in self._rules if fnmatchcase(mail.sender, rule.sender.lower()))
        return next(rules, Form.LETTER)

    def _new(self, box: imaplib.IMAP4, last: int) -> list[int]:
        """Return the UIDs above `last` in order; without one, those of the back-fill's days."""
        if last:
            criteria = ("UID", f"{last + 1}:*")  # gives the last mail even when it is older
        else:
            start = self._context.clock.now() - self._settings.backfill
            criteria = ("SINCE", f"{start.day:02}-{_MONTHS[start.month - 1]}-{start.year}")
        found = _answer(box.uid("SEARCH", *criteria), "search")
        uids = {int(uid) for line in found if line for uid in line.split() if _UID_WRITTEN.fullmatch(uid)}
        return sorted(uid for uid in uids if uid > last)

    @contextmanager
    def _mailbox(self) -> Iterator[imaplib.IMAP4]:
        """Log in and open the folder for reading only; log out at the end."""
        host = self._settings.host
        try:
            box = self._connected()
            try:
                self._log_in(box)
                self._open(box)
                yield box
            finally:
                _leave(box)
        except ssl.SSLError:
            raise SourceBroken(
                f"{host} shows a certificate that does not hold, or speaks no TLS on this port. "
                "Check host, port and security of this source."
            ) from None
        except (imaplib.IMAP4.abort, OSError, EOFError):
            raise SourceBusy(f"{host} cannot be reached, or broke off the connection.") from None
        except imaplib.IMAP4.error:
            raise SourceBroken(f"{host} answered in a way that is not IMAP.") from None

    def _connected(self) -> imaplib.IMAP4:
        chosen = self._settings
        self._check_address()
        if chosen.security == "tls":
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(chosen.host, chosen.port, ssl_context=context, timeout=_TIMEOUT)
        box = imaplib.IMAP4(chosen.host, chosen.port, timeout=_TIMEOUT)
        if chosen.security == "starttls":
            box.starttls(ssl.create_default_context())
        return box

    def _check_address(self) -> None:
        """Refuse our own network unless it is meant, and passwords in the clear over anybody else's."""
        host = self._settings.host
        try:
            addresses = resolve_host(host, self._settings.port)
        except (socket.gaierror, UnicodeError):
            raise SourceBusy(f"{host} cannot be found. Is the name right, and is the network up?") from None
        has_public = any(is_public(address) for address in addresses)
        if not has_public and not self._context.allow_private:
            raise SourceBroken(
                f"{host} is an address of this machine or its local network. "
                "If that is meant, set allow_private = true for this source."
            )
        if has_public and self._settings.security == "none":
            raise SourceBroken(f'{host} would get the password in the clear. Set security = "tls".')

    def _log_in(self, box: imaplib.IMAP4) -> None:
        user = self._settings.user
        try:
            if "AUTH=PLAIN" in box.capabilities:
                box.authenticate("PLAIN", lambda _: f"\0{user}\0{self._password}".encode())
            else:
                box.login(user, self._password)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeError) as error:
            _raise_if_later(self._settings.host, str(error).encode())
            raise SourceBroken(
                f"{self._settings.host} does not accept the user name and password. Check both; many "
                "providers want an app password for programs."
            ) from None

    def _open(self, box: imaplib.IMAP4) -> None:
        folder = self._settings.folder
        status, lines = box.select(_quoted(folder), readonly=True)
        if status != "OK":
            _raise_if_later(self._settings.host, b" ".join(line for line in lines if line))
            raise SourceBroken(f"The mailbox has no folder {folder!r}. Check `folder` of this source.")


@dataclass(frozen=True, slots=True)
class _Letter:
    """The beginning of a mail, and when the server took it."""

    uid: int
    received: str
    raw: bytes


def _parse(post: MailPost, written: str, maker: BatchMaker) -> Post:
    if not post.text and not post.title:
        raise ValueError("it has neither subject nor text")
    return maker.post(
        post.id,
        post.text or post.title,
        url=post.url,
        author=post.author,
        title=post.title,
        posted_at=written,
        thread_key=post.thread,
        thread_title=post.thread_title,
        parent_text=post.parent_text,
        rating=post.rating,
    )


def _fetched(box: imaplib.IMAP4, uids: list[int]) -> list[_Letter]:
    """Return the beginnings of mails, in the order of their UIDs; who is gone meanwhile is missing."""
    wanted = ",".join(str(uid) for uid in uids)
    parts = f"(UID INTERNALDATE BODY.PEEK[]<0.{_MOST_BYTES}>)"
    lines = _answer(box.uid("FETCH", wanted, parts), "fetch")
    letters: dict[int, _Letter] = {}
    for number, line in enumerate(lines):
        if isinstance(line, tuple) and len(line) == 2:
            after = lines[number + 1] if number + 1 < len(lines) else b""
            about = line[0] + (after if isinstance(after, bytes) else b"")
            uid, received = _UID.search(about), _RECEIVED.search(about)
            if uid:
                when = received.group(1).decode("ascii", "replace").replace("-", " ", 2) if received else ""
                letters[int(uid.group(1))] = _Letter(int(uid.group(1)), when.strip(), line[1])
    return [letters[uid] for uid in sorted(letters)]


def _validity(box: imaplib.IMAP4) -> int:
    _, lines = box.response("UIDVALIDITY")
    written = lines[0] if lines and lines[0] else b""
    return int(written) if isinstance(written, bytes) and written.isdigit() else 0


def _answer(answer: tuple[str, list[Any]], what: str) -> list[Any]:
    status, lines = answer
    if status != "OK":
        raise SourceBusy(f"The mail server refused to {what} just now.")
    return lines


def _raise_if_later(host: str, written: bytes) -> None:
    if any(code in written.upper() for code in _LATER):
        raise SourceBusy(f"{host} asks us to come back later.")


def _leave(box: imaplib.IMAP4) -> None:
    with suppress(imaplib.IMAP4.error, OSError):  # it may have gone already
        box.logout()


def _quoted(folder: str) -> str:
    """Return a folder's name as IMAP writes it: quoted, in modified UTF-7 (RFC 3501, 5.1.3)."""
    encoded = re.sub(r"[^\x20-\x7e]+", _shifted, folder.replace("&", "&-"))
    return '"' + encoded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shifted(found: re.Match[str]) -> str:
    coded = base64.b64encode(found.group().encode("utf-16-be")).decode("ascii")
    return f"&{coded.rstrip('=').replace('/', ',')}-"


KIND = Kind(
    name="imap",
    settings=ImapSettings,
    build=ImapSource,
    reads="a mailbox: complaints, contact forms, Google Alerts, notices of review sites",
    needs="host, user and (app) password of a mailbox; TLS",
    speed="200 mails a fetch; a fetch without new mail is one short conversation",
    cannot_see="other folders, attachments, what a filter moved away before the fetch, deletions",
    terms="the shop's own mailbox; letters are confidential",
)
