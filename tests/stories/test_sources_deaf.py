"""A source that answers and is not heard: one mail to the operator, and one when it is heard again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from monitor.domain import DeliveryState, SendReason
from monitor.errors import SourceBroken, SourceBusy, SourceDeaf
from monitor.health import Status
from monitor.sources import SOURCES
from monitor.store import reads
from tests.sources.support import context_for, recording
from tests.stories.listening import SLUG, Listening
from tests.stories.world import Place, World

PEOPLE = [
    {"slug": "owner", "name": "Omistaja", "email": "omistaja@lumopuoti.example", "language": "en"},
    {"slug": "it", "name": "Ylläpito", "email": "it@lumopuoti.example", "language": "en", "operator": True},
]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Listening]:
    story = Listening(tmp_path, PEOPLE, every="1h")
    story.write()
    story.listen("2h")
    yield story
    story.world.store.close()


def listen_until_told(story: Listening) -> timedelta:
    """Listen until the next mail; returns how long it took."""
    clock, mails = story.world.clock, len(story.world.mailbox)
    start = clock.moment
    while len(story.world.mailbox) == mails and clock.moment - start < timedelta(days=3):
        story.listen("1h")
    return clock.moment - start


@pytest.mark.parametrize("page", ["login", "captcha", "error"])
def test_page_that_is_no_answer_is_told_within_two_intervals(story: Listening, page: str) -> None:
    story.site.trouble = SourceDeaf(f"a {page} page came instead")
    assert listen_until_told(story) <= timedelta(hours=2, minutes=10)
    (mail,) = story.world.mailbox
    assert mail.to == "it@lumopuoti.example"
    assert mail.subject == "forum is not heard any more"
    assert f"a {page} page came instead" in mail.text
    assert story.status is Status.DEAF


def test_one_broken_answer_is_not_told(story: Listening) -> None:
    story.site.trouble = SourceBroken("a login page came instead")
    story.listen("1h")
    story.site.trouble = None
    story.listen("5h")
    assert story.world.mailbox == []


def test_long_trouble_is_one_mail_and_its_end_another_in_the_same_thread(story: Listening) -> None:
    story.site.trouble = SourceBroken("a captcha page came instead")
    story.listen("5d")
    (told,) = story.world.mailbox
    story.site.trouble = None
    story.listen("12h")
    told, over = story.world.mailbox
    assert over.subject == "forum is heard again"
    assert over.thread_id == told.message_id
    assert story.status is Status.OK
    story.listen("2d")
    assert len(story.world.mailbox) == 2


def test_recovery_of_a_quiet_place_is_told_before_somebody_writes_there(tmp_path: Path) -> None:
    story = Listening(tmp_path, PEOPLE, every="1h", late_after="6h")
    story.write()
    story.listen("1h")
    story.site.trouble = SourceDeaf("a login page came instead")
    story.listen("10h")
    story.site.trouble = None
    story.listen("8h")
    assert story.status is Status.LATE
    assert [mail.subject for mail in story.world.mailbox] == [
        "forum is not heard any more",
        "forum is heard again",
    ]
    story.world.store.close()


def test_second_trouble_is_told_again(story: Listening) -> None:
    for _ in range(2):
        story.site.trouble = SourceBroken("a login page came instead")
        story.listen("4h")
        story.site.trouble = None
        story.listen("8h")
    assert [mail.subject.split(" is ")[1] for mail in story.world.mailbox] == [
        "not heard any more",
        "heard again",
    ] * 2


def test_full_page_from_which_nothing_parses_is_deaf(story: Listening) -> None:
    story.site.unreadable, story.site.left_out = 20, 1
    assert listen_until_told(story) <= timedelta(hours=2, minutes=10)
    assert story.status is Status.DEAF
    assert "nothing of what it sends can be read" in story.world.mailbox[0].text
    story.site.unreadable = 0
    story.write()
    story.listen("1h")
    assert story.status is Status.OK
    assert len(story.world.mailbox) == 2


def test_one_row_that_nobody_can_read_among_old_posts_is_not_deaf(story: Listening) -> None:
    story.site.unreadable, story.site.left_out = 1, 19
    story.listen("6h")
    assert story.status is Status.OK
    assert story.world.mailbox == []


def test_unreachable_source_is_deaf_after_a_day(story: Listening) -> None:
    story.site.trouble = SourceBusy("forum.example cannot be reached")
    story.listen("20h")
    assert (story.status, story.world.mailbox) == (Status.BUSY, [])
    story.listen("12h")
    assert story.status is Status.DEAF
    assert len(story.world.mailbox) == 1


def test_stream_silent_for_much_longer_than_ever_is_deaf(tmp_path: Path) -> None:
    story = Listening(tmp_path, PEOPLE, every="1h")
    for _ in range(16):
        story.write()
        story.listen("6h")
        story.write()
        story.listen("12h")
    story.listen("23h")
    assert (story.status, story.world.mailbox) == (Status.OK, [])
    assert listen_until_told(story) <= timedelta(hours=4)
    assert story.status is Status.DEAF
    assert "much longer than ever before" in story.world.mailbox[0].text
    story.write()
    story.listen("1h")
    assert story.status is Status.OK
    story.world.store.close()


def test_export_in_a_folder_is_no_stream_that_could_fall_silent(tmp_path: Path) -> None:
    story = Listening(tmp_path, PEOPLE, every="1h")
    story.listen("8d")
    for days in range(30, 2, -1):
        story.world.post("forum", "Bussi oli taas myöhässä.", thread=f"t{days}", days_ago=days)
    story.listen("9d")
    assert (story.status, story.world.mailbox) == (Status.OK, [])
    story.world.store.close()


def test_silence_of_a_source_that_is_hardly_known_says_nothing(story: Listening) -> None:
    story.listen("6d")
    assert (story.status, story.world.mailbox) == (Status.OK, [])


def test_canary_that_stays_away_is_told(tmp_path: Path) -> None:
    story = Listening(tmp_path, PEOPLE, every="1h", canary="sähköposti", canary_every="8h")
    for _ in range(4):
        story.write("Päivän SÄHKÖPOSTI: mitä tilasit?")
        story.listen("6h")
    assert story.world.mailbox == []
    for _ in range(4):
        story.write("Kaunis ilma tänään.")
        story.listen("1h")
    assert story.status is Status.DEAF
    assert '"sähköposti"' in story.world.mailbox[0].text
    story.write("Sähköposti tuli taas.")
    story.listen("1h")
    assert story.world.mailbox[1].subject == "forum is heard again"
    story.world.store.close()


def test_new_canary_has_its_whole_time(tmp_path: Path) -> None:
    story = Listening(tmp_path, PEOPLE, every="1h", canary="sähköposti", canary_every="8h")
    story.write("Kaunis ilma tänään.")
    story.listen("8h")
    assert (story.status, story.world.mailbox) == (Status.OK, [])
    story.world.store.close()


def test_without_an_operator_all_hear_who_do_not_only_step_in(tmp_path: Path) -> None:
    people = [
        {"slug": "owner", "name": "Omistaja", "email": "omistaja@lumopuoti.example", "language": "fi"},
        {"slug": "vd", "name": "VD", "email": "vd@lumopuoti.example", "language": "sv"},
        {"slug": "backup", "name": "Vara", "email": "vara@lumopuoti.example", "escalation": True},
    ]
    story = Listening(tmp_path, people, every="1h")
    story.site.trouble = SourceBroken("kirjautumissivu")
    story.listen("3h")
    assert {mail.to: mail.subject for mail in story.world.mailbox} == {
        "omistaja@lumopuoti.example": "Lähdettä forum ei enää kuulla",
        "vd@lumopuoti.example": "forum hörs inte längre",
    }
    story.world.store.close()


def test_trouble_that_is_over_before_the_mail_could_leave_is_not_told(story: Listening) -> None:
    story.world.office.is_closed = True
    story.site.trouble = SourceBroken("a login page came instead")
    story.listen("3h")
    story.site.trouble = None
    story.listen("6h")
    story.world.office.is_closed = False
    story.listen("6h")
    assert story.world.mailbox == []
    with story.world.store.reading() as session:
        told = [reads.delivery_of_key(session, key) for key in _keys(story)]
    assert [message.state for message in told if message] == [DeliveryState.CANCELLED] * 2


def _keys(story: Listening) -> list[str]:
    at = story.state.trouble_at
    assert at is not None
    reasons = (SendReason.TROUBLE, SendReason.RECOVERY)
    return [f"source:forum:{reason.value}:it:{int(at.timestamp())}" for reason in reasons]


def test_hostile_error_stays_inert_in_the_mail(story: Listening) -> None:
    story.site.trouble = SourceBroken("post <script>alert(1)</script>\r\nBcc: x@evil.example cannot be read")
    story.listen("3h")
    (mail,) = story.world.mailbox
    assert "<script>" not in mail.html
    assert "\nBcc:" not in mail.text


def test_many_sources_that_fall_silent_together_are_one_mail(tmp_path: Path) -> None:
    names = [f"forum-{number}" for number in range(60)]
    sources = [{"slug": name, "kind": "feed", "every": "1h"} for name in names]
    world = World(tmp_path, sources=sources, recipients=PEOPLE)
    world.places = {name: Place(trouble=SourceBroken("a login page came instead")) for name in names}
    world.parts = world._parts()
    world.run()
    world.run()
    (told,) = world.mailbox
    assert told.subject == "60 sources are not heard any more"
    assert "forum-0: A person must look" in told.text
    assert "forum-49: A person must look" in told.text
    assert "and 9 more" in told.text
    for place in world.places.values():
        place.trouble = None
    world.run()
    (over,) = world.mailbox[1:]
    assert over.subject == "60 sources are heard again"
    assert all(f"\n{name}\n" in over.text for name in names[:50])
    world.store.close()


def test_source_may_have_any_name(tmp_path: Path) -> None:
    sources = [{"slug": "recovery", "kind": "feed", "every": "1h"}]
    world = World(tmp_path, sources=sources, recipients=PEOPLE)
    world.places = {"recovery": Place(trouble=SourceBroken("a login page came instead"))}
    world.parts = world._parts()
    world.run()
    world.run()
    world.places["recovery"].trouble = None
    world.run()
    assert len(world.mailbox) == 2
    world.store.close()


def test_page_with_a_login_makes_a_real_source_deaf(story: Listening) -> None:
    def login(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=recording("feed", "login.html"))

    clock = story.world.clock
    source = SOURCES["discourse"].make({"url": "https://foorumi.example"}, context_for(login, clock))  # type: ignore[arg-type]
    story.world.parts = replace(story.world.parts, sources={SLUG: source})
    story.listen("2h")
    assert story.status is Status.DEAF
    assert "web page instead of JSON" in (story.state.last_error or "")
