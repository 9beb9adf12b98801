"""The store on a real SQLite file: inserts say what is new, edits are judged again, errors have remedies."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateIndex
from sqlmodel import SQLModel

from monitor.domain import DeliveryState, Match, Post, SendReason, Sentiment, Shop, Topic, Verdict
from monitor.errors import StoreError
from monitor.store import Store, deliveries, reads, writes
from monitor.store.engine import alembic_settings
from monitor.store.tables import Alert, Mention, Run

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SHOP = Shop(slug="lumo", name="Lumo")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/new/folder/test.db")
    store.migrate()
    yield store
    store.close()


def found(number: int, text: str = "Lumosta tuli rikkinäinen lamppu.") -> tuple[Post, Match, str]:
    post = Post(
        source="forum",
        external_id=str(number),
        text=text,
        thread_key="t1",
        posted_at=NOW - timedelta(minutes=number),
        author="nimimerkki",
    )
    return post, Match(SHOP, ("Lumosta",), 1.0), "print"


def verdict(label: Sentiment = Sentiment.NEGATIVE, model: str = "m1") -> Verdict:
    scores = {sentiment: 0.9 if sentiment is label else 0.05 for sentiment in Sentiment}
    return Verdict(model, scores, label, (Topic.PRODUCT_QUALITY,))


def add(store: Store, *posts: tuple[Post, Match, str]) -> writes.Stored:
    with store.transaction() as session:
        return writes.add_mentions(session, posts, NOW)


def test_insert_says_what_is_new(store: Store) -> None:
    assert len(add(store, found(1), found(2)).new) == 2
    again = add(store, found(2), found(3))
    assert len(again.new) == 1
    assert again.edited == ()


def test_same_post_twice_in_one_batch_is_one_mention(store: Store) -> None:
    assert len(add(store, found(1), found(1)).new) == 1


def test_one_post_about_two_shops_is_two_mentions(store: Store) -> None:
    post, _, fingerprint = found(1)
    rival = Match(Shop(slug="rival", name="Rival"), ("Rival",), 1.0)
    assert len(add(store, found(1), (post, rival, fingerprint)).new) == 2


def test_edit_replaces_the_text_and_is_judged_again(store: Store) -> None:
    (mention_id,) = add(store, found(1)).new
    with store.transaction() as session:
        assert writes.add_assessment(session, mention_id, verdict(), True, (), NOW)
    assert add(store, found(1, "EDIT: hoitui, kiitos.")).edited == (mention_id,)
    with store.reading() as session:
        (waiting,) = reads.unassessed(session, "m1", 10)
    assert waiting.text == "EDIT: hoitui, kiitos."
    assert waiting.edited_at == NOW


def test_times_come_back_aware_in_utc(store: Store) -> None:
    add(store, found(1))
    with store.reading() as session:
        (mention,) = reads.unassessed(session, "m1", 10)
    assert mention.posted_at == NOW - timedelta(minutes=1)
    assert mention.posted_at.tzinfo is not None


def test_assessment_by_the_same_model_is_stored_once(store: Store) -> None:
    (mention_id,) = add(store, found(1)).new
    with store.transaction() as session:
        assert writes.add_assessment(session, mention_id, verdict(), True, (), NOW)
        assert not writes.add_assessment(session, mention_id, verdict(), True, (), NOW)
    with store.reading() as session:
        assert reads.unassessed(session, "m1", 10) == []
        assert len(reads.unassessed(session, "m2", 10)) == 1


def test_mentions_show_the_newest_assessment(store: Store) -> None:
    (mention_id,) = add(store, found(1)).new
    with store.transaction() as session:
        writes.add_assessment(session, mention_id, verdict(), True, (), NOW)
        writes.add_assessment(session, mention_id, verdict(Sentiment.POSITIVE, "m2"), True, (), NOW)
    with store.reading() as session:
        (mention,) = reads.mentions(session, reads.MentionFilter())
    assert mention.assessment is not None
    assert mention.assessment.label is Sentiment.POSITIVE


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        (reads.MentionFilter(), 2),
        (reads.MentionFilter(shops=("lumo",)), 2),
        (reads.MentionFilter(shops=("muu",)), 0),
        (reads.MentionFilter(labels=(Sentiment.NEGATIVE,)), 1),
        (reads.MentionFilter(topics=(Topic.PRODUCT_QUALITY,)), 1),
        (reads.MentionFilter(topics=(Topic.PRICE,)), 0),
        (reads.MentionFilter(words="LAMPPU rikkinäinen"), 2),
        (reads.MentionFilter(words="100%"), 0),
        (reads.MentionFilter(author="nimimerkki"), 2),
        (reads.MentionFilter(since=NOW - timedelta(seconds=90)), 1),
        (reads.MentionFilter(until=NOW - timedelta(seconds=90)), 1),
    ],
)
def test_filter_passes_only_what_it_names(store: Store, wanted: reads.MentionFilter, number: int) -> None:
    first, _ = add(store, found(1), found(2)).new
    with store.transaction() as session:
        writes.add_assessment(session, first, verdict(), True, (), NOW)
    with store.reading() as session:
        assert len(reads.mentions(session, wanted)) == number
        assert reads.count_mentions(session, wanted) == number


def test_cursor_moves_only_when_the_transaction_holds(store: Store) -> None:
    class Crash(Exception):
        pass

    def crash() -> None:
        with store.transaction() as session:
            writes.add_mentions(session, [found(1)], NOW)
            writes.save_run(session, run(), "page 2", NOW)
            raise Crash

    with pytest.raises(Crash):
        crash()
    with store.reading() as session:
        assert reads.source_states(session) == {}
        assert writes.count(session, Mention) == 0


def run(outcome: str = "ok", error: str | None = None) -> Run:
    return Run(
        source="forum",
        started_at=NOW,
        ended_at=NOW,
        outcome=outcome,
        posts=1,
        mentions=1,
        new=1,
        median_delay=None,
        warnings=[],
        error=error,
    )


def test_failed_run_keeps_the_cursor_and_counts(store: Store) -> None:
    with store.transaction() as session:
        writes.save_run(session, run(), "page 2", NOW)
    with store.transaction() as session:
        writes.save_run(session, run("busy", "wait"), None, None)
    with store.reading() as session:
        state = reads.source_states(session)["forum"]
    assert (state.cursor, state.failures_in_row, state.last_error) == ("page 2", 1, "wait")
    assert state.last_post_at == NOW


def plan(store: Store, key: str, due_at: datetime = NOW) -> int:
    with store.transaction() as session:
        if session.get(Alert, 1) is None:
            writes.add_mentions(session, [found(1)], NOW)
            session.add(alert())
            session.flush()
        delivery = deliveries.Planned(key, 1, "owner", SendReason.FIRST, due_at, f"<{key}@x>")
        return deliveries.plan(session, [delivery], NOW)


def alert() -> Alert:
    return Alert(
        id=1,
        shop="lumo",
        thread="forum:t1",
        source="forum",
        state="open",
        urgency="high",
        clock_started_at=NOW,
        opened_at=NOW,
        due_at=NOW,
        first_mention_id=1,
        reasons=[],
    )


def test_delivery_is_planned_once_for_the_same_key(store: Store) -> None:
    assert plan(store, "a") == 1
    assert plan(store, "a") == 0


def test_delivery_is_claimed_by_one_worker_and_taken_over_when_stale(store: Store) -> None:
    plan(store, "a")
    plan(store, "later", NOW + timedelta(hours=1))
    stale = timedelta(minutes=5)
    with store.transaction() as session:
        claimed = deliveries.claim(session, NOW, "one", stale)
    assert claimed is not None
    assert claimed.attempts == 1
    with store.transaction() as session:
        assert deliveries.claim(session, NOW, "two", stale) is None
        again = deliveries.claim(session, NOW + stale, "two", stale)
    assert again is not None
    assert (again.id, again.attempts) == (claimed.id, 2)


def test_sent_and_failed_deliveries_rest(store: Store) -> None:
    plan(store, "a")
    plan(store, "b")
    with store.transaction() as session:
        first = deliveries.claim(session, NOW, "one", timedelta(minutes=5))
        assert first is not None
        deliveries.mark_sent(session, first.id, NOW)
        second = deliveries.claim(session, NOW, "one", timedelta(minutes=5))
        assert second is not None
        deliveries.mark_failed(session, second.id, "no such mailbox")
        assert deliveries.claim(session, NOW + timedelta(days=1), "one", timedelta(minutes=5)) is None
    with store.reading() as session:
        (failed,) = reads.failed_deliveries(session, NOW - timedelta(days=1))
        states = [delivery.state for delivery in reads.deliveries(session, 1)]
    assert failed.last_error == "no such mailbox"
    assert states == [DeliveryState.SENT, DeliveryState.FAILED]


def test_erasing_removes_text_and_author_and_keeps_the_count(store: Store) -> None:
    add(store, found(1))
    with store.transaction() as session:
        assert writes.erase_older_than(session, NOW + timedelta(seconds=1), NOW) == 1
        assert writes.erase_older_than(session, NOW + timedelta(seconds=1), NOW) == 0
    with store.reading() as session:
        (mention,) = reads.mentions(session, reads.MentionFilter())
        assert (mention.text, mention.author, mention.url) == ("", "", "")
        assert reads.unassessed(session, "m1", 10) == []
    assert add(store, found(1)).edited == ()


def test_setting_keeps_its_first_value(store: Store) -> None:
    with store.transaction() as session:
        assert writes.remember(session, "demo_started_at", "one") == "one"
        assert writes.remember(session, "demo_started_at", "two") == "one"


@pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index ix_mention_(shop_)?spoken$",
    "ignore:autogenerate skipping metadata-specified expression-based index 'ix_mention_(shop_)?spoken'",
)
def test_migrations_build_exactly_the_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        # The index of the search is no table of SQLModel; SQLite keeps it in several tables of its own.
        opts = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("spoken")}
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "render_as_batch": True, **opts}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrations_build_the_indexes_on_expressions_too(store: Store) -> None:
    # Alembic cannot compare these two on SQLite.
    with store.reading() as session:
        connection = session.connection()
        listed = connection.exec_driver_sql("select name, sql from sqlite_master where type = 'index'")
        built = {name: sql for name, sql in listed if sql}
    declared = {str(index.name): index for index in SQLModel.metadata.tables["mention"].indexes}
    for name in ("ix_mention_spoken", "ix_mention_shop_spoken"):
        assert built[name] == str(CreateIndex(declared[name]).compile(store.engine))


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (reads.MentionFilter(), "ix_mention_spoken"),
        (reads.MentionFilter(since=NOW), "ix_mention_spoken"),
        (reads.MentionFilter(shops=("lumo",), since=NOW), "ix_mention_shop_spoken"),
    ],
)
def test_first_page_is_read_in_the_order_of_an_index(
    store: Store, wanted: reads.MentionFilter, index: str
) -> None:
    asked: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    event.listen(store.engine, "before_cursor_execute", listen)
    with store.reading() as session:
        reads.mentions(session, wanted)
        statement, values = asked[-1]
        plan = session.connection().exec_driver_sql(f"explain query plan {statement}", values).all()
    steps = [step.detail for step in plan]
    assert any(f"mention USING INDEX {index}" in step for step in steps)
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in steps)


def test_migrations_go_down_and_up_again(store: Store) -> None:
    settings = alembic_settings()
    with store.engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
    store.migrate()
    add(store, found(1))


def test_writers_wait_for_each_other_and_readers_do_not_wait(store: Store) -> None:
    add(store, found(1))
    with store.transaction() as writing:
        writes.add_mentions(writing, [found(2)], NOW)
        with store.reading() as session:
            assert reads.count_mentions(session, reads.MentionFilter()) == 1


def test_database_without_tables_is_told_with_the_remedy(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/test.db")
    with pytest.raises(StoreError, match="mainevahti migrate"), store.reading() as session:
        reads.mentions(session, reads.MentionFilter())
    store.close()


def test_disk_that_fails_is_told_with_the_remedy(store: Store) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("select", {}, sqlite3.OperationalError("disk I/O error"))

    event.listen(store.engine, "checkout", fail)
    with pytest.raises(StoreError, match="disk cannot be read"):
        add(store, found(1))


def test_read_only_database_is_told_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    read_only = Store(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StoreError, match="read-only"):
        add(read_only, found(1))
    read_only.close()


def test_file_that_is_no_database_is_told_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    path.write_bytes(b"this is no database, only a text that somebody saved here" * 100)
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="not a database"):
        store.migrate()
    store.close()


def test_full_disk_is_told_and_loses_nothing(store: Store, tmp_path: Path) -> None:
    add(store, found(1))
    with store.transaction() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="disk is full"):
        add(store, *(found(number, "pitkä teksti " * 500) for number in range(2, 60)))
    with sqlite3.connect(tmp_path / "new/folder/test.db") as other:
        assert other.execute("select count(*) from mention").fetchone() == (1,)
    other.close()


def test_foreign_keys_are_enforced(store: Store) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY"), store.transaction() as session:
        session.add(alert())
