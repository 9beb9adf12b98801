"""The same words at several places: one alert, "also at", and a mark when many post them."""

from monitor.store import reads
from tests.stories.world import World

COMPLAINT = (
    "Lumopuoti lähetti minulle rikki menneen lampun eikä vastaa viesteihin. Olen odottanut jo kolme viikkoa "
    "enkä saa rahojani takaisin."
)


def test_copy_at_another_place_folds_into_the_first_alert(world: World) -> None:
    world.post("forum", COMPLAINT, author="mari")
    world.run()
    world.post("blog", COMPLAINT + " Jakakaa eteenpäin!", author="mari", thread="b1")
    world.run()
    assert world.alert.mentions == 2
    assert len(world.mailbox) == 1
    with world.store.reading() as session:
        (copy,) = reads.also_at(session, world.alert)
        assert reads.count_mentions(session, reads.MentionFilter()) == 2
    assert copy.source == "blog"


def test_different_complaints_stay_apart(world: World) -> None:
    world.post("forum", COMPLAINT)
    world.post("blog", "Lumopuodin verkkosivu on surkea, kassa jumittaa aina maksuvaiheessa.", thread="b1")
    world.run()
    assert len(world.alerts) == 2


def test_short_agreement_is_no_copy(world: World) -> None:
    world.post("forum", "Lumopuoti on surkea.", thread="t1")
    world.post("blog", "Lumopuoti on surkea!!", thread="b1")
    world.post("blog", "Lumopuoti on tosi surkea.", thread="b2")
    world.run()
    assert sorted(alert.mentions for alert in world.alerts) == [1, 2]


def test_same_words_from_three_writers_are_marked_as_a_possible_campaign(world: World) -> None:
    for number in range(3):
        world.post("forum", COMPLAINT, author=f"tili{number}", thread=f"t{number}")
        world.run()
    assert world.alert.mentions == 3
    assert [reason["values"] for reason in world.alert.reasons if reason["rule"] == "campaign"] == [
        {"writers": "3"}
    ]


def test_copy_that_is_judged_again_changes_nothing(world: World) -> None:
    world.post("forum", COMPLAINT)
    world.run()
    world.post("blog", COMPLAINT, thread="b1", post_id="copy")
    world.run()
    world.post("blog", COMPLAINT + " EDIT: kirjoitusvirhe korjattu.", thread="b1", post_id="copy")
    world.run()
    assert world.alert.mentions == 2
