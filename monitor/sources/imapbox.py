"""A mailbox over IMAP (RFC 3501, 2177; standard imaplib), opened for reading only; knows nothing of posts."""

import base64
import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from monitor.errors import SourceBroken, SourceBusy
from monitor.http.guard import is_public, resolve_host

_TIMEOUT = 30.0
_MOST_BYTES = 2 * 2**20  # the texts of a mail come first; what is behind them are attachments
_CHUNK = 20
_UID = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_UID_WRITTEN = re.compile(rb"\d{1,10}")
_RECEIVED = re.compile(rb'INTERNALDATE "([^"]{20,30})"', re.IGNORECASE)
_LATER = (b"[UNAVAILABLE]", b"[INUSE]", b"[LIMIT]", b"[OVERQUOTA]", b"[SERVERBUG]")
_STEP = 1.0
_IDLE = b"IDLE1"  # the tag of the one command that imaplib does not know
_LINE = 1_000_000  # bytes, as imaplib
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Door:
    """Where the mailbox is and how to get in; `security` is "tls", "starttls" or "none"."""

    host: str
    port: int
    security: str
    user: str
    password: str
    folder: str
    ca: Path | None
    allow_private: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """The beginning of a mail, and when the server took it, as it writes that."""

    uid: int
    received: str
    raw: bytes


class _Buffered(imaplib.IMAP4):
    """Reads with a buffer of its own, so that it can be told whether something waits to be read."""

    _ahead = b""
    _from: socket.socket | None = None

    def read(self, size: int) -> bytes:
        self._forget_plain()
        while len(self._ahead) < size and self._receive():
            pass
        return self._cut(size)

    def readline(self) -> bytes:
        self._forget_plain()
        while (end := self._ahead.find(b"\n")) < 0 and len(self._ahead) <= _LINE and self._receive():
            pass
        return self._cut(end + 1 if end >= 0 else len(self._ahead))

    def has_news(self, seconds: float) -> bool:
        """Wait until something can be read, or the other side has gone."""
        if self._ahead:
            return True
        self.sock.settimeout(seconds)
        try:
            self._receive()
        except TimeoutError:
            return False
        finally:
            self.sock.settimeout(_TIMEOUT)
        return True

    def _forget_plain(self) -> None:
        """What was said before TLS began counts for nothing."""
        if self._from is not self.sock:
            self._ahead, self._from = b"", self.sock

    def _receive(self) -> bool:
        chunk = self.sock.recv(65_536)
        self._ahead += chunk
        return bool(chunk)

    def _cut(self, size: int) -> bytes:
        found, self._ahead = self._ahead[:size], self._ahead[size:]
        return found


class _BufferedTls(_Buffered, imaplib.IMAP4_SSL):
    """The same over TLS."""


class Mailbox:
    """One open folder. `validity` changes when its UIDs begin anew."""

    def __init__(self, connection: _Buffered) -> None:
        self._connection = connection
        _, lines = connection.response("UIDVALIDITY")
        written = lines[0] if lines and lines[0] else b""
        self.validity = int(written) if isinstance(written, bytes) and written.isdigit() else 0

    def uids_above(self, last: int) -> list[int]:
        """Return the UIDs of newer mails, in order."""
        found = self._searched("UID", f"{last + 1}:*")  # gives the last mail even when it is older
        return [uid for uid in found if uid > last]

    def uids_since(self, day: date) -> list[int]:
        """Return the UIDs of the mails that came on that day or later, in order."""
        return self._searched("SINCE", f"{day.day:02}-{_MONTHS[day.month - 1]}-{day.year}")

    def letters(self, uids: Sequence[int]) -> Iterator[Letter]:
        """Yield mails in the order of their UIDs, unread as before; who is gone meanwhile is missing."""
        for start in range(0, len(uids), _CHUNK):
            yield from self._fetched(uids[start : start + _CHUNK])

    def watched(self, renew: float, poll: float) -> Iterator[None]:
        """Yield about once a second as long as nothing came, at most `renew` seconds.

        A server that does not push (IDLE) is to be asked after `poll` seconds.
        """
        is_pushing = self._begin_push()
        end = time.monotonic() + (renew if is_pushing else poll)
        try:
            while (left := end - time.monotonic()) > 0:
                if is_pushing and self._connection.has_news(min(_STEP, left)):
                    return
                if not is_pushing:
                    time.sleep(min(_STEP, left))
                yield
        finally:
            if is_pushing:
                self._end_push()

    def _begin_push(self) -> bool:
        self._connection.send(_IDLE + b" IDLE\r\n")
        line = self._line()
        while not line.startswith((b"+", _IDLE)):
            line = self._line()
        return line.startswith(b"+")

    def _end_push(self) -> None:
        """End it also where the other side has gone; the next question shows that."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._connection.send(b"DONE\r\n")
            while not self._line().startswith(_IDLE):
                pass

    def _line(self) -> bytes:
        line = self._connection.readline()
        if not line:
            raise imaplib.IMAP4.abort("the connection has ended")
        return line

    def _searched(self, *criteria: str) -> list[int]:
        lines = _answer(self._connection.uid("SEARCH", *criteria), "search")
        words = (word for line in lines if line for word in line.split())
        return sorted(int(word) for word in words if _UID_WRITTEN.fullmatch(word))

    def _fetched(self, uids: Sequence[int]) -> list[Letter]:
        wanted = ",".join(str(uid) for uid in uids)
        parts = f"(UID INTERNALDATE BODY.PEEK[]<0.{_MOST_BYTES}>)"
        lines = _answer(self._connection.uid("FETCH", wanted, parts), "fetch")
        letters: dict[int, Letter] = {}
        for number, line in enumerate(lines):
            if isinstance(line, tuple) and len(line) == 2:
                after = lines[number + 1] if number + 1 < len(lines) else b""
                about = line[0] + (after if isinstance(after, bytes) else b"")
                uid, received = _UID.search(about), _RECEIVED.search(about)
                if uid:
                    when = received.group(1).decode("ascii", "replace") if received else ""
                    letter = Letter(int(uid.group(1)), when.replace("-", " ", 2).strip(), line[1])
                    letters[letter.uid] = letter
        return [letters[uid] for uid in sorted(letters)]


@contextmanager
def opened(door: Door) -> Iterator[Mailbox]:
    """Log in and open the folder; log out at the end. Raises SourceBusy and SourceBroken."""
    _check_address(door)
    try:
        connection = _connected(door)
        try:
            # The name may lead elsewhere by now.
            _check(door, [connection.sock.getpeername()[0]])
            if door.security == "starttls":
                connection.starttls(_trust(door))
            _log_in(connection, door)
            _open(connection, door)
            yield Mailbox(connection)
        finally:
            _leave(connection)
    except ssl.SSLError:
        raise SourceBroken(
            f"{door.host} shows a certificate that does not hold, or speaks no TLS on this port. "
            "Check host, port and security of this source."
        ) from None
    except (imaplib.IMAP4.error, OSError) as error:
        is_abort = isinstance(error, imaplib.IMAP4.abort | OSError)
        if is_abort and "unexpected response" not in str(error):  # imaplib's word for what is no IMAP
            raise SourceBusy(f"{door.host} cannot be reached, or broke off the connection.") from None
        raise SourceBroken(f"{door.host} answered in a way that is not IMAP.") from None


def _check_address(door: Door) -> None:
    try:
        _check(door, resolve_host(door.host, door.port))
    except (socket.gaierror, UnicodeError):
        raise SourceBusy(f"{door.host} cannot be found. Is the name right, and is the network up?") from None


def _check(door: Door, addresses: Sequence[str]) -> None:
    """Refuse our own network unless it is meant, and passwords in the clear over anybody else's."""
    is_private = not all(is_public(address) for address in addresses)
    if is_private and not door.allow_private:
        raise SourceBroken(
            f"{door.host} is an address of this machine or its local network. "
            "If that is meant, set allow_private = true for this source."
        )
    if not is_private and door.security == "none":
        raise SourceBroken(f'{door.host} would get the password in the clear. Set security = "tls".')


def _connected(door: Door) -> _Buffered:
    if door.security == "tls":
        return _BufferedTls(door.host, door.port, ssl_context=_trust(door), timeout=_TIMEOUT)
    return _Buffered(door.host, door.port, timeout=_TIMEOUT)


def _trust(door: Door) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=door.ca)
    except OSError:
        raise SourceBroken(f"The file {door.ca} holds no certificate. Check `ca` of this source.") from None


def _log_in(connection: imaplib.IMAP4, door: Door) -> None:
    try:
        if "AUTH=PLAIN" in connection.capabilities:
            connection.authenticate("PLAIN", lambda _: f"\0{door.user}\0{door.password}".encode())
        else:
            connection.login(door.user, door.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError) as error:
        _raise_if_later(door.host, str(error).encode())
        raise SourceBroken(
            f"{door.host} does not accept the user name and password. Check both; many providers want "
            "an app password for programs."
        ) from None


def _open(connection: imaplib.IMAP4, door: Door) -> None:
    status, lines = connection.select(_quoted(door.folder), readonly=True)
    if status != "OK":
        _raise_if_later(door.host, b" ".join(line for line in lines if line))
        raise SourceBroken(f"The mailbox has no folder {door.folder!r}. Check `folder` of this source.")


def _answer(answer: tuple[str, list[Any]], what: str) -> list[Any]:
    status, lines = answer
    if status != "OK":
        raise SourceBusy(f"The mail server refused to {what} just now.")
    return lines


def _raise_if_later(host: str, written: bytes) -> None:
    if any(code in written.upper() for code in _LATER):
        raise SourceBusy(f"{host} asks us to come back later.")


def _leave(connection: imaplib.IMAP4) -> None:
    """Log out, and close the connection even where the server has gone already."""
    with suppress(imaplib.IMAP4.error, OSError):
        connection.logout()
    with suppress(imaplib.IMAP4.error, OSError):
        connection.shutdown()


def _quoted(folder: str) -> str:
    """Return a folder's name as IMAP writes it: quoted, in modified UTF-7 (RFC 3501, 5.1.3)."""
    encoded = re.sub(r"[^\x20-\x7e]+", _shifted, folder.replace("&", "&-"))
    return '"' + encoded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shifted(found: re.Match[str]) -> str:
    coded = base64.b64encode(found.group().encode("utf-16-be")).decode("ascii")
    return f"&{coded.rstrip('=').replace('/', ',')}-"
