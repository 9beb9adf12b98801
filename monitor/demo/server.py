"""The demo's small HTTP server: bound to 127.0.0.1, one thread a connection, GET and HEAD only.

It only moves bytes; what is answered stands in routes. No client can make it wait: reads time out, and
when too many connections are open the oldest one is shut.
"""

import logging
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from monitor.clock import Clock
from monitor.demo.answers import Answer, Question
from monitor.demo.routes import Site
from monitor.demo.stream import load_stream
from monitor.demo.timeline import Timeline
from monitor.errors import ConfigError, Mistake

_HOST = "127.0.0.1"
_READ_TIMEOUT = 5.0
_MOST_CONNECTIONS = 100
_MOST_PARAMETERS = 50
_LONGEST_ADDRESS = 2000  # also bounds what the patterns of routes and search have to look through

_log = logging.getLogger(__name__)


class DemoServer:
    """The demo's three places behind one port; port 0 takes any free one.

    `started_at` is where the stream begins. Hand in the stored moment of an earlier start and the
    same timeline goes on; without it the stream begins now. `read_timeout` is in seconds: a guest who
    says nothing for so long is hung up on.
    """

    def __init__(
        self,
        port: int,
        clock: Clock,
        started_at: datetime | None = None,
        *,
        read_timeout: float = _READ_TIMEOUT,
    ) -> None:
        self._port = port
        self._clock = clock
        self._read_timeout = read_timeout
        self.started_at = started_at or clock.now()
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address without a final slash; with port 0 it is known after start()."""
        return f"http://{_HOST}:{self._listener.server_port if self._listener else self._port}"

    def start(self) -> None:
        """Begin to answer. Raises ConfigError where the port is taken or not allowed."""
        try:
            self._listener = _Listener(self._port, self._read_timeout)
        except (OSError, OverflowError) as error:
            raise ConfigError([_port_mistake(self._port, error)]) from error
        timeline = Timeline(load_stream(), self.started_at, self._clock)
        self._listener.answer = Site(timeline, self.url).answer
        self._thread = threading.Thread(target=self._serve, name="demo-server", daemon=True)
        self._thread.start()
        _log.info("demo server listens at %s", self.url)

    def _serve(self) -> None:
        if self._listener is not None:
            self._listener.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Shut every connection and wait for all threads; does nothing before start()."""
        if self._listener is None or self._thread is None:
            return
        self._listener.shutdown()
        self._thread.join()
        self._listener.shut_connections()
        self._listener.server_close()


def _port_mistake(port: int, error: Exception) -> Mistake:
    problem = f"port {port} cannot be used ({error})."
    return Mistake("demo.port", problem, "Choose another port, or 0 for any free one.")


class _Listener(ThreadingHTTPServer):
    """Accepts connections, keeps count of them and hands each question to `answer`."""

    daemon_threads = False  # so that server_close waits for them
    request_queue_size = 256
    answer: Callable[[Question], Answer]

    def __init__(self, port: int, read_timeout: float) -> None:
        self.read_timeout = read_timeout
        self._open: dict[socket.socket, None] = {}
        self._lock = threading.Lock()
        super().__init__((_HOST, port), _Exchange)

    def server_bind(self) -> None:
        # HTTPServer would look the host's name up here, which can take long without a network.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = _HOST, self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open[request] = None
            surplus = list(self._open)[:-_MOST_CONNECTIONS]
        _shut(surplus)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def shut_connections(self) -> None:
        with self._lock:
            still_open = list(self._open)
        _shut(still_open)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if isinstance(sys.exception(), OSError):
            _log.debug("connection from %s ended early", client_address)
        else:
            _log.exception("demo server could not answer")


def _shut(connections: list[socket.socket]) -> None:
    """Wake whoever reads from these connections; their own threads close them."""
    for connection in connections:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            _log.debug("connection was closed already")


class _Exchange(BaseHTTPRequestHandler):
    """One request and its answer, after which the connection is closed (HTTP/1.0)."""

    server: _Listener
    server_version = "Demo"
    sys_version = ""

    def setup(self) -> None:
        self.request.settimeout(self.server.read_timeout)
        super().setup()

    def do_GET(self) -> None:
        self._write(self._ask(), with_body=True)

    def do_HEAD(self) -> None:
        self._write(self._ask(), with_body=False)

    def log_message(self, format: str, *args: Any) -> None:
        _log.debug("%s " + format, self.address_string(), *args)

    def _ask(self) -> Answer:
        if len(self.path) > _LONGEST_ADDRESS:
            return Answer(414, "text/plain; charset=utf-8", b"This address is too long.")
        try:
            target = urlsplit(self.path)
            query = parse_qs(target.query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
        except ValueError:
            return Answer(400, "text/plain; charset=utf-8", b"This address cannot be read.")
        known = self.headers.get("If-None-Match", ""), self.headers.get("If-Modified-Since", "")
        return self.server.answer(Question(unquote(target.path), query, *known))

    def _write(self, answer: Answer, *, with_body: bool) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("X-Content-Type-Options", "nosniff")
        if answer.status != 304:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body and answer.status != 304:
            self.wfile.write(answer.body)
