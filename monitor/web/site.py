"""The table of addresses, and what an error looks like to the one who asked."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from monitor.errors import StoreError
from monitor.web.api.answering import to_json
from monitor.web.api.endpoints import routes
from monitor.web.buttons import Buttons
from monitor.web.events import Events
from monitor.web.headers import CarefulHeaders
from monitor.web.hooks import Hooks
from monitor.web.parts import WebParts
from monitor.web.supervision import Supervision

# Fewer than the connections that the database keeps, so that none waits for one in vain.
_THREADS = 8
_NO_DATABASE = "The database does not answer just now. Try again in a moment."
_log = logging.getLogger(__name__)


def make_site(parts: WebParts) -> Starlette:
    """The whole endpoint as an ASGI application."""
    buttons, supervision, hooks = Buttons(parts), Supervision(parts), Hooks(parts)

    def home(request: Request) -> Response:
        return RedirectResponse(parts.config.dashboard.base_url)

    return Starlette(
        routes=[
            Route("/", home),
            Route("/do/{link}", buttons.show, methods=["GET"]),
            Route("/do/{link}", buttons.press, methods=["POST"]),
            Route("/hooks/{slug}", hooks.take, methods=["POST"]),
            Route("/healthz", supervision.healthz),
            Route("/metrics", supervision.metrics),
            Route("/api/v1/events", Events(parts).take, methods=["POST"]),
            *routes(parts),
        ],
        middleware=[Middleware(CarefulHeaders)],
        exception_handlers={HTTPException: _refused, StoreError: _no_database},
        lifespan=_lifespan,
    )


@asynccontextmanager
async def _lifespan(_site: Starlette) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    yield


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if request.url.path.startswith("/api/"):
        return to_json({"error": error.detail}, error.status_code, headers)
    return PlainTextResponse(f"{error.detail}\n", error.status_code, headers)


def _no_database(request: Request, error: Exception) -> Response:
    _log.error("%s: %s", request.url.path if request.url.path.startswith("/api/") else "web", error)
    if request.url.path.startswith("/api/"):
        return to_json({"error": _NO_DATABASE}, 503, {"Retry-After": "10"})
    return PlainTextResponse(f"{_NO_DATABASE}\n", 503, {"Retry-After": "10"})
