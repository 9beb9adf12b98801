"""A stream server for the tests that want one."""

from collections.abc import Iterator

import pytest

from tests.sources.jetstream_server import StreamServer


@pytest.fixture
def server() -> Iterator[StreamServer]:
    with StreamServer() as server:
        yield server
