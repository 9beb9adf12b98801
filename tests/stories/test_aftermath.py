"""After the answer: the writer is followed, and what they do is counted."""

from datetime import timedelta

import pytest

from monitor import alerts
from monitor.store import aftermath
from monitor.store.aftermath import AftermathRow
from tests.stories.world import World


def complain_and_answer(world: World) -> int:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:30", author="vuokko")
    world.run()
    alert = world.alert
    with world.store.transaction() as session:
        alerts.answer(session, alert.id, "Maija", world.clock.now(), alert.version)
    world.run()
    return alert.id


def became(world: World, alert_id: int) -> AftermathRow:
    with world.store.reading() as session:
        row = aftermath.of_alert(session, alert_id)
    assert row is not None
    return row


def test_answered_alert_is_followed_from_the_answer_on(world: World) -> None:
    row = became(world, complain_and_answer(world))
    assert (row.outcome, row.saved) == (None, None)
    assert row.first_answer == timedelta(minutes=30).total_seconds()


def test_writer_who_thanks_is_saved(world: World) -> None:
    alert_id = complain_and_answer(world)
    world.advance("2h")
    world.post("forum", "Kiitos Lumopuoti, uusi tuli jo.", author="vuokko")
    world.run()
    world.advance("2m")
    row = became(world, alert_id)
    assert (row.outcome, row.saved) == ("calmed", True)


def test_writer_who_gets_angrier_is_not_saved(world: World) -> None:
    alert_id = complain_and_answer(world)
    world.advance("2h")
    world.post("forum", "Uusikin Lumopuodin lamppu oli rikki!", author="vuokko")
    world.run()
    world.advance("2m")
    row = became(world, alert_id)
    assert (row.outcome, row.saved) == ("angrier", False)


def test_others_in_the_thread_decide_nothing(world: World) -> None:
    alert_id = complain_and_answer(world)
    world.advance("1h")
    world.post("forum", "Minulla Lumopuoti on toiminut hyvin.", author="toinen")
    world.run()
    world.advance("2m")
    assert became(world, alert_id).outcome is None


def test_silence_of_two_weeks_is_written_down(world: World) -> None:
    alert_id = complain_and_answer(world)
    world.clock.moment += timedelta(days=15)
    world.run()
    row = became(world, alert_id)
    assert (row.outcome, row.saved) == ("silent", False)


@pytest.mark.parametrize(("stars", "saved"), [(4.0, True), (1.0, None)])
def test_raised_stars_save(world: World, stars: float, saved: bool | None) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:30", author="vuokko")
    posts = world.places["forum"].posts
    posts[0] = posts[0].model_copy(update={"rating": 1.0})
    world.run()
    alert = world.alert
    with world.store.transaction() as session:
        alerts.answer(session, alert.id, "Maija", world.clock.now(), alert.version)
    world.run()
    now = world.clock.now() + timedelta(minutes=5)
    again = posts[0].model_copy(update={"rating": stars, "edited_at": now if saved else None})
    world.advance("10m")
    posts.append(again)
    world.run()
    world.advance("2m")
    assert became(world, alert.id).saved is saved


def test_mail_brings_a_reply_to_begin_with_and_advice(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", author="vuokko")
    world.run()
    (mail,) = world.mailbox
    for body in (mail.text, mail.html):
        assert "Hei vuokko, ikävä kuulla, ettei tuote ollut kunnossa." in body
        assert "Aloita ymmärryksellä." in body


def test_second_complaint_of_a_writer_says_so(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", author="vuokko", thread="a")
    world.run()
    world.post("forum", "Ja nyt Lumopuodin peili rikki.", author="vuokko", thread="b")
    world.run()
    reasons = {
        reason["rule"]: reason
        for alert in world.alerts
        for reason in alert.reasons
        if alert.first.thread_key == "b"
    }
    assert reasons["known_author"]["values"]["n"] == "1"


def test_fast_thread_is_graver(world: World) -> None:
    for number in range(9):
        world.post("forum", f"Lumopuodin lamppu {number} rikki.", author=f"k{number}", at="13:50")
    world.run()
    rules = {reason["rule"] for reason in world.alert.reasons}
    assert "busy_thread" in rules
