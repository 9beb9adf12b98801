"""The mail folder is tried before anything depends on it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import Temporary
from monitor.notifiers.folder import FolderNotifier
from tests.stories.world import HeldClock

CLOCK = HeldClock(datetime(2026, 11, 25, 12, tzinfo=UTC))


def test_folder_try_out_makes_the_folder_and_leaves_nothing_behind(tmp_path: Path) -> None:
    FolderNotifier(tmp_path / "mail", "a@b.example", CLOCK).try_out()
    assert list((tmp_path / "mail").iterdir()) == []


def test_folder_try_out_says_what_to_do_when_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file stands where the folder should be")
    with pytest.raises(Temporary, match="right to write"):
        FolderNotifier(tmp_path / "mail", "a@b.example", CLOCK).try_out()
