"""The real servers, each started once for the tests of its file, and the service that listens to them.

A server that cannot be installed or started is a failure; only where root would be needed, and we are not
root, its tests are skipped, and say so.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from monitor.assessor import Assessor, ModelAssessor
from tests.servers.bluesky import Network, bluesky
from tests.servers.installing import NeedsRoot, NotInstalled
from tests.servers.mail import PostOffice, post_office
from tests.servers.running import NotStarted
from tests.servers.service import Service, listening
from tests.servers.snac import Snac, snac
from tests.servers.spirit import Spirit, spirit
from tests.servers.wordpress import Wordpress, wordpress

Listen = Callable[..., Service]
_Server = TypeVar("_Server")


@contextmanager
def _up(server: AbstractContextManager[_Server]) -> Iterator[_Server]:
    with ExitStack() as closing:
        try:
            running = closing.enter_context(server)
        except NeedsRoot as why:
            pytest.skip(str(why))
        except (NotInstalled, NotStarted) as why:
            pytest.fail(str(why), pytrace=False)
        yield running


@pytest.fixture(scope="session")
def assessor() -> Assessor:
    """The model as it is shipped, loaded once."""
    return ModelAssessor(threads=1)


@pytest.fixture
def listen(tmp_path: Path, assessor: Assessor) -> Iterator[Listen]:
    """Open services, each in a folder of its own; see `listening`."""
    with ExitStack() as closing:

        def open_one(source: str, more: str = "", **secrets: str) -> Service:
            folder = Path(tempfile.mkdtemp(dir=tmp_path))
            return closing.enter_context(listening(folder, assessor, source, more, secrets))

        yield open_one


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with _up(post_office()) as running:
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[Wordpress]:
    with _up(wordpress()) as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[Snac]:
    with _up(snac()) as running:
        yield running


@pytest.fixture(scope="module")
def forum() -> Iterator[Spirit]:
    with _up(spirit()) as running:
        yield running


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with _up(bluesky()) as running:
        yield running
