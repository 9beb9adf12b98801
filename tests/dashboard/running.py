"""A real `streamlit run` on a free port, and a real browser that is let to this machine only."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Route, sync_playwright

APP = Path(__file__).parents[2] / "dashboard" / "serving.py"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 60


def chromium() -> str | None:
    """Path of Debian's browser; None where it is not installed."""
    return shutil.which("chromium")


@contextmanager
def dashboard(config: Path, port: int | None = None) -> Iterator[str]:
    """Serve the dashboard of a configuration; gives its address, and ends the process afterwards."""
    port = port or free_port()
    options = ["--server.address", "127.0.0.1", "--server.port", str(port), "--server.headless", "true"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(APP), *options],
        env={**os.environ, "MAINEVAHTI_CONFIG": str(config)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait()


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's chromium without a window."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield found
        found.close()


def fenced(
    browser: Browser, *, width: int = 1280, height: int = 900, scheme: str = "light"
) -> tuple[BrowserContext, list[str]]:
    """A window that reaches this machine only, and the list of addresses it tried elsewhere."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        timezone_id="Europe/Helsinki",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE * 1000)
    strayed: list[str] = []

    def fence(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            strayed.append(route.request.url)
            route.abort()

    context.route("**/*", fence)
    return context, strayed


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(PATIENCE * 10):
        assert process.poll() is None, "the dashboard ended before it answered"
        try:
            with urlopen(url):
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("the dashboard does not answer")
