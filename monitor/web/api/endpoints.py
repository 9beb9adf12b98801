"""The addresses of the API: who asks, how fast, what; and every answer, also the wrong ones, as JSON."""

import json
import logging
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.web.api import answers, parameters
from monitor.web.api.asking import Asked, Unclear
from monitor.web.api.document import document
from monitor.web.api.parameters import Parameter
from monitor.web.parts import WebParts

_log = logging.getLogger(__name__)
Answer = Callable[[WebParts, Session, Asked], answers.Json]
_ADDRESSES: tuple[tuple[str, tuple[Parameter, ...], Answer], ...] = (
    ("/api/v1/mentions", parameters.MENTIONS, answers.mentions),
    ("/api/v1/alerts", parameters.ALERTS, answers.alerts),
    ("/api/v1/trends", parameters.TRENDS, answers.trend),
    ("/api/v1/health", parameters.HEALTH, answers.hearing),
)
NO_TOKEN = "Send the header Authorization: Bearer TOKEN, with the token of a client of [web] in config.toml."
TOO_FAST = "This client asks too often. Wait for as many seconds as Retry-After says."


def routes(parts: WebParts) -> list[Route]:
    """Every address of the API."""

    def describe(request: Request) -> Response:
        return to_json(document(parts.config.web.base_url if parts.config.web else ""))

    own = [Route(path, _endpoint(parts, known, answer)) for path, known, answer in _ADDRESSES]
    return [*own, Route("/api/openapi.json", describe)]


def _endpoint(parts: WebParts, known: tuple[Parameter, ...], answer: Answer) -> Callable[[Request], Response]:
    def respond(request: Request) -> Response:
        refused = refusal(parts, request)
        if refused is not None:
            return refused
        try:
            asked = Asked(request.query_params, known, parts.config.zone)
            with parts.store.reading() as session:
                return to_json(answer(parts, session, asked))
        except Unclear as unclear:
            return to_json({"error": unclear.sentence, "parameter": unclear.parameter}, 400)

    return respond


def refusal(parts: WebParts, request: Request) -> Response | None:
    """The answer to a client without a token, or one that asks too often; None when it may go on."""
    name = parts.clients.name_of(request.headers.get("Authorization"))
    if name is None:
        return to_json({"error": NO_TOKEN}, 401, {"WWW-Authenticate": 'Bearer realm="Mainevahti"'})
    wait = parts.clients.wait(name, parts.clock.now())
    if wait:
        _log.warning("client %s asks too often", name)
        return to_json({"error": TOO_FAST}, 429, {"Retry-After": str(wait)})
    return None


def to_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON, with times in ISO 8601."""
    text = json.dumps(body, ensure_ascii=False, default=_plain, allow_nan=False)
    # A lone surrogate of a broken post cannot be sent; it was cleaned away where posts enter.
    return Response(text.encode("utf-8", "replace"), status, headers, "application/json")


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"the API has no value of type {type(value).__name__}")
