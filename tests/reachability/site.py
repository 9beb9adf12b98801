"""A shop's site on this machine: pages by path, over plain HTTP or TLS."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, Mapping[str, str], bytes]
CONTACT = """<p>Lumopuoti Oy, Y-tunnus 1572860-0</p><p>Puhelin 09 123 4567, arkisin klo 9–16.</p>
<p>asiakaspalvelu@lumopuoti.example</p>"""
LINKS = """<a href="/yhteystiedot">Yhteystiedot</a> <a href="/toimitus">Toimitusehdot</a>
<a href="/palautus">Palautukset</a>"""
GREETING = (
    "<p>Tervetuloa Lumopuotiin! Täältä löydät valaisimet, viltit ja kynttilät pimeään vuodenaikaan.</p>"
)


def page(body: str, status: int = 200, kind: str = "text/html; charset=utf-8") -> Answer:
    return status, {"Content-Type": kind}, f"<html><body>{body}</body></html>".encode()


def whole(**over: Answer) -> dict[str, Answer]:
    """A site without fault; each of its paths (without the slash, "" being the front) can be replaced."""
    pages = {
        "": page(GREETING + LINKS),
        "yhteystiedot": page(CONTACT),
        "toimitus": page("<p>Toimitus kestää kolme päivää.</p>"),
        "palautus": page("<p>Palauta 14 päivän kuluessa.</p>"),
    }
    return {f"/{path}": answer for path, answer in {**pages, **over}.items()}


@dataclass
class Site:
    """A site that runs; notes what was asked of it."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def running(pages: Mapping[str, Answer], context: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Serve the pages until the end."""
    asked: list[str] = []

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, headers, body = pages.get(self.path, (404, {}, b"nothing here"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that hang up are part of the game."""

    server = Quiet(("127.0.0.1", 0), Pages)
    if context is not None:
        # The handshake belongs into the thread of its connection, so that one bad client holds up no other.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    scheme = "http" if context is None else "https"
    try:
        yield Site(f"{scheme}://localhost:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
