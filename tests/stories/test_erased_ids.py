"""Of what was erased no id stays that may name the writer; a post that comes again is known all the same."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.config import own_key
from monitor.store import privacy, reads, veil
from monitor.store.reads import MentionFilter
from monitor.store.rows import MentionRow
from tests.stories.world import World

NICK = "vuokko"
ROOT = f"https://mastodon.example/users/{NICK}/statuses/11"
TABLES = (
    "mention",
    "alert",
    "assessment",
    "alertevent",
    "delivery",
    "erasure",
    "setting",
    "run",
    "sourcestate",
)


@pytest.fixture
def talk(world: World) -> World:
    """A post whose id names its writer, and an answer by somebody else that hangs on it."""
    world.post("forum", "Lumopuodista tuli lamppu rikki.", author=NICK, thread="a")
    world.post("forum", "Lumopuoti ei vastaa minullekaan, huonoa palvelua.", author="toinen", thread="a")
    posts = world.places["forum"].posts
    posts[:] = [
        posts[0].model_copy(update={"external_id": ROOT, "thread_key": ROOT, "url": f"{ROOT}?"}),
        posts[1].model_copy(update={"thread_key": ROOT}),
    ]
    world.run()
    return world


def erase(world: World, author: str = NICK) -> int:
    with world.store.transaction() as session:
        erased, _ = privacy.erase(
            session, author=author, url=None, source=None, reason="pyyntö", who="Maija",
            key=own_key(world.config, "pseudonym"), now=world.clock.now(),
        )  # fmt: skip
    return erased


def stored(world: World) -> list[MentionRow]:
    with world.store.reading() as session:
        return sorted(reads.mentions(session, MentionFilter(about_only=False)), key=lambda row: row.id)


def test_no_table_holds_the_name_that_an_id_carried(talk: World) -> None:
    with talk.store.reading() as session:
        before = str([session.execute(text(f"select * from {table}")).fetchall() for table in TABLES])
    assert NICK in before
    assert erase(talk) == 1
    with talk.store.reading() as session:
        for table in TABLES:
            rows = session.execute(text(f"select * from {table}")).fetchall()
            assert NICK not in str([tuple(row) for row in rows]), table


def test_conversation_stays_one(talk: World) -> None:
    erase(talk)
    first, second = stored(talk)
    assert first.external_id == first.thread_key == second.thread_key
    assert second.text.startswith("Lumopuoti ei vastaa")


def test_erased_post_that_comes_again_is_not_stored_anew(talk: World) -> None:
    erase(talk)
    talk.clock.moment += timedelta(hours=1)
    talk.run()
    assert [bool(row.text) for row in stored(talk)] == [False, True]


def test_later_answer_joins_the_conversation_of_an_erased_post(talk: World) -> None:
    erase(talk)
    talk.clock.moment += timedelta(hours=1)
    talk.post("forum", "Lumopuodin tuoli on myös rikki, ikävää.", author="kolmas", thread="a")
    posts = talk.places["forum"].posts
    posts[-1] = posts[-1].model_copy(update={"thread_key": ROOT})
    talk.run()
    assert len({row.thread_key for row in stored(talk)}) == 1
    with talk.store.reading() as session:
        # The second post makes no alert; the third joins that of the first.
        assert [(alert.first.id, alert.mentions) for alert in reads.open_alerts(session)] == [(1, 2)]


def test_what_an_erased_writer_says_later_is_heard_without_the_name(talk: World) -> None:
    erase(talk)
    talk.clock.moment += timedelta(hours=1)
    talk.post("blog", "Lumopuodin lamppu meni taas rikki, en osta enää.", author=NICK, thread="b")
    talk.post("blog", "Lumopuodin peitto on ihana.", author="neljäs", thread="c")
    talk.run()
    assert [row.author for row in stored(talk)[-2:]] == ["", "neljäs"]
    assert stored(talk)[-2].text.startswith("Lumopuodin lamppu meni taas")
    with talk.store.reading() as session:
        key = own_key(talk.config, "pseudonym")
        held = privacy.held_about(session, NICK, None, key)
        assert (list(held.mentions), len(held.erased_at)) == ([], 1)
        assert privacy.held_about(session, "neljäs", None, key).erased_at == []


def test_mark_cannot_be_made_without_the_key_and_stays_a_mark(talk: World) -> None:
    erase(talk)
    with talk.store.reading() as session:
        key = veil.key_of(session)
    mark = stored(talk)[0].external_id
    assert veil.veiled(key, ROOT) == mark == veil.veiled(key, mark)
    assert veil.veiled("another", ROOT) != mark


def test_retention_takes_the_ids_too(talk: World, tmp_path: Path) -> None:
    talk.clock.moment += timedelta(days=800)
    talk.places["forum"].posts.clear()
    talk.run()
    assert [row.text for row in stored(talk)] == ["", ""]
    assert all(row.external_id.startswith("erased:") for row in stored(talk))
