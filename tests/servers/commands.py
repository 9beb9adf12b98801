"""Runs the steps of an installation, each with an end in time; what comes from a mirror is tried again.

MAINEVAHTI_SERVERS_FETCH_UNTIL (seconds since 1970) says until when packages may be fetched, and that the
tests may do without a server whose packages do not come. .ci/run sets it: a mirror that is away is no fault
of ours.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_UNTIL = "MAINEVAHTI_SERVERS_FETCH_UNTIL"
_PAUSES_S = (1, 10, 60)
_NO_END_S = 86_400
_LINES_TOLD = 25


class NotInstalled(Exception):
    """A server that could not be set up; the sentence says why."""


class NeedsRoot(NotInstalled):
    """A server that root alone could install or start, and root with all its rights."""


class NotToBeHad(NotInstalled):
    """A server whose packages do not come to this machine, though all was tried."""


def may_do_without() -> bool:
    """Whether the tests may pass over a server that is not to be had."""
    return bool(os.environ.get(_UNTIL))


def fetch(
    *commands: Sequence[str], seconds: int, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """Run commands that fetch something, all of them again when one fails; returns what the last one said.

    `seconds` is for each command. Raises NotToBeHad when it does not help to try again.
    """
    why = "The time for fetching packages was over."
    for pause in (0, *_PAUSES_S):
        time.sleep(min(pause, _seconds_left()))
        if _seconds_left() == 0:
            break
        try:
            return [run(command, max(1, min(seconds, _seconds_left())), cwd, env) for command in commands][-1]
        except NotInstalled as failure:
            why = str(failure)
    raise NotToBeHad(why)


def _seconds_left() -> int:
    until = os.environ.get(_UNTIL)
    return max(0, int(until) - int(time.time())) if until else _NO_END_S


def run(
    command: Sequence[str], seconds: int, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """Run one command and return what it said. Raises NotInstalled when it fails or does not end."""
    surroundings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", **(env or {})}
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise NotInstalled(f"There is no {command[0]} here.") from None
    with process:
        said = _said(process, seconds)
    if said is None:
        raise NotInstalled(f"{' '.join(command)} was not done within {seconds} s.")
    if process.returncode:
        end = "\n".join(said.splitlines()[-_LINES_TOLD:])
        raise NotInstalled(f"{' '.join(command)} failed:\n{end}")
    return said


def _said(process: subprocess.Popen[bytes], seconds: int) -> str | None:
    """Return what a process says until it ends; None when it takes too long, and all of it is killed."""
    is_done = False
    try:
        said = process.communicate(timeout=seconds)[0].decode("utf-8", "replace")
        is_done = True
    except subprocess.TimeoutExpired:
        said = None
    finally:
        if not is_done:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return said
