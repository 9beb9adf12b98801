"""Mail handed to real SMTP servers on this machine: good ones, refusing ones, silent ones, rude ones."""

import contextlib
import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from monitor.config.schema import MailConfig
from monitor.errors import NotifyError, Permanent, Temporary
from monitor.notifiers.smtp import SmtpNotifier
from tests.unit.test_notifiers_mail import HeldClock, message

PASSWORD = "correct horse battery"


class Mailbox:
    """Keeps what arrives; `answers` replaces the server's reply to a command."""

    def __init__(self, **answers: str) -> None:
        self.mails: list[EmailMessage] = []
        self.answers = answers

    async def handle_RCPT(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "rcpt" not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get("rcpt", "250 OK")

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        if "data" in self.answers:
            return self.answers["data"]
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append(mail)  # type: ignore[arg-type]
        return "250 OK"


class DropsAfterData(Mailbox):
    """Takes the whole mail and hangs up without a word."""

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        await super().handle_DATA(server, session, envelope)
        assert server.transport is not None
        server.transport.close()
        return "250 OK"


class AnyPortController(Controller):
    """Listens on a port that the system chooses."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextlib.contextmanager
def serving(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    controller = AnyPortController(
        mailbox, hostname="127.0.0.1", port=0, server_hostname="mail.example", **options
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def notifier(port: int, password: str | None = None, **settings: Any) -> SmtpNotifier:
    config = MailConfig.model_validate(
        {
            "transport": "smtp",
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "timeout": timedelta(seconds=5),
            "sender": "vahti@lumopuoti.example",
            **settings,
        }
    )
    return SmtpNotifier(config, password, HeldClock())


def failure(send: Callable[[], None]) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        send()
    return caught.value


def test_mail_arrives_as_it_was_written() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        notifier(port).send(message(text="Hei!\n.\nLoppu.\n"))
    (mail,) = mailbox.mails
    assert mail["Subject"] == "Lumopuoti: viivästynyt toimitus"
    assert mail["Message-ID"] == "<12-first-anna-abc@lumopuoti.example>"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == "Hei!\n.\nLoppu.\n"
    assert "Ääkkösiä" in html.get_content()


@pytest.mark.parametrize("where", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("450 Greylisted, come back in five minutes", Temporary),
        ("451 Local error", Temporary),
        ("452 Mailbox full", Temporary),
        ("550 No such mailbox", Permanent),
        ("554 Looks like spam", Permanent),
    ],
)
def test_refusal_is_temporary_or_permanent_as_the_server_says(
    where: str, answer: str, kind: type[NotifyError]
) -> None:
    with serving(Mailbox(**{where: answer})) as port:
        error = failure(lambda: notifier(port).send(message()))
    assert type(error) is kind
    assert answer[4:] in str(error)


def test_refused_message_spoils_no_other() -> None:
    mailbox = Mailbox(data="554 Looks like spam")
    with serving(mailbox) as port:
        sender = notifier(port)
        failure(lambda: sender.send(message()))
        mailbox.answers.clear()
        sender.send(message())
    assert len(mailbox.mails) == 1


def test_server_that_drops_after_the_mail_is_temporary_and_gets_the_same_id_again() -> None:
    mailbox = DropsAfterData()
    with serving(mailbox) as port:
        for _ in range(2):
            assert isinstance(failure(lambda: notifier(port).send(message())), Temporary)
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


def test_server_that_is_not_there_is_temporary() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = failure(lambda: notifier(port).send(message()))
    assert isinstance(error, Temporary)
    assert f"127.0.0.1:{port}" in str(error)


@contextlib.contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that takes one connection and says only what `talk` says."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                talk(connection)
                done.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join()


def test_server_that_says_nothing_is_given_up() -> None:
    with raw_server(lambda connection: None) as port:
        error = failure(lambda: notifier(port, timeout=timedelta(seconds=1)).send(message()))
    assert isinstance(error, Temporary)
    assert "in time" in str(error)


@pytest.mark.parametrize(
    "talk",
    [b"220 hello\r\n", b"\xff\xfe\x00 not smtp\r\n", b"x" * 100_000, b"554 Go away\r\n", b"421 Busy\r\n"],
)
def test_server_that_talks_nonsense_is_temporary(talk: bytes) -> None:
    with raw_server(lambda connection: connection.sendall(talk)) as port:
        error = failure(lambda: notifier(port, timeout=timedelta(seconds=1)).send(message()))
    assert isinstance(error, Temporary)
    assert "\x00" not in str(error)


def test_server_without_login_is_temporary_with_the_remedy() -> None:
    with serving(Mailbox()) as port:
        error = failure(lambda: notifier(port, PASSWORD, user="vahti").send(message()))
    assert isinstance(error, Temporary)
    assert PASSWORD not in str(error)


def test_server_without_starttls_gets_no_mail_in_the_clear() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        error = failure(lambda: notifier(port, security="starttls").send(message()))
    assert isinstance(error, Temporary)
    assert "mail.security" in str(error)
    assert mailbox.mails == []


@contextlib.contextmanager
def serving_securely(mailbox: Mailbox, security: str, context: ssl.SSLContext) -> Iterator[int]:
    options = {"tls_context": context} if security == "starttls" else {"ssl_context": context}
    with serving(mailbox, **options) as port:
        yield port


def server_context(
    authority: trustme.CA, name: str = "localhost", until: datetime | None = None
) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    start = until - timedelta(days=1) if until else None
    authority.issue_cert(name, not_before=start, not_after=until).configure_cert(context)
    return context


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this process trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_through_encrypted(authority: trustme.CA, security: str) -> None:
    mailbox = Mailbox()
    with serving_securely(mailbox, security, server_context(authority)) as port:
        notifier(port, security=security, host="localhost").send(message())
    assert len(mailbox.mails) == 1


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("name", "until", "is_known"),
    [("localhost", LONG_AGO, True), ("other.example", None, True), ("localhost", None, False)],
    ids=["expired", "of another server", "of an unknown authority"],
)
def test_certificate_that_cannot_be_trusted_is_temporary(
    authority: trustme.CA, security: str, name: str, until: datetime | None, is_known: bool
) -> None:
    mailbox = Mailbox()
    context = server_context(authority if is_known else trustme.CA(), name, until)
    with serving_securely(mailbox, security, context) as port:
        error = failure(lambda: notifier(port, security=security, host="localhost").send(message()))
    assert isinstance(error, Temporary)
    assert "certificate" in str(error)
    assert mailbox.mails == []


def log_in(server: Server, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    assert isinstance(given, LoginPassword)
    return AuthResult(success=given.password == PASSWORD.encode(), handled=False)


@contextlib.contextmanager
def serving_members(mailbox: Mailbox, authority: trustme.CA) -> Iterator[int]:
    """A server that takes mail only after a login over an encrypted line."""
    context = server_context(authority)
    with serving(
        mailbox, tls_context=context, require_starttls=True, auth_required=True, authenticator=log_in
    ) as port:
        yield port


def test_login_lets_the_mail_through(authority: trustme.CA) -> None:
    mailbox = Mailbox()
    with serving_members(mailbox, authority) as port:
        notifier(port, PASSWORD, user="vahti", security="starttls", host="localhost").send(message())
    assert len(mailbox.mails) == 1


def test_wrong_password_is_temporary_and_never_told(authority: trustme.CA) -> None:
    with serving_members(Mailbox(), authority) as port:
        wrong = notifier(port, "wrong and secret", user="vahti", security="starttls", host="localhost")
        error = failure(lambda: wrong.send(message()))
    assert isinstance(error, Temporary)
    assert "mail.password" in str(error)
    told = f"{error!r} {error.__cause__!r} {error.__suppress_context__}"
    assert "wrong and secret" not in told
    assert error.__suppress_context__


def test_try_out_sends_nothing() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        notifier(port).try_out()
    assert mailbox.mails == []
