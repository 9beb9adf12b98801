"""Killed at random moments under load: nothing is lost, nothing is doubled."""

from pathlib import Path

from tests.stories.killing import kill_often


def test_service_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    damage = kill_often(tmp_path, kills=25, posts=120)
    assert damage.is_none, damage
    assert damage.under_load > 10
    assert damage.mails > 10
