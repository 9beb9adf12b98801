"""A stream is heard as it speaks: stored at once, taken back when deleted, taken up again after a break."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

import pytest
from sqlalchemy import func, select

from monitor import control, health, pipeline
from monitor.domain import Post
from monitor.health import Status
from monitor.sources import SOURCES
from monitor.store import reads
from monitor.store.rows import MentionRow, SourceRow
from monitor.store.tables import Assessment, Mention, Run
from tests.sources.jetstream_server import StreamServer, event, leaving, microseconds, uri
from tests.sources.support import Site, StillClock, context_for
from tests.stories.world import World

SLUG = "bluesky"
MINUTE_US = 60_000_000
PEOPLE = [
    {"slug": "it", "name": "Ylläpito", "email": "it@lumopuoti.example", "language": "en", "operator": True}
]


@dataclass
class Ear:
    """Listens to a server in a thread, as the service does; time passes only while it rests."""

    world: World
    server: StreamServer
    options: dict[str, object] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)
    is_patient: bool = False

    def __post_init__(self) -> None:
        self.world.parts = replace(
            self.world.parts,
            sources={SLUG: self._source()},
            reaching_back=lambda slug, length: self._source(length),
        )

    def _source(self, backfill: timedelta = timedelta(hours=1)) -> object:
        world, canary = self.world, self.world.config.sources[0].canary

        def wanted(post: Post) -> bool:
            return (canary is not None and canary in post.text) or bool(world.parts.matcher.find_shops(post))

        context = context_for(Site({}), StillClock())
        context = replace(context, slug=SLUG, clock=world.clock, allow_private=True, wanted=wanted)
        options = {"url": self.server.url, "collect_for": "1s", **self.options, "backfill": backfill}
        return SOURCES["jetstream"].make(options, context)

    def __enter__(self) -> "Ear":
        self._thread = threading.Thread(target=pipeline.listen, args=(self.world.parts, SLUG, self._rest))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.is_stopping = True
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()
        self.world.is_stopping = False

    async def _rest(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if self.is_patient:
            await asyncio.sleep(3600)
        self.world.clock.moment += timedelta(seconds=seconds)
        await asyncio.sleep(0.01)

    def now(self) -> int:
        return microseconds(self.world.clock.now())

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something that other threads bring about."""
        for _ in range(3_000):
            if is_so():
                return
            threading.Event().wait(0.01)
        raise AssertionError("it did not come about")

    def let_minutes_pass_until(self, is_so: Callable[[], bool]) -> None:
        for _ in range(300):
            if is_so():
                return
            self.world.clock.moment += timedelta(minutes=1)
            threading.Event().wait(0.1)
        raise AssertionError("it did not come about")

    def connected(self, times: int = 1) -> None:
        self.until(lambda: len(self.server.asked) >= times)

    @property
    def mentions(self) -> list[MentionRow]:
        with self.world.store.reading() as session:
            return reads.mentions(session, reads.MentionFilter())

    @property
    def texts(self) -> list[str]:
        return sorted(mention.text for mention in self.mentions)

    @property
    def state(self) -> SourceRow:
        with self.world.store.reading() as session:
            return reads.source_states(session)[SLUG]

    @property
    def status(self) -> Status:
        with self.world.store.reading() as session:
            (found,) = health.report(session, self.world.config.sources, self.world.clock.now())
        return found.status

    @property
    def runs(self) -> list[tuple[str, int, int]]:
        """Outcome, posts and new mentions of every row of the log."""
        with self.world.store.reading() as session:
            rows = session.execute(select(Run).order_by(Run.id)).scalars()  # type: ignore[arg-type]
            return [(run.outcome, run.posts, run.new) for run in rows]

    @property
    def runs_began(self) -> datetime:
        with self.world.store.reading() as session:
            return session.execute(select(func.min(Run.started_at))).scalar_one()

    def do(self, what: str, *more: object) -> None:
        """A person controls the source."""
        with self.world.store.transaction() as session:
            getattr(control, what)(session, SLUG, *more, "Maija", self.world.clock.now())


@pytest.fixture
def server() -> Iterator[StreamServer]:
    with StreamServer() as server:
        yield server


def make_world(folder: Path, **source: object) -> World:
    return World(folder, sources=[{"slug": SLUG, "kind": "jetstream", **source}], recipients=PEOPLE)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = make_world(tmp_path)
    yield world
    world.store.close()


@pytest.fixture
def ear(world: World, server: StreamServer) -> Ear:
    return Ear(world, server)


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
    assert (gone.external_id, gone.author) == (uri("a"), "")


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


def test_edit_that_names_the_shop_no_more_takes_the_post_back(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a", "Lumopuoti on surkea"))
        ear.until(lambda: bool(ear.mentions))
        ear.server.say(event(ear.now(), "a", "Olin väärässä", operation="update"))
        ear.until(lambda: ear.texts == [""])


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


def look_after(ear: Ear) -> None:
    pipeline.sweep(ear.world.parts)
    pipeline.deliver(ear.world.parts)


def test_stream_that_moved_away_is_told_to_the_operator(ear: Ear) -> None:
    ear.server.answer = (404, {})
    with ear:
        ear.connected(2)
        ear.until(lambda: ear.state.failures_in_row >= 2)
        began = ear.runs_began
        look_after(ear)
        (mail,) = ear.world.mailbox
        assert mail.subject == f"{SLUG} is not heard any more"
        assert "no stream at this address" in mail.text
        assert ear.world.clock.now() - began < timedelta(minutes=30)
        ear.server.answer = None
        ear.server.say(event(ear.now(), "a"))
        ear.until(lambda: ear.status is Status.OK)
    look_after(ear)
    assert ear.world.mailbox[1].subject == f"{SLUG} is heard again"


def test_stream_that_is_open_and_silent_is_told_and_silence_is_no_recovery(ear: Ear) -> None:
    ear.options["silent_after"] = "1s"
    ear = replace(ear)
    with ear:
        ear.until(lambda: ear.status is Status.BROKEN and ear.state.failures_in_row >= 2)
        look_after(ear)
        ear.world.clock.moment += timedelta(minutes=2)
        ear.connected(len(ear.server.asked) + 1)
        assert ear.status is Status.BROKEN
    (mail,) = ear.world.mailbox
    assert "says nothing" in mail.text


def test_stream_whose_format_changed_is_deaf(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a"))
        ear.until(lambda: len(ear.runs) == 1)
        for number in (1, 2):
            ear.server.say(b'{"new": "format"}', at=ear.now())
            ear.let_minutes_pass_until(lambda number=number: ear.state.mute_in_row == number)  # type: ignore[misc]
        assert ear.status is Status.DEAF
        ear.server.say(event(ear.now(), "b", "Lumopuoti"))
        ear.until(lambda: ear.status is Status.OK)


def test_word_that_must_occur_is_heard_among_posts_about_nobody(tmp_path: Path, server: StreamServer) -> None:
    world = make_world(tmp_path, canary="Helsinki", canary_every="1h")
    ear = Ear(world, server)
    with ear:
        ear.connected()
        server.say(event(ear.now(), "a", "Helsinki on kaunis"))
        ear.until(lambda: bool(ear.runs))
        assert ear.state.canary_at == world.clock.now()
        world.clock.moment += timedelta(hours=2)
        server.say(event(ear.now(), "b", "Kaunis ilma"))
        ear.until(lambda: ear.status is Status.DEAF)
        server.say(*(event(ear.now(), f"k{at}", "Helsinki on kaunis") for at in range(9)))
        ear.let_minutes_pass_until(lambda: sum(posts for _, posts, _ in ear.runs) == 11)
        assert ear.status is Status.OK
    assert ear.mentions == []
    world.store.close()


def test_paused_stream_is_left_and_misses_nothing(ear: Ear) -> None:
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "a", "Lumopuoti 1"))
        ear.until(lambda: ear.texts == ["Lumopuoti 1"])
        ear.do("pause")
        ear.until(lambda: bool(ear.pauses))
        ear.server.say(event(ear.now(), "b", "Lumopuoti 2"))
        threading.Event().wait(1)
        assert ear.texts == ["Lumopuoti 1"]
        ear.do("resume")
        ear.until(lambda: ear.texts == ["Lumopuoti 1", "Lumopuoti 2"])
        ear.until(lambda: ear.state.run_requested_at is None)


def test_paused_stream_is_heard_once_when_a_person_wants_it(ear: Ear) -> None:
    ear.do("pause")
    ear.server.say(event(ear.now(), "a", "Lumopuoti 1"))
    with ear:
        ear.do("run_now")
        ear.until(lambda: ear.texts == ["Lumopuoti 1"])
        ear.until(lambda: len(ear.pauses) > 3)
    assert ear.state.is_paused


def test_stream_is_read_again_from_a_day_on(ear: Ear) -> None:
    old = ear.now() - 600 * MINUTE_US
    ear.server.say(event(old, "old", "Lumopuoti ennen"))
    with ear:
        ear.connected()
        ear.server.say(event(ear.now(), "new", "Lumopuoti nyt"))
        ear.until(lambda: ear.texts == ["Lumopuoti nyt"])
        ear.do("replay", ear.world.clock.now() - timedelta(hours=12))
        ear.until(lambda: ear.texts == ["Lumopuoti ennen", "Lumopuoti nyt"])
        ear.until(lambda: ear.state.replay_from is None)
    assert len(ear.server.asked) == 2


def test_replay_that_is_asked_for_before_anything_was_stored_is_not_lost(ear: Ear) -> None:
    ear.server.say(event(ear.now() - 600 * MINUTE_US, "old", "Lumopuoti ennen"))
    with ear:
        ear.connected()
        ear.do("replay", ear.world.clock.now() - timedelta(hours=12))
        ear.until(lambda: ear.texts == ["Lumopuoti ennen"])
        ear.until(lambda: ear.state.replay_from is None)


def test_stop_in_the_middle_loses_nothing(ear: Ear) -> None:
    for at in range(4):
        ear.server.say(event(ear.now() + at, f"k{at}", f"Lumopuoti {at}"))
        with ear:
            ear.connected(at + 1)
    with ear:
        ear.until(lambda: len(ear.mentions) == 4)


def test_long_pause_ends_at_once_when_we_stop(ear: Ear) -> None:
    ear.server.answer = (404, {})
    ear.is_patient = True
    with ear:
        ear.until(lambda: bool(ear.pauses))


def test_collecting_a_stream_listens_for_a_bounded_time(ear: Ear) -> None:
    ear.server.say(event(ear.now() - MINUTE_US, "a", "Lumopuoti 1"), event(ear.now(), "b", "Kaunis ilma"))
    run = pipeline.collect(ear.world.parts, SLUG)
    assert (run.outcome, run.posts, run.mentions, run.new) == ("ok", 2, 1, 1)
    batch, found = pipeline.look(ear.world.parts, SLUG)
    assert (batch.heard, len(found)) == (2, 1)


def test_reading_a_stream_again_ends_at_the_present(ear: Ear) -> None:
    ear.server.say(
        event(ear.now() - 600 * MINUTE_US, "a", "Lumopuoti 1"), event(ear.now(), "b", "Kaunis ilma")
    )
    ear.do("replay", ear.world.clock.now() - timedelta(hours=12))
    pipeline.read_again(ear.world.parts, SLUG)
    assert ear.texts == ["Lumopuoti 1"]
    assert ear.state.replay_from is None


def test_nothing_is_assessed_twice_by_hearing_it_twice(ear: Ear) -> None:
    ear.server.say(event(ear.now() - MINUTE_US, "a", "Lumopuodista tuli lamppu rikki"))
    for _ in range(2):
        with ear:
            ear.until(lambda: bool(ear.mentions))
        pipeline.assess_all(ear.world.parts)
    with ear.world.store.reading() as session:
        numbers = [
            session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (Mention, Assessment)
        ]
    assert numbers == [1, 1]
