"""Letters to another program: JSON, signed as Standard Webhooks are, the same id at every try."""

import json
from datetime import timedelta

import httpcore
import httpx

from monitor.clock import Clock
from monitor.domain import Message
from monitor.errors import Permanent, SourceError, Temporary
from monitor.http.guard import GuardedTransport
from monitor.signing import ID, SIGNATURE, TIME, sign

_TIMEOUT = timedelta(seconds=15)
_TRY_LATER = (408, 409, 425, 429)
_MOST_WAIT_S = 3600.0
_UNREACHED = (
    httpx.HTTPError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    OSError,
)


class WebhookNotifier:
    """One address of another program."""

    def __init__(
        self,
        slug: str,
        url: str,
        secret: str,
        clock: Clock,
        allow_private: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._slug, self._url, self._secret, self._clock = slug, url, secret, clock
        self._allow_private = allow_private
        self._client = httpx.Client(
            transport=transport or GuardedTransport(), timeout=_TIMEOUT.total_seconds(), trust_env=False
        )

    def send(self, message: Message) -> None:
        """Post the letter. Raises Temporary when it may be taken later, Permanent when it never will be."""
        # The subject quotes the post; what leaves here are facts, and the link to look it up.
        body = json.dumps({"type": "message", **message.facts}, ensure_ascii=False).encode()
        at, letter_id = int(self._clock.now().timestamp()), message.message_id.strip("<>")
        headers = {
            ID: letter_id,
            TIME: str(at),
            SIGNATURE: sign(self._secret, letter_id, at, body),
            "Idempotency-Key": letter_id,
            "Content-Type": "application/json",
            "User-Agent": "Mainevahti",
        }
        try:
            answer = self._client.post(
                self._url, content=body, headers=headers, extensions={"allow_private": self._allow_private}
            )
        except SourceError as error:
            raise Permanent(f"The channel {self._slug}: {error}") from error
        except _UNREACHED as error:
            raise Temporary(f"The channel {self._slug} cannot be reached: {type(error).__name__}.") from error
        self._judge(answer)

    def try_out(self) -> None:
        """Nothing to try: a letter would be a message."""

    def _judge(self, answer: httpx.Response) -> None:
        if answer.is_success:
            return
        said = f"The channel {self._slug} answered {answer.status_code}."
        if answer.status_code in _TRY_LATER or answer.is_server_error:
            raise Temporary(said, _wait(answer))
        raise Permanent(f"{said} Check its url and secret.")


def _wait(answer: httpx.Response) -> float | None:
    """Seconds that the program asks us to wait; None where it asks for nothing we understand."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), _MOST_WAIT_S) if asked.isascii() and asked.isdigit() else None
