"""Serves the site in a thread of the service, and ends it in order."""

import logging
import socket
import threading

import uvicorn
from starlette.applications import Starlette

from monitor.errors import ConfigError, Mistake

_MAY_TAKE_S = 5
_log = logging.getLogger(__name__)


class WebServer:
    """The port is taken at once, requests are answered after `start`."""

    def __init__(self, site: Starlette, address: str, port: int) -> None:
        """Raises ConfigError when the port cannot be had."""
        self._socket = _listening(address, port)
        self.port = int(self._socket.getsockname()[1])
        # The access log would write down the addresses of buttons, and who has one may press it.
        settings = uvicorn.Config(
            site,
            access_log=False,
            log_config=None,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=_MAY_TAKE_S,
        )
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(target=self._serve, name="web", daemon=True)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Let running requests end, then close the port."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(2 * _MAY_TAKE_S)
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])
        if not self._server.should_exit:
            _log.error("the web endpoint ended by itself; buttons of mails do not work until a new start")


def _listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address, port))
        # From now on requests wait in line, even before the thread runs.
        listening.listen()
    except OSError as error:
        listening.close()
        remedy = "Stop the program that holds it, or choose another address or port."
        problem = f"port {port} at {address} cannot be had ({error.strerror})."
        raise ConfigError([Mistake("web.port", problem, remedy)]) from None
    return listening
