"""Giving an alert to a colleague, and notes that go when what they are about is erased."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import alerts
from monitor.domain import AlertAction, AlertState
from monitor.errors import AlertConflict
from monitor.store import Store, notes, reads, writes
from tests.dashboard import seed
from tests.unit.rows import NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = seed.open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def alert_id(store: Store) -> int:
    with store.transaction() as session:
        made = seed.tell(session, seed.Said(5, "mastodon", "x", "Surkea Lumopuoti!"), NOW, 1)
    assert made is not None
    return made


def test_given_alert_is_in_the_hands_of_the_colleague_and_names_both(store: Store, alert_id: int) -> None:
    with store.transaction() as session:
        row = alerts.give(session, alert_id, "Maija", NOW, 1, "Otto")
        (*_, event) = reads.history(session, alert_id)
    assert (row.state, row.taken_by, row.version) == (AlertState.TAKEN, "Otto", 2)
    assert (event.action, event.who, event.note) == (AlertAction.TAKEN, "Maija", "Otto")


def test_give_after_somebody_was_faster_changes_nothing(store: Store, alert_id: int) -> None:
    with store.transaction() as session:
        alerts.take(session, alert_id, "Liisa", NOW, 1)
    with store.transaction() as session, pytest.raises(AlertConflict):
        alerts.give(session, alert_id, "Maija", NOW, 1, "Otto")
    with store.reading() as session:
        row = reads.alert(session, alert_id)
    assert row is not None
    assert row.taken_by == "Liisa"


def test_closed_alert_is_not_given(store: Store, alert_id: int) -> None:
    with store.transaction() as session:
        alerts.answer(session, alert_id, "Liisa", NOW, 1)
    with store.transaction() as session, pytest.raises(AlertConflict):
        alerts.give(session, alert_id, "Maija", NOW, 2, "Otto")


def test_notes_stay_until_the_last_post_of_the_alert_is_erased(store: Store, alert_id: int) -> None:
    with store.transaction() as session:
        seed.tell(session, seed.Said(2, "mastodon", "y", "Sama Lumopuoti.", thread="post-1"), NOW, 2)
        other = seed.tell(session, seed.Said(2, "mastodon", "z", "Surkea Lumopuoti taas!"), NOW, 3)
        assert other is not None
        notes.add_note(session, alert_id, "Maija", "kirjoittaja on x", NOW)
        notes.add_note(session, other, "Maija", "toinen asia", NOW)
        assert writes.erase_older_than(session, NOW - timedelta(seconds=30), NOW) == 1
        assert len(notes.notes(session, [alert_id, other])) == 2
        writes.erase_older_than(session, NOW + timedelta(days=1), NOW)
        assert notes.notes(session, [alert_id, other]) == []
