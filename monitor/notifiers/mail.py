"""Turns a Message into an e-mail: headers, both bodies, and where it hangs in its thread."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from monitor.domain import Message
from monitor.notifiers.inert import one_line

_MOST_SUBJECT = 180
_NAME = "Mainevahti"


def build_mail(message: Message, sender: str, now: datetime) -> EmailMessage:
    """Return the mail as it goes out; `now` becomes its Date."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=_NAME, addr_spec=sender)
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = one_line(message.subject, _MOST_SUBJECT)
    mail["Date"] = now
    mail["Message-ID"] = message.message_id
    if message.thread_id != message.message_id:
        mail["In-Reply-To"] = message.thread_id
        mail["References"] = message.thread_id
    mail["List-Id"] = f"{_NAME} <alerts.mainevahti.{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail
