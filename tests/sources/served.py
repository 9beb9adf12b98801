"""A real server on loopback that answers as a function says, for clients that others wrote."""

import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

import httpx

from monitor.http import Http
from monitor.sources import SourceContext
from tests.sources.support import Answerer, StillClock, context_for


class Served:
    """Serves an answerer over HTTP/1.1."""

    def __init__(self, site: Answerer) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Served":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(site: Answerer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            host = self.headers["Host"]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = f"http://{host}{self.path}"
            answer = site(httpx.Request(self.command, url, headers=dict(self.headers), content=body))
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if "content-type" not in answer.headers and answer.content[:1] in (b"{", b"["):
                self.send_header("Content-Type", "application/json")
            if "content-length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler


def real_context(clock: StillClock | None = None) -> SourceContext:
    """A context whose requests go over real connections to this machine."""
    clock = clock or StillClock()
    context = context_for(lambda request: httpx.Response(404), clock)
    return replace(context, http=Http("Mainevahti test", clock, pace=timedelta(0)), allow_private=True)
