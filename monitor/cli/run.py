"""`mainevahti run`: service, web endpoint and dashboard in one process tree, until Ctrl-C or SIGTERM."""

import argparse
import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from monitor.app import all_secrets, open_app, read_config
from monitor.cli.first import FirstReading
from monitor.cli.output import Terminal
from monitor.config import Config
from monitor.errors import ConfigError, Mistake
from monitor.logs import set_up_logging

_log = logging.getLogger(__name__)
_LOOK_EVERY_S = 1.0
_CHILD_MAY_TAKE_S = 10.0
_PR_SET_PDEATHSIG = 1
_STOPPED_AT_ONCE = 130
_RESTART_AFTER_S = 10.0


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Run everything; returns 0 when stopped, raises when something refuses at the start."""
    config = read_config(arguments.config)
    set_up_logging(all_secrets(config))
    _must_be_free(config)
    stopping = threading.Event()
    # Before any thread starts, so that the child may safely be told to die with us.
    dashboard = Dashboard(config, arguments.config)
    _stop_on_signal(stopping, dashboard)
    try:
        with open_app(config, is_stopping=stopping.is_set) as app:
            # Before anything is collected: without its weights the service must not start half.
            terminal.say(f"Model: {app.parts.assessor.model}")
            scheduler = app.scheduler()
            with app.web_serving() as web:
                scheduler.start()
                terminal.say(f"Dashboard: {config.dashboard.base_url}")
                if web is not None:
                    terminal.say(f"Web endpoint: {web}")
                terminal.say("Stop with Ctrl-C.")
                reading = FirstReading(app, terminal)
                try:
                    while not stopping.wait(_LOOK_EVERY_S):
                        dashboard.look_after()
                        reading.look()
                finally:
                    reading.close()
                    terminal.say("Stopping ...")
                    scheduler.shutdown(wait=True)
    finally:
        dashboard.stop()
    return 0


def _stop_on_signal(stopping: threading.Event, dashboard: "Dashboard") -> None:
    """The first signal ends everything in order, a second one at once; either way nothing is lost."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            dashboard.stop()
            os._exit(_STOPPED_AT_ONCE)
        stopping.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _must_be_free(config: Config) -> None:
    ports = [("dashboard.port", config.dashboard.address, config.dashboard.port)]
    if config.web is not None:
        ports.append(("web.port", config.web.address, config.web.port))
    if config.demo is not None:
        ports.append(("demo.port", "127.0.0.1", config.demo.port))
    taken = [(path, port) for path, address, port in ports if not _is_free(address, port)]
    if taken:
        remedy = "Stop that program (another mainevahti?), or choose another port."
        raise ConfigError(
            [Mistake(path, f"port {port} is taken by a program.", remedy) for path, port in taken]
        )


def _is_free(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


class Dashboard:
    """The Streamlit child: started with us, restarted when it falls, ended with us."""

    def __init__(self, config: Config, path: Path) -> None:
        self._command = _command(config)
        self._environment = {**os.environ, "MAINEVAHTI_CONFIG": str(path.resolve())}
        self._child = self._start()

    def look_after(self) -> None:
        """Start it again when it has ended, not more often than every ten seconds."""
        if self._child.poll() is None or time.monotonic() - self._started < _RESTART_AFTER_S:
            return
        _log.error("the dashboard ended with code %s; starting it again", self._child.returncode)
        self._child = self._start()

    def stop(self) -> None:
        """End it, gently first."""
        self._child.terminate()
        try:
            self._child.wait(_CHILD_MAY_TAKE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        self._started = time.monotonic()
        # Its own session: Ctrl-C at the terminal reaches us alone, and we end it in order.
        return subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )


def _die_with_parent() -> None:
    """After a `kill -9` of the parent no dashboard must stay behind (Linux: prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _command(config: Config) -> list[str]:
    # Found by its place: the service must not import the dashboard, it only starts it.
    page = Path(__file__).parents[2] / "dashboard" / "serving.py"
    settings = {
        "server.address": config.dashboard.address,
        "server.port": str(config.dashboard.port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "logger.level": "warning",
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [sys.executable, "-m", "streamlit", "run", str(page), *options]
