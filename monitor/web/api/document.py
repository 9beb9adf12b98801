"""The OpenAPI document, made from the parameters and columns that the requests use."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from monitor.export import Format, Subject, Type
from monitor.health import Status
from monitor.web.api import parameters
from monitor.web.api.parameters import Parameter
from monitor.web.api.schemas import DAY, MOMENT, NUMBER, TEXT, WHOLE, a_list, an_object, one_of, or_null, row
from monitor.web.gate import PER_MINUTE

Json = dict[str, Any]
_SOURCE: Json = {
    "type": "object",
    "properties": {
        "source": TEXT,
        "kind": TEXT,
        "status": one_of(Status),
        "sentence": TEXT,
        "last_success_at": or_null(MOMENT),
        "last_post_at": or_null(MOMENT),
        "median_delay_s": or_null(NUMBER),
        "p95_delay_s": or_null(NUMBER),
        "failures_in_row": WHOLE,
        "fetches": WHOLE,
        "failed": WHOLE,
        "mentions": WHOLE,
    },
}
_STAGE: Json = {
    "type": "object",
    "properties": {"stage": TEXT, "last_success_at": or_null(MOMENT), "failures": WHOLE},
}
_COLUMN: Json = an_object(
    subject=one_of(Subject),
    name=TEXT,
    type=one_of(Type),
    unit=TEXT,
    may_be_unknown={"type": "boolean"},
    values=a_list(TEXT),
    meaning=TEXT,
)
_ERROR: Json = {"type": "object", "required": ["error"], "properties": {"error": TEXT, "parameter": TEXT}}
_REFUSALS = {
    "400": "A parameter cannot be understood; the answer says which and why",
    "401": "No token, or one that is not known",
    "429": "Too many requests; Retry-After says how many seconds to wait",
    "503": "The database does not answer",
}
_REFUSED_EXPORTS = {
    **_REFUSALS,
    "403": "The token of this client does not allow names",
    "503": "The database does not answer, or too many exports are being written",
    "507": "There is no space to write the export",
}


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
        "paths": {**_lists(), **{f"/api/v1/export/{subject}": _export(subject) for subject in Subject}},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _lists() -> Json:
    points = an_object(step=TEXT, since=DAY, until=DAY, points=a_list(row(Subject.TRENDS)))
    hearing = an_object(sources=a_list(_SOURCE), stages=a_list(_STAGE))
    found: Mapping[str, tuple[str, Sequence[Parameter], Json]] = {
        "mentions": ("Mentions, newest post first", parameters.MENTIONS, _page("mentions", Subject.MENTIONS)),
        "alerts": ("Alerts, opened last first", parameters.ALERTS, _page("alerts", Subject.ALERTS)),
        "trends": ("Figures by period and shop", parameters.TRENDS, points),
        "health": ("How well every source is heard", parameters.HEALTH, hearing),
        "columns": ("What the columns mean", parameters.COLUMNS, an_object(columns=a_list(_COLUMN))),
    }
    return {
        f"/api/v1/{name}": _path(summary, known, _content(answer), _REFUSALS)
        for name, (summary, known, answer) in found.items()
    }


def _export(subject: Subject) -> Json:
    """A file, in the format that was asked for."""
    kinds = dict.fromkeys(format.media_type for format in Format)
    return _path(
        f"All {subject.value} that fit, as a file", parameters.EXPORTS[subject], kinds, _REFUSED_EXPORTS
    )


def _path(summary: str, known: Sequence[Parameter], answer: Json, refusals: Mapping[str, str]) -> Json:
    answer = {kind: schema or {} for kind, schema in answer.items()}
    said = {code: {"description": words, "content": _content(_ERROR)} for code, words in refusals.items()}
    return {
        "get": {
            "summary": summary,
            "parameters": [_parameter(one) for one in known],
            "responses": {"200": {"description": summary, "content": answer}, **said},
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
    return an_object(**{name: a_list(row(subject)), "next": or_null(TEXT)})


def _content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}
