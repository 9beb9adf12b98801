"""The request behind the login form, and the cookie it answers with. The only place that sees a password.

Streamlit can read a cookie but not set one, so the form posts to an address of our own beside its pages.
The cookie is for no script, no other site, and (where people come by https) no plain connection.
"""

import re
from collections.abc import Mapping
from threading import BoundedSemaphore
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard import data, gate
from dashboard.gate import Entry, Refusal
from monitor.config import Config, read_secret
from monitor.config.base import LOOPBACK
from monitor.errors import ConfigError, StoreError

ADDRESS = "/enter"
PROBLEM, WAIT = "problem", "wait"
_COOKIE = "mainevahti_visit"
_MOST_BODY = 16_384
# A page of ours with its filters; nothing that a browser reads as another site.
_OWN_PAGE = re.compile(r"/[a-z_]*(?:\?[!-\[\]-~]*)?")
# A password takes 64 MiB to judge: two at once, the others wait.
_AT_ONCE = 2


def routes() -> list[BaseRoute]:
    """The addresses beside Streamlit's own."""
    turns = BoundedSemaphore(_AT_ONCE)

    async def enter(request: Request) -> Response:
        form = await _form(request)
        return await run_in_threadpool(_entered, request, form, turns)

    return [Route(ADDRESS, enter, methods=["POST"])]


def provider_secrets() -> dict[str, dict[str, str]]:
    """What Streamlit's own login with a provider asks for; empty without one."""
    try:
        config = data.config()
        oidc = config.login.oidc
        if oidc is None:
            return {}
        return {
            "auth": {
                "redirect_uri": f"{config.dashboard.base_url}/oauth2callback",
                "cookie_secret": read_secret(oidc.cookie_secret, config.folder),
                "client_id": oidc.client_id,
                "client_secret": read_secret(oidc.client_secret, config.folder),
                "server_metadata_url": oidc.metadata,
            }
        }
    except ConfigError:
        return {}


def cookie_name(config: Config) -> str:
    """Name of our cookie; the prefix keeps a browser from taking it from anywhere but our https address."""
    return f"__Host-{_COOKIE}" if _is_https(config) else _COOKIE


def _is_https(config: Config) -> bool:
    return config.dashboard.base_url.startswith("https:")


def _entered(request: Request, form: Mapping[str, str], turns: BoundedSemaphore) -> Response:
    asked = form.get("asked", "")
    back = asked if _OWN_PAGE.fullmatch(asked) else "/"
    try:
        config = data.config()
        if not _is_from_here(request, config):
            return _refused(back, Entry(refusal=Refusal.STRANGE))
        found = gate.enter(
            data.store(),
            config,
            turns,
            form.get("who", ""),
            form.get("secret", ""),
            _address(request),
            data.now(),
        )
    except (ConfigError, StoreError):
        # The page that is asked for says what is wrong.
        return RedirectResponse(back, status_code=303)
    return _let_in(back, found, config) if found.token else _refused(back, found)


def _let_in(back: str, found: Entry, config: Config) -> Response:
    answer = RedirectResponse(back, status_code=303)
    answer.set_cookie(
        cookie_name(config),
        found.token,
        max_age=int(config.login.longest.total_seconds()),
        path="/",
        secure=_is_https(config),
        httponly=True,
        samesite="strict",
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _refused(back: str, found: Entry) -> Response:
    assert found.refusal is not None, "whoever has no token was refused"
    told = {PROBLEM: found.refusal.value}
    if found.wait:
        told[WAIT] = str(int(found.wait.total_seconds()) + 1)
    joint = "&" if "?" in back else "?"
    return RedirectResponse(f"{back}{joint}{urlencode(told)}", status_code=303)


def _is_from_here(request: Request, config: Config) -> bool:
    """Tell whether our own page sent the form; another site could log somebody in under a wrong name."""
    sent_by = request.headers.get("sec-fetch-site")
    if sent_by is not None:
        return sent_by == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    own = {request.headers.get("host", ""), urlsplit(config.dashboard.base_url).netloc}
    return bool(origin.netloc) and origin.netloc in own


def _address(request: Request) -> str:
    """Where somebody comes from; a proxy on this machine says so in the last part of its header."""
    nearest = request.client.host if request.client else ""
    if nearest not in LOOPBACK:
        return nearest
    return request.headers.get("x-forwarded-for", nearest).rsplit(",", 1)[-1].strip()[:100]


async def _form(request: Request) -> dict[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BODY:
            return {}
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
