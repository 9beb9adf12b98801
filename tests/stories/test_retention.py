"""What retention takes: text, author, and every other place that repeats the writer's words."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitor.notifiers.folder import FolderNotifier
from monitor.store import letters, reads
from monitor.store.rows import AlertRow, MentionRow
from tests.stories.world import World

KEPT_FOR = timedelta(days=3)


def seen(world: World) -> tuple[AlertRow, list[MentionRow]]:
    with world.store.reading() as session:
        alert = reads.alert(session, 1)
        assert alert is not None
        return alert, reads.conversation(session, alert)


def told(rows: list[MentionRow]) -> list[str]:
    return [str(row.assessment.reasons) for row in rows if row.assessment]


def test_reasons_no_longer_quote_what_was_erased(tmp_path: Path) -> None:
    world = World(tmp_path, retention={"posts": "3d"})
    world.post("forum", "Lumopuoti on surkea, menen poliisille.")
    world.run()
    assert "poliisille" in str(world.alert.reasons)
    world.clock.moment += KEPT_FOR + timedelta(minutes=1)
    world.run()
    alert, (mention,) = seen(world)
    assert "poliisille" not in str(alert.reasons)
    assert told([mention]) != []
    assert "poliisille" not in told([mention])[0]
    assert alert.reasons[0]["rule"] == "urgent_words"
    world.store.close()


def test_reasons_still_quote_a_newer_post_of_the_conversation(tmp_path: Path) -> None:
    world = World(tmp_path, retention={"posts": "3d"})
    world.post("forum", "Lumopuoti on surkea.")
    world.run()
    world.clock.moment += timedelta(days=2)
    world.post("forum", "Lumopuoti on surkea, menen poliisille.", author="toinen")
    world.run()
    world.clock.moment += timedelta(days=2)
    world.run()
    alert, rows = seen(world)
    assert [bool(row.text) for row in rows] == [False, True]
    assert "poliisille" in str(alert.reasons)
    assert "poliisille" in told(rows)[1]
    world.store.close()


def test_mails_in_the_folder_go_when_their_posts_go_and_other_files_stay(tmp_path: Path) -> None:
    world = World(tmp_path, retention={"posts": "3d"})
    folder = tmp_path / "mail"
    world.parts = replace(
        world.parts, notifier=FolderNotifier(folder, "vahti@lumopuoti.example", world.clock)
    )
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    (mail,) = folder.iterdir()
    (folder / "kept-by-hand.eml").write_text("somebody saved this here", encoding="utf-8")
    (folder / "notes.txt").write_text("and this", encoding="utf-8")
    written_at = world.clock.now().timestamp()
    for path in folder.iterdir():
        os.utime(path, (written_at, written_at))
    world.clock.moment += KEPT_FOR - timedelta(minutes=1)
    world.parts.notifier.forget(world.clock.now() - KEPT_FOR)
    assert mail.exists()
    world.clock.moment += timedelta(minutes=2)
    world.run()
    names = {path.name for path in folder.iterdir()}
    assert mail.name not in names
    assert {"kept-by-hand.eml", "notes.txt"} <= names
    world.store.close()


def test_kinds_and_sources_may_be_kept_for_a_time_of_their_own(tmp_path: Path) -> None:
    sources = [{"slug": "forum", "kind": "feed"}, {"slug": "blog", "kind": "wordpress"}]
    retention = {"posts": "30d", "kinds": {"feed": "10d", "wordpress": "10d"}, "sources": {"blog": "3d"}}
    world = World(tmp_path, sources=sources, retention=retention)
    world.post("forum", "Lumopuodista tuli lamppu rikki.", thread="a")
    world.post("blog", "Lumopuodista tuli peili rikki.", thread="b")
    world.run()
    kept = []
    for days in (2, 2, 7):
        world.clock.moment += timedelta(days=days)
        world.run()
        with world.store.reading() as session:
            rows = reads.mentions(session, reads.MentionFilter())
        kept.append({row.source for row in rows if row.text and row.author})
        assert len(rows) == 2
    assert kept == [{"forum", "blog"}, {"forum"}, set()]
    world.store.close()


def test_letters_that_nobody_reads_any_more_are_kept_no_longer_than_posts(tmp_path: Path) -> None:
    world = World(tmp_path, retention={"posts": "3d", "runs": "90d"})
    with world.store.transaction() as session:
        for key in ("unread", "read"):
            letters.add_letter(session, "hook", key, '{"text": "Lumopuoti"}', world.clock.now())
        letters.empty_letters(session, "hook", [2])
    for days, left in ((2, ["read", "unread"]), (2, ["read"]), (90, [])):
        world.clock.moment += timedelta(days=days)
        world.run()
        with world.store.reading() as session:
            keys = session.connection().exec_driver_sql("select key from letter order by key").scalars()
            assert list(keys) == left
