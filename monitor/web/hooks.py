"""Letters that other programs push: checked against their secret, kept as they came, read by their source."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from monitor import control
from monitor.signing import ID, SIGNATURE, TIME, is_fresh, is_signed
from monitor.store.letters import add_letter
from monitor.web.api.answering import to_json
from monitor.web.parts import WebParts

_log = logging.getLogger(__name__)
_MOST_BODY = 2**20
_LONGEST_KEY = 200
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class _Heading:
    key: str
    at: int
    signatures: str


class Hooks:
    """The endpoint POST /hooks/SLUG."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts

    async def take(self, request: Request) -> Response:
        """POST: 202 when the letter is kept, 200 when the same one came before."""
        slug = request.path_params["slug"]
        hook = self._parts.hooks.get(slug)
        if hook is None:
            raise HTTPException(404, "There is no hook of this name.")
        heading = _heading(request.headers)
        body = await _body(request)
        if not is_signed(hook.secret, heading.key, heading.at, body, heading.signatures):
            _log.warning("%s: a letter with a wrong signature was refused", slug)
            raise HTTPException(401, "The signature does not fit this letter and the secret we share.")
        if not is_fresh(heading.at, self._parts.clock.now(), hook.window):
            raise HTTPException(401, "The letter's time is too far from ours; send it with the present time.")
        text = _json(body)
        is_new = await run_in_threadpool(self._keep, slug, heading.key, text)
        return to_json({"taken": is_new}, 202 if is_new else 200)

    def _keep(self, slug: str, key: str, body: str) -> bool:
        now = self._parts.clock.now()
        with self._parts.store.transaction() as session:
            is_new = add_letter(session, slug, key, body, now)
            if is_new:
                control.hurry(session, slug, now)
        return is_new


def _heading(headers: Mapping[str, str]) -> _Heading:
    key, at, signatures = (headers.get(name, "") for name in (ID, TIME, SIGNATURE))
    if not (key and at and signatures):
        raise HTTPException(401, f"Send the headers {ID}, {TIME} and {SIGNATURE}; see standardwebhooks.com.")
    if len(key) > _LONGEST_KEY or not key.isprintable():
        raise HTTPException(400, f"{ID} must be at most {_LONGEST_KEY} printable characters.")
    if not (at.isascii() and at.isdigit() and len(at) <= _MOST_DIGITS):
        raise HTTPException(400, f"{TIME} must be a time in whole Unix seconds.")
    return _Heading(key, int(at), signatures)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BODY:
            raise HTTPException(413, "A letter may be 1 MB at most; send it in parts.")
    return bytes(body)


def _json(body: bytes) -> str:
    """The letter as text. HTTPException when it is not a JSON object or list."""
    try:
        text = body.decode("utf-8")
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "The letter is not JSON in UTF-8.") from error
    if not isinstance(said, dict | list):
        raise HTTPException(400, "The letter must be a JSON object or a list of them.")
    return text.replace("\x00", "")
