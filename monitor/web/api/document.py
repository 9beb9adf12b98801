"""The OpenAPI document, made from the parameters and columns that the requests use."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from monitor.domain import AlertState, Sentiment, Urgency
from monitor.export import COLUMNS, Subject
from monitor.health import Status
from monitor.web.api import parameters
from monitor.web.api.parameters import Parameter
from monitor.web.gate import PER_MINUTE

Json = dict[str, Any]
_TEXT: Json = {"type": "string"}
_WHOLE: Json = {"type": "integer"}
_NUMBER: Json = {"type": "number"}
_TRUTH: Json = {"type": "boolean"}
_TEXTS: Json = {"type": "array", "items": _TEXT}
_MOMENT: Json = {"type": "string", "format": "date-time"}
_DAY: Json = {"type": "string", "format": "date"}


def _or_null(schema: Json) -> Json:
    return {**schema, "type": [schema["type"], "null"], **_with_null(schema)}


def _with_null(schema: Json) -> Json:
    return {"enum": [*schema["enum"], None]} if "enum" in schema else {}


def _one_of(values: Iterable[str]) -> Json:
    return {"type": "string", "enum": [str(value) for value in values]}


_TYPES: Mapping[Subject, Mapping[str, Json]] = {
    Subject.MENTIONS: {
        "id": _WHOLE,
        "posted_at": _or_null(_MOMENT),
        "found_at": _MOMENT,
        "language": _or_null(_TEXT),
        "matched_words": _TEXTS,
        "certainty": _NUMBER,
        "reach": _or_null(_WHOLE),
        "rating": _or_null(_NUMBER),
        "sentiment": _or_null(_one_of(Sentiment)),
        "negative": _or_null(_NUMBER),
        "neutral": _or_null(_NUMBER),
        "positive": _or_null(_NUMBER),
        "topics": _TEXTS,
        "urgency": _or_null(_one_of(Urgency)),
        "needs_reply": _or_null(_TRUTH),
        "not_scored": _or_null(_TEXT),
        "model": _or_null(_TEXT),
    },
    Subject.ALERTS: {
        "id": _WHOLE,
        "state": _one_of(AlertState),
        "urgency": _one_of(Urgency),
        "posted_at": _or_null(_MOMENT),
        "opened_at": _MOMENT,
        "due_at": _MOMENT,
        "answered_at": _or_null(_MOMENT),
        "closed_at": _or_null(_MOMENT),
        "dismiss_reason": _or_null(_TEXT),
        "taken_by": _or_null(_TEXT),
        "mentions": _WHOLE,
        "reasons": _TEXTS,
    },
    Subject.TRENDS: {
        "day": _DAY,
        "finished": _TRUTH,
        "mentions": _WHOLE,
        "negative": _WHOLE,
        "neutral": _WHOLE,
        "positive": _WHOLE,
        "unscored": _WHOLE,
        "share_negative": _or_null(_NUMBER),
        "share_negative_low": _or_null(_NUMBER),
        "share_negative_high": _or_null(_NUMBER),
        "models": _TEXTS,
    },
}

_SOURCE: Json = {
    "type": "object",
    "properties": {
        "source": _TEXT,
        "kind": _TEXT,
        "status": _one_of(Status),
        "sentence": _TEXT,
        "last_success_at": _or_null(_MOMENT),
        "last_post_at": _or_null(_MOMENT),
        "median_delay_s": _or_null(_NUMBER),
        "p95_delay_s": _or_null(_NUMBER),
        "failures_in_row": _WHOLE,
        "fetches": _WHOLE,
        "failed": _WHOLE,
        "mentions": _WHOLE,
    },
}
_STAGE: Json = {
    "type": "object",
    "properties": {"stage": _TEXT, "last_success_at": _or_null(_MOMENT), "failures": _WHOLE},
}
_ERROR: Json = {"type": "object", "required": ["error"], "properties": {"error": _TEXT, "parameter": _TEXT}}


def document(base_url: str) -> Json:
    """OpenAPI 3.1 of the whole API."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mainevahti",
            "version": version("mainevahti"),
            "description": "What was said about the shop, read only. Authors are pseudonyms, and an address "
            "keeps only its host; times are UTC. "
            f"Each client may ask {PER_MINUTE} times a minute.",
        },
        "servers": [{"url": base_url or "/"}],
        "security": [{"token": []}],
        "paths": {
            "/api/v1/mentions": _path(
                "Mentions, newest post first", parameters.MENTIONS, _page("mentions", Subject.MENTIONS)
            ),
            "/api/v1/alerts": _path(
                "Alerts, opened last first", parameters.ALERTS, _page("alerts", Subject.ALERTS)
            ),
            "/api/v1/trends": _path("Figures by period, shop and source", parameters.TRENDS, _trends()),
            "/api/v1/health": _path(
                "How well every source is heard",
                parameters.HEALTH,
                _object(sources=_list(_SOURCE), stages=_list(_STAGE)),
            ),
        },
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _path(summary: str, known: Sequence[Parameter], answer: Json) -> Json:
    refusals = {
        "400": "A parameter cannot be understood; the answer says which and why",
        "401": "No token, or one that is not known",
        "429": "Too many requests; Retry-After says how many seconds to wait",
        "503": "The database does not answer",
    }
    said = {code: {"description": words, "content": _content(_ERROR)} for code, words in refusals.items()}
    return {
        "get": {
            "summary": summary,
            "parameters": [_parameter(one) for one in known],
            "responses": {"200": {"description": summary, "content": _content(answer)}, **said},
        }
    }


def _parameter(parameter: Parameter) -> Json:
    schema = dict(parameter.schema)
    if parameter.is_many:
        schema = {"type": "array", "items": schema}
    is_joined = parameter.name == "columns"
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.tells,
        "schema": schema,
        **({"style": "form", "explode": not is_joined} if parameter.is_many else {}),
    }


def _page(name: str, subject: Subject) -> Json:
    return _object(**{name: _list(_row(subject)), "next": _or_null(_TEXT)})


def _trends() -> Json:
    return _object(step=_TEXT, since=_DAY, until=_DAY, points=_list(_row(Subject.TRENDS)))


def _row(subject: Subject) -> Json:
    columns = {column: _TYPES[subject].get(column, _TEXT) for column in COLUMNS[subject]}
    return {"type": "object", "properties": columns, "additionalProperties": False}


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def _content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}
