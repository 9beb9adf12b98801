"""Http: one object for all sources, which asks servers for things and says in one sentence what went wrong.

It works on the transports of httpx, not with httpx.Client: no cookies between sources, no proxies
or passwords picked up from the surroundings, and no log line with the whole address, which may hold
a key.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urljoin

import httpcore
import httpx

from monitor.clock import Clock
from monitor.errors import SourceBroken, SourceBusy, SourceError, SourceGone
from monitor.http.answer import Answer, inflated
from monitor.http.guard import GuardedTransport
from monitor.http.waits import Holds, Pace, wait_asked, wait_before_next

MAX_BYTES = 16 * 2**20
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
# A gateway that cannot reach its server (also Cloudflare's 52x) gets over it. A 500 or 501 is not a
# matter of load: somebody should see it, and the schedule asks again anyway.
_BUSY = frozenset((408, 409, 420, 425, 429, 502, 503, 504, 520, 521, 522, 523, 524, 529))
_GONE = (404, 410)
_REMEDIES = {
    400: "did not understand the request (400). Check the options of this source.",
    401: "wants a login or does not accept our token (401). Check the token of this source.",
    403: "refuses to answer us (403). It may want a token, or not want programs to read it.",
    404: "has nothing at this address (404). Check the address of this source.",
    410: "says that this address is gone for good (410). Remove the source or find its new address.",
    451: "may not show this here for legal reasons (451).",
}
_TIMEOUTS = (httpx.TimeoutException, httpcore.TimeoutException)
_CONNECT = (httpx.ConnectError, httpcore.ConnectError)
_BREAKS = (httpx.TransportError, httpcore.NetworkError, httpcore.ProtocolError, OSError)
_YOUNG = timedelta(seconds=2)
_VALIDATORS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_Headers = Mapping[str, str]
# Told of an answer 400-499, with the beginning of its content, before that becomes an error of ours: who
# knows the platform's own words may raise an error that says it better.
OnRefusal = Callable[[Answer], None]
_MOST_SAID = 2**16


class _Body(NamedTuple):
    """What goes out with a request: a form, JSON, or nothing at all."""

    form: Mapping[str, str] | None = None
    json: Mapping[str, object] | None = None


class Http:
    """Safe to share between threads. `pace` is the shortest time between two requests to one host.

    `total` is the most seconds one request may take from DNS to the last byte; each redirect is a
    request of its own.
    """

    def __init__(
        self,
        user_agent: str,
        clock: Clock,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        pace: timedelta = timedelta(seconds=1),
        connect: float = 10.0,
        read: float = 20.0,
        total: float = 60.0,
    ) -> None:
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        self._clock = clock
        self._transport = transport or GuardedTransport()
        self._timeout = {"connect": connect, "read": read, "write": read, "pool": connect}
        self._total = total
        self._pace = Pace(pace, sleep)
        self._holds = Holds()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: _Headers | None = None,
        secret_headers: _Headers | None = None,
        max_bytes: int = MAX_BYTES,
        allow_private: bool = False,
        pace: timedelta | None = None,
        on_refusal: OnRefusal | None = None,
    ) -> Answer:
        """Fetch one address, following up to five redirects.

        `headers` also takes the `validators` of an earlier answer. `secret_headers` stay with the
        host they are meant for. `on_refusal` may say what the host's own words mean. Raises SourceBusy when
        waiting helps and SourceBroken when a person must look; their sentences name the host and never the
        address, which may hold a key.
        """
        address = _address(url, params)
        home = _origin(address)
        for _ in range(_MOST_REDIRECTS + 1):
            secrets = (secret_headers or {}) if _origin(address) == home else {}
            request = self._request("GET", address, {**(headers or {}), **secrets}, _Body(), allow_private)
            answer = self._ask(request, max_bytes, pace, on_refusal)
            if answer.status not in _REDIRECTS:
                return answer
            address = _target(answer)
        raise SourceBroken(f"{home.host} sends us in a circle. Check the address of this source.")

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
        secret_headers: _Headers | None = None,
        max_bytes: int = MAX_BYTES,
        allow_private: bool = False,
    ) -> Answer:
        """Send a form, JSON or nothing to one address, as log-ins want it; the errors are those of `get`."""
        body = _Body(form, json)
        request = self._request("POST", _address(url), secret_headers or {}, body, allow_private)
        answer = self._ask(request, max_bytes, None)
        if answer.status in _REDIRECTS:
            raise SourceBroken(f"{answer.host} has moved its login. Check the address of this source.")
        return answer

    def close(self) -> None:
        """Let go of the transport."""
        self._transport.close()

    def _request(
        self,
        method: str,
        url: httpx.URL,
        headers: _Headers,
        body: _Body,
        allow_private: bool,
    ) -> httpx.Request:
        extensions = {"timeout": self._timeout, "deadline": self._total, "allow_private": allow_private}
        try:
            everything = {**self._headers, **headers}
            return httpx.Request(
                method, url, headers=everything, data=body.form, json=body.json, extensions=extensions
            )
        except (ValueError, TypeError):
            raise SourceBroken(f"A token for {url.host} holds characters that no header can carry.") from None

    def _ask(
        self,
        request: httpx.Request,
        max_bytes: int,
        pace: timedelta | None,
        on_refusal: OnRefusal | None = None,
    ) -> Answer:
        host, place = request.url.host, _place(request)
        quiet = self._holds.left(place, self._clock.now())
        if quiet > 0:
            raise SourceBusy(f"{host} asked us to wait a little longer.", quiet)
        self._pace.wait(place, pace)
        try:
            return self._send(request, max_bytes, on_refusal)
        except _TIMEOUTS:
            raise SourceBusy(f"{host} did not answer in time.") from None
        except _CONNECT as error:
            raise _unreachable(host, error) from None
        except _BREAKS:
            raise SourceBusy(f"{host} broke off its answer.") from None

    def _send(self, request: httpx.Request, max_bytes: int, on_refusal: OnRefusal | None) -> Answer:
        host, now = request.url.host, self._clock.now()
        response = self._transport.handle_request(request)
        try:
            self._note_wait(request, response, now)
            if response.status_code in _REDIRECTS:
                return _answer(request, response, b"")
            if on_refusal is not None and 400 <= response.status_code < 500:
                on_refusal(_answer(request, response, _said(host, response)))
            _raise_for_status(request, response, now)
            return _answer(request, response, _body(host, response, max_bytes))
        finally:
            response.close()

    def _note_wait(self, request: httpx.Request, response: httpx.Response, now: datetime) -> None:
        is_asked = response.status_code in (429, 503)
        seconds = (wait_asked if is_asked else wait_before_next)(response.headers, now)
        if seconds:
            self._holds.hold(_place(request), seconds, now)


def _unreachable(host: str, error: Exception) -> SourceError:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return SourceBroken(f"{host} shows a certificate that cannot be trusted, so nothing was sent to it.")
    return SourceBusy(f"{host} cannot be reached. Is the name right, and is the network up?")


def _place(request: httpx.Request) -> str:
    return f"{request.url.host}:{request.url.port}"


def _origin(address: httpx.URL) -> httpx.URL:
    return httpx.URL(scheme=address.scheme, host=address.host, port=address.port)


def _address(url: str, params: Mapping[str, str | int] | None = None) -> httpx.URL:
    try:
        address = httpx.URL(url).copy_merge_params(dict(params or {}))
        host = address.host  # a name of letters that no name may have shows only here
    except (httpx.InvalidURL, ValueError):
        raise SourceBroken("This is not a web address. Write it as https://host/path.") from None
    if address.scheme not in ("http", "https") or not host:
        raise SourceBroken("This is not a web address. Write it as https://host/path.")
    if address.userinfo:
        raise SourceBroken(f"The address of {host} holds a password. Name a token instead.")
    return address.copy_with(fragment=None)


def _target(answer: Answer) -> httpx.URL:
    try:
        return _address(urljoin(answer.url, answer.headers.get("location", "")))
    except (ValueError, SourceBroken):
        raise SourceBroken(f"{answer.host} sends us to something that is not a web address.") from None


def _answer(request: httpx.Request, response: httpx.Response, content: bytes) -> Answer:
    validators = {
        name: response.headers[field] for field, name in _VALIDATORS.items() if _is_usable(response, field)
    }
    if response.status_code == 304:
        sent = {name: request.headers[name] for name in _VALIDATORS.values() if name in request.headers}
        validators = {**sent, **validators}
    elif _is_fresh(response):
        validators = {}
    return Answer(response.status_code, str(request.url), response.headers, content, validators)


def _is_fresh(response: httpx.Response) -> bool:
    """Whether it was changed in the second in which it was sent: one more change then looks the same."""
    try:
        changed, sent = (parsedate_to_datetime(response.headers[name]) for name in ("last-modified", "date"))
        return sent - changed < _YOUNG
    except (KeyError, ValueError, TypeError, IndexError, OverflowError):
        return False


def _is_usable(response: httpx.Response, field: str) -> bool:
    value = response.headers.get(field, "")
    return 0 < len(value) < 300 and value.isascii() and value.isprintable()


def _raise_for_status(request: httpx.Request, response: httpx.Response, now: datetime) -> None:
    status, host = response.status_code, request.url.host
    if 200 <= status < 300:
        return
    if status == 304:
        if not any(name in request.headers for name in _VALIDATORS.values()):
            raise SourceBroken(f"{host} says that nothing has changed (304), and we have read nothing yet.")
        return
    if response.headers.get("cf-mitigated") == "challenge":
        raise SourceBroken(
            f"{host} wants proof that we are human ({status}); Mainevahti does not get around that."
        )
    if status in _BUSY:
        raise SourceBusy(f"{host} asks us to come back later ({status}).", wait_asked(response.headers, now))
    broken = SourceGone if status in _GONE else SourceBroken
    raise broken(f"{host} {_REMEDIES.get(status, f'answered with the error {status}.')}")


def _body(host: str, response: httpx.Response, max_bytes: int) -> bytes:
    content = bytearray()
    for chunk in _chunks(host, response):
        content += chunk
        if len(content) > max_bytes:
            raise SourceBroken(
                f"{host} sent more than {max_bytes // 2**20} MB, which is not what we asked for."
            )
    return bytes(content)


def _said(host: str, response: httpx.Response) -> bytes:
    """What a host says about its refusal; nothing where that is too long or damaged."""
    try:
        return _body(host, response, _MOST_SAID)
    except SourceError:
        return b""


def _chunks(host: str, response: httpx.Response) -> Iterator[bytes]:
    if response.is_stream_consumed:  # a transport may hand over an answer that it has read and unpacked
        return iter([response.content])
    encoding = response.headers.get("content-encoding", "").strip().lower()
    return inflated(response.iter_raw(), encoding, host)
