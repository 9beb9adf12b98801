"""A database of an earlier version comes up to this one, and back, without losing a row."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command

from monitor.store import Store, reads
from monitor.store.engine import alembic_settings

MENTION = """insert into mention (id, shop, source, external_id, url, author, title, text, found_at,
    thread_key, thread_title, parent_text, words, certainty, found_where, fingerprint, text_hash)
    values (1, 'lumo', 'forum', 'p1', '', 'x', '', 'Lumo', '2026-11-20 12:00:00', 't1', '', '', '[]', 1,
    'text', 'f', 'h')"""
ASSESSMENT = """insert into assessment (id, mention_id, model, topics, urgency, is_about, reasons,
    assessed_at)
    values (1, 1, 'm1', '[]', 'none', 1, '[]', '2026-11-20 12:00:00')"""
ALERT = """insert into alert (id, shop, thread, source, state, urgency, clock_started_at, opened_at, due_at,
    first_mention_id, reasons, version) values (1, 'lumo', 'forum:t1', 'forum', 'open', 'high',
    '2026-11-20 12:00:00', '2026-11-20 12:00:00', '2026-11-20 13:00:00', 1, '[]', 1)"""
DELIVERY = """insert into delivery (id, key, alert_id, recipient, reason, state, planned_at, due_at, attempts,
    message_id) values (1, '1:first:owner', 1, 'owner', 'first', 'due', '2026-11-20 12:00:00',
    '2026-11-20 12:00:00', 0, '<1@x>')"""
STATE = "insert into sourcestate (source, cursor, failures_in_row) values ('forum', 'page 2', 0)"
ROWS = (MENTION, ASSESSMENT, ALERT, DELIVERY, STATE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/test.db")
    move(store, command.upgrade, "0001")
    with store.transaction() as session:
        for row in ROWS:
            session.connection().exec_driver_sql(row)
    yield store
    store.close()


def move(store: Store, way: object, version: str) -> None:
    settings = alembic_settings()
    with store.engine.begin() as connection:
        settings.attributes["connection"] = connection
        assert callable(way)
        way(settings, version)


def counts(store: Store) -> list[int]:
    tables = ("mention", "assessment", "alert", "delivery", "sourcestate")
    with store.reading() as session:
        connection = session.connection()
        return [connection.exec_driver_sql(f"select count(*) from {table}").scalar_one() for table in tables]


def test_rows_of_the_first_version_are_all_kept(store: Store) -> None:
    store.migrate()
    assert counts(store) == [1, 1, 1, 1, 1]
    with store.reading() as session:
        (delivery,) = reads.deliveries(session, 1)
        state = reads.source_states(session)["forum"]
    assert (delivery.alert_id, delivery.source) == (1, None)
    assert (state.cursor, state.slowdown, state.is_paused) == ("page 2", 0, False)


def test_going_back_keeps_what_the_earlier_version_knows(store: Store) -> None:
    store.migrate()
    move(store, command.downgrade, "0001")
    assert counts(store) == [1, 1, 1, 1, 1]
