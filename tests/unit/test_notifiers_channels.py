"""Ways out beside mail: another program (signed letters), chat through Apprise, and the switchboard."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import httpx
import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook

from monitor.config.channels import ChannelConfig
from monitor.config.schema import RecipientConfig
from monitor.domain import Message
from monitor.errors import Permanent, Temporary
from monitor.notifiers.chat import ChatNotifier
from monitor.notifiers.switchboard import Switchboard
from monitor.notifiers.webhook import WebhookNotifier

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime.now(UTC)
FACTS = {
    "type": "alert.first",
    "alert_id": 7,
    "alert_url": "http://127.0.0.1:8501/alert?id=7",
    "shop": "lumopuoti",
}
LETTER = Message(
    "channel:oma", "Lumopuoti: valitus", "Teksti", "<p>Teksti</p>", "<7-first@x>", "<7-first@x>", FACTS
)


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


def posting(*answers: httpx.Response | Exception) -> tuple[WebhookNotifier, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = answers[min(len(asked), len(answers)) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    place = "https://oma.lumopuoti.example/hook"
    return WebhookNotifier("oma", place, SECRET, Now(), transport=httpx.MockTransport(answer)), asked


def test_letter_can_be_checked_with_the_library_that_platforms_use() -> None:
    notifier, asked = posting(httpx.Response(204))
    notifier.send(LETTER)
    said = Webhook(SECRET).verify(asked[0].content, dict(asked[0].headers))
    assert said == FACTS


def test_letter_has_the_same_id_at_every_try_and_no_text_of_the_post() -> None:
    notifier, asked = posting(httpx.Response(500), httpx.Response(200))
    with pytest.raises(Temporary):
        notifier.send(LETTER)
    notifier.send(LETTER)
    assert {request.headers["webhook-id"] for request in asked} == {"7-first@x"}
    assert {request.headers["idempotency-key"] for request in asked} == {"7-first@x"}
    assert "Teksti" not in asked[0].content.decode()
    assert "valitus" not in asked[0].content.decode()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_program_that_is_busy_gets_the_letter_later(status: int) -> None:
    notifier, _ = posting(httpx.Response(status, headers={"Retry-After": "90"}))
    with pytest.raises(Temporary) as told:
        notifier.send(LETTER)
    assert told.value.retry_after == 90


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 422])
def test_program_that_refuses_is_told_to_a_person(status: int) -> None:
    notifier, _ = posting(httpx.Response(status))
    with pytest.raises(Permanent, match=f"{status}"):
        notifier.send(LETTER)


@pytest.mark.parametrize("error", [httpx.ConnectError("no"), httpx.ReadTimeout("no"), OSError("no")])
def test_program_that_is_away_gets_the_letter_later(error: Exception) -> None:
    notifier, _ = posting(error)
    with pytest.raises(Temporary, match="cannot be reached") as told:
        notifier.send(LETTER)
    assert SECRET not in str(told.value)


def test_private_address_is_refused_unless_allowed() -> None:
    notifier = WebhookNotifier("oma", "http://127.0.0.1:9/hook", SECRET, Now())
    with pytest.raises(Permanent, match="allow_private"):
        notifier.send(LETTER)


class _Service(BaseHTTPRequestHandler):
    taken: ClassVar[list[dict[str, str]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.taken.append(json.loads(self.rfile.read(length)))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    """A real service that Apprise knows how to speak to (its own json:// kind)."""
    _Service.taken, _Service.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), _Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_chat_gets_subject_text_and_link(service: str) -> None:
    ChatNotifier("tiimi", service).send(LETTER)
    (said,) = _Service.taken
    assert said["title"] == "Lumopuoti: valitus"
    assert said["message"] == "Teksti\n\nhttp://127.0.0.1:8501/alert?id=7"


def test_chat_that_does_not_take_it_is_tried_again(service: str) -> None:
    _Service.status = 500
    with pytest.raises(Temporary, match="tiimi"):
        ChatNotifier("tiimi", service).send(LETTER)


def test_chat_with_an_address_nobody_knows_is_told() -> None:
    with pytest.raises(Permanent, match="Apprise"):
        ChatNotifier("tiimi", "nonsense://x").try_out()


class Office:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, message: Message) -> None:
        self.sent.append(message.to)

    def try_out(self) -> None:
        pass

    def forget(self, before: datetime) -> int:
        return 3


def test_switchboard_gives_each_message_to_its_own_way() -> None:
    mail, chat = Office(), Office()
    board = Switchboard(mail, {"oma": chat})
    board.send(LETTER)
    board.send(Message("a@lumopuoti.example", "s", "t", "h", "<1@x>", "<1@x>"))
    assert (mail.sent, chat.sent) == (["a@lumopuoti.example"], ["channel:oma"])
    assert board.forget(NOW) == 3


def test_channel_that_left_the_configuration_is_told() -> None:
    with pytest.raises(Permanent, match="no channel"):
        Switchboard(Office(), {}).send(LETTER)


def test_trying_out_names_the_channel_that_is_wrong() -> None:
    with pytest.raises(Temporary, match="channel tiimi"):
        Switchboard(Office(), {"tiimi": ChatNotifier("tiimi", "nonsense://x")}).try_out()


@pytest.mark.parametrize("way", [{}, {"email": "a@lumopuoti.example", "channel": "tiimi"}])
def test_recipient_is_reached_in_one_way(way: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="one of the two"):
        RecipientConfig.model_validate({"slug": "o", "name": "O", **way})


@pytest.mark.parametrize(
    "half", [{"kind": "apprise"}, {"kind": "webhook", "url": "https://a.example"}, {"kind": "x"}]
)
def test_channel_needs_what_its_kind_needs(half: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        ChannelConfig.model_validate({"slug": "c", **half})
