"""Reminder and escalation come back with the alert: after a snooze, when put back, when it gets worse."""

from collections import Counter

from monitor import alerts
from monitor.config import parse_duration
from monitor.domain import AlertState, DeliveryState, SendReason
from tests.stories.world import World


def act(world: World, what: str, **more: object) -> None:
    alert = world.alert
    with world.store.transaction() as session:
        getattr(alerts, what)(session, alert.id, "Maija", world.clock.now(), alert.version, **more)


def complain(world: World) -> None:
    """A complaint at nine in the morning: due at one, reminded of at half past twelve."""
    world.clock.moment = world._today("09:00")
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()


def sent(world: World) -> Counter[SendReason]:
    done = (DeliveryState.SENT,)
    return Counter(one.reason for one in world.deliveries(world.alert.id) if one.state in done)


def test_snooze_over_the_reminder_reminds_when_it_ends(world: World) -> None:
    complain(world)
    world.clock.moment = world._today("11:50")
    act(world, "snooze", until=world._today("12:45"))
    world.advance("50m")
    assert sent(world)[SendReason.REMINDER] == 0
    world.advance("10m")
    assert world.alert.state is AlertState.OPEN
    assert sent(world)[SendReason.REMINDER] == 1


def test_snooze_that_ends_twice_reminds_twice_and_escalates_once(world: World) -> None:
    complain(world)
    for _ in range(2):
        act(world, "snooze", until=world.clock.now() + parse_duration("1h"))
        world.advance("1h 10m")
    assert sent(world)[SendReason.REMINDER] == 2
    act(world, "snooze", until=world._today("16:00"))
    world.advance("1d")
    assert sent(world)[SendReason.ESCALATION] == 1


def test_alert_put_back_after_its_deadline_reminds_at_once_and_escalates(world: World) -> None:
    complain(world)
    act(world, "take")
    world.advance("6h")
    assert sent(world) == {SendReason.FIRST: 1}
    act(world, "reopen")
    world.advance("10m")
    assert sent(world) == {SendReason.FIRST: 1, SendReason.REMINDER: 1}
    world.advance("1d")
    assert sent(world) == {SendReason.FIRST: 1, SendReason.REMINDER: 1, SendReason.ESCALATION: 1}


def test_alert_put_back_before_its_reminder_keeps_that_one_reminder(world: World) -> None:
    complain(world)
    act(world, "answer")
    with world.store.transaction() as session:
        alerts.reopen(session, 1, "Maija", world.clock.now(), 2)
    world.advance("1d")
    assert sent(world) == {SendReason.FIRST: 1, SendReason.REMINDER: 1, SendReason.ESCALATION: 1}


def test_alert_put_back_twice_calls_each_time(world: World) -> None:
    complain(world)
    for _ in range(2):
        act(world, "take")
        world.advance("6h")
        act(world, "reopen")
        world.advance("1d")
    assert sent(world) == {SendReason.FIRST: 1, SendReason.REMINDER: 2, SendReason.ESCALATION: 2}


def test_alert_put_back_and_taken_again_calls_nobody(world: World) -> None:
    complain(world)
    act(world, "take")
    world.advance("6h")
    act(world, "reopen")
    act(world, "take")
    world.advance("2d")
    assert sent(world) == {SendReason.FIRST: 1}


def test_same_urgency_reached_again_after_an_answer_is_mailed_at_once_again(world: World) -> None:
    world.post("forum", "Lumopuoti on surkea.")
    world.run()
    for text in ("Vien Lumopuodin oikeuteen.", "Nyt Lumopuoti oikeuteen, rahat ovat poissa!"):
        world.advance("1m")
        world.post("forum", text)
        world.run()
        worse = sent(world)[SendReason.WORSE]
        act(world, "answer")
        world.advance("1m")
        world.post("forum", "Lumopuoti on yhä pettymys.")
        world.run()
        assert sent(world)[SendReason.WORSE] == worse
    assert worse == 2
