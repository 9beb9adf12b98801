"""The OpenAPI document as a page for people: everything in one file, no script, nothing from elsewhere."""

import secrets
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

_TEMPLATES = Path(__file__).parents[1] / "templates"
_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def reading_page(document: Mapping[str, Any]) -> HTMLResponse:
    """The page of an OpenAPI document such as `document` makes."""
    nonce = secrets.token_urlsafe(16)
    text = _template().render(
        openapi=document["openapi"],
        info=document["info"],
        base=document["servers"][0]["url"].rstrip("/"),
        addresses=[_address(path, found["get"]) for path, found in document["paths"].items()],
        style=(_TEMPLATES / "api.css").read_text(encoding="utf-8"),
        nonce=nonce,
    )
    return HTMLResponse(text, headers={"Content-Security-Policy": f"style-src 'nonce-{nonce}'; {_POLICY}"})


def _address(path: str, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "path": path,
        "anchor": path.removeprefix("/api/v1/").replace("/", "-"),
        "summary": f"{found['summary']}.",
        "parameters": [_parameter(one) for one in found["parameters"]],
        "answers": [
            {"code": code, "tells": f"{one['description']}.", "kinds": ", ".join(one["content"])}
            for code, one in found["responses"].items()
        ],
    }


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = parameter["schema"]
    one = schema.get("items", schema)
    return {
        "name": parameter["name"],
        "tells": parameter["description"],
        "kind": ", ".join(_kinds(schema, one, parameter.get("explode", True))),
        "choices": one.get("enum", ()),
    }


def _kinds(schema: Mapping[str, Any], one: Mapping[str, Any], is_repeated: bool) -> Iterator[str]:
    kinds = one.get("anyOf", [one])
    yield " or ".join(kind.get("format", kind.get("type", "")) for kind in kinds)
    if schema is not one:
        yield "may be repeated" if is_repeated else "several, joined by commas"
    if "default" in one:
        default = one["default"]
        yield f"by default {str(default).lower() if isinstance(default, bool) else default}"


@cache
def _template() -> Any:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return found.get_template("api.html.jinja")
