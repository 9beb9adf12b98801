"""Runs the processes of a real server on this machine alone, and ends them by their ids."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from tests.servers.installing import is_root

HOST = "127.0.0.1"
_PATIENCE_S = 180
_GOODBYE_S = 20
_LINES_TOLD = 25


class NotStarted(Exception):
    """A server that gave no answer; the sentence ends with what it wrote last."""


class Process:
    """One process in a session of its own, with all that it starts."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, cwd: Path, env: Mapping[str, str]
    ) -> None:
        self._name, self._log = name, log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                cwd=cwd,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait until it answers. Raises NotStarted when it ends before, or takes too long."""
        end = time.monotonic() + _PATIENCE_S
        while not ready():
            if self._process.poll() is not None:
                raise NotStarted(f"{self._name} ended while it was starting:\n{self.said()}")
            if time.monotonic() > end:
                raise NotStarted(f"{self._name} gave no answer within {_PATIENCE_S} s:\n{self.said()}")
            time.sleep(0.1)

    def said(self) -> str:
        """Return the end of what it wrote."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LINES_TOLD:])

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it and what it started: politely, then not."""
        family = self._family()
        with suppress(ProcessLookupError):
            self._process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GOODBYE_S)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self._process.wait(_GOODBYE_S)
        psutil.wait_procs(family, timeout=_GOODBYE_S)

    def _family(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self._process.pid)
            return [first, *first.children(recursive=True)]
        return []


class Stand:
    """A folder for the data of one server, and its processes."""

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = folder
        self._name = name
        self._running: list[tuple[Process, int]] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        ready: Callable[[], bool],
        env: Mapping[str, str] | None = None,
        user: str = "",
        end: int = signal.SIGTERM,
    ) -> None:
        """Start a process, as `user` where we are root, and wait until it answers; `end` is what ends it."""
        # Should the tests be killed, their servers are told to end as well.
        whole = [*as_user(user), "setpriv", "--pdeathsig", "TERM", *command]
        process = Process(f"{self._name}: {name}", whole, self.folder / f"{name}.log", self.folder, env or {})
        self._running.append((process, end))
        process.wait_until(ready)

    def run(
        self, command: Sequence[str], env: Mapping[str, str] | None = None, user: str = "", typed: str = ""
    ) -> str:
        """Run something that ends by itself and return what it said. Raises NotStarted when it fails."""
        try:
            done = subprocess.run(
                [*as_user(user), *command],
                cwd=self.folder,
                env={**os.environ, **(env or {})},
                input=typed.encode(),
                capture_output=True,
                timeout=_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotStarted(f"{self._name}: {command[0]} was not done within {_PATIENCE_S} s.") from None
        if done.returncode:
            raise NotStarted(f"{self._name}: {command[0]} failed: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout.decode("utf-8", "replace")

    def stop(self) -> None:
        """End all processes, the last started first."""
        while self._running:
            process, number = self._running.pop()
            process.stop(number)


@contextmanager
def stand(name: str) -> Iterator[Stand]:
    """Give a new stand; at the end its processes are gone and so is its folder."""
    folder = Path(tempfile.mkdtemp(prefix=f"mainevahti-{name}-"))
    folder.chmod(0o711)  # some servers work as a user of their own
    place = Stand(name, folder)
    try:
        yield place
    finally:
        place.stop()
        shutil.rmtree(folder, ignore_errors=True)


def as_user(name: str) -> list[str]:
    """Return the words that make a command run as that user; none where we are not root, or none is named."""
    if not name or not is_root():
        return []
    return ["setpriv", f"--reuid={name}", f"--regid={pwd.getpwnam(name).pw_gid}", "--clear-groups"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=5):
        return True
    return False


def answers(url: str) -> bool:
    """Say whether a page is there."""
    with suppress(httpx.TransportError):
        return httpx.get(url, timeout=20, trust_env=False).is_success
    return False
