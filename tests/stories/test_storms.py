"""A storm is one mail, not fifty: noticed, followed, over; and what is critical comes all the same."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import parse_duration
from monitor.domain import DeliveryState, EventKind, SendReason
from monitor.store import reads, storms
from monitor.store.tables import SourceState
from tests.stories.world import World

PERSON = {"slug": "owner", "name": "Omistaja", "email": "omistaja@lumopuoti.example"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path, recipients=[PERSON])
    world.run()
    with world.store.transaction() as session:
        for slug in ("forum", "blog"):
            state = session.get_one(SourceState, slug)
            state.listening_since = world.clock.now() - timedelta(weeks=20)
    return world


def complain(world: World, n: int, start: int = 0, text: str = "Lumopuodin lamppu {} oli rikki.") -> None:
    now = world.clock.now()
    for number in range(start, start + n):
        world.post("forum", text.format(number), thread=f"t{number}", author=f"kirjoittaja{number}")
        posts = world.places["forum"].posts
        posts[-1] = posts[-1].model_copy(update={"posted_at": now - timedelta(minutes=number % 20)})


def sent(world: World, word: str) -> list[str]:
    return [mail.subject for mail in world.mailbox if word in mail.subject]


def test_rise_is_one_mail_with_its_cause(world: World) -> None:
    complain(world, 8)
    world.run()
    world.advance("2m")
    (mail,) = [mail for mail in world.mailbox if "Poikkeuksellisen paljon" in mail.subject]
    assert mail.subject == "Poikkeuksellisen paljon tyytymättömiä viestejä: Lumopuoti"
    assert "8 / 8 koskee tätä: tuotteen laatu." in mail.text
    assert "lamppu" in mail.text
    assert "lamppu" in mail.html


def test_storm_is_told_within_fifteen_minutes_of_the_rise(world: World) -> None:
    began = world.clock.now()
    for number in range(6):
        complain(world, 1, start=number)
        world.advance("2m")
    with world.store.reading() as session:
        (storm,) = storms.blowing(session)
    assert storm.noticed_at - began <= parse_duration("15m")
    assert len(sent(world, "Poikkeuksellisen")) == 1


def test_single_alerts_of_a_storm_are_folded_in_but_critical_ones_are_not(world: World) -> None:
    complain(world, 8)
    world.advance("2m")
    before = len(world.mailbox)
    complain(world, 3, start=8)
    world.post("forum", "Lumopuoti: vien asian oikeuteen.", thread="laki")
    world.advance("5m")
    new = world.mailbox[before:]
    assert len([mail for mail in new if "oikeuteen" in mail.text and "Kriittinen" in mail.subject]) == 1
    assert not [mail for mail in new if "lamppu 9" in mail.subject]
    assert len(world.alerts) == 12


def test_storm_that_lasts_is_at_most_one_mail_an_hour(world: World) -> None:
    complain(world, 8)
    world.advance("2m")
    for number in range(24):
        complain(world, 3, start=100 + 3 * number)
        world.advance("10m")
    told = [mail for mail in world.mailbox if "tyytymättömiä viestejä" in mail.subject]
    assert 4 <= len(told) <= 5
    assert {mail.thread_id for mail in told} == {told[0].message_id}
    assert all(mail.subject.startswith("Re: ") for mail in told[1:])


def test_end_of_a_storm_is_told_once(world: World) -> None:
    complain(world, 8)
    world.advance("2m")
    for _ in range(40):
        world.advance("5m")
    over = [mail for mail in world.mailbox if "ohi" in mail.text.split("\n")[0]]
    assert len(over) == 1
    with world.store.reading() as session:
        assert storms.blowing(session) == []


def test_storm_names_what_the_shop_did_just_before(world: World) -> None:
    now = world.clock.now()
    with world.store.transaction() as session:
        assert storms.add_event(
            session,
            shop="lumopuoti",
            kind=EventKind.DEPLOY,
            title="uusi kassa",
            at=now - timedelta(minutes=60),
            until=None,
            who="julkaisija",
            via="webhook",
            key="d1",
        )
    complain(world, 8)
    world.advance("2m")
    (mail,) = [mail for mail in world.mailbox if "Poikkeuksellisen" in mail.subject]
    assert "min tämän jälkeen: ”uusi kassa”" in mail.text


def test_one_topic_can_storm_while_the_shop_is_as_loud_as_ever(world: World) -> None:
    with world.store.reading() as session:
        assert storms.voices(session, "lumopuoti", world.clock.now()) == []
    complain(world, 8)
    world.run()
    with world.store.reading() as session:
        found = storms.voices(session, "lumopuoti", world.clock.now() - timedelta(hours=1))
    assert {voice.topics for voice in found} == {("product_quality",)}


def test_praise_makes_no_storm(world: World) -> None:
    complain(world, 20, text="Lumopuoti numero {} on ihana.")
    world.advance("5m")
    assert world.mailbox == []


def test_rival_makes_no_storm(world: World) -> None:
    complain(world, 20, text="Vinterbo {} on rikki.")
    posts = world.places["forum"].posts
    posts[:] = [post.model_copy(update={"thread_title": ""}) for post in posts]
    world.advance("5m")
    assert not sent(world, "Poikkeuksellisen")


def test_storms_can_be_switched_off(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=[PERSON], storm={"enabled": False})
    complain(world, 20)
    world.advance("5m")
    assert not sent(world, "Poikkeuksellisen")
    with world.store.reading() as session:
        assert storms.blowing(session) == []


def test_folded_alert_keeps_its_deadline_and_reminds_when_the_storm_is_over(world: World) -> None:
    complain(world, 8)
    world.advance("2m")
    complain(world, 1, start=50)
    world.advance("1m")
    with world.store.reading() as session:
        alert = next(one for one in reads.open_alerts(session) if "lamppu 50" in one.first.text)
        planned = {row.reason for row in reads.deliveries(session, alert.id)}
    assert SendReason.REMINDER in planned


def told(world: World, text: str) -> list[str]:
    return [mail.subject for mail in world.mailbox if text in mail.text]


def test_alerts_are_folded_only_into_a_storm_mail_that_arrived(world: World) -> None:
    world.office.is_closed = True
    complain(world, 8)
    world.advance("10m")
    complain(world, 3, start=20)
    world.advance("3h")
    assert world.mailbox == []
    world.office.is_closed = False
    world.advance("2h")
    assert sent(world, "tyytymättömiä viestejä") or sent(world, "aalto on ohi")
    for number in (20, 21, 22):
        with world.store.reading() as session:
            (alert,) = [one for one in reads.open_alerts(session) if f"lamppu {number} " in one.first.text]
            states = {
                row.state for row in reads.deliveries(session, alert.id) if row.reason is SendReason.FIRST
            }
        assert states == {DeliveryState.SENT}


def test_storm_switched_off_swallows_nothing(world: World) -> None:
    complain(world, 8)
    world.advance("10m")
    calm = world.config.storm.model_copy(update={"enabled": False})
    world.config = world.config.model_copy(update={"storm": calm})
    world.parts = world._parts()
    world.advance("10m")
    with world.store.reading() as session:
        assert storms.blowing(session) == []
    complain(world, 1, start=70)
    world.advance("10m")
    assert told(world, "lamppu 70")


def test_question_during_a_storm_goes_by_itself(world: World) -> None:
    complain(world, 8)
    world.advance("10m")
    world.reader.asks = "sunnuntaina"
    world.post("forum", "Onko Lumopuoti auki sunnuntaina?", thread="kysymys")
    world.advance("10m")
    assert told(world, "auki sunnuntaina")


def test_storm_mail_waits_for_the_end_of_quiet_hours(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=[{**PERSON, "quiet": ["13-16"]}])
    world.run()
    with world.store.transaction() as session:
        for slug in ("forum", "blog"):
            session.get_one(SourceState, slug).listening_since = world.clock.now() - timedelta(weeks=20)
    complain(world, 8)
    world.advance("20m")
    assert world.mailbox == []
    world.advance("2h")
    assert sent(world, "tyytymättömiä viestejä") or sent(world, "odottaa vastausta")


def test_source_that_left_the_configuration_is_not_deaf_for_ever(world: World) -> None:
    with world.store.transaction() as session:
        storms.open_gap(session, "entinen", world.clock.now() - timedelta(days=3), "deaf")
    world.run()
    with world.store.reading() as session:
        assert storms.open_gaps(session) == []
