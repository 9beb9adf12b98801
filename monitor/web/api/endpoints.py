"""The addresses of the API: who asks, how fast, what; and every answer, also the wrong ones, as JSON."""

from collections.abc import Callable

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.web.api import answering, answers, parameters
from monitor.web.api.answering import refusal, to_json
from monitor.web.api.asking import Asked, Unclear
from monitor.web.api.document import document
from monitor.web.api.exporting import Exports
from monitor.web.api.parameters import Parameter
from monitor.web.api.reading import reading_page
from monitor.web.parts import WebParts

Answer = Callable[[WebParts, Session, Asked], answers.Json]
_ADDRESSES: tuple[tuple[str, tuple[Parameter, ...], Answer], ...] = (
    ("/api/v1/mentions", parameters.MENTIONS, answers.mentions),
    ("/api/v1/alerts", parameters.ALERTS, answers.alerts),
    ("/api/v1/trends", parameters.TRENDS, answers.trend),
    ("/api/v1/health", parameters.HEALTH, answers.hearing),
    ("/api/v1/columns", parameters.COLUMNS, answers.columns),
)


def routes(parts: WebParts) -> list[Route]:
    """Every address of the API."""

    base = parts.config.web.base_url if parts.config.web else ""

    def describe(request: Request) -> Response:
        return to_json(document(base))

    def show(request: Request) -> Response:
        return reading_page(document(base))

    own = [Route(path, _endpoint(parts, known, answer)) for path, known, answer in _ADDRESSES]
    told = [Route("/api/openapi.json", describe), Route("/api", show)]
    return [*own, *Exports(parts).routes(), *told]


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
            return answering.unclear(unclear)

    return respond
