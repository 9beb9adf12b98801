"""The page of sources: every state has a word, and a source can be paused, resumed and fetched."""

import pytest

from dashboard.language import NAMES
from monitor.store import reads
from tests.dashboard.conftest import shown


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: kind.__name__)
def test_every_state_that_can_be_shown_has_a_word(kind):
    assert set(NAMES[kind]) == set(kind)


def test_source_is_paused_and_resumed(place, visit):
    at = visit("sources", who="Maija")
    at.button(key="pause-mastodon").click().run()
    with place.store.reading() as session:
        assert reads.source_states(session)["mastodon"].paused_at is not None
    assert "Paused" in shown(at)
    at.button(key="resume-mastodon").click().run()
    with place.store.reading() as session:
        assert reads.source_states(session)["mastodon"].paused_at is None


def test_source_is_fetched_when_asked(place, visit):
    visit("sources", who="Maija").button(key="run-mastodon").click().run()
    with place.store.reading() as session:
        assert reads.source_states(session)["mastodon"].run_requested_at is not None
