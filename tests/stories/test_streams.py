"""A stream is heard as it speaks: stored at once, taken back when deleted, taken up again after a break."""

import threading
from datetime import timedelta

from monitor import pipeline
from monitor.health import Status
from tests.sources.jetstream_server import event, leaving
from tests.stories.ears import MINUTE_US, Ear


def test_new_post_is_stored_within_its_batch_while_the_clock_stands(ear: Ear) -> None:
    written = ear.now() - 300_000
    with ear:
        ear.connected()
        ear.server.say(event(written, "a", "Lumopuodista tuli lamppu rikki"))
        ear.until(lambda: bool(ear.mentions))
    (mention,) = ear.mentions
    assert mention.posted_at is not None
    assert mention.found_at == ear.world.clock.now()
    assert mention.found_at - mention.posted_at == timedelta(microseconds=300_000)
    assert ear.state.cursor is not None
    assert f'"at":{written}' in ear.state.cursor
    pipeline.assess_all(ear.world.parts)
    assert ear.world.alert.mentions == 1


def test_posts_about_nobody_are_counted_and_leave_no_trace(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(*(event(ear.now(), f"k{at}", "Kaunis ilma") for at in range(50)))
        ear.until(lambda: bool(ear.runs))
    assert (sum(posts for _, posts, _ in ear.runs), ear.mentions) == (50, [])
    assert ear.status is Status.OK


def test_what_brings_no_news_is_written_down_once_a_minute(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "first"))
        ear.until(lambda: ear.runs == [("ok", 1, 0)])
        for at in range(3):
            ear.server.say(event(ear.now() + at, f"k{at}"))
            threading.Event().wait(0.6)
        assert ear.runs == [("ok", 1, 0)]
        ear.let_minutes_pass_until(lambda: sum(posts for _, posts, _ in ear.runs) == 4)
    assert ear.status is Status.OK


def test_deleted_post_loses_its_text_at_once(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a", "Lumopuoti 1"), event(ear.now(), "b", "Lumopuoti 2"))
        ear.until(lambda: len(ear.mentions) == 2)
        ear.server.say(
            event(ear.now(), "a", text=None, operation="delete"), event(ear.now(), "x", "Lumopuoti 3")
        )
        ear.until(lambda: len(ear.mentions) == 3)
    assert ear.texts == ["", "Lumopuoti 2", "Lumopuoti 3"]
    (gone,) = (mention for mention in ear.mentions if not mention.text)
    assert (gone.author, gone.url) == ("", "")


def test_deletion_without_other_news_is_followed_too(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a", "Lumopuoti 1"))
        ear.until(lambda: ear.texts == ["Lumopuoti 1"])
        ear.server.say(event(ear.now(), "a", text=None, operation="delete"))
        ear.until(lambda: ear.texts == [""])


def test_edit_replaces_the_text_and_is_judged_again(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a", "Lumopuoti on hyvä"))
        ear.until(lambda: bool(ear.mentions))
        pipeline.assess_all(ear.world.parts)
        ear.server.say(event(ear.now(), "a", "Lumopuodista tuli lamppu rikki", operation="update"))
        ear.until(lambda: ear.texts == ["Lumopuodista tuli lamppu rikki"])
    assert ear.world.alerts == []
    pipeline.assess_all(ear.world.parts)
    assert ear.world.alert.mentions == 1


def test_edit_that_names_the_shop_no_more_replaces_the_text_and_is_judged_again(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a", "Lumopuoti on surkea"))
        ear.until(lambda: bool(ear.mentions))
        pipeline.assess_all(ear.world.parts)
        (before,) = ear.mentions
        ear.server.say(event(ear.now(), "a", "Olin väärässä", operation="update"))
        ear.until(lambda: ear.texts == ["Olin väärässä"])
    pipeline.assess_all(ear.world.parts)
    (after,) = ear.mentions
    assert (after.words, after.certainty, after.gone_at) == ((), 0.0, None)
    assert after.assessment != before.assessment


def test_edit_of_a_post_about_nobody_is_not_stored(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a", "Olin väärässä", operation="update"))
        ear.until(lambda: bool(ear.runs))
    assert ear.mentions == []


def test_author_who_left_takes_everything_along(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(
            event(ear.now(), "a", "Lumopuoti 1"),
            event(ear.now(), "b", "Lumopuoti 2"),
            event(ear.now(), "c", "Lumopuoti 3", did="did:plc:muu"),
        )
        ear.until(lambda: len(ear.mentions) == 3)
        ear.server.say(leaving(ear.now()))
        ear.until(lambda: ear.texts == ["", "", "Lumopuoti 3"])


def test_line_cut_again_and_again_loses_and_doubles_nothing(ear: Ear) -> None:
    base = ear.now() - 30 * MINUTE_US
    ear.server.drops = [5, 0, 9, 1]
    ear.server.say(*(event(base + at * 1_000_000, f"k{at}", f"Lumopuoti {at}") for at in range(60)))
    with ear:
        ear.until(lambda: len(ear.mentions) == 60)
    assert len(set(ear.texts)) == 60
    assert [outcome for outcome, _, _ in ear.runs].count("busy") == 4
    assert sum(new for _, _, new in ear.runs) == 60
    assert ear.status is Status.OK


def test_line_cut_while_listening_is_taken_up_where_it_was(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a", "Lumopuoti 1"))
        ear.until(lambda: ear.texts == ["Lumopuoti 1"])
        ear.server.hang_up()
        ear.server.say(event(ear.now(), "b", "Lumopuoti 2"))
        ear.until(lambda: ear.texts == ["Lumopuoti 1", "Lumopuoti 2"])
    assert ear.state.failures_in_row == 0
    assert [outcome for outcome, _, _ in ear.runs] == ["ok", "busy", "ok"]


def test_pauses_grow_while_a_server_refuses_and_what_was_said_meanwhile_is_not_lost(ear: Ear) -> None:
    ear.server.answer = (503, {})
    with ear:
        ear.connected(6)
        ear.server.say(event(ear.now(), "a", "Lumopuoti"))
        assert ear.status is Status.BUSY
        ear.server.answer = None
        ear.until(lambda: ear.texts == ["Lumopuoti"])
    waited = ear.world.clock.now() - ear.runs_began
    assert timedelta(seconds=0.8 * 31) <= waited
    assert ear.state.failures_in_row == 0


def test_retry_after_is_obeyed(ear: Ear) -> None:
    ear.server.answer = (429, {"Retry-After": "600"})
    began = ear.world.clock.now()
    with ear:
        ear.connected(2)
    assert ear.world.clock.now() - began >= timedelta(seconds=600)


def test_person_who_wants_it_now_need_not_wait(ear: Ear) -> None:
    ear.server.answer = (429, {"Retry-After": "86400"})
    ear.is_patient = True
    with ear:
        ear.until(lambda: bool(ear.pauses))
    ear.server.answer = None
    ear.do("run_now")
    with ear:
        ear.server.say(event(ear.now(), "a", "Lumopuoti"))
        ear.until(lambda: ear.texts == ["Lumopuoti"])
    assert ear.state.run_requested_at is None
