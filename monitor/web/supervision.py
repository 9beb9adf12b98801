"""What supervisors ask: /healthz says whether the service works, /metrics how it is doing."""

import logging

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from monitor.errors import StoreError
from monitor.store import counts
from monitor.web import metrics
from monitor.web.api.answering import refusal
from monitor.web.parts import WebParts

_OPEN_HOSTS = ("127.0.0.1", "localhost", "::1")
_log = logging.getLogger(__name__)


class Supervision:
    """Endpoints for programs that watch over the service."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts

    def healthz(self, request: Request) -> Response:
        """200 when the database answers and the stages run; 503 with the reason otherwise.

        Anyone may ask, so the reason names no address and no error text; those stand in the log.
        """
        try:
            with self._parts.store.reading() as session:
                last_assessed_at = counts.last_assessed_at(session)
        except StoreError as error:
            _log.error("healthz: %s", error)
            return PlainTextResponse("the database does not answer\n", 503)
        silent = self._parts.pulse.silent(self._parts.clock.now(), last_assessed_at)
        if silent:
            reason = ", ".join(f"{stage} has not ended well for too long" for stage in silent)
            return PlainTextResponse(f"{reason}\n", 503)
        return PlainTextResponse("ok\n")

    def metrics(self, request: Request) -> Response:
        """Figures for Prometheus; for a client with a token, or on this machine where nothing else is set."""
        refused = None if self._is_open(request) else refusal(self._parts, request)
        if refused is not None:
            return refused
        with self._parts.store.reading() as session:
            return Response(metrics.render(self._parts, session), media_type=CONTENT_TYPE_LATEST)

    def _is_open(self, request: Request) -> bool:
        """Without tokens and public address we listen on this machine only.

        The name that was asked for is looked at too: a page in somebody's browser could reach us
        under a name of its own (DNS rebinding).
        """
        web = self._parts.config.web
        is_private = web is None or (web.url is None and not web.tokens)
        return is_private and (request.url.hostname or "") in _OPEN_HOSTS
