"""A small IMAP server on loopback, in a thread: one mailbox, one user, what a reading client needs."""

import base64
import re
import select
import socketserver
import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import TracebackType

_FETCH = re.compile(r"UID FETCH ([\d,]+) .*BODY\.PEEK\[\]<0\.(\d+)>")
_RANGE = re.compile(r"UID SEARCH UID (\d+):\*")
_SINCE = re.compile(r"UID SEARCH SINCE (\d\d-\w{3}-\d{4})")


@dataclass
class MailboxServer:
    """`refusal` answers the log-in with NO and this text; `breaks_at` closes the line at that command.

    While a client idles it hears of new mail if the server `pushes`; `hidden` is added to the answer to IDLE,
    `hangs_up` ends the connection of whoever idles.
    """

    user: str = "palaute@lumopuoti.example"
    password: str = "s3kr3t-t0ken"
    folder: str = "INBOX"
    validity: int = 17
    says_plain: bool = True
    greeting: bytes = b"* OK ready"
    refusal: str = ""
    breaks_at: str = ""
    pushes: bool = True
    hidden: bytes = b""
    hangs_up: bool = False
    idling: threading.Event = field(default_factory=threading.Event)
    mails: dict[int, tuple[datetime, bytes]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def add(self, raw: bytes, received: datetime, uid: int | None = None) -> None:
        self.mails[uid or max(self.mails, default=0) + 1] = (received, raw)

    def __enter__(self) -> "MailboxServer":
        self._server = _Server(("127.0.0.1", 0), _Talk)
        self._server.mailbox = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mailbox: MailboxServer


class _Talk(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        box = self.server.mailbox
        self._say(box.greeting)
        while line := self.rfile.readline().decode(errors="replace").strip():
            tag, _, command = line.partition(" ")
            box.heard.append(command)
            if box.breaks_at and box.breaks_at in command:
                return
            self._answer(box, tag, command)
            if command == "LOGOUT" or (command == "IDLE" and box.hangs_up):
                return

    def _answer(self, box: MailboxServer, tag: str, command: str) -> None:
        name = (command.split() or [""])[0].upper()
        if name == "CAPABILITY":
            self._say(b"* CAPABILITY IMAP4rev1" + b" AUTH=PLAIN" * box.says_plain)
        elif name in ("AUTHENTICATE", "LOGIN") and not self._lets_in(box, command):
            return self._say(f"{tag} NO {box.refusal or '[AUTHENTICATIONFAILED] no'}".encode())
        elif name in ("EXAMINE", "SELECT"):
            if command.partition(" ")[2] != f'"{box.folder}"':
                return self._say(f"{tag} NO no such folder".encode())
            self._say(f"* {len(box.mails)} EXISTS".encode())
            self._say(f"* OK [UIDVALIDITY {box.validity}] ok".encode())
        elif command.startswith("UID SEARCH"):
            found = " ".join(str(uid) for uid in _searched(box, command))
            self._say(f"* SEARCH {found}".strip().encode())
        elif command.startswith("UID FETCH"):
            self._fetch(box, command)
        elif name == "IDLE" and not box.pushes:
            return self._say(f"{tag} BAD no such command".encode())
        elif name == "IDLE":
            self._idle(box)
        elif name == "LOGOUT":
            self._say(b"* BYE bye")
        self._say(f"{tag} OK done".encode())

    def _idle(self, box: MailboxServer) -> None:
        """Tell of new mail until the client is done or we hang up."""
        self.wfile.write(b"+ idling\r\n" + box.hidden)
        known = len(box.mails)
        box.idling.set()
        while not select.select([self.connection], [], [], 0.01)[0]:
            if box.hangs_up:
                return
            if len(box.mails) > known:
                known = len(box.mails)
                self._say(f"* {known} EXISTS".encode())
        box.heard.append(self.rfile.readline().decode().strip())
        box.idling.clear()

    def _lets_in(self, box: MailboxServer, command: str) -> bool:
        if command.startswith("LOGIN"):
            given = command == f'LOGIN {box.user} "{box.password}"'
        else:
            self._say(b"+ ")
            answer = base64.b64decode(self.rfile.readline()).decode()
            given = answer == f"\0{box.user}\0{box.password}"
        return given and not box.refusal

    def _fetch(self, box: MailboxServer, command: str) -> None:
        found = _FETCH.match(command)
        assert found is not None, command
        for uid in map(int, found.group(1).split(",")):
            if uid in box.mails:
                received, raw = box.mails[uid]
                raw = raw[: int(found.group(2))]
                when = received.astimezone(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")
                about = f'* 1 FETCH (UID {uid} INTERNALDATE "{when}" BODY[]<0> {{{len(raw)}}}\r\n'
                self.wfile.write(about.encode() + raw + b")\r\n")

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


def _searched(box: MailboxServer, command: str) -> list[int]:
    found = _RANGE.match(command)
    if found:  # "n:*" names the last mail as well, even below n
        return [uid for uid in box.mails if uid >= int(found.group(1))] or list(box.mails)[-1:]
    since = _SINCE.match(command)
    assert since is not None, command
    day: date = datetime.strptime(since.group(1), "%d-%b-%Y").replace(tzinfo=UTC).date()
    return [uid for uid, (received, _) in box.mails.items() if received.date() >= day]


def days_ago(now: datetime, days: float) -> datetime:
    return now - timedelta(days=days)
