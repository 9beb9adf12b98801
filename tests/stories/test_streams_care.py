"""What is done about a stream: the operator is told, people pause, replay and stop it."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from monitor import pipeline
from monitor.health import Status
from monitor.store.tables import Assessment, Mention
from tests.sources.jetstream_server import StreamServer, event
from tests.stories.ears import MINUTE_US, SLUG, Ear, make_world


def look_after(ear: Ear) -> None:
    pipeline.sweep(ear.world.parts)
    pipeline.deliver(ear.world.parts)


def test_stream_that_moved_away_is_told_to_the_operator(ear: Ear) -> None:
    ear.server.answer = (404, {})
    with ear:
        ear.connected(2)
        ear.until(lambda: ear.state.failures_in_row >= 2)
        began = ear.runs_began
        look_after(ear)
        (mail,) = ear.world.mailbox
        assert mail.subject == f"{SLUG} is not heard any more"
        assert "no stream at this address" in mail.text
        assert ear.world.clock.now() - began < timedelta(minutes=30)
        ear.server.answer = None
        ear.server.say(event(ear.now(), "a"))
        ear.until(lambda: ear.status is Status.OK)
    look_after(ear)
    assert ear.world.mailbox[1].subject == f"{SLUG} is heard again"


def test_stream_that_is_open_and_silent_is_told_and_silence_is_no_recovery(ear: Ear) -> None:
    ear.options["silent_after"] = "1s"
    ear = replace(ear)
    with ear:
        ear.until(lambda: ear.status is Status.BROKEN and ear.state.failures_in_row >= 2)
        look_after(ear)
        ear.world.clock.moment += timedelta(minutes=2)
        ear.connected(len(ear.server.asked) + 1)
        assert ear.status is Status.BROKEN
    (mail,) = ear.world.mailbox
    assert "says nothing" in mail.text


def test_stream_whose_format_changed_is_deaf(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a"))
        ear.until(lambda: len(ear.runs) == 1)
        for number in (1, 2):
            ear.server.say(b'{"new": "format"}', at=ear.now())
            ear.let_minutes_pass_until(lambda number=number: ear.state.mute_in_row == number)  # type: ignore[misc]
        assert ear.status is Status.DEAF
        ear.server.say(event(ear.now(), "b", "Lumopuoti"))
        ear.until(lambda: ear.status is Status.OK)


def test_word_that_must_occur_is_heard_among_posts_about_nobody(tmp_path: Path, server: StreamServer) -> None:
    world = make_world(tmp_path, canary="Helsinki", canary_every="1h")
    ear = Ear(world, server)
    with ear:
        ear.connected()
        server.say(event(ear.now(), "a", "Helsinki on kaunis"))
        ear.until(lambda: bool(ear.runs))
        assert ear.state.canary_at == world.clock.now()
        world.clock.moment += timedelta(hours=2)
        server.say(event(ear.now(), "b", "Kaunis ilma"))
        ear.until(lambda: ear.status is Status.DEAF)
        server.say(*(event(ear.now(), f"k{at}", "Helsinki on kaunis") for at in range(9)))
        ear.let_minutes_pass_until(lambda: sum(posts for _, posts, _ in ear.runs) == 11)
        assert ear.status is Status.OK
    assert ear.mentions == []
    world.store.close()


def test_paused_stream_is_left_and_misses_nothing(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a", "Lumopuoti 1"))
        ear.until(lambda: ear.texts == ["Lumopuoti 1"])
        ear.do("pause")
        ear.until(lambda: bool(ear.pauses))
        ear.server.say(event(ear.now(), "b", "Lumopuoti 2"))
        threading.Event().wait(1)
        assert ear.texts == ["Lumopuoti 1"]
        ear.do("resume")
        ear.until(lambda: ear.texts == ["Lumopuoti 1", "Lumopuoti 2"])
        ear.until(lambda: ear.state.run_requested_at is None)


def test_paused_stream_is_heard_once_when_a_person_wants_it(ear: Ear) -> None:
    ear.do("pause")
    ear.server.say(event(ear.now(), "a", "Lumopuoti 1"))
    with ear:
        ear.do("run_now")
        ear.until(lambda: ear.texts == ["Lumopuoti 1"])
        ear.until(lambda: len(ear.pauses) > 3)
    assert ear.state.is_paused


def test_stream_is_read_again_from_a_day_on(ear: Ear) -> None:
    old = ear.now() - 600 * MINUTE_US
    ear.server.say(event(old, "old", "Lumopuoti ennen"))
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "new", "Lumopuoti nyt"))
        ear.until(lambda: ear.texts == ["Lumopuoti nyt"])
        ear.do("replay", ear.world.clock.now() - timedelta(hours=12))
        ear.until(lambda: ear.texts == ["Lumopuoti ennen", "Lumopuoti nyt"])
        ear.until(lambda: ear.state.replay_from is None)
    assert len(ear.server.asked) == 2


def test_replay_that_is_asked_for_before_anything_was_stored_is_not_lost(ear: Ear) -> None:
    ear.server.say(event(ear.now() - 600 * MINUTE_US, "old", "Lumopuoti ennen"))
    with ear:
        ear.connected()
        ear.do("replay", ear.world.clock.now() - timedelta(hours=12))
        ear.until(lambda: ear.texts == ["Lumopuoti ennen"])
        ear.until(lambda: ear.state.replay_from is None)


def test_stop_in_the_middle_loses_nothing(ear: Ear) -> None:
    for at in range(4):
        ear.server.say(event(ear.now() + at, f"k{at}", f"Lumopuoti {at}"))
        with ear:
            ear.connected(at + 1)
    with ear:
        ear.until(lambda: len(ear.mentions) == 4)


def test_long_pause_ends_at_once_when_we_stop(ear: Ear) -> None:
    ear.server.answer = (404, {})
    ear.is_patient = True
    with ear:
        ear.until(lambda: bool(ear.pauses))


def test_collecting_a_stream_listens_for_a_bounded_time(ear: Ear) -> None:
    ear.server.say(event(ear.now() - MINUTE_US, "a", "Lumopuoti 1"), event(ear.now(), "b", "Kaunis ilma"))
    run = pipeline.collect(ear.world.parts, SLUG)
    assert (run.outcome, run.posts, run.mentions, run.new) == ("ok", 2, 1, 1)
    batch, found = pipeline.look(ear.world.parts, SLUG)
    assert (batch.heard, len(found)) == (2, 1)


def test_reading_a_stream_again_ends_at_the_present(ear: Ear) -> None:
    ear.server.say(
        event(ear.now() - 600 * MINUTE_US, "a", "Lumopuoti 1"), event(ear.now(), "b", "Kaunis ilma")
    )
    ear.do("replay", ear.world.clock.now() - timedelta(hours=12))
    pipeline.read_again(ear.world.parts, SLUG)
    assert ear.texts == ["Lumopuoti 1"]
    assert ear.state.replay_from is None


def test_nothing_is_assessed_twice_by_hearing_it_twice(ear: Ear) -> None:
    ear.server.say(event(ear.now() - MINUTE_US, "a", "Lumopuodista tuli lamppu rikki"))
    for _ in range(2):
        with ear:
            ear.until(lambda: bool(ear.mentions))
        pipeline.assess_all(ear.world.parts)
    with ear.world.store.reading() as session:
        numbers = [
            session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (Mention, Assessment)
        ]
    assert numbers == [1, 1]


def test_stream_that_breaks_off_after_days_is_tried_again_and_not_called_deaf(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a"))
        ear.until(lambda: len(ear.runs) == 1)
        ear.world.clock.moment += timedelta(days=3)
        ear.server.say(event(ear.now(), "b"))
        ear.until(lambda: len(ear.runs) == 2)
        ear.server.answer = (503, {})
        ear.server.hang_up()
        ear.until(lambda: ear.state.failures_in_row >= 1)
        assert ear.status is Status.BUSY
        look_after(ear)
    assert ear.world.mailbox == []
