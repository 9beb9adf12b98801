"""Turns a Message into an e-mail: headers, both bodies, and where it hangs in its thread."""

from collections.abc import Sequence
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from monitor.domain import Enclosure, Message
from monitor.errors import Permanent, Temporary
from monitor.notifiers.inert import one_line

_MOST_SUBJECT = 180
_NAME = "Mainevahti"
# What the email package raises for one, an empty part among them.
_NO_ADDRESS = (ValueError, IndexError, HeaderParseError)


def build_mail(message: Message, sender: str, now: datetime) -> EmailMessage:
    """Return the mail as it goes out; `now` becomes its Date. Raises what the addresses raise."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(_NAME, addr_spec=sender_address(sender))
    mail["To"] = Address(addr_spec=recipient_address(message.to))
    # The email package would decode an encoded word that a stranger wrote, line ends and all.
    mail["Subject"] = one_line(message.subject, _MOST_SUBJECT).replace("=?", "= ?")
    mail["Date"] = now
    mail["Message-ID"] = message.message_id
    if message.thread_id != message.message_id:
        mail["In-Reply-To"] = message.thread_id
        mail["References"] = message.thread_id
    mail["List-Id"] = f"{_NAME} <alerts.mainevahti.{sender_address(sender).rpartition('@')[2]}>"
    mail["List-Unsubscribe"] = _unsubscribe(message, sender_address(sender))
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    _enclose(mail, message.enclosed)
    return mail


def _enclose(mail: EmailMessage, enclosed: Sequence[Enclosure]) -> None:
    """Hang pictures on the HTML that shows them, and other files on the mail."""
    parts = mail.get_payload()
    assert isinstance(parts, list)
    for one in enclosed:
        main, _, sub = one.kind.partition("/")
        if one.cid:
            page = parts[-1]
            assert isinstance(page, EmailMessage)
            page.add_related(one.content, main, sub, cid=f"<{one.cid}>", filename=one.name)
    for one in (file for file in enclosed if not file.cid):
        main, _, sub = one.kind.partition("/")
        mail.add_attachment(one.content, main, sub, filename=one.name)


def _unsubscribe(message: Message, sender: str) -> str:
    """Where to ask for fewer mails: the page that says what one gets, and whoever runs the service."""
    ways = [str(message.facts["settings_url"])] if "settings_url" in message.facts else []
    return ", ".join(f"<{way}>" for way in (*ways, f"mailto:{sender}?subject=unsubscribe"))


def recipient_address(written: str) -> str:
    """The address as mail servers know it; a domain beyond ASCII in its ASCII form. Raises Permanent."""
    try:
        return _known_address(written)
    except _NO_ADDRESS:
        raise Permanent(f"{one_line(written)} is no address that mail can be sent to.") from None


def sender_address(written: str) -> str:
    """The same for our own address, which a person can mend while the mail waits. Raises Temporary."""
    try:
        return _known_address(written)
    except _NO_ADDRESS:
        raise Temporary(f"{one_line(written)} is no address to send from. Check mail.sender.") from None


def _known_address(written: str) -> str:
    local, _, domain = written.rpartition("@")
    return Address(addr_spec=f"{local}@{domain.encode('idna').decode('ascii')}").addr_spec
