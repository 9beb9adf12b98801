"""How every request of the API is let in or refused, and how answers become JSON."""

import json
import logging
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monitor.web.api.asking import Unclear
from monitor.web.parts import WebParts

_log = logging.getLogger(__name__)
NO_TOKEN = "Send the header Authorization: Bearer TOKEN, with the token of a client of [web] in config.toml."
TOO_FAST = "This client asks too often. Wait for as many seconds as Retry-After says."


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


def unclear(refused: Unclear) -> Response:
    """The answer to a query that cannot be understood."""
    return to_json({"error": refused.sentence, "parameter": refused.parameter}, 400)


def to_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON, with times in ISO 8601."""
    text = json.dumps(body, ensure_ascii=False, default=_plain, allow_nan=False)
    # A lone surrogate of a broken post cannot be sent; it was cleaned away where posts enter.
    return Response(text.encode("utf-8", "replace"), status, headers, "application/json")


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"the API has no value of type {type(value).__name__}")
