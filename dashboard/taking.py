"""The address behind a download link: asks who comes, writes the export to a file of its own, and sends it.

Beside Streamlit's own addresses, so that a year of posts never lies in the memory of the pages.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from threading import BoundedSemaphore

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from dashboard import data, gate, language, wishes
from dashboard.door import cookie_name
from dashboard.gate import Person
from dashboard.wishes import Wish
from monitor import export
from monitor.errors import ConfigError, StoreError
from monitor.export import Format, Spooled, dictionary
from monitor.people import Deed, Role, mark, may
from monitor.store import people as kept
from monitor.store.privacy import record_export
from monitor.wording import N_

ADDRESS = "/take"
_log = logging.getLogger(__name__)
_AT_ONCE, _PATIENCE_S = 2, 60
_OLD = N_("This link is too old, or was changed. Load the page again and take the file from there.")
_ENDED = N_("Your visit has ended. Log in again.")
_REFUSED = N_("Your role does not allow this.")
_BUSY = N_("Other files are being written just now. Try again in a moment.")
_NO_SPACE = N_("The file cannot be written. Ask whoever looks after Mainevahti whether the disk is full.")
_NO_STORE = N_("The database does not answer just now. Try again in a moment.")
_SAFE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'",
}


def address(sealed: str, format: Format, *, columns: bool = False) -> str:
    """Where a wish is fulfilled; `columns`: what its columns mean instead."""
    return f"{ADDRESS}?wish={sealed}&format={format.value}{'&columns=1' if columns else ''}"


def routes() -> list[BaseRoute]:
    """The address of downloads."""
    turns = BoundedSemaphore(_AT_ONCE)
    # No coroutine: Starlette runs it in a thread, where waiting for the disk holds up nobody.
    return [Route(ADDRESS, lambda http: _answer(http, turns), methods=["GET"])]


def _answer(http: HttpRequest, turns: BoundedSemaphore) -> Response:
    code = "en"
    try:
        config = data.config()
        code = config.language
        wish = wishes.unseal(config, http.query_params.get("wish", ""), data.now())
        format = _format(http.query_params)
        if wish is None or format is None:
            return _told(code, _OLD, 403)
        code, person = wish.language, _person(http, wish)
        if person is None:
            return _told(code, _ENDED, 403)
        if not may(person.role, Deed.EXPORT) or (wish.with_names and not may(person.role, Deed.SEE_NAMES)):
            return _told(code, _REFUSED, 403)
        if http.query_params.get("columns"):
            return _columns(wish, format)
        return _file(wish, format, person, turns)
    except OSError as error:
        _log.error("a download cannot be written: %s", error)
        return _told(code, _NO_SPACE, 507)
    except (ConfigError, StoreError) as error:
        _log.error("a download found no database: %s", error)
        return _told(code, _NO_STORE, 503)


def _format(query: Mapping[str, str]) -> Format | None:
    wanted = query.get("format", "")
    return Format(wanted) if wanted in set(Format) else None


def _person(http: HttpRequest, wish: Wish) -> Person | None:
    """Who presses the link: the visit in which it was made must stand, in the browser that has its cookie."""
    config, store, now = data.config(), data.store(), data.now()
    token = http.cookies.get(cookie_name(config), "")
    with store.reading() as session:
        if gate.ways(config, kept.has_passwords(session)).is_open:
            return Person(wish.who, Role.OWNER)
        is_same = bool(token) and mark("cookie", token) == wish.visit
        found = gate.standing(session, config, token, now) if is_same else None
        # The provider's own cookie is Streamlit's to read; the visit it began is ours.
        return found or gate.standing_provided(session, config, wish.provided, now)


def _file(wish: Wish, format: Format, person: Person, turns: BoundedSemaphore) -> Response:
    if not turns.acquire(timeout=_PATIENCE_S):
        return _told(wish.language, _BUSY, 503)
    try:
        return _sent(wish, format, _written(wish, format, person))
    finally:
        turns.release()


def _written(wish: Wish, format: Format, person: Person) -> Spooled:
    config, now = data.config(), data.now()
    request, folder = wish.request(config), config.path(Path("var"))
    # The mark tells a spreadsheet that this is UTF-8: most who press a link open the file with one.
    found = export.spool(data.store(), request, format, folder, now, bom=True)
    with data.store().transaction() as session:
        record_export(
            session,
            what=request.subject.value,
            file="download",
            rows=found.rows,
            names=wish.with_names,
            who=person.name,
            via="dashboard",
            filters=export.told(request, format),
            now=now,
        )
    return found


def _sent(wish: Wish, format: Format, found: Spooled) -> Response:
    name = export.file_name(wish.request(data.config()), format, data.now())
    headers = {"Content-Length": str(found.size), "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(export.pieces(found), 200, {**_SAFE, **headers}, format.media_type)


def _columns(wish: Wish, format: Format) -> Response:
    table = dictionary.table(wish.request(data.config()).table, format)
    headers = {"Content-Disposition": f'attachment; filename="{wish.subject.value}.columns.csv"'}
    return Response(table, 200, {**_SAFE, **headers}, "text/csv; charset=utf-8")


def _told(code: str, msgid: str, status: int) -> Response:
    """A page of one sentence, with the way back."""
    sentence, back = (language.said_in(code, one) for one in (msgid, N_("Back to Mainevahti")))
    page = f'<!doctype html><html lang="{code}"><meta charset="utf-8"><title>Mainevahti</title>'
    return HTMLResponse(f'{page}<p>{sentence}</p><p><a href="/">{back}</a></p></html>', status, _SAFE)
