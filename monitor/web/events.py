"""POST /api/v1/events: a deploy script or a courier's monitor writes down what the shop did or met."""

import json
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from monitor.domain import EventKind
from monitor.store.storms import add_event
from monitor.web.api.answering import refusal, to_json
from monitor.web.parts import WebParts

_MOST_BODY = 16_384
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def _believable(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"give a time of the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


def _readable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("it holds a character that no text has")
    return text


Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True), AfterValidator(_readable)]
Moment = Annotated[AwareDatetime, AfterValidator(_believable)]


class _Told(BaseModel):
    """What a client sends; `key` makes sending it twice harmless. Times name their zone."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[Words, StringConstraints(max_length=200)]
    kind: EventKind = EventKind.OTHER
    shop: str | None = None
    at: Moment | None = None
    until: Moment | None = None
    key: Annotated[Words, StringConstraints(max_length=100)]


class Events:
    """The endpoint POST /api/v1/events, for clients with a token."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts

    async def take(self, request: Request) -> Response:
        """POST: 201 when it is written down, 200 when the same key came before."""
        refused = refusal(self._parts, request)
        if refused is not None:
            return refused
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BODY:
                raise HTTPException(413, "An event is a few words; this is too large.")
        client = self._parts.clients.name_of(request.headers.get("Authorization")) or ""
        is_new = await run_in_threadpool(self._keep, self._read(bytes(body)), client)
        return to_json({"taken": is_new}, 201 if is_new else 200)

    def _read(self, body: bytes) -> _Told:
        try:
            told = _Told.model_validate(json.loads(body))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the event"
            raise HTTPException(400, f"{where}: {first['msg']}") from error
        except (ValueError, RecursionError) as error:
            raise HTTPException(400, "The event is not JSON in UTF-8.") from error
        if told.shop is not None and told.shop not in {shop.slug for shop in self._parts.config.shops}:
            raise HTTPException(400, "shop: there is no shop of this slug.")
        if told.until and told.until < (told.at or self._parts.clock.now()):
            raise HTTPException(400, "until: it lies before the beginning.")
        return told

    def _keep(self, told: _Told, client: str) -> bool:
        at: datetime = (told.at or self._parts.clock.now()).astimezone(UTC)
        with self._parts.store.transaction() as session:
            return add_event(
                session,
                shop=told.shop,
                kind=told.kind,
                title=told.title,
                at=at,
                until=told.until.astimezone(UTC) if told.until else None,
                who=client,
                via="webhook",
                key=f"{client}:{told.key}",
            )
