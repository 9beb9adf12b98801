"""The world of each test is new."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.world import World
from tests.web.visiting import open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = open_world(tmp_path)
    yield world
    world.store.close()
