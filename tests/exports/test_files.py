"""A file stands under its name only when it is complete: full disks, limits, kills and Ctrl-C leave none."""

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor import export
from monitor.errors import MonitorError
from monitor.export import COLUMNS, Format, Subject, dictionary, files

MENTIONS = COLUMNS[Subject.MENTIONS]
# Exports without end: rows of text that no format can make small.
ENDLESS = """
import os, sys
from pathlib import Path
from monitor import export
from monitor.export import COLUMNS, Column, Format, Type
columns = (Column("text", Type.TEXT, "A text."),)
def batches():
    while True:
        yield [(os.urandom(2_000).hex(),) for _ in range(100)]
path = Path(sys.argv[1])
print("ready", flush=True)
with export.whole_bytes(path) as out:
    export.write(batches(), columns, Format(sys.argv[2]), out, folder=path.parent)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_file_appears_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with export.whole_bytes(path) as out:
        out.write(b"half")
        out.flush()
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert names(tmp_path) == ["out.csv"]


def write_half(path: Path) -> None:
    with export.whole_bytes(path) as out:
        out.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_file_that_was_there_stays_when_the_next_one_fails(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before")
    with pytest.raises(MonitorError, match="Free some space"):
        write_half(path)
    assert path.read_text() == "before"
    assert names(tmp_path) == ["out.csv"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing/out.csv", "Make the folder first"),
        ("", "is not a file"),
        ("x" * 300, "cannot be written"),
        ("file/out.csv", "Name a folder"),
    ],
)
def test_file_that_cannot_be_written_is_told_with_the_remedy(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(MonitorError, match=said), export.whole_bytes(tmp_path / name):
        pass
    assert names(tmp_path) == ["file"]


def test_text_is_written_whole_too(tmp_path: Path) -> None:
    with files.whole_file(tmp_path / "out.txt") as out:
        out.write("ä\n")
    assert (tmp_path / "out.txt").read_bytes() == "ä\n".encode()


def test_dictionary_lies_beside_its_export(tmp_path: Path) -> None:
    path = dictionary.write_beside(tmp_path / "posts.parquet", MENTIONS, Format.PARQUET)
    assert path.name == "posts.parquet.columns.csv"
    assert path.read_bytes().count(b"\r\n") == len(MENTIONS) + 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of one megabyte; without the right to mount one, a limit is tested alone."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("format", Format)
def test_full_disk_leaves_nothing_under_the_name(small_disk: Path, format: Format) -> None:
    run = subprocess.run(
        [sys.executable, "-c", ENDLESS, small_disk / "out", format],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Free some space and start again." in run.stderr
    assert "MonitorError" in run.stderr.splitlines()[-1]
    assert names(small_disk) == []


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))


@pytest.mark.parametrize("format", Format)
def test_limit_of_file_sizes_leaves_nothing_under_the_name(tmp_path: Path, format: Format) -> None:
    run = subprocess.run(
        [sys.executable, "-c", ENDLESS, tmp_path / "out", format],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=limited,
    )
    assert "Export a shorter period" in run.stderr
    assert names(tmp_path) == []


def heard() -> None:
    """What was started in the background of a shell has Ctrl-C ignored, and hands that down."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def running(folder: Path, format: Format) -> Iterator[subprocess.Popen[str]]:
    """An endless export that has begun to write; it ends with the test, whatever becomes of that."""
    command = [sys.executable, "-c", ENDLESS, str(folder / "out"), format]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, preexec_fn=heard, **pipes) as run:
        try:
            assert run.stdout is not None
            assert run.stdout.readline() == "ready\n"
            while not any(path.stat().st_size for path in folder.iterdir()):
                time.sleep(0.02)
            yield run
        finally:
            run.kill()


@pytest.mark.parametrize("format", [Format.CSV, Format.PARQUET])
def test_killed_export_leaves_no_half_file_and_the_next_one_cleans_up(tmp_path: Path, format: Format) -> None:
    with running(tmp_path, format) as run:
        run.kill()
        run.communicate()
    (left,) = names(tmp_path)
    assert left == f".out.{run.pid}.part"
    with export.whole_bytes(tmp_path / "out") as out:
        out.write(b"whole")
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("format", Format)
def test_interrupted_export_cleans_up_itself(tmp_path: Path, format: Format) -> None:
    with running(tmp_path, format) as run:
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    assert said.splitlines()[-1] == "KeyboardInterrupt"
    assert names(tmp_path) == []


def test_what_another_running_export_writes_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / f".out.csv.{os.getppid()}.part"
    strange = tmp_path / ".out.csv.x.part"
    for path in (other, strange):
        path.write_text("half")
    with export.whole_bytes(tmp_path / "out.csv") as out:
        out.write(b"whole")
    assert names(tmp_path) == sorted([other.name, strange.name, "out.csv"])
