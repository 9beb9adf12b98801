"""The world of each story is new."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.jetstream_server import StreamServer
from tests.stories.ears import Ear, make_world
from tests.stories.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.store.close()


@pytest.fixture
def server() -> Iterator[StreamServer]:
    with StreamServer() as server:
        yield server


@pytest.fixture
def ear(tmp_path: Path, server: StreamServer) -> Iterator[Ear]:
    """Somebody who listens to that server in a world of its own."""
    world = make_world(tmp_path)
    yield Ear(world, server)
    world.store.close()
