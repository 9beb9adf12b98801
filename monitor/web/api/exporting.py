"""Exports over HTTP: spooled first, so that an error is an answer of its own and never half a file."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from monitor import export
from monitor.domain import AlertState, Handled, Sentiment, Topic, Urgency
from monitor.export import Format, Request, Spooled, Subject, Wanted
from monitor.store.privacy import record_export
from monitor.trends import midnight
from monitor.web.api import answering
from monitor.web.api.asking import Asked, Unclear
from monitor.web.api.figures import figures_of
from monitor.web.api.parameters import EXPORTS
from monitor.web.parts import WebParts

_log = logging.getLogger(__name__)
_AT_ONCE = 2
_USUAL = timedelta(days=30)
_NAMES_REFUSED = "The token of this client does not allow names. Ask without names=true."
_BUSY = "Other exports are being written just now. Try again in a moment."
_NO_SPACE = "The export cannot be written: {}. Free some space, or ask for a shorter period."


class Exports:
    """The addresses of exports; few are written at once."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self._free = threading.BoundedSemaphore(_AT_ONCE)

    def routes(self) -> list[Route]:
        """One address for each subject."""
        return [
            Route(f"/api/v1/export/{subject}", self._endpoint(subject), methods=["GET"])
            for subject in Subject
        ]

    def _endpoint(self, subject: Subject) -> Callable[[HttpRequest], Response]:
        def respond(http: HttpRequest) -> Response:
            refused = answering.refusal(self._parts, http)
            if refused is not None:
                return refused
            client = self._parts.clients.name_of(http.headers.get("Authorization")) or ""
            try:
                asked = Asked(http.query_params, EXPORTS[subject], self._parts.config.zone)
                wish = _read(self._parts, subject, asked)
            except Unclear as unclear:
                return answering.unclear(unclear)
            if wish.request.key is None and not self._parts.clients.may_see_names(client):
                return answering.to_json({"error": _NAMES_REFUSED, "parameter": "names"}, 403)
            return self._answer(wish, client)

        return respond

    def _answer(self, wish: "_Wish", client: str) -> Response:
        if not self._free.acquire(blocking=False):
            return answering.to_json({"error": _BUSY}, 503, {"Retry-After": "10"})
        try:
            return _sent(wish, self._written(wish, client))
        except OSError as error:
            _log.error("an export for %s cannot be written: %s", client, error)
            return answering.to_json({"error": _NO_SPACE.format(error.strerror)}, 507)
        finally:
            self._free.release()

    def _written(self, wish: "_Wish", client: str) -> Spooled:
        parts, now = self._parts, self._parts.clock.now()
        folder = parts.config.path(Path("var"))
        found = export.spool(parts.store, wish.request, wish.format, folder, now, bom=wish.bom)
        self._record(wish, client, found.rows, now)
        return found

    def _record(self, wish: "_Wish", client: str, rows: int, now: datetime) -> None:
        request = wish.request
        with self._parts.store.transaction() as session:
            record_export(
                session,
                what=request.subject.value,
                file=f"download of {client}",
                rows=rows,
                names=request.key is None,
                who=client,
                via="api",
                filters=export.told(request, wish.format),
                now=now,
            )


class _Wish:
    """What a client asks for, and how it shall be written."""

    def __init__(self, request: Request, format: Format, bom: bool, now: datetime) -> None:
        self.request, self.format, self.bom = request, format, bom
        self.name = export.file_name(request, format, now)


def _read(parts: WebParts, subject: Subject, asked: Asked) -> _Wish:
    now, zone = parts.clock.now(), parts.config.zone
    names = asked.flag("names", False)
    request = Request(
        subject=subject,
        zone=zone,
        key=None if names else parts.pseudonym_key,
        columns=asked.columns(export.names(subject)),
        **_filters(parts, subject, asked, names, now),
    )
    format = next(iter(asked.choices("format", Format)), Format.CSV)
    return _Wish(request, format, asked.flag("bom", False), now)


def _filters(parts: WebParts, subject: Subject, asked: Asked, names: bool, now: datetime) -> dict[str, Any]:
    shops = asked.texts("shop", [shop.slug for shop in parts.config.shops])
    if subject is Subject.TRENDS:
        return _figures(parts, asked, shops, now)
    since, until = asked.period()
    wanted = Wanted(
        shops=shops,
        sources=asked.texts("source"),
        labels=asked.choices("sentiment", Sentiment),
        topics=asked.choices("topic", Topic),
        languages=asked.texts("language"),
        words=asked.text("words"),
        words_in_authors=names,
        about_only=asked.flag("about_only", True),
        handled=asked.choices("handled", Handled),
        author=_author(asked, names),
        states=asked.choices("state", AlertState),
        urgencies=asked.choices("urgency", Urgency),
        since=since or (until or now) - _USUAL,
        until=until,
    )
    return {"wanted": wanted}


def _author(asked: Asked, names: bool) -> str:
    author = asked.text("author")
    if author and not names:
        raise Unclear("author", "ask with names=true, or leave it out.")
    return author


def _figures(parts: WebParts, asked: Asked, shops: tuple[str, ...], now: datetime) -> dict[str, Any]:
    zone = parts.config.zone
    figures = figures_of(asked, now.astimezone(zone).date())
    narrow = figures.narrow
    wanted = Wanted(
        shops=shops,
        sources=narrow.sources,
        languages=narrow.languages,
        topics=(narrow.topic,) if narrow.topic else (),
        since=midnight(figures.since, zone),
        until=midnight(figures.until, zone),
    )
    return {"wanted": wanted, "step": figures.step, "split": figures.split}


def _sent(wish: _Wish, found: Spooled) -> Response:
    headers = {
        "Content-Length": str(found.size),
        "Content-Disposition": f'attachment; filename="{wish.name}"',
        # The column dictionary of just this subject.
        "Link": f'</api/v1/columns?subject={wish.request.subject.value}>; rel="describedby"',
    }
    return StreamingResponse(export.pieces(found), 200, headers, wish.format.media_type)
