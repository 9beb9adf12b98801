"""A post office: OpenSMTPD takes mail and hands it to dovecot, which shows the mailboxes by IMAP.

Every name has a mailbox, with one password for all. Who sends through the shop's own server logs in to
dovecot's submission service by TLS; mail from outside comes to OpenSMTPD at `public`, as everywhere.
(OpenSMTPD could do both, but that of Debian 12 cannot shake hands by TLS with OpenSSL 3.)
"""

import imaplib
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import trustme

from tests.servers.commands import NeedsRoot, NotInstalled, run
from tests.servers.installing import debian, is_root
from tests.servers.running import HOST, Stand, free_port, listens, stand

PASSWORD = "sanaton-sana"
SENDER = "mainevahti"
_PATIENCE_S = 60
_OWN_MOUNTS = ("unshare", "--mount", "--propagation", "private")

_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = /dev/stderr
protocols = imap lmtp submission
listen = {host}
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
auth_username_format = %Ln
mail_location = maildir:{folder}/boxes/%n
first_valid_uid = 1
submission_relay_host = {host}
submission_relay_port = {public}
submission_relay_trusted = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=dovecot gid=dovecot home={folder}/boxes/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {smtp}
  }}
  inet_listener submissions {{
    port = {smtps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""
_SMTPD = """
listen on {host} port {public} hostname localhost
action "deliver" lmtp "{host}:{lmtp}" rcpt-to virtual {{ "@" = "mail" }}
match from any for any action "deliver"
"""


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Ports of the servers, and the certificate to trust them by."""

    ca: Path
    imap: int
    imaps: int
    lmtp: int
    smtp: int
    smtps: int
    public: int

    def write(self, to: str, subject: str, text: str, answers: str = "", **headers: str) -> str:
        """Let somebody write to a mailbox; returns the Message-ID once the mail can be read there."""
        mail = EmailMessage()
        mail["From"] = "Äijä Asiakas <aija@asiakas.example>"
        mail["To"], mail["Subject"] = to, subject
        mail["Date"] = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
        mail["Message-ID"] = f"<{uuid4()}@asiakas.example>"
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        mail.add_alternative(f"<p>{text}</p>", subtype="html")
        mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="kuitti ä.pdf")
        with smtplib.SMTP(HOST, self.public, timeout=_PATIENCE_S) as server:
            server.send_message(mail)
        self.wait_for(to, mail["Message-ID"])
        return str(mail["Message-ID"])

    def wait_for(self, box: str, message_id: str) -> None:
        """Wait until a mail has come through."""
        end = time.monotonic() + _PATIENCE_S
        while not any(mail["Message-ID"].strip() == message_id for mail in self.mails(box)):
            assert time.monotonic() < end, f"{message_id} did not come to {box}"
            time.sleep(0.1)

    def mails(self, box: str) -> list[EmailMessage]:
        """Return what lies in a mailbox, oldest first, read by IMAP."""
        with self._opened(box) as connection:
            numbers = connection.search(None, "ALL")[1][0].split()
            return [_read(connection, number.decode()) for number in numbers]

    def unread(self, box: str) -> int:
        """Return how many mails nobody has read."""
        with self._opened(box) as connection:
            return len(connection.search(None, "UNSEEN")[1][0].split())

    def remove(self, box: str, message_id: str) -> None:
        """Delete one mail for good."""
        with self._opened(box, readonly=False) as connection:
            (number,) = connection.search(None, "HEADER", "Message-ID", f'"{message_id}"')[1][0].split()
            connection.store(number.decode(), "+FLAGS", "\\Deleted")
            connection.expunge()

    @contextmanager
    def _opened(self, box: str, readonly: bool = True) -> Iterator[imaplib.IMAP4]:
        trust = ssl.create_default_context(cafile=str(self.ca))
        with imaplib.IMAP4_SSL("localhost", self.imaps, ssl_context=trust, timeout=_PATIENCE_S) as connection:
            connection.login(box, PASSWORD)
            connection.select("INBOX", readonly=readonly)
            yield connection


def _read(connection: imaplib.IMAP4, number: str) -> EmailMessage:
    (_, raw), *_ = connection.fetch(number, "(BODY.PEEK[])")[1]
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Install and start both servers; they end with it."""
    if not is_root():
        raise NeedsRoot("Mail servers hand each mailbox to its owner, so only root can start them.")
    _may_mount()
    debian("dovecot-imapd", "dovecot-lmtpd", "dovecot-submissiond", "opensmtpd")
    with stand("mail") as place:
        ports = {name: free_port() for name in ("imap", "imaps", "lmtp", "smtp", "smtps", "public")}
        office = PostOffice(ca=place.folder / "ca.pem", **ports)
        _certify(place)
        (place.folder / "boxes").mkdir()
        place.run(["chown", "dovecot:", "boxes"])
        _write(place, "dovecot.conf", _DOVECOT, ports)
        _write(place, "smtpd.conf", _SMTPD, ports)
        place.start("dovecot", ["dovecot", "-F", "-c", "dovecot.conf"], lambda: listens(office.lmtp))
        place.start("smtpd", _alone(place), lambda: listens(office.public))
        yield office


def _may_mount() -> None:
    """Raise NeedsRoot in a container whose root may not give a process mounts of its own; see `_alone`."""
    try:
        run([*_OWN_MOUNTS, "true"], _PATIENCE_S)
    except NotInstalled as why:
        raise NeedsRoot(
            f"OpenSMTPD needs mounts of its own, and root may not make them here. {why}"
        ) from None


def _certify(place: Stand) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(place.folder / "ca.pem"))
    certificate = authority.issue_cert("localhost", HOST)
    certificate.private_key_pem.write_to_path(str(place.folder / "key.pem"))
    for chain in certificate.cert_chain_pems:
        chain.write_to_path(str(place.folder / "cert.pem"), append=True)


def _write(place: Stand, name: str, template: str, ports: dict[str, int]) -> None:
    text = template.format(folder=place.folder, host=HOST, password=PASSWORD, **ports)
    (place.folder / name).write_text(text, encoding="utf-8")


def _alone(place: Stand) -> list[str]:
    """OpenSMTPD's spool and socket have fixed places: it sees folders of ours there, and nobody else does."""
    for name in ("spool", "sockets"):
        (place.folder / name).mkdir()
    script = (
        'mount --bind "$1/spool" /var/spool && mount --bind "$1/sockets" /run && '
        'exec smtpd -d -f "$1/smtpd.conf"'
    )
    return [*_OWN_MOUNTS, "sh", "-c", script, "sh", str(place.folder)]
