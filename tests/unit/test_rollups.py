"""Kept counts of days: whatever happens to the mentions, a reader gets what the plain count gives."""

import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from monitor import alerts
from monitor.domain import DismissReason, Match, Post, Reason, Sentiment, Shop, Topic, Urgency, Verdict
from monitor.store import Store, erasing, reads, rollups, tally, writes
from monitor.store.rows import AlertRow
from monitor.store.tables import CountedDay, DayCount, StaleTime
from monitor.store.tally import Cell, Narrow, Split, Tally, midnight

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
SINCE, UNTIL = date(2026, 10, 20), date(2026, 11, 8)
ASKED: tuple[tuple[Narrow, tuple[Split, ...]], ...] = (
    (Narrow(), ()),
    (Narrow(), tuple(Split)),
    (Narrow(shops=("lumo",), sources=("forum",)), (Split.SOURCE,)),
    (Narrow(languages=("fi", "und")), (Split.TOPIC,)),
    (Narrow(topic=Topic.DELIVERY), (Split.TOPIC, Split.LANGUAGE)),
)
Sums = dict[tuple[date, Cell], Tally]
URGENT = (Reason("urgent_words", Urgency.HIGH, "Says the money is gone."),)


def template(folder: Path) -> Path:
    path = folder / "template.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{template(tmp_path)}")
    yield store
    store.close()


def added(found: Iterable[tuple[date, Cell, Tally]]) -> Sums:
    sums: Sums = defaultdict(Tally)
    for day, cell, one in found:
        sums[day, cell] = sums[day, cell].plus(one)
    return dict(sums)


def kept(session: Session, narrow: Narrow, split: tuple[Split, ...], zone: ZoneInfo = ZONE) -> Sums:
    return added(rollups.counted(session, SINCE, UNTIL, narrow, split, zone))


def plain(session: Session, narrow: Narrow, split: tuple[Split, ...], zone: ZoneInfo = ZONE) -> Sums:
    first, last = midnight(SINCE, zone), midnight(UNTIL, zone)
    found = tally.plain(session, first, last, narrow, split, zone)
    return added((moment.astimezone(zone).date(), cell, one) for moment, cell, one in found)


def post(number: int, at: datetime, shop: str = "lumo", **more: object) -> tuple[Post, Match, str]:
    values: dict[str, object] = {
        "source": "forum", "external_id": str(number), "text": "x", "thread_key": str(number),
        "posted_at": at, "author": "kaarnavene", "lang": "fi", **more,
    }  # fmt: skip
    return Post.model_validate(values), Match(Shop(shop, shop), ("x",), 1.0), "print"


def add(store: Store, *posts: tuple[Post, Match, str]) -> writes.Stored:
    with store.transaction() as session:
        return writes.add_mentions(session, posts, NOW)


def judge(
    store: Store, mention_id: int, label: Sentiment | None, model: str = "m1", about: bool = True
) -> None:
    scores = {one: 0.8 if one is label else 0.1 for one in Sentiment} if label else {}
    topics = (Topic.DELIVERY, Topic.PRICE) if label is Sentiment.NEGATIVE else ()
    verdict = Verdict(model, scores, label, topics, needs_reply=label is Sentiment.NEGATIVE)
    with store.transaction() as session:
        writes.add_assessment(session, mention_id, verdict, about, (), NOW)


class History(RuleBasedStateMachine):
    """Anything that may happen to mentions, in any order; counting lags behind as it likes."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "test.db"
        shutil.copy(self.template, path)
        self.store = Store(f"sqlite:///{path}")
        self.ids: list[int] = []
        self.now = NOW

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        """Some posts, judged and counted."""
        for number in range(4):
            at = midnight(SINCE, ZONE) + timedelta(days=3 * number, hours=number)
            found = add(self.store, post(number, at, source=("forum", "blog")[number % 2])).new
            self.ids += found
            judge(self.store, found[0], Sentiment.NEGATIVE)
        rollups.refresh(self.store, ZONE, self.now)

    @rule(
        number=st.integers(0, 5),
        minutes=st.integers(0, 18 * 1440),
        shop=st.sampled_from(["lumo", "rival"]),
        source=st.sampled_from(["forum", "blog"]),
        lang=st.sampled_from(["fi", "sv", None]),
        reach=st.sampled_from([None, 0, 2_000_000_000]),
        text=st.sampled_from(["x", "y", "z"]),
        is_dated=st.booleans(),
    )
    def find(
        self, number: int, minutes: int, shop: str, source: str, lang: str | None, reach: int | None,
        text: str, is_dated: bool,
    ) -> None:  # fmt: skip
        """A new post, or one that is known: with another text that is an edit."""
        at = midnight(SINCE, ZONE) + timedelta(minutes=minutes) if is_dated else None
        found = post(number, NOW, shop, source=source, lang=lang, reach=reach, text=text)
        dated = found[0].model_copy(update={"posted_at": at})
        with self.store.transaction() as session:
            self.ids += writes.add_mentions(session, [(dated, *found[1:])], self.now).new

    @precondition(lambda self: self.ids)
    @rule(
        pick=st.integers(0, 99),
        label=st.sampled_from([*Sentiment, None]),
        model=st.sampled_from(["m1", "m2"]),
        about=st.booleans(),
    )
    def assess(self, pick: int, label: Sentiment | None, model: str, about: bool) -> None:
        judge(self.store, self.ids[pick % len(self.ids)], label, model, about)

    @precondition(lambda self: self.ids)
    @rule(
        pick=st.integers(0, 99),
        said=st.sampled_from(
            [
                ("sentiment", "positive"), ("sentiment", "negative"), ("sentiment", "not_negative"),
                ("about_shop", "true"), ("about_shop", "false"), ("topics", "delivery,trust"), ("topics", ""),
                ("urgency", "high"),
            ]
        ),
    )  # fmt: skip
    def correct(self, pick: int, said: tuple[str, str]) -> None:
        with self.store.transaction() as session:
            for alert in self._alerts(session, pick):
                alerts.correct(session, alert.id, "Maija", self.now, alert.version, *said)

    @precondition(lambda self: self.ids)
    @rule(pick=st.integers(0, 99), why=st.sampled_from(list(DismissReason)))
    def dismiss(self, pick: int, why: DismissReason) -> None:
        with self.store.transaction() as session:
            for alert in self._alerts(session, pick):
                alerts.dismiss(session, alert.id, "Maija", self.now, alert.version, why)

    def _alerts(self, session: Session, pick: int) -> list[AlertRow]:
        """The open alert of a mention, opened where there can be one."""
        mention = reads.mention(session, self.ids[pick % len(self.ids)])
        assert mention is not None
        alerts.open_or_extend(session, mention, URGENT, self.now, self.now)
        return [one for one in reads.open_alerts(session) if one.thread == mention.thread]

    @rule(which=st.sampled_from(["author", "gone", "old"]))
    def erase(self, which: str) -> None:
        with self.store.transaction() as session:
            if which == "author":
                erasing.erase_author(session, "kaarnavene", "forum", self.now)
            elif which == "gone":
                erasing.erase_gone(session, "blog", ["1", "2"], self.now)
            else:
                erasing.erase_older_than(session, NOW + timedelta(minutes=2), self.now)

    @rule(most=st.sampled_from([60, 60, 3]), zone=st.sampled_from([ZONE] * 5 + [ZoneInfo("Asia/Kolkata")]))
    def sweep(self, most: int, zone: ZoneInfo) -> None:
        rollups.refresh(self.store, zone, self.now, most)

    @rule()
    def wait(self) -> None:
        self.now += timedelta(minutes=1)

    @invariant()
    def reader_gets_the_plain_count(self) -> None:
        with self.store.reading() as session:
            for narrow, split in ASKED:
                assert kept(session, narrow, split) == plain(session, narrow, split)

    @invariant()
    def lists_show_what_is_counted(self) -> None:
        """A list goes by people's words as the figures do."""
        span = {"since": midnight(SINCE, ZONE), "until": midnight(UNTIL, ZONE)}
        with self.store.reading() as session:
            for topic in (None, Topic.DELIVERY, Topic.TRUST):
                topics = (topic,) if topic else ()
                sums = plain(session, Narrow(topic=topic), ()).values()
                for label in (None, *Sentiment):
                    labels = (label,) if label else ()
                    wanted = reads.MentionFilter(labels=labels, topics=topics, **span)
                    number = sum(getattr(one, label.value if label else "mentions") for one in sums)
                    assert reads.count_mentions(session, wanted) == number, wanted


def test_kept_counts_are_the_plain_ones_whatever_happens(tmp_path: Path) -> None:
    machine = type("Here", (History,), {"template": template(tmp_path)})
    calm = settings(
        max_examples=15,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(machine, settings=calm)


def test_word_of_a_person_is_in_the_figures_at_once(store: Store) -> None:
    (mention_id,) = add(store, post(1, NOW)).new
    judge(store, mention_id, Sentiment.NEGATIVE)
    rollups.refresh(store, ZONE, NOW)
    with store.transaction() as session:
        mention = reads.mention(session, mention_id)
        assert mention is not None
        change = alerts.open_or_extend(session, mention, URGENT, NOW, NOW)
        assert change is not None
        alerts.correct(session, change.alert.id, "Maija", NOW, 1, "sentiment", "positive")
    with store.reading() as session:
        assert [(one.negative, one.positive) for one in kept(session, Narrow(), ()).values()] == [(0, 1)]


def test_edit_is_in_the_figures_at_once(store: Store) -> None:
    (mention_id,) = add(store, post(1, NOW)).new
    judge(store, mention_id, Sentiment.NEGATIVE)
    rollups.refresh(store, ZONE, NOW)
    assert add(store, post(1, NOW, text="EDIT: y")).edited == (mention_id,)
    with store.reading() as session:
        assert [(one.negative, one.unscored) for one in kept(session, Narrow(), ()).values()] == [(0, 1)]


def test_refresh_counts_every_day_since_the_first_post(store: Store) -> None:
    add(store, post(1, NOW - timedelta(days=9)), post(2, NOW))
    assert rollups.refresh(store, ZONE, NOW, most=4) == rollups.Progress(4, 6)
    assert rollups.refresh(store, ZONE, NOW) == rollups.Progress(6, 0)
    assert rollups.refresh(store, ZONE, NOW) == rollups.Progress(0, 0)


def test_reader_takes_the_kept_count_and_not_the_plain_one(store: Store) -> None:
    add(store, post(1, NOW))
    rollups.refresh(store, ZONE, NOW)
    with store.transaction() as session:
        for row in session.execute(select(DayCount)).scalars():
            row.mentions = 700
    with store.reading() as session:
        assert [one.mentions for one in kept(session, Narrow(), ()).values()] == [700]


def test_change_makes_its_day_stale_and_no_other(store: Store) -> None:
    first, second = add(store, post(1, NOW), post(2, NOW - timedelta(days=2))).new
    rollups.refresh(store, ZONE, NOW)
    judge(store, first, Sentiment.NEGATIVE)
    with store.reading() as session:
        marked = session.execute(select(col(StaleTime.at))).scalars().all()
    assert marked == [NOW]
    assert second
    assert rollups.refresh(store, ZONE, NOW) == rollups.Progress(1, 0)


def test_change_that_is_rolled_back_leaves_no_mark(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as session:
            writes.add_mentions(session, [post(1, NOW)], NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.reading() as session:
        assert session.execute(select(StaleTime)).first() is None


class Slow(Store):
    """A process that counts, and loses time before it writes down what it counted."""

    meanwhile: Callable[[], object]

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self.meanwhile()
        with super().transaction() as session:
            yield session


@pytest.mark.parametrize("was_counted", [False, True])
def test_count_that_was_overtaken_is_not_kept(store: Store, was_counted: bool) -> None:
    """Between the counting and the keeping a post comes and another process counts it."""
    add(store, post(1, NOW))
    if was_counted:
        rollups.refresh(store, ZONE, NOW)
        add(store, post(3, NOW))

    def others() -> None:
        add(store, post(2, NOW))
        assert rollups.refresh(store, ZONE, NOW) == rollups.Progress(1, 0)

    slow = Slow(store.url)
    slow.meanwhile = others
    assert rollups.refresh(slow, ZONE, NOW) == rollups.Progress(0, 1)
    slow.close()
    with store.reading() as session:
        assert [one.mentions for one in kept(session, Narrow(), ()).values()] == [3 if was_counted else 2]


def test_what_changes_while_it_is_counted_stays_stale(store: Store) -> None:
    add(store, post(1, NOW))
    slow = Slow(store.url)
    slow.meanwhile = lambda: add(store, post(2, NOW))
    assert rollups.refresh(slow, ZONE, NOW) == rollups.Progress(1, 0)
    slow.close()
    with store.reading() as session:
        assert [one.mentions for one in kept(session, Narrow(), ()).values()] == [2]
    assert rollups.refresh(store, ZONE, NOW) == rollups.Progress(1, 0)


def test_day_of_another_zone_is_counted_anew(store: Store) -> None:
    add(store, post(1, datetime(2026, 11, 4, 22, 30, tzinfo=UTC)))
    rollups.refresh(store, ZONE, NOW)
    london = ZoneInfo("Europe/London")
    with store.reading() as session:
        assert list(kept(session, Narrow(), (), london)) == [(date(2026, 11, 4), Cell("lumo"))]
    rollups.refresh(store, london, NOW)
    with store.reading() as session:
        assert {row.zone for row in session.execute(select(CountedDay)).scalars()} == {"Europe/London"}
        assert list(kept(session, Narrow(), (), london)) == [(date(2026, 11, 4), Cell("lumo"))]


@pytest.mark.parametrize("year", [1, 1987, 2026, 9998])
def test_wrong_years_make_no_thousands_of_days(store: Store, year: int) -> None:
    add(store, post(1, datetime(year, 11, 5, 9, tzinfo=UTC)))
    progress = rollups.refresh(store, ZONE, NOW, most=0)
    assert progress.left <= 20 * 365 + 1
    if year != 2026:
        with store.reading() as session:
            assert session.execute(select(StaleTime)).first() is None


def test_day_that_grew_too_old_to_be_counted_anew_is_not_kept_as_it_was(store: Store) -> None:
    """Twenty years are kept: of what is older no mark tells that it changed."""
    (mention_id,) = add(store, post(1, NOW - timedelta(days=20 * 365))).new
    rollups.refresh(store, ZONE, NOW, most=8_000)
    later = NOW + timedelta(days=2)
    judge(store, mention_id, Sentiment.NEGATIVE)
    rollups.refresh(store, ZONE, later)
    since, until = date(2006, 1, 1), date(2007, 1, 1)
    with store.reading() as session:
        found = added(rollups.counted(session, since, until, Narrow(), (), ZONE))
    assert [one.negative for one in found.values()] == [1]


def test_day_that_another_process_keeps_right_is_left_to_it(store: Store) -> None:
    """Two days wait; while one process begins, another counts the younger day again and again."""
    first, second = add(store, post(1, NOW - timedelta(days=1)), post(2, NOW)).new
    rollups.refresh(store, ZONE, NOW)
    judge(store, first, Sentiment.NEGATIVE)
    judge(store, second, Sentiment.NEGATIVE)

    class Looking(Store):
        """A process that loses time after it saw which days wait, and again before it writes."""

        looks = 0

        @contextmanager
        def reading(self) -> Iterator[Session]:
            self.looks += 1
            if self.looks == 2:
                assert rollups.refresh(store, ZONE, NOW, most=1) == rollups.Progress(1, 1)
            with super().reading() as session:
                yield session

        @contextmanager
        def transaction(self) -> Iterator[Session]:
            judge(store, second, Sentiment.POSITIVE, "m2")
            assert rollups.refresh(store, ZONE, NOW, most=1) == rollups.Progress(1, 1)
            with super().transaction() as session:
                yield session

    slow = Looking(store.url)
    rollups.refresh(slow, ZONE, NOW)
    slow.close()
    rollups.refresh(store, ZONE, NOW)
    with store.reading() as session:
        for narrow, split in ASKED:
            assert kept(session, narrow, split) == plain(session, narrow, split)


def test_scattered_stale_days_are_counted_in_one_go(store: Store) -> None:
    ids = add(store, *(post(number, NOW - timedelta(days=number * 2)) for number in range(30))).new
    rollups.refresh(store, ZONE, NOW)
    for mention_id in ids:
        judge(store, mention_id, Sentiment.POSITIVE)
    since, until = date(2026, 9, 1), UNTIL
    with store.reading() as session:
        found = added(rollups.counted(session, since, until, Narrow(), (), ZONE))
    assert sum(one.mentions for one in found.values()) == 30
    assert sum(one.positive for one in found.values()) == 30


def test_whoever_writes_what_counts_marks_it() -> None:
    """Rows that trends count are written in few places; each of them has to mark them as stale."""
    writing = re.compile(
        r"(?<!class )\bLabel\(\s*mention_id|insert_new\(session, (?:Mention|Assessment|Label)\b"
        r"|\b(?:delete|update|insert)\((?:Mention|Assessment|Label)\)"
    )
    # What is erased still counts as before: only texts, names and ids go.
    but = {ROOT / "monitor/store/erasing.py", ROOT / "monitor/store/veil.py"}
    files = [path for room in ("monitor", "dashboard") for path in (ROOT / room).rglob("*.py")]
    found = [path for path in files if writing.search(path.read_text(encoding="utf-8")) and path not in but]
    assert len(found) >= 2
    unmarked = [path.name for path in found if "stale.mark(" not in path.read_text(encoding="utf-8")]
    assert unmarked == []
