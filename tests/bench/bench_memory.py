"""Peak memory of `mainevahti run` with its dashboard child: idle, and while the demo's backlog is read."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

_ROOT = Path(__file__).parents[2]
_AIM_MB = 1024
_LOAD_S, _IDLE_S = 60, 30


def rows() -> list[dict[str, Any]]:
    """Run the shipped configuration in an empty folder; sums resident memory over the process tree."""
    with tempfile.TemporaryDirectory() as folder:
        port, demo_port = _free_port(), _free_port()
        _write_config(Path(folder), port, demo_port)
        service = subprocess.Popen(
            [sys.executable, "-m", "monitor", "run"], cwd=folder, stderr=subprocess.DEVNULL, env=os.environ
        )
        try:
            loaded = _peak(service.pid, _LOAD_S, f"http://127.0.0.1:{port}/")
            idle = _peak(service.pid, _IDLE_S, None)
        finally:
            service.send_signal(signal.SIGINT)
            service.wait(60)
    return [
        {
            "what": "first minute: backlog read, page open",
            "peak MB": loaded,
            "share of the aim": loaded / _AIM_MB,
        },
        {"what": "afterwards, idle", "peak MB": idle, "share of the aim": idle / _AIM_MB},
    ]


def _write_config(folder: Path, port: int, demo_port: int) -> None:
    text = (_ROOT / "config.toml").read_text(encoding="utf-8")
    text = (
        text.replace("port = 8501", f"port = {port}")
        .replace("8765", str(demo_port))
        .replace("8502", str(_free_port()))
    )
    (folder / "config.toml").write_text(text, encoding="utf-8")


def _peak(pid: int, seconds: float, page: str | None) -> float:
    end = time.monotonic() + seconds
    peak = 0
    while time.monotonic() < end:
        peak = max(peak, _resident(pid))
        if page is not None:
            _open(page)
        time.sleep(0.5)
    return peak / 2**20


def _resident(pid: int) -> int:
    parent = psutil.Process(pid)
    total = 0
    for process in (parent, *parent.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def _open(page: str) -> None:
    try:
        urllib.request.urlopen(page, timeout=5).close()
    except OSError:
        return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
