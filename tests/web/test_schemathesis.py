"""Schemathesis asks the API all that its own description allows, and much that it does not.

It checks that no answer is an error of the server, that every answer is one of those described, with the
type and the schema described, that what is not allowed is refused, and that nothing comes without a token.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from monitor.export import Subject
from tests.stories.world import World
from tests.web.visiting import TOKEN, open_world, site_of

EXAMPLES = 25
EVERY = ["mentions", "alerts", "trends", "health", "columns", *(f"export/{subject}" for subject in Subject)]
# Where nothing can be asked, nothing can be asked wrongly that the description would rule out.
NOTHING = [(path, GenerationMode.NEGATIVE) for path in ("health", "columns")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = open_world(tmp_path_factory.mktemp("described"))
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:52", author="Mökkiläinen")
    world.post("blog", "Kiitos Lumopuoti!", thread="t4", days_ago=3)
    world.run()
    yield world
    world.store.close()


@pytest.fixture(scope="module")
def description(world: World) -> Any:
    """The API as it describes itself."""
    return schemathesis.openapi.from_asgi("/api/openapi.json", site_of(world))


@pytest.mark.parametrize(
    ("path", "mode"),
    [(path, mode) for path in EVERY for mode in GenerationMode if (path, mode) not in NOTHING],
)
def test_api_is_as_it_describes_itself(
    description: Any, world: World, path: str, mode: GenerationMode
) -> None:
    cases = description[f"/api/v1/{path}"]["GET"].as_strategy(
        generation_mode=mode, headers={"Authorization": f"Bearer {TOKEN}"}
    )

    @given(case=cases)
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
    def ask(case: Any) -> None:
        # As time goes by a client may ask again.
        world.clock.moment += timedelta(seconds=1)
        answer = case.call_and_validate(excluded_checks=[positive_data_acceptance])
        # No schema can say that a shop is one of the configuration, or that a period begins before it ends.
        if answer.status_code == 400:
            assert answer.json()["parameter"] in map(printable, case.query)

    ask()


def printable(name: str) -> str:
    """A name as it is told back."""
    return "".join(sign for sign in name[:60] if sign.isprintable())


@pytest.mark.parametrize("path", EVERY)
def test_nothing_comes_with_another_token(description: Any, path: str) -> None:
    case = description[f"/api/v1/{path}"]["GET"].Case()
    answer = case.call(headers={"Authorization": "Bearer another"})
    assert answer.status_code == 401
    case.validate_response(answer)
