"""Connections that end: to public addresses only, and within one time limit from DNS to the last byte.

The address is checked where the connection is made, so neither a redirect nor a name that resolves
differently the second time gets around it.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import httpcore
import httpx

from monitor.errors import SourceBroken

Resolve = Callable[[str, int], Sequence[str]]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All addresses of the internet begin so; what lies outside leads to other networks, or by old ways into ours.
_GLOBAL = ipaddress.ip_network("2000::/3")


class GuardedTransport(httpx.BaseTransport):
    """Sends each request over a connection of its own.

    Reads two extensions of the request: `allow_private` (bool) and `deadline` (seconds for all of it).
    Connections are not kept: small servers close them badly, and collectors ask rarely.
    """

    def __init__(self, resolve: Resolve | None = None) -> None:
        self._resolve = resolve or resolve_host
        self._ssl = httpx.create_ssl_context()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        network = GuardedNetwork(
            self._resolve,
            allow_private=bool(request.extensions.get("allow_private")),
            deadline=time.monotonic() + float(request.extensions.get("deadline", 60.0)),
        )
        pool = httpcore.ConnectionPool(
            self._ssl, max_connections=1, max_keepalive_connections=0, network_backend=network
        )
        answer = pool.handle_request(_core_request(request))
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream, pool))


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses of a host in the order to try them; OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def is_public(address: str) -> bool:
    """Say whether an IP address can belong to somebody else's server on the internet."""
    try:
        ip = _inner(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return ip.is_global and not ip.is_multicast and (ip.version == 4 or ip in _GLOBAL)


def _inner(ip: _Address) -> _Address:
    """Return the IPv4 address that an IPv6 address stands for, where it stands for one."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _core_request(request: httpx.Request) -> httpcore.Request:
    url = httpcore.URL(
        scheme=request.url.raw_scheme,
        host=request.url.raw_host,
        port=request.url.port,
        target=request.url.raw_path,
    )
    timeout = {"timeout": request.extensions["timeout"]}
    return httpcore.Request(
        request.method, url, headers=request.headers.raw, content=request.read(), extensions=timeout
    )


class _Body(httpx.SyncByteStream):
    """The bytes of an answer, with the connection they come from."""

    def __init__(self, chunks: Iterable[bytes], pool: httpcore.ConnectionPool) -> None:
        self._chunks, self._pool = chunks, pool

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    def close(self) -> None:
        if hasattr(self._chunks, "close"):
            self._chunks.close()
        self._pool.close()


class GuardedNetwork(httpcore.NetworkBackend):
    """Opens connections to public addresses (or others where allowed) that all end by one deadline."""

    def __init__(self, resolve: Resolve, *, allow_private: bool, deadline: float) -> None:
        self._resolve, self._allow_private, self._deadline = resolve, allow_private, deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in self._addresses(host, port):
            wait = _remaining(self._deadline, timeout)
            try:
                stream = self._plain.connect_tcp(address, port, wait, local_address, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("the name is not known") from None
        allowed = [address for address in found if self._allow_private or is_public(address)]
        if found and not allowed:
            raise SourceBroken(
                f"{host} is an address of this machine or its local network. "
                "If that is meant, set allow_private = true for this source."
            )
        return allowed[:4]


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every wait is cut to what is left until the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _remaining(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait = _remaining(self._deadline, timeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, wait), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _remaining(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time limit of the whole request is over")
    return left if timeout is None else min(left, timeout)
