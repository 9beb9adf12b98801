"""The server itself: starting, going on after a restart, stopping, and guests who misbehave."""

import contextlib
import socket
import threading
from datetime import timedelta

import httpx
import pytest

from monitor.demo import DemoServer
from monitor.errors import ConfigError
from tests.unit.demo.conftest import START, StillClock


def connect(server: DemoServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=10)


def test_server_listens_on_loopback_only(server: DemoServer) -> None:
    assert server.url.startswith("http://127.0.0.1:")
    assert not server.url.endswith(":0")


def test_server_goes_on_with_the_same_timeline_when_started_again(clock: StillClock) -> None:
    first = DemoServer(0, clock)
    first.start()
    port, started_at = int(first.url.rsplit(":", 1)[1]), first.started_at
    clock.advance(90)
    before = httpx.get(f"{first.url}/forum/posts.json", trust_env=False).json()
    first.stop()
    second = DemoServer(port, clock, started_at)
    second.start()
    try:
        assert httpx.get(f"{second.url}/forum/posts.json", trust_env=False).json() == before
    finally:
        second.stop()


def test_server_begins_its_stream_now_without_a_stored_start(clock: StillClock) -> None:
    clock.advance(500)
    assert DemoServer(0, clock).started_at == START + timedelta(seconds=500)


def test_server_says_which_setting_to_change_when_the_port_is_taken(
    server: DemoServer, clock: StillClock
) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    with pytest.raises(ConfigError, match=rf"demo\.port: port {port} cannot be used.*Choose another port"):
        DemoServer(port, clock).start()


def test_server_ends_all_its_threads_and_refuses_guests_after_stop(clock: StillClock) -> None:
    demo = DemoServer(0, clock, read_timeout=300)
    before = set(threading.enumerate())
    demo.start()
    with connect(demo) as idle:
        idle.sendall(b"GET / HT")
        httpx.get(demo.url, trust_env=False)
        demo.stop()
        assert set(threading.enumerate()) <= before
    with pytest.raises(httpx.ConnectError):
        httpx.get(demo.url, trust_env=False)


def test_server_may_be_stopped_before_it_was_started_and_twice(clock: StillClock) -> None:
    demo = DemoServer(0, clock)
    demo.stop()
    demo.start()
    demo.stop()
    demo.stop()


def test_server_shuts_the_oldest_connections_when_many_guests_say_nothing(clock: StillClock) -> None:
    demo = DemoServer(0, clock, read_timeout=300)
    demo.start()
    silent = [connect(demo) for _ in range(150)]
    try:
        for guest in silent[100:]:
            guest.sendall(b"GET /feed.xml HTTP/1.1\r\nX: ")
        assert httpx.get(f"{demo.url}/feed.xml", trust_env=False).status_code == 200
        assert silent[0].recv(1000) == b""
    finally:
        for guest in silent:
            guest.close()
        demo.stop()


def test_server_hangs_up_on_a_guest_who_says_nothing_for_long(clock: StillClock) -> None:
    demo = DemoServer(0, clock, read_timeout=0.05)
    demo.start()
    try:
        with connect(demo) as guest:
            guest.sendall(b"GET / HT")
            assert guest.recv(1000) == b""
    finally:
        demo.stop()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"POST /api/v1/statuses HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\nx",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
    ],
)
def test_server_refuses_what_it_cannot_read_and_goes_on(
    server: DemoServer, client: httpx.Client, request_bytes: bytes
) -> None:
    said = b""
    with connect(server) as guest, contextlib.suppress(ConnectionError):  # it may hang up while we talk
        guest.sendall(request_bytes)
        said = guest.recv(4000)
    assert b"200" not in said.partition(b"\r\n")[0]
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/forum/search.json?q=" + "a" * 3000, 414),
        ("/forum/posts.json?" + "&".join("a=1" for _ in range(80)), 400),
        ("/forum/search.json?q=%ff%00%0d%0a", 200),
        ("/api/v1/timelines/tag/x%0d%0aSet-Cookie:%20a=b", 200),
        ("/tags/%3Cscript%3E", 200),
        ("/../../etc/passwd", 404),
        ("/%2e%2e/%2e%2e/etc/passwd", 404),
    ],
)
def test_server_takes_odd_addresses_calmly(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers
    assert "<script>" not in answer.text


def test_server_answers_head_without_a_body(client: httpx.Client) -> None:
    answer = client.head("/feed.xml")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 1000
    assert answer.content == b""
