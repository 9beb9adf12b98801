"""The first run as a stranger has it: one command, alerts and mails within a minute, a clean end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import psutil
import pytest

from monitor.store import Store, reads

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """`mainevahti run` in a folder of its own, with the shipped configuration on free ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        text = (ROOT / "config.toml").read_text(encoding="utf-8")
        text = text.replace("port = 8501", f"port = {self.port}").replace("8765", str(free_port()))
        self.web_port = free_port()
        text = text.replace("port = 8502", f"port = {self.web_port}")
        (folder / "config.toml").write_text(text, encoding="utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "monitor", "run"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stderr=log, start_new_session=True)

    @property
    def tree(self) -> list[psutil.Process]:
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def end(self, number: int) -> int:
        assert self.process is not None
        os.kill(self.process.pid, number)
        return self.process.wait(PATIENCE_S)

    def alerts(self) -> int:
        store = Store(f"sqlite:///{self.folder}/var/mainevahti.db")
        try:
            with store.reading() as session:
                return len(reads.open_alerts(session))
        finally:
            store.close()

    def mails(self) -> list[Path]:
        return list((self.folder / "var/mail").glob("*.eml"))

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as page:
                return page.status == 200
        except OSError:
            return False

    def ask(self, path: str, press: bool = False) -> tuple[int, str]:
        """Ask the web endpoint; `press` sends the empty form of a button."""
        address = f"http://127.0.0.1:{self.web_port}{path}"
        with urllib.request.urlopen(address, data=b"" if press else None, timeout=30) as answer:
            return answer.status, answer.read().decode()

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    if service.process is not None and service.process.poll() is None:
        service.end(signal.SIGKILL)


def until(what: Callable[[], object], service: Service) -> None:
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert service.process is not None
        assert service.process.poll() is None, service.log()
        assert time.monotonic() < end, service.log()
        time.sleep(0.5)


def buttons(path: Path) -> list[str]:
    """Addresses behind the buttons of a mail."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    return re.findall(r"(/do/\S+)", mail.get_body(("plain",)).get_content())


@pytest.mark.weights
def test_first_run_shows_alerts_writes_mails_and_ends_cleanly(service: Service) -> None:
    service.start()
    until(lambda: (service.folder / "var/mainevahti.db").exists() and service.mails(), service)
    until(service.answers, service)
    assert service.alerts() > 0
    assert f"http://127.0.0.1:{service.port}" in service.log()
    until(lambda: any(buttons(path) for path in service.mails()), service)
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in service.mails()]
    assert all("Lumopuoti" in mail["Subject"] for mail in mails)
    until(lambda: service.ask("/healthz") == (200, "ok\n"), service)
    # The backlog of the first start comes in one mail; what is critical has its own, with buttons.
    button = next(found for path in service.mails() for found in buttons(path))
    assert "Olet ottanut tämän" in service.ask(button, press=True)[1]
    tree = service.tree
    assert len(tree) > 1
    assert service.end(signal.SIGINT) == 0
    psutil.wait_procs(tree, timeout=PATIENCE_S)
    assert not [process for process in tree if process.is_running()]


@pytest.mark.weights
def test_killed_service_loses_nothing_and_leaves_no_child(service: Service) -> None:
    service.start()
    until(lambda: (service.folder / "var/mainevahti.db").exists() and service.mails(), service)
    tree, alerts = service.tree, service.alerts()
    service.end(signal.SIGKILL)
    _, alive = psutil.wait_procs(tree, timeout=PATIENCE_S)
    assert alive == []
    service.start()
    until(lambda: service.answers() and service.alerts() >= alerts, service)
    mails = len({message_from_bytes(path.read_bytes())["Message-ID"] for path in service.mails()})
    assert mails == len(service.mails())
    assert service.end(signal.SIGTERM) == 0


@pytest.mark.parametrize(("port", "path"), [("port", "dashboard.port"), ("web_port", "web.port")])
def test_taken_port_is_told_before_anything_starts(service: Service, port: str, path: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", getattr(service, port)))
        taken.listen()
        service.start()
        assert service.process is not None
        assert service.process.wait(PATIENCE_S) == 2
    assert path in service.log()
