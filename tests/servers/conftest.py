"""The real servers, each started once for all tests, and the service that listens to them.

A server that cannot be installed or started is a failure. Two kinds are passed over, and named at the end of
the run: what needs root where we are not root, and, where the tests may do without (see commands.py), what
did not come from its mirror.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from monitor.assessor import Assessor, ModelAssessor
from tests.servers.bluesky import Network, bluesky
from tests.servers.commands import NeedsRoot, NotInstalled, NotToBeHad, may_do_without
from tests.servers.mail import PostOffice, post_office
from tests.servers.running import NotStarted
from tests.servers.service import Service, listening
from tests.servers.snac import Snac, snac
from tests.servers.spirit import Spirit, spirit
from tests.servers.wordpress import Wordpress, wordpress

Listen = Callable[..., Service]
_Server = TypeVar("_Server")
_UNTESTED = pytest.StashKey[dict[str, str]]()


@contextmanager
def up(untested: dict[str, str], name: str, server: AbstractContextManager[_Server]) -> Iterator[_Server]:
    """Start a server, or note why it is passed over."""
    with ExitStack() as closing:
        try:
            running = closing.enter_context(server)
        except (NotInstalled, NotStarted) as why:
            if isinstance(why, NeedsRoot) or (isinstance(why, NotToBeHad) and may_do_without()):
                untested[name] = str(why)
                pytest.skip(f"{name}: {why}")
            pytest.fail(f"{name}: {why}", pytrace=False)
        yield running


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the servers that were passed over where nobody can overlook it."""
    untested = config.stash.get(_UNTESTED, {})
    if untested:
        terminalreporter.section("SERVERS THAT WERE NOT TESTED", red=True, bold=True)
    for name, why in untested.items():
        terminalreporter.write_line(f"{name}: {why}", red=True)


@pytest.fixture(scope="session")
def untested(pytestconfig: pytest.Config) -> dict[str, str]:
    """The servers that are passed over, each with the reason."""
    return pytestconfig.stash.setdefault(_UNTESTED, {})


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


@pytest.fixture(scope="session")
def office(untested: dict[str, str]) -> Iterator[PostOffice]:
    with up(untested, "mail", post_office()) as running:
        yield running


@pytest.fixture(scope="session")
def site(untested: dict[str, str]) -> Iterator[Wordpress]:
    with up(untested, "WordPress", wordpress()) as running:
        yield running


@pytest.fixture(scope="session")
def server(untested: dict[str, str]) -> Iterator[Snac]:
    with up(untested, "snac", snac()) as running:
        yield running


@pytest.fixture(scope="session")
def forum(untested: dict[str, str]) -> Iterator[Spirit]:
    with up(untested, "Spirit", spirit()) as running:
        yield running


@pytest.fixture(scope="session")
def network(untested: dict[str, str]) -> Iterator[Network]:
    with up(untested, "Bluesky", bluesky()) as running:
        yield running
