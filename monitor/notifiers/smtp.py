"""Hands mail to an SMTP server, and says whether a refusal may pass or will stay."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from monitor.clock import Clock
from monitor.config.schema import MailConfig
from monitor.domain import Message
from monitor.errors import Permanent, Temporary
from monitor.notifiers.inert import one_line
from monitor.notifiers.mail import build_mail, recipient_address, sender_address


class SmtpNotifier:
    """One connection a message: a broken one can then spoil no other."""

    def __init__(self, settings: MailConfig, password: str | None, clock: Clock) -> None:
        self._settings = settings
        self._password = password
        self._clock = clock

    def send(self, message: Message) -> None:
        """Hand over one message.

        Raises Temporary when the server cannot be reached or trusted, does not let us in, or asks to
        try later; Permanent when it refuses this very message or recipient for good.
        """
        mail = build_mail(message, self._settings.sender, self._clock.now())
        sender, to = sender_address(self._settings.sender), recipient_address(message.to)
        with self._connection() as server, _handing_over(to):
            server.send_message(mail, sender, [to])

    def try_out(self) -> None:
        """Connect and log in without sending anything. Raises Temporary with what is wrong."""
        with self._connection() as server:
            server.noop()

    def forget(self, before: datetime) -> int:
        """Nothing: what was handed over is kept by the recipients."""
        return 0

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        with _reaching(self._where):
            server = self._connect()
        try:
            yield server
        finally:
            _leave(server)

    @property
    def _where(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _connect(self) -> smtplib.SMTP:
        settings, host = self._settings, self._settings.host or ""
        seconds = settings.timeout.total_seconds()
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, settings.port, timeout=seconds, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, settings.port, timeout=seconds)
        try:
            self._log_in(server)
        except BaseException:
            server.close()
            raise
        return server

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self._settings.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if self._settings.user is not None:
            server.login(self._settings.user, self._password or "")


@contextmanager
def _reaching(where: str) -> Iterator[None]:
    """Nothing of this is the message's fault, so all of it may pass once somebody mends it."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise Temporary(
            f"The mail server {where} does not accept our user name and password ({error.smtp_code}). "
            "Check mail.user and mail.password."
        ) from None
    except smtplib.SMTPNotSupportedError as error:
        raise Temporary(
            f"The mail server {where} lacks something we need: {one_line(str(error))} Check mail.security."
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise Temporary(
            f"The certificate of the mail server {where} cannot be trusted: {error.verify_message}."
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Temporary(f"The mail server {where} cannot be used: {_told(error)}") from None


@contextmanager
def _handing_over(to: str) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, said = error.recipients[to]
        raise _refusal(code, said) from None
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Temporary(f"The mail server broke off: {_told(error)}") from None


def _refusal(code: int, said: bytes | str) -> Temporary | Permanent:
    words = one_line(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
    if 500 <= code < 600:
        return Permanent(f"The mail server refuses for good ({code}): {words}")
    return Temporary(f"The mail server asks to try later ({code}): {words}")


def _told(error: Exception) -> str:
    # smtplib turns a time-out into "connection closed" and keeps the cause as context.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "it does not answer in time."
    return one_line(str(error)) or type(error).__name__


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; by now the message is handed over or refused, so a rude server does not matter."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
