"""Http against a server that does its worst on a real socket, and against answers made up."""

import gzip
import logging
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from monitor.errors import SourceBroken, SourceBusy
from monitor.http import Answer, GuardedTransport, Http
from monitor.http.guard import is_public
from tests.sources.support import StillClock
from tests.unit.hostile import HostileServer, Script

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
ONE_MB = 2**20


def say(raw: bytes) -> Script:
    return lambda connection: connection.sendall(raw)


def drip(start: bytes, rest: bytes) -> Script:
    """Send `rest` byte by byte, ten a second; ends by itself so that a failing test ends too."""

    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        for number in range(len(rest)):
            threading.Event().wait(0.1)
            connection.sendall(rest[number : number + 1])

    return script


def client(transport: httpx.BaseTransport | None = None, **kwargs: float) -> Http:
    return Http("Mainevahti test", StillClock(), transport=transport, pace=timedelta(0), **kwargs)


def get(script: Script, **kwargs: float) -> Answer:
    with HostileServer(script) as server:
        return client(**kwargs).get(server.url, allow_private=True)


def mock(**kwargs: object) -> Http:
    return client(httpx.MockTransport(lambda request: httpx.Response(**kwargs)))  # type: ignore[arg-type]


def mock_stream(raw: bytes) -> Http:
    """A site that hands over packed bytes in one piece, as they came."""

    def site(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Piece(raw))

    return client(httpx.MockTransport(site))


class Piece(httpx.SyncByteStream):
    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def __iter__(self) -> Iterator[bytes]:
        yield self._raw


def test_get_returns_what_a_real_server_says() -> None:
    with HostileServer(say(OK + b'Content-Length: 5\r\nETag: "1"\r\n\r\nterve')) as server:
        answer = client().get(f"{server.url}/a b?x=1#frag", params={"q": "ä&b"}, allow_private=True)
        assert server.heads[0].startswith(b"GET /a%20b?x=1&q=%C3%A4%26b HTTP/1.1\r\n")
        assert b"User-Agent: Mainevahti test\r\n" in server.heads[0]
    assert (answer.status, answer.text(), answer.validators) == (200, "terve", {"If-None-Match": '"1"'})


def test_get_unpacks_gzip() -> None:
    body = gzip.compress("ääni".encode())
    head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert get(say(head + body)).text() == "ääni"


def test_get_is_busy_when_the_body_drips() -> None:
    with pytest.raises(SourceBusy, match="in time"):
        get(drip(OK + b"Content-Length: 40\r\n\r\n", b"x" * 40), total=0.4, read=2)


def test_get_is_busy_when_the_head_drips() -> None:
    with pytest.raises(SourceBusy, match="in time"):
        get(drip(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 30 + b"\r\n\r\n"), total=0.4, read=2)


def test_get_is_busy_when_nothing_comes() -> None:
    with pytest.raises(SourceBusy, match="in time"):
        get(lambda connection: threading.Event().wait(1) and None, read=0.2)


def test_get_is_busy_when_the_body_is_cut_off() -> None:
    with pytest.raises(SourceBusy, match="broke off"):
        get(say(OK + b"Content-Length: 100\r\n\r\nhalf"))


@pytest.mark.parametrize("raw", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nA" + b"x" * 200_000])
def test_get_is_busy_when_the_answer_is_not_http(raw: bytes) -> None:
    with pytest.raises(SourceBusy, match="broke off"):
        get(say(raw))


def test_get_is_busy_when_nobody_listens() -> None:
    with HostileServer(say(b"")) as server:
        url = server.url
    with pytest.raises(SourceBusy, match="cannot be reached"):
        client().get(url, allow_private=True)


def test_get_is_busy_when_the_name_is_not_known() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(SourceBusy, match=r"foorumi\.example cannot be reached"):
        client(GuardedTransport(resolve)).get("https://foorumi.example/")


def test_get_is_broken_by_a_certificate_that_cannot_be_trusted() -> None:
    def site(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")

    with pytest.raises(SourceBroken, match="certificate"):
        client(httpx.MockTransport(site)).get("https://a.example/")


def test_get_is_broken_by_an_endless_body() -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(OK + b"\r\n")
        for _ in range(20):
            connection.sendall(b"x" * ONE_MB)

    with pytest.raises(SourceBroken, match="16 MB"):
        get(endless)


def test_get_is_broken_by_a_gzip_bomb() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * (200 * ONE_MB)))
    with pytest.raises(SourceBroken, match="did not ask for"):
        get(say(OK + b"Content-Encoding: gzip, gzip\r\n\r\n" + bomb))
    with pytest.raises(SourceBroken, match="16 MB"):
        get(say(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"\0" * (50 * ONE_MB))))


def test_get_unfolds_a_gzip_bomb_in_small_steps() -> None:
    """One read of the socket can hold a thousand times its size."""
    bomb = gzip.compress(b"\0" * (200 * ONE_MB))
    tracemalloc.start()
    try:
        with pytest.raises(SourceBroken, match="1 MB"):
            mock_stream(bomb).get("https://a.example/", max_bytes=ONE_MB)
        assert tracemalloc.get_traced_memory()[1] < 8 * ONE_MB
    finally:
        tracemalloc.stop()


def test_get_is_broken_by_damaged_compression() -> None:
    with pytest.raises(SourceBroken, match="damaged"):
        get(say(OK + b"Content-Encoding: gzip\r\n\r\nnot gzip at all"))


def test_get_reads_deflate_though_we_do_not_ask_for_it() -> None:
    assert get(say(OK + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(b"hei"))).text() == "hei"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"]
)
def test_get_refuses_addresses_of_this_machine(host: str) -> None:
    with HostileServer(say(OK + b"\r\nsecret")) as server:
        port = server.url.rpartition(":")[2]
        with pytest.raises(SourceBroken, match="allow_private"):
            client().get(f"http://{host}:{port}/")
        assert server.heads == []


def test_get_refuses_a_redirect_to_this_machine() -> None:
    """The name counts as public here because the redirect comes before its address is looked at."""

    class Redirecting(httpx.BaseTransport):
        def __init__(self) -> None:
            self._guarded = GuardedTransport()

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.host == "foorumi.example":
                return httpx.Response(302, headers={"Location": "http://127.0.0.1:1/"})
            return self._guarded.handle_request(request)

    with pytest.raises(SourceBroken, match="allow_private"):
        client(Redirecting()).get("https://foorumi.example/")


def test_get_refuses_a_public_name_with_private_addresses_only() -> None:
    transport = GuardedTransport(lambda host, port: ["10.0.0.5", "fd00::1"])
    with pytest.raises(SourceBroken, match=r"foorumi\.example is an address of this machine"):
        client(transport).get("http://foorumi.example/")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd12::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b:1::7f00:1", False),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("fec0::1", False),
        ("not an address", False),
    ],
)
def test_is_public_knows_private_networks(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "file:///etc/hostname", "//a.example", "https://", "http://[::1", ""]
)
def test_get_is_broken_by_what_is_no_web_address(url: str) -> None:
    with pytest.raises(SourceBroken, match="not a web address"):
        client().get(url)


def test_get_refuses_a_password_in_the_address_without_repeating_it() -> None:
    with pytest.raises(SourceBroken) as caught:
        client().get("https://matti:salasana@a.example/")
    assert "salasana" not in str(caught.value)


def test_get_follows_redirects_and_says_where_it_ended() -> None:
    def site(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a":
            return httpx.Response(301, headers={"Location": "../b?c=ä".encode()})
        return httpx.Response(200, text=str(request.url))

    answer = client(httpx.MockTransport(site)).get("https://a.example/a")
    assert answer.url == answer.text() == "https://a.example/b?c=%C3%A4"


def test_get_keeps_secrets_from_a_plain_http_redirect() -> None:
    seen: list[httpx.Request] = []

    def site(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return (
            httpx.Response(302, headers={"Location": "http://a.example/"})
            if len(seen) == 1
            else httpx.Response(200)
        )

    client(httpx.MockTransport(site)).get("https://a.example/", secret_headers={"Authorization": "Bearer x"})
    assert ["Authorization" in request.headers for request in seen] == [True, False]


def test_get_keeps_no_cookies() -> None:
    seen: list[httpx.Request] = []

    def site(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers={"Set-Cookie": "a=b"})

    http = client(httpx.MockTransport(site))
    http.get("https://a.example/")
    http.get("https://a.example/")
    assert "Cookie" not in seen[1].headers


def test_get_logs_no_address(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), HostileServer(say(OK + b"Content-Length: 0\r\n\r\n")) as server:
        client().get(
            server.url, params={"key": "s3kr3t"}, secret_headers={"X-Key": "s3kr3t"}, allow_private=True
        )
    assert "s3kr3t" not in caplog.text


def test_get_refuses_a_token_that_no_header_can_carry() -> None:
    with pytest.raises(SourceBroken) as caught:
        mock(status_code=200).get("https://a.example/", secret_headers={"Authorization": "Bearer ääk\nkönen"})
    assert "nen" not in str(caught.value)


def test_get_passes_validators_on_when_nothing_changed() -> None:
    known = {"If-None-Match": '"1"', "If-Modified-Since": "Tue, 24 Nov 2026 09:00:00 GMT"}
    answer = mock(status_code=304, headers={"ETag": '"2"'}).get("https://a.example/", headers=known)
    assert answer.not_modified
    assert answer.validators == {**known, "If-None-Match": '"2"'}


@pytest.mark.parametrize(
    ("changed", "is_kept"),
    [
        ("Wed, 25 Nov 2026 12:00:10 GMT", False),
        ("Wed, 25 Nov 2026 12:00:09 GMT", False),
        ("Wed, 25 Nov 2026 12:00:00 GMT", True),
        ("Wed, 25 Nov 2026 12:30:00 GMT", False),
        ("yesterday", True),
        ("Wed, 99 Nov 2026 12:00:00 GMT", True),
    ],
)
def test_get_trusts_no_validators_of_what_changed_just_now(changed: str, is_kept: bool) -> None:
    """One more change in the same second has the same Last-Modified, and at some places the same ETag."""
    told = {"Date": "Wed, 25 Nov 2026 12:00:10 GMT", "Last-Modified": changed, "ETag": '"1"'}
    answer = mock(status_code=200, headers=told).get("https://1.1.1.1/")
    assert bool(answer.validators) is is_kept


def test_get_leaves_out_validators_that_cannot_be_sent() -> None:
    answer = mock(status_code=200, headers={"ETag": "x" * 5000}).get("https://a.example/")
    assert answer.validators == {}


def test_get_leaves_a_host_alone_for_as_long_as_it_asked() -> None:
    clock = StillClock()
    asked: list[str] = []

    def site(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(429, headers={"Retry-After": "60"})

    http = Http("t", clock, transport=httpx.MockTransport(site), pace=timedelta(0))
    for _ in range(2):
        with pytest.raises(SourceBusy) as caught:
            http.get("https://a.example/")
        clock.advance(seconds=20)
    assert caught.value.retry_after == 40
    clock.advance(seconds=60)
    for host in ("a.example", "b.example"):
        with pytest.raises(SourceBusy):
            http.get(f"https://{host}/")
    assert asked == ["a.example", "a.example", "b.example"]


def test_get_stops_before_an_allowance_is_overdrawn() -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-24T10:05:00.000Z"}
    http = mock(status_code=200, headers=headers)
    assert http.get("https://a.example/").status == 200
    with pytest.raises(SourceBusy) as caught:
        http.get("https://a.example/")
    assert caught.value.retry_after == 300


@pytest.mark.parametrize(
    ("body", "sent", "kind"),
    [
        ({"json": {"a": 1}}, b'{"a":1}', "application/json"),
        (
            {"form": {"grant_type": "lainaa", "a": "ä&b"}},
            b"grant_type=lainaa&a=%C3%A4%26b",
            "application/x-www-form-urlencoded",
        ),
        ({}, b"", None),
    ],
)
def test_post_sends_a_body_and_follows_nothing(body: dict[str, Any], sent: bytes, kind: str | None) -> None:
    seen: list[httpx.Request] = []

    def site(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"ok": True})

    assert client(httpx.MockTransport(site)).post("https://a.example/", **body).json() == {"ok": True}
    assert (seen[0].method, seen[0].content) == ("POST", sent)
    assert seen[0].headers.get("Content-Type") == kind
    with pytest.raises(SourceBroken, match="moved its login"):
        mock(status_code=307, headers={"Location": "https://b.example/"}).post("https://a.example/", **body)


def test_post_without_a_body_says_so_to_a_real_server() -> None:
    with HostileServer(say(OK + b"Content-Length: 2\r\n\r\n{}")) as server:
        assert client().post(server.url, allow_private=True).json() == {}
        assert b"Content-Length: 0\r\n" in server.heads[0]


@pytest.mark.parametrize("content", [b'{"a": NaN}', b'{"a": Infinity}'])
def test_json_takes_numbers_that_are_none_for_unknown(content: bytes) -> None:
    assert mock(status_code=200, content=content).get("https://a.example/").json() == {"a": None}
