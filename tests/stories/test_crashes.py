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


def test_edit_that_comes_while_the_model_reads_is_judged(world: World) -> None:
    world.post("forum", "Tilasin Lumopuodista lampun.", post_id="p1")
    pipeline.collect(world.parts, "forum")

    def edit() -> None:
        world.reader.on_assess = lambda: None
        world.post("forum", "EDIT: Lumopuodin lamppu tuli rikki.", post_id="p1")
        pipeline.collect(world.parts, "forum")

    world.reader.on_assess = edit
    world.run()
    assert world.alert.mentions == 1


def test_post_that_the_model_cannot_read_does_not_hold_up_the_others(world: World) -> None:
    world.post("forum", "Lumopuoti ja myrkky.", thread="odd")
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.reader.stumbles_over = "myrkky"
    world.run()
    assert world.alert.first.text == "Lumopuodista tuli lamppu rikki."
    with world.store.reading() as session:
        odd = reads.mentions(session, reads.MentionFilter(words="myrkky"))[0].assessment
    assert odd is not None
    assert odd.not_scored


def test_message_that_cannot_be_written_does_not_hold_up_the_others(world: World) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", thread="odd")
    world.run_without_mail()
    with world.store.transaction() as session:
        session.connection().exec_driver_sql("update assessment set topics = '[\"no such topic\"]'")
    world.post("blog", "Lumopuodin laatikko oli rikki.", thread="b1")
    world.run()
    assert ["laatikko" in mail.text for mail in world.mailbox] == [True]
    with world.store.reading() as session:
        (waiting, *_) = reads.retrying_deliveries(session)
    assert "could not be written" in (waiting.last_error or "")


def test_answer_found_together_with_its_complaint_leaves_no_alert(world: World) -> None:
    world.post("forum", "Pahoittelut, lamppu oli rikki! T. Lumopuoti", at="13:50", author="lumopuoti")
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:00")
    world.run()
    assert world.alerts == []
    assert world.mailbox == []


def test_clock_of_a_thread_found_at_once_starts_at_its_first_post(world: World) -> None:
    world.post("forum", "Lumopuodin laatikkokin oli rikki.", at="11:30", author="toinen")
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="09:00")
    world.run()
    assert world.alert.first.text == "Lumopuodista tuli lamppu rikki."
    assert world.alert.clock_started_at == world.alert.first.posted_at


def test_closed_post_office_is_not_tried_with_every_mail(world: World) -> None:
    for number in range(8):
        world.post("forum", f"Lumopuoti {number}: nyt vien asian oikeuteen.", thread=f"t{number}")
    world.office.is_closed = True
    world.run()
    assert world.office.tries == 3
    world.office.is_closed = False
    world.advance("1h")
    assert len(world.mailbox) >= 8


def test_stop_does_not_wait_for_all_of_the_work(world: World) -> None:
    write(world)
    collect(world)
    world.is_stopping = True
    assert pipeline.assess_all(world.parts) == 0
    world.is_stopping = False
    assess(world)
    world.is_stopping = True
    assert pipeline.deliver(world.parts) == 0
    world.is_stopping = False
    assert pipeline.deliver(world.parts) == 1


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
