"""Which failures to install a server are passed over, and which are not. Starts none of them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.commands import NeedsRoot, NotInstalled, NotToBeHad, fetch, run
from tests.servers.conftest import up
from tests.servers.running import NotStarted

ROOT = Path(__file__).parents[2]
UNTIL = "MAINEVAHTI_SERVERS_FETCH_UNTIL"
LONG_AGO = "1"


@contextmanager
def failing(why: Exception) -> Iterator[None]:
    raise why
    yield


def test_server_that_does_not_come_is_passed_over_and_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "tests/servers/test_snac.py", "-m", "servers"]
    ran = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, "MAINEVAHTI_SERVERS": str(tmp_path / "shelf"), UNTIL: LONG_AGO},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert "SERVERS THAT WERE NOT TESTED" in ran.stdout
    assert "5 skipped" in ran.stdout


def test_server_that_does_not_come_is_a_failure_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(UNTIL, raising=False)
    with (
        pytest.raises(pytest.fail.Exception, match="no mirror"),
        up({}, "snac", failing(NotToBeHad("no mirror"))),
    ):
        pass


@pytest.mark.parametrize("why", [NotInstalled("it does not compile"), NotStarted("it gave no answer")])
def test_what_fails_after_the_download_is_a_failure_everywhere(
    monkeypatch: pytest.MonkeyPatch, why: Exception
) -> None:
    monkeypatch.setenv(UNTIL, LONG_AGO)
    with pytest.raises(pytest.fail.Exception, match=str(why)), up({}, "snac", failing(why)):
        pass


def test_server_that_needs_root_is_passed_over_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(UNTIL, raising=False)
    untested: dict[str, str] = {}
    with pytest.raises(pytest.skip.Exception), up(untested, "mail", failing(NeedsRoot("only root may"))):
        pass
    assert untested == {"mail": "only root may"}


def test_what_did_not_come_is_fetched_again(tmp_path: Path) -> None:
    counting = 'echo x >> tries; [ "$(wc -l < tries)" = 2 ] && echo came'
    assert fetch(["sh", "-c", counting], seconds=60, cwd=tmp_path) == "came\n"


def test_fetching_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(UNTIL, str(int(time.time()) + 2))
    with pytest.raises(NotToBeHad, match="sleep 600 was not done"):
        fetch(["sleep", "600"], seconds=600)


def test_nothing_is_fetched_when_the_time_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(UNTIL, LONG_AGO)
    with pytest.raises(NotToBeHad, match="time for fetching"):
        fetch(["touch", "came"], seconds=60, cwd=tmp_path)
    assert not (tmp_path / "came").exists()


def test_what_a_late_command_started_ends_with_it(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="was not done within 1 s"):
        run(["sh", "-c", "sleep 600 & echo $! > child; wait"], 1, cwd=tmp_path)
    child = Path("/proc") / (tmp_path / "child").read_text(encoding="ascii").strip()
    for _ in range(100):  # a killed process goes when the processor is free for it
        if not _runs(child):
            break
        time.sleep(0.1)
    assert not _runs(child)


def _runs(process: Path) -> bool:
    try:
        return "(zombie)" not in (process / "status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
