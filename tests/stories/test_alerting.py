"""Who hears of what, when: the stories that the product is for."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor import alerts
from monitor.domain import AlertState, DeliveryState, DismissReason, SendReason, Urgency
from monitor.errors import AlertConflict, SourceBroken, SourceBusy
from monitor.store import reads
from tests.stories.world import World


def act(world: World, what: str, **more: object) -> None:
    with world.store.transaction() as session:
        alert = world.alert
        getattr(alerts, what)(session, alert.id, "Maija", world.clock.now(), alert.version, **more)


def test_first_complaint_becomes_an_alert_and_a_mail(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:52")
    world.run()
    assert world.alert.shop == "lumopuoti"
    assert world.alert.reasons
    (mail,) = world.mailbox
    assert mail.to == "omistaja@lumopuoti.example"
    assert "Lumopuoti" in mail.subject
    assert "lamppu rikki" in mail.text
    assert "13.52" in mail.text


def test_post_about_nobody_is_not_stored(world: World) -> None:
    world.post("forum", "Bussi oli taas myöhässä, surkea aamu.", thread="bussit")
    world.places["forum"].posts[0] = world.places["forum"].posts[0].model_copy(update={"thread_title": ""})
    world.run()
    with world.store.reading() as session:
        assert reads.count_mentions(session, reads.MentionFilter()) == 0
    assert world.alerts == []


def test_praise_does_not_alert(world: World) -> None:
    world.post("forum", "Lumopuodista tuli ihana peitto, kiitos.")
    world.run()
    assert world.alerts == []
    assert world.mailbox == []


def test_rival_never_alerts(world: World) -> None:
    world.post("forum", "Vinterbon palvelu on surkea.", thread="t9")
    world.places["forum"].posts[0] = world.places["forum"].posts[0].model_copy(update={"thread_title": ""})
    world.run()
    assert world.alerts == []
    with world.store.reading() as session:
        assert reads.count_mentions(session, reads.MentionFilter(shops=("vinterbo",))) == 1


def test_second_post_of_the_thread_extends_the_alert(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    world.post("forum", "Minullakin Lumopuodin lamppu rikki!", author="toinen")
    world.run()
    assert world.alert.mentions == 2
    assert len(world.mailbox) == 1


def test_further_posts_are_mailed_together_after_half_an_hour(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    for number in range(3):
        world.advance("1m")
        world.post("forum", f"Lumopuoti on pettymys {number}.", author=f"kirjoittaja {number}")
        world.run()
    world.advance("26m")
    assert len(world.mailbox) == 1
    world.advance("2m")
    assert len(world.mailbox) == 2
    assert all(f"pettymys {number}" in world.mailbox[1].text for number in range(3))
    assert world.mailbox[1].thread_id == world.mailbox[0].message_id


def test_worse_post_is_mailed_at_once(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    first_due = world.alert.due_at
    world.post("forum", "Vien Lumopuodin oikeuteen.", author="toinen")
    world.run()
    assert len(world.mailbox) == 2
    assert world.alert.urgency is Urgency.CRITICAL
    assert world.alert.due_at < first_due


def test_unanswered_alert_is_reminded_and_then_escalated(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="10:00")
    world.run()
    world.advance("1d")
    reasons = [delivery.reason for delivery in world.deliveries(world.alert.id) if delivery.sent_at]
    assert sorted(reasons) == [SendReason.ESCALATION, SendReason.FIRST]
    assert world.mailbox[-1].to == "vara@lumopuoti.example"


def test_reminder_comes_before_the_deadline(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:55")
    world.run()
    due_at = world.alert.due_at
    while len(world.mailbox) < 2:
        world.advance("10m")
    assert due_at - timedelta(minutes=30) <= world.clock.now() < due_at


def test_answered_alert_is_reminded_of_no_more(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:55")
    world.run()
    act(world, "answer", url="https://forum.example/t1/2")
    world.advance("3d")
    assert len(world.mailbox) == 1
    with world.store.reading() as session:
        (alert,) = reads.closed_alerts(session, world.clock.now() - timedelta(days=9))
    states = {delivery.reason: delivery.state for delivery in world.deliveries(alert.id)}
    assert states[SendReason.REMINDER] is DeliveryState.CANCELLED


def test_taken_alert_is_reminded_of_no_more(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:55")
    world.run()
    act(world, "take")
    world.advance("3d")
    assert len(world.mailbox) == 1
    assert world.alert.taken_by == "Maija"


def test_new_post_after_the_answer_reopens(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    alert_id = world.alert.id
    act(world, "answer")
    assert world.alerts == []
    world.advance("1h")
    world.post("forum", "Eipä auttanut vastaus, Lumopuoti on surkea.")
    world.run()
    assert world.alert.id == alert_id
    assert len(world.mailbox) == 2


def test_snoozed_alert_comes_back(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    act(world, "snooze", until=world.clock.now() + timedelta(hours=1))
    assert world.alert.state is AlertState.SNOOZED
    world.advance("1h 10m")
    assert world.alert.state is AlertState.OPEN


def test_own_staff_is_an_answer_and_not_a_complaint(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    alert_id = world.alert.id
    world.advance("10m")
    world.post("forum", "Pahoittelut, lamppu oli rikki! T. Lumopuoti", author="lumopuoti")
    world.run()
    assert world.alerts == []
    assert world.history(alert_id)[-1].action == "answered"


def test_old_post_found_late_never_alerts(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", days_ago=8)
    world.run()
    assert world.alerts == []
    with world.store.reading() as session:
        assert reads.count_mentions(session, reads.MentionFilter()) == 1


def test_edit_that_turns_into_a_complaint_alerts(world: World) -> None:
    world.post("forum", "Tilasin Lumopuodista lampun.", post_id="p1")
    world.run()
    assert world.alerts == []
    world.post("forum", "EDIT: Lumopuodin lamppu tuli rikki.", post_id="p1")
    world.run()
    assert world.alert.mentions == 1


def test_dismissed_as_not_about_us_leaves_a_label(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    act(world, "dismiss", reason=DismissReason.NOT_ABOUT_US)
    assert world.alerts == []
    with world.store.reading() as session:
        labels = session.connection().exec_driver_sql("select field, value, who from label").all()
    assert [tuple(label) for label in labels] == [("about_shop", "false", "Maija")]


def test_two_people_on_one_alert_the_second_is_told(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    seen = world.alert
    act(world, "take")
    with pytest.raises(AlertConflict), world.store.transaction() as session:
        alerts.take(session, seen.id, "Pekka", world.clock.now(), seen.version)
    assert world.alert.taken_by == "Maija"


def test_new_model_judges_again_and_does_not_alert_again(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    act(world, "answer")
    world.reader.model = "word-reader-2"
    world.run()
    assert world.alerts == []
    assert len(world.mailbox) == 1
    with world.store.reading() as session:
        (mention,) = reads.mentions(session, reads.MentionFilter())
    assert mention.assessment is not None
    assert mention.assessment.model == "word-reader-2"


def test_source_that_is_busy_is_asked_again_from_the_same_place(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.places["forum"].trouble = SourceBusy("wait a minute", 60)
    world.run()
    assert world.alerts == []
    world.places["forum"].trouble = None
    world.run()
    assert world.alert.mentions == 1
    with world.store.reading() as session:
        assert reads.source_states(session)["forum"].failures_in_row == 0


def test_broken_source_does_not_stop_the_others(world: World) -> None:
    world.places["forum"].trouble = SourceBroken("a login page came instead")
    world.post("blog", "Lumopuodista tuli lamppu rikki.")
    world.run()
    assert world.alert.source == "blog"
    with world.store.reading() as session:
        assert reads.source_states(session)["forum"].last_error == "a login page came instead"


def test_questions_can_be_switched_off(tmp_path: Path) -> None:
    world = World(tmp_path, alerts={"questions": False})
    world.post("forum", "Onko Lumopuodilla myymälää?")
    world.run()
    assert world.alerts == []
    world.store.close()
