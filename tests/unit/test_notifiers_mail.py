"""The e-mail as it leaves: headers, thread, both bodies; and the folder that stands in for a mail server."""

import email
import email.policy
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from monitor.config.schema import MailConfig
from monitor.domain import Message
from monitor.errors import Permanent, Temporary
from monitor.notifiers import NOTIFIERS, NotifierSetup, make_notifier
from monitor.notifiers.folder import FolderNotifier, file_name
from monitor.notifiers.mail import build_mail
from tests.unit.rows import NOW

SENDER = "vahti@lumopuoti.example"


class HeldClock:
    def now(self) -> datetime:
        return NOW


def message(**fields: Any) -> Message:
    values: dict[str, Any] = {
        "to": "anna@lumopuoti.example",
        "subject": "Lumopuoti: viivästynyt toimitus",
        "text": "Hei! Ääkkösiä ja 🙂.\n",
        "html": "<p>Hei! Ääkkösiä ja 🙂.</p>",
        "message_id": "<12-first-anna-abc@lumopuoti.example>",
        "thread_id": "<12-first-anna-abc@lumopuoti.example>",
    }
    return Message(**{**values, **fields})


def received(built: EmailMessage) -> EmailMessage:
    return parsed(built.as_bytes())


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, EmailMessage, policy=email.policy.default)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def test_mail_carries_both_bodies_and_says_that_a_machine_wrote_it() -> None:
    mail = received(build_mail(message(), SENDER, NOW))
    assert mail["From"] == "Mainevahti <vahti@lumopuoti.example>"
    assert mail["To"] == "anna@lumopuoti.example"
    assert mail["Subject"] == "Lumopuoti: viivästynyt toimitus"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == "<12-first-anna-abc@lumopuoti.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "Mainevahti <alerts.mainevahti.lumopuoti.example>"
    assert body(mail, "plain") == "Hei! Ääkkösiä ja 🙂.\n"
    assert body(mail, "html").strip() == "<p>Hei! Ääkkösiä ja 🙂.</p>"


def test_first_mail_of_a_thread_hangs_on_nothing() -> None:
    mail = received(build_mail(message(), SENDER, NOW))
    assert mail["References"] is None
    assert mail["In-Reply-To"] is None


def test_later_mail_hangs_on_the_first() -> None:
    mail = received(build_mail(message(message_id="<12-more-anna-1@x.example>"), SENDER, NOW))
    assert mail["References"] == mail["In-Reply-To"] == "<12-first-anna-abc@lumopuoti.example>"


HOSTILE_SUBJECTS = [
    "Lumopuoti\r\nBcc: victim@example.com",
    "Lumopuoti\nSubject: other",
    "Lumopuoti\r\n\r\n<h1>body</h1>",
    "Lumopuoti\x00\x0b\x0c\x85\u2028\u2029 Bcc: victim@example.com",
    "Lumopuoti \u202eevil\u202c \u2066x\u2069",
    "Lumopuoti =?utf-8?q?=0D=0ABcc:_victim=40example.com?=",
    "Lumopuoti \ud800 surrogate",
    "Lumopuoti " + "a\u0301\u0302\u0303\u0304\u0305" * 500,
]


@pytest.mark.parametrize("subject", HOSTILE_SUBJECTS, ids=range(len(HOSTILE_SUBJECTS)))
def test_subject_cannot_add_headers_or_turn_the_line_around(subject: str) -> None:
    mail = received(build_mail(message(subject=subject), SENDER, NOW))
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject", [])) == 1
    told = mail["Subject"]
    assert told.startswith("Lumopuoti")
    assert len(told) <= 180
    assert not set(told) & set("\r\n\x00\x0b\x0c\x85\u2028\u2029\u202e\u202c\u2066\u2069")
    assert body(mail, "plain").startswith("Hei!")


def test_no_line_of_a_mail_is_longer_than_mail_allows() -> None:
    long = "ä" * 5000 + "\n.\n" + "x" * 5000
    raw = build_mail(message(text=long, html=f"<p>{long}</p>", subject="ä" * 500), SENDER, NOW).as_bytes()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert body(parsed(raw), "plain").strip() == long


def test_domain_beyond_ascii_is_written_as_mail_servers_know_it() -> None:
    mail = received(build_mail(message(to="anna@lumopuöti.example"), SENDER, NOW))
    assert mail["To"] == "anna@xn--lumoputi-s4a.example"


@pytest.mark.parametrize(
    "to", ["pörrö@x.example", "a b@x.example", "a@x.example\r\nBcc: b@x.example", "<a@x>", ""]
)
def test_recipient_that_is_no_address_is_permanent(to: str) -> None:
    with pytest.raises(Permanent):
        build_mail(message(to=to), SENDER, NOW)


def test_sender_that_is_no_address_is_temporary_as_a_person_can_mend_it() -> None:
    with pytest.raises(Temporary, match=r"mail\.sender"):
        build_mail(message(), "vahti@", NOW)


def test_folder_writes_one_readable_file_per_message(tmp_path: Path) -> None:
    notifier = FolderNotifier(tmp_path / "var" / "mail", SENDER, HeldClock())
    notifier.send(message())
    notifier.send(message(message_id="<12-first-bert-abc@lumopuoti.example>"))
    files = sorted((tmp_path / "var" / "mail").iterdir())
    assert [path.suffix for path in files] == [".eml", ".eml"]
    mail = parsed(files[0].read_bytes())
    assert mail["Message-ID"] == "<12-first-anna-abc@lumopuoti.example>"


def test_folder_overwrites_when_the_same_message_comes_again(tmp_path: Path) -> None:
    notifier = FolderNotifier(tmp_path, SENDER, HeldClock())
    notifier.send(message())
    notifier.send(message(text="uusi\n"))
    (path,) = tmp_path.iterdir()
    assert b"uusi" in path.read_bytes()


@pytest.mark.parametrize(
    "message_id", ["<../../etc/passwd@x>", "<a/b\\c:d@x>", "<.hidden@x>", "<" + "x" * 999 + "@x>"]
)
def test_folder_stays_in_the_folder_whatever_the_message_id(tmp_path: Path, message_id: str) -> None:
    FolderNotifier(tmp_path / "mail", SENDER, HeldClock()).send(message(message_id=message_id))
    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == file_name(message_id)
    assert not path.name.startswith(".")
    assert list(tmp_path.iterdir()) == [tmp_path / "mail"]


def test_folder_names_differ_for_ids_that_look_alike() -> None:
    assert file_name("<a:b@x>") != file_name("<a-b@x>")


def test_folder_that_cannot_be_written_is_temporary_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(Temporary, match="cannot be written"):
        FolderNotifier(tmp_path / "mail", SENDER, HeldClock()).send(message())
    assert list(tmp_path.iterdir()) == [tmp_path / "mail"]


def test_every_transport_of_the_configuration_has_a_notifier() -> None:
    transports = MailConfig.model_fields["transport"].annotation.__args__  # type: ignore[union-attr]
    assert set(NOTIFIERS) == set(transports)


def test_notifier_is_made_from_its_settings(tmp_path: Path) -> None:
    notifier = make_notifier(NotifierSetup(MailConfig(), tmp_path, None, HeldClock()))
    notifier.send(message())
    assert len(list(tmp_path.iterdir())) == 1
