from collections.abc import Iterator

import pytest

from monitor.store import Store
from tests.exports.support import golden_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Only looked at."""
    store = golden_store(tmp_path_factory.mktemp("golden") / "golden.db")
    yield store
    store.close()
