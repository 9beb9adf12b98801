"""What is held about one person is told whole, and removed whole; the figures stay."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor import pipeline
from monitor.cli import main
from monitor.store import calm, privacy, reads
from monitor.store.reads import MentionFilter
from monitor.store.tables import Erasure, Mention
from tests.stories.world import World

KEY = b"k" * 32


@pytest.fixture
def talk(world: World) -> World:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", author="vuokko", thread="a")
    world.post("blog", "Lumopuoti on mukava.", author="vuokko", thread="b")
    world.post("forum", "Lumopuodin peili rikki.", author="toinen", thread="c")
    world.run()
    return world


def erase(world: World, **over: object) -> int:
    wanted = {"author": None, "url": None, "source": None, **over}
    with world.store.transaction() as session:
        erased, _ = privacy.erase(
            session,
            reason="pyyntö",
            who="Maija",
            key=KEY,
            now=world.clock.now(),
            **wanted,  # type: ignore[arg-type]
        )
    return erased


def test_everything_about_a_writer_is_told(talk: World) -> None:
    with talk.store.transaction() as session:
        calm.add_mute(
            session,
            shop=None,
            source="forum",
            author="vuokko",
            phrase=None,
            reason="toistoa",
            who="Maija",
            now=talk.clock.now(),
        )
        held = privacy.held_about(session, "vuokko", None, KEY)
        here = privacy.held_about(session, "vuokko", "blog", KEY)
    assert [row.source for row in held.mentions] == ["forum", "blog"]
    assert (held.alerts, list(held.mutes)) == (1, ["toistoa"])
    assert [row.text for row in here.mentions] == ["Lumopuoti on mukava."]


def test_erased_writer_is_nowhere_and_the_figures_stay(talk: World) -> None:
    with talk.store.transaction() as session:
        calm.add_mute(
            session,
            shop=None,
            source=None,
            author="vuokko",
            phrase=None,
            reason="x",
            who="Maija",
            now=talk.clock.now(),
        )
    assert erase(talk, author="vuokko") == 2
    with talk.store.reading() as session:
        assert reads.count_mentions(session, MentionFilter()) == 3
        assert privacy.held_about(session, "vuokko", None, KEY).mentions == []
        assert calm.mutes(session) == []
        connection = session.connection()
        for table in ("mention", "alert", "assessment", "alertevent", "mute", "erasure", "delivery"):
            rows = connection.exec_driver_sql(f"select * from {table}").fetchall()
            assert "vuokko" not in str(rows)
            assert "lamppu" not in str(rows)


def test_replies_of_others_no_longer_repeat_what_was_erased(world: World) -> None:
    said = "Lumopuodista tuli lamppu rikki."
    world.post("forum", said, author="vuokko", thread="a")
    world.post("forum", "Lumopuoti kyllä vaihtaa sen.", author="toinen", thread="a")
    world.post("forum", "Lumopuoti on mukava.", author="kolmas", thread="b")
    posts = world.places["forum"].posts
    first, *others = [post.model_copy(update={"thread_title": "Vuokon lamppu"}) for post in posts]
    posts[:] = [
        first.model_copy(update={"title": "Vuokon lamppu"}),
        *(post.model_copy(update={"parent_text": said}) for post in others),
    ]
    world.run()
    assert erase(world, author="vuokko") == 1
    with world.store.reading() as session:
        rows = {row.author: row for row in reads.mentions(session, MentionFilter())}
    assert (rows["toinen"].parent_text, rows["toinen"].thread_title) == ("", "")
    assert rows["toinen"].text == "Lumopuoti kyllä vaihtaa sen."
    assert rows["kolmas"].parent_text == said  # of another conversation, so not hers


def mute(world: World, source: str | None) -> None:
    with world.store.transaction() as session:
        calm.add_mute(
            session,
            shop=None,
            source=source,
            author="vuokko",
            phrase=None,
            reason=f"at {source}",
            who="Maija",
            now=world.clock.now(),
        )


def test_erasure_at_one_source_leaves_the_same_name_elsewhere_alone(talk: World) -> None:
    for source in ("forum", "blog", None):
        mute(talk, source)
    with talk.store.reading() as session:
        assert privacy.held_about(session, "vuokko", "forum", KEY).mutes == ["at forum", "at None"]
    assert erase(talk, author="vuokko", source="forum") == 1
    with talk.store.reading() as session:
        assert [one.reason for one in calm.mutes(session)] == ["at None", "at blog"]


def test_erasure_is_written_down_without_the_name(talk: World) -> None:
    erase(talk, author="vuokko", source="forum")
    with talk.store.reading() as session:
        (row,) = session.execute(select(Erasure)).scalars()
    assert (row.who, row.what, row.mentions, row.reason) == ("Maija", "author", 1, "pyyntö")
    assert len(row.subject_hash) == 64


def test_erased_post_does_not_come_back_with_the_next_fetch(talk: World) -> None:
    with talk.store.reading() as session:
        url = session.execute(select(Mention.url).where(Mention.author == "vuokko")).scalars().first()  # type: ignore[call-overload]
    assert erase(talk, url=url) == 1
    posts = talk.places["forum"].posts
    posts.append(posts[0])
    pipeline.collect(talk.parts, "forum")
    with talk.store.reading() as session:
        assert not [row for row in reads.mentions(session, MentionFilter()) if row.url == url]


def test_commands_tell_and_erase(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[[shops]]\nslug = "lumopuoti"\nname = "Lumopuoti"\n[database]\nurl = "sqlite:///world.db"\n',
        encoding="utf-8",
    )
    world = World(tmp_path)
    world.post("forum", "Lumopuodista tuli lamppu rikki.", author="vuokko")
    world.run()
    world.store.close()
    start = ["--config", str(config)]
    assert main([*start, "person", "vuokko"]) == 0
    told = json.loads(capsys.readouterr().out)
    (post,) = told["posts"]
    assert post["text"] == "Lumopuodista tuli lamppu rikki."
    assert post["scores"] == {"negative": 0.94, "neutral": 0.03, "positive": 0.03}
    assert {"rating", "reach", "language", "urgency", "thread", "answers_to"} <= set(post)
    assert main([*start, "export", "mentions", "--names", "--out", str(tmp_path / "posts.csv")]) == 0
    assert main([*start, "erase"]) == 2
    assert main([*start, "erase", "--author", "vuokko"]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "1 posts were emptied" in said
    assert "posts.csv" in said
    assert main([*start, "person", "vuokko"]) == 1
    assert main([*start, "erase", "--author", "vuokko"]) == 1
