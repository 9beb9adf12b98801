"""A crash between any two stages, then a new start: nothing lost, no alert twice, mail as promised."""

from collections.abc import Callable

import pytest

from monitor import pipeline
from monitor.domain import DeliveryState
from monitor.errors import Permanent
from monitor.store import reads
from tests.stories.world import World


class Crash(BaseException):
    """The process ends here; nothing catches it."""


def crash() -> None:
    raise Crash


def write(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")


def collect(world: World) -> None:
    pipeline.collect(world.parts, "forum")


def assess(world: World) -> None:
    pipeline.assess_all(world.parts)


def deliver(world: World) -> None:
    pipeline.deliver(world.parts)


def during_assessing(world: World) -> None:
    world.reader.on_assess = crash
    with pytest.raises(Crash):
        assess(world)
    world.reader.on_assess = lambda: None


def after_sending_before_writing_it_down(world: World) -> None:
    assess(world)
    world.office.on_send = crash
    with pytest.raises(Crash):
        deliver(world)
    world.office.on_send = lambda: None


@pytest.mark.parametrize(
    "until_crash",
    [write, collect, during_assessing, assess, after_sending_before_writing_it_down],
    ids=lambda step: step.__name__,
)
def test_crash_loses_nothing_and_doubles_nothing(world: World, until_crash: Callable[[World], None]) -> None:
    write(world)
    if until_crash is not write:
        collect(world)
        if until_crash is not collect:
            until_crash(world)
    world.advance("10m")
    world.run()
    assert world.alert.mentions == 1
    assert len({mail.message_id for mail in world.mailbox}) == 1
    assert len(world.mailbox) == (2 if until_crash is after_sending_before_writing_it_down else 1)


def test_every_stage_may_be_repeated(world: World) -> None:
    write(world)
    for _ in range(3):
        world.run()
    assert world.alert.mentions == 1
    assert len(world.mailbox) == 1


def test_closed_post_office_keeps_the_mail_until_it_opens(world: World) -> None:
    world.office.is_closed = True
    write(world)
    world.run()
    world.advance("20m")
    assert world.mailbox == []
    with world.store.reading() as session:
        (waiting, *_) = reads.retrying_deliveries(session)
    assert waiting.last_error == "the post office is closed"
    world.office.is_closed = False
    world.advance("1h")
    assert len({mail.message_id for mail in world.mailbox}) == len(world.mailbox) == 1


def test_message_refused_for_good_is_visible_and_blocks_nothing(world: World) -> None:
    def refuse() -> None:
        raise Permanent("no such mailbox")

    write(world)
    world.office.on_send = refuse
    world.run()
    world.office.on_send = lambda: None
    world.post("blog", "Lumopuodin laatikko oli rikki.", thread="b1")
    world.run()
    with world.store.reading() as session:
        (failed,) = reads.failed_deliveries(session, world.clock.now().replace(hour=0))
    assert failed.state is DeliveryState.FAILED
    assert failed.last_error == "no such mailbox"
    assert len(world.alerts) == 2
