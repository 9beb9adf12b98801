"""Nobody is flooded, and nothing is forgotten: quiet hours, silences, budgets, digests, summaries, mutes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import alerts, pipeline
from monitor.domain import DeliveryState, SendReason, Topic
from monitor.store import calm, deliveries
from tests.stories.world import World


def person(**rules: object) -> list[dict[str, object]]:
    return [{"slug": "owner", "name": "Omistaja", "email": "omistaja@lumopuoti.example", **rules}]


def complain(world: World, n: int = 1, start: int = 0) -> None:
    for number in range(start, start + n):
        world.post("forum", f"Lumopuodin lamppu numero {number} oli rikki.", thread=f"t{number}")
    world.run()


def silence(world: World, hours: int, **over: object) -> int:
    now = world.clock.now()
    wanted = {"shop": None, "source": None, "topic": None, **over}
    with world.store.transaction() as session:
        until = now + timedelta(hours=hours)
        return calm.add_silence(session, until=until, reason="inventaario", who="Maija", now=now, **wanted)  # type: ignore[arg-type]


def test_quiet_hours_let_mail_wait_until_they_end(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(quiet=["13-16"]))
    complain(world)
    assert world.mailbox == []
    world.advance("1h 59m")
    assert world.mailbox == []
    world.advance("2m")
    (mail,) = world.mailbox
    assert "lamppu numero 0" in mail.text


def test_critical_post_breaks_quiet_hours_silences_and_budgets(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(quiet=["13-16"], most_a_day=1))
    silence(world, hours=5)
    for number in range(2):
        world.post("forum", f"Lumopuoti {number}: vien asian oikeuteen.", thread=f"t{number}")
    world.run()
    assert len(world.mailbox) == 2


def test_what_was_settled_meanwhile_is_not_mailed_after_the_quiet_hours(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(quiet=["13-16"]))
    complain(world)
    with world.store.transaction() as session:
        alerts.answer(session, world.alert.id, "Maija", world.clock.now(), world.alert.version)
    world.advance("3h")
    assert world.mailbox == []


def test_many_that_wait_together_are_one_mail(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(quiet=["13-16"]))
    complain(world, 6)
    world.advance("2h 1m")
    (mail,) = world.mailbox
    assert mail.subject == "Lumopuoti: 6 keskustelua odottaa vastausta"
    for number in range(6):
        assert f"lamppu numero {number}" in mail.text
        assert f"lamppu numero {number}" in mail.html
    with world.store.reading() as session:
        assert deliveries.sent_since(session, "owner", world.clock.now() - timedelta(hours=1)) == 1
    assert {row.state for row in world.deliveries(1) if row.reason is SendReason.FIRST} == {
        DeliveryState.SENT
    }


def test_summary_that_cannot_leave_comes_whole_later(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    world.office.is_closed = True
    complain(world, 6)
    assert world.office.tries == 1
    world.office.is_closed = False
    world.advance("5m")
    (mail,) = world.mailbox
    assert all(f"lamppu numero {number}" in mail.text for number in range(6))


def test_machine_that_slept_for_two_days_wakes_with_one_mail(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    for number in range(8):
        world.post("forum", f"Lumopuodin lamppu numero {number} oli rikki.", thread=f"t{number}")
    world.clock.moment += timedelta(days=2)
    world.run()
    assert len(world.mailbox) == 1
    assert world.mailbox[0].subject.startswith("Lumopuoti: 8 ")


def test_mail_goes_out_after_the_clock_jumped_back(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    world.office.is_closed = True
    complain(world)
    world.clock.moment -= timedelta(hours=1)
    world.office.is_closed = False
    world.run()
    world.advance("1h 10m")
    assert [mail.subject for mail in world.mailbox if "lamppu numero 0" in mail.text]
    assert len({mail.message_id for mail in world.mailbox}) == len(world.mailbox)


def test_mail_that_was_given_up_on_can_be_sent_again(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    world.office.is_closed = True
    complain(world)
    (first,) = [row for row in world.deliveries(1) if row.reason is SendReason.FIRST]
    with world.store.transaction() as session:
        deliveries.mark_failed(session, first.id, "given up")
    world.office.is_closed = False
    world.advance("10m")
    assert [mail for mail in world.mailbox if mail.message_id == first.message_id] == []
    with world.store.transaction() as session:
        assert deliveries.try_failed_again(session, world.clock.now()) == 1
    world.run()
    assert [mail.message_id for mail in world.mailbox].count(first.message_id) == 1


def test_silence_lets_mail_wait_until_it_ends(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    silence(world, hours=2, topic=Topic.PRODUCT_QUALITY, shop="lumopuoti", source="forum")
    complain(world)
    assert len(world.alerts) == 1
    assert world.mailbox == []
    world.advance("2h 1m")
    assert len(world.mailbox) == 1


@pytest.mark.parametrize("over", [{"topic": Topic.PRICE}, {"source": "blog"}, {"shop": "vinterbo"}])
def test_silence_over_something_else_holds_nothing(tmp_path: Path, over: dict[str, object]) -> None:
    world = World(tmp_path, recipients=person())
    silence(world, hours=2, **over)
    complain(world)
    assert len(world.mailbox) == 1


def test_silence_ended_by_hand_lets_go_what_waited(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    number = silence(world, hours=20)
    complain(world)
    with world.store.transaction() as session:
        assert calm.end_silence(session, number, "Maija", world.clock.now())
        assert not calm.end_silence(session, number, "Maija", world.clock.now())
    world.run()
    assert len(world.mailbox) == 1


def test_day_that_is_full_goes_on_with_the_next_morning(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(most_a_day=2, digest="8:30"))
    for number in range(5):
        complain(world, 1, start=number)
    assert len(world.mailbox) == 2
    world.advance("18h 31m")
    late = [mail.text for mail in world.mailbox[2:]]
    assert [f"lamppu numero {n}" in text for n, text in zip((2, 3), late, strict=False)] == [True, True]


def test_digest_tells_once_a_day_what_was_not_mailed_at_once(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(urgency_at_least="critical", digest="8:00"))
    complain(world, 2)
    world.advance("17h 59m")
    assert world.mailbox == []
    world.advance("2m")
    (mail,) = world.mailbox
    assert "Viime vuorokaudelta: 2 keskustelua odottaa" in mail.subject
    assert "lamppu numero 1" in mail.text
    world.advance("1d")
    assert len(world.mailbox) == 1


def test_digest_leaves_out_what_was_answered(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(urgency_at_least="critical", digest="8:00"))
    complain(world)
    with world.store.transaction() as session:
        alerts.answer(session, world.alert.id, "Maija", world.clock.now(), world.alert.version)
    world.advance("19h")
    assert world.mailbox == []


def test_questions_wait_for_the_digest_when_only_unhappy_posts_are_wanted(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(only_negative=True, digest="8:00"))
    world.reader.asks = "milloin"
    world.post("forum", "Milloin Lumopuoti avaa varaston?", thread="kysymys")
    complain(world)
    (mail,) = world.mailbox
    assert "lamppu numero 0" in mail.text
    assert len(world.alerts) == 2
    world.advance("18h 1m")
    assert "Milloin Lumopuoti" in world.mailbox[-1].text


def mute(world: World, **what: object) -> int:
    wanted = {"shop": None, "source": None, "author": None, "phrase": None, **what}
    with world.store.transaction() as session:
        return calm.add_mute(session, reason="kiusaaja", who="Maija", now=world.clock.now(), **wanted)  # type: ignore[arg-type]


def test_muted_author_is_stored_and_judged_but_alerts_no_more(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    number = mute(world, author="kiukku", source="forum")
    world.post("forum", "Lumopuodin lamppu rikki, taas.", author="kiukku")
    world.post("forum", "Lumopuodin peili rikki.", author="toinen", thread="t2")
    world.run()
    assert [alert.first.author for alert in world.alerts] == ["toinen"]
    with world.store.transaction() as session:
        assert calm.end_mute(session, number, "Maija", world.clock.now())
    world.post("forum", "Lumopuodin tuoli rikki.", author="kiukku", thread="t3")
    world.run()
    assert len(world.alerts) == 2


def test_muted_phrase_alerts_no_more_unless_it_is_critical(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    mute(world, phrase="Osta Halvalla")
    world.post("forum", "Lumopuoti rikki? osta halvalla muualta", thread="a")
    world.post("forum", "Lumopuoti oikeuteen, osta halvalla muualta", thread="b")
    world.run()
    assert [alert.first.thread_key for alert in world.alerts] == ["b"]


def test_preview_counts_what_would_have_been_mailed(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    complain(world, 5)
    world.config = world.config.model_copy(
        update={"recipients": World(tmp_path / "b", recipients=person(most_a_day=2)).config.recipients}
    )
    world.parts = world._parts()
    with world.store.reading() as session:
        (told,) = pipeline.preview(world.parts, session, world.clock.now().replace(year=2025))
    assert (told.mails, told.most_a_day, dict(told.waited), told.digest) == (5, 3, {"budget": 3}, 0)


class Killed(BaseException):
    """The process ends here."""


def test_crash_during_a_summary_repeats_that_mail_and_makes_no_others(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(), storm={"enabled": False})
    for number in range(12):
        world.post("forum", f"Lumopuodin lamppu numero {number} oli rikki.", thread=f"t{number}")
    world.run_without_mail()

    def kill() -> None:
        raise Killed

    world.office.on_send = kill
    with pytest.raises(Killed):
        pipeline.deliver(world.parts)
    world.office.on_send = lambda: None
    world.clock.moment += timedelta(minutes=6)
    world.run()
    assert len(world.mailbox) == 2
    assert len({mail.message_id for mail in world.mailbox}) == 1


def test_summary_leaves_out_what_is_silenced(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    silence(world, hours=20, source="blog")
    world.post("blog", "Lumopuodin tuoli oli rikki.", thread="b1")
    complain(world, 5)
    (mail,) = world.mailbox
    assert "lamppu numero 4" in mail.text
    assert "tuoli" not in mail.text


def test_digest_forgets_nothing_because_of_a_weekly_report(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(urgency_at_least="critical", digest="8:00", weekly=True))
    world.run()
    world.clock.moment = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)
    complain(world)
    world.clock.moment = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
    world.run()
    world.clock.moment = datetime(2026, 12, 1, 6, 5, tzinfo=UTC)
    world.run()
    assert "lamppu numero 0" in "".join(
        mail.text for mail in world.mailbox if "vuorokaudelta" in mail.subject
    )


def test_news_that_was_told_in_a_graver_mail_is_not_told_again(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person(quiet=["13-16"]))
    complain(world)
    world.advance("10m")
    world.post("forum", "Lumopuoti, vien asian oikeuteen.", thread="t0")
    world.advance("10m")
    assert len(world.mailbox) == 1
    world.advance("2h")
    firsts = [row for row in world.deliveries(1) if row.reason is SendReason.FIRST]
    assert [row.state for row in firsts] == [DeliveryState.CANCELLED]


def test_reminder_does_not_follow_at_the_heels_of_the_first_mail(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=person())
    silence(world, hours=20)
    complain(world)
    world.advance("20h 30m")
    assert len(world.mailbox) == 1
    reminders = [row.state for row in world.deliveries(1) if row.reason is SendReason.REMINDER]
    assert reminders == [DeliveryState.CANCELLED]


def test_channel_gets_no_buttons_that_act_in_its_name(tmp_path: Path) -> None:
    team = [{"slug": "tiimi", "name": "Tiimi", "channel": "keskustelu"}]
    channels = [{"slug": "keskustelu", "kind": "apprise", "address": {"env": "NOWHERE"}}]
    world = World(tmp_path, recipients=team, channels=channels, web={"address": "127.0.0.1"})
    complain(world)
    (message,) = world.mailbox
    assert message.to == "channel:keskustelu"
    assert "/do/" not in message.text + message.html
