"""Alerts on a real SQLite file: one per conversation, nothing twice, every change with version and event."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from monitor import alerts
from monitor.domain import (
    AlertAction,
    AlertState,
    DismissReason,
    Match,
    Post,
    Reason,
    SendReason,
    Sentiment,
    Shop,
    Urgency,
    Verdict,
)
from monitor.errors import AlertConflict
from monitor.store import Store, reads, writes
from monitor.store.rows import AlertRow
from monitor.store.tables import Label
from tests.unit.rows import NOW

SHOP = Shop("lumopuoti", "Lumopuoti", handles=("@Lumopuoti", "@lumopuoti@mastodon.example"))
OTHER_SHOP = Shop("muu", "Muu kauppa")
DUE = NOW + timedelta(hours=4)
MINUTE = timedelta(minutes=1)


def reason(severity: Urgency = Urgency.NORMAL, rule: str = "negative", **values: str) -> Reason:
    return Reason(rule, severity, f"Sentence of {rule}.", values)


class Book:
    """The store with the few steps that these tests take."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def mention(
        self,
        number: int,
        text: str = "Surkea Lumopuoti.",
        *,
        thread: str = "t1",
        shop: Shop = SHOP,
        posted_at: datetime = NOW,
        found_at: datetime = NOW,
        author: str = "mökkiläinen",
        where: str = "text",
        edited_at: datetime | None = None,
    ) -> int:
        post = Post(
            source="forum",
            external_id=f"p{number}",
            thread_key=thread,
            text=text,
            url=f"https://forum.example/p{number}",
            author=author,
            posted_at=posted_at,
            edited_at=edited_at,
        )
        with self.store.transaction() as session:
            stored = writes.add_mentions(
                session, [(post, Match(shop, ("Lumopuoti",), 1.0, where), "f")], found_at
            )
            return [*stored.new, *stored.edited][0]

    def hear(
        self,
        mention_id: int,
        *severities: Urgency,
        due_at: datetime = DUE,
        now: datetime = NOW,
        reasons: Sequence[Reason] | None = None,
    ) -> alerts.AlertChange | None:
        chosen = [reason(one) for one in severities or (Urgency.NORMAL,)] if reasons is None else reasons
        with self.store.transaction() as session:
            found = reads.mention(session, mention_id)
            assert found is not None
            return alerts.open_or_extend(session, found, chosen, due_at, now)

    def act(self, action: Callable[..., Any], *args: Any, **more: Any) -> Any:
        with self.store.transaction() as session:
            return action(session, *args, **more)

    def read(self, read: Callable[..., Any], *args: Any) -> Any:
        with self.store.reading() as session:
            return read(session, *args)

    @property
    def open(self) -> list[AlertRow]:
        found: list[AlertRow] = self.read(reads.open_alerts)
        return found

    def history(self, alert_id: int) -> list[tuple[str, str, str, str]]:
        return [(one.action, one.who, one.via, one.note) for one in self.read(reads.history, alert_id)]

    def labels(self) -> list[tuple[int, str, str, str]]:
        def told(session: Session) -> list[tuple[int, str, str, str]]:
            return [(one.mention_id, one.field, one.value, one.who) for one in session.exec(select(Label))]

        return self.act(told)  # type: ignore[no-any-return]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    store = Store(f"sqlite:///{tmp_path}/test.db")
    store.migrate()
    yield Book(store)
    store.close()


@pytest.fixture
def alert(book: Book) -> AlertRow:
    change = book.hear(book.mention(1))
    assert change is not None
    return change.alert


def test_first_mention_opens_an_alert_with_its_clock_at_the_post(book: Book) -> None:
    posted = NOW - timedelta(minutes=20)
    change = book.hear(book.mention(1, posted_at=posted), Urgency.NORMAL, Urgency.HIGH)
    assert change is not None
    assert (change.action, change.worse, change.mention_id) == (AlertAction.OPENED, False, 1)
    row = change.alert
    assert (row.state, row.urgency, row.version, row.mentions) == (AlertState.OPEN, Urgency.HIGH, 1, 1)
    assert (row.clock_started_at, row.opened_at, row.due_at) == (posted, NOW, DUE)
    assert book.history(row.id) == [("opened", "", "rule", "p1")]
    assert book.open == [row]


def test_mention_without_reasons_opens_nothing(book: Book) -> None:
    assert book.hear(book.mention(1), reasons=[]) is None
    assert book.open == []


def test_same_mention_again_changes_nothing(book: Book, alert: AlertRow) -> None:
    assert book.hear(1) is None
    assert book.hear(1, Urgency.CRITICAL) is None
    assert book.open == [alert]


def test_next_post_of_the_thread_extends_the_alert(book: Book, alert: AlertRow) -> None:
    change = book.hear(book.mention(2), due_at=DUE - timedelta(hours=1))
    assert change is not None
    assert (change.action, change.worse) == (AlertAction.EXTENDED, False)
    assert (change.alert.mentions, change.alert.version, change.alert.due_at) == (2, 2, DUE)
    assert book.hear(2) is None
    assert len(book.open) == 1


def test_other_thread_and_other_shop_have_alerts_of_their_own(book: Book, alert: AlertRow) -> None:
    book.hear(book.mention(2, thread="t2"))
    book.hear(book.mention(3, shop=OTHER_SHOP))
    assert len(book.open) == 3


def test_worse_post_raises_urgency_and_moves_the_deadline_earlier(book: Book, alert: AlertRow) -> None:
    change = book.hear(book.mention(2), Urgency.CRITICAL, due_at=NOW + timedelta(hours=1))
    assert change is not None
    assert change.worse
    assert (change.alert.urgency, change.alert.due_at) == (Urgency.CRITICAL, NOW + timedelta(hours=1))
    again = book.hear(book.mention(3), Urgency.CRITICAL)
    assert again is not None
    assert not again.worse


def test_worse_post_never_moves_the_deadline_later(book: Book, alert: AlertRow) -> None:
    change = book.hear(book.mention(2), Urgency.CRITICAL, due_at=DUE + timedelta(days=1))
    assert change is not None
    assert change.alert.due_at == DUE


def test_reasons_of_all_posts_are_kept_once_gravest_first(book: Book) -> None:
    book.hear(book.mention(1), reasons=[reason(Urgency.NORMAL, percent="80"), reason(rule="question")])
    change = book.hear(
        book.mention(2), reasons=[reason(Urgency.HIGH, percent="95"), reason(rule="low_rating")]
    )
    assert change is not None
    kept = [(one["rule"], one["severity"], one["values"]) for one in change.alert.reasons]
    assert kept[0] == ("negative", "high", {"percent": "95"})
    assert {rule for rule, _, _ in kept[1:]} == {"question", "low_rating"}
    assert len(kept) == 3


def test_edit_that_reads_worse_makes_the_alert_worse(book: Book, alert: AlertRow) -> None:
    later = NOW + timedelta(minutes=5)
    book.mention(1, "Menen poliisille, Lumopuoti!", found_at=later)
    change = book.hear(1, Urgency.CRITICAL, now=later)
    assert change is not None
    assert (change.worse, change.alert.mentions) == (True, 1)
    assert book.hear(1, Urgency.CRITICAL, now=later + MINUTE) is None


def test_edit_that_reads_the_same_changes_nothing(book: Book, alert: AlertRow) -> None:
    later = NOW + timedelta(minutes=5)
    book.mention(1, "Surkea Lumopuoti!!", found_at=later)
    assert book.hear(1, now=later) is None
    assert [(one.version, one.urgency) for one in book.open] == [(alert.version, alert.urgency)]


def test_workers_at_once_open_one_alert_and_lose_no_mention(book: Book) -> None:
    mentions = [book.mention(number) for number in range(8)]
    with ThreadPoolExecutor(4) as workers:
        changes = list(workers.map(book.hear, mentions))
    assert sorted(change.action for change in changes if change) == [AlertAction.EXTENDED] * 7 + [
        AlertAction.OPENED
    ]
    (row,) = book.open
    assert (row.mentions, row.version) == (8, 8)


def test_take_names_who_answers(book: Book, alert: AlertRow) -> None:
    row = book.act(alerts.take, alert.id, "Maija", NOW, alert.version)
    assert (row.state, row.taken_by, row.version) == (AlertState.TAKEN, "Maija", 2)
    assert book.history(alert.id)[-1] == ("taken", "Maija", "dashboard", "")


def test_answer_closes_the_alert_and_keeps_the_link(book: Book, alert: AlertRow) -> None:
    row = book.act(
        alerts.answer,
        alert.id,
        "Maija",
        NOW,
        alert.version,
        via="mail",
        url="https://forum.example/p9",
        note="soitin",
    )
    assert (row.state, row.answered_at, row.closed_at) == (AlertState.ANSWERED, NOW, NOW)
    assert row.answer_url == "https://forum.example/p9"
    assert book.history(alert.id)[-1] == ("answered", "Maija", "mail", "soitin")
    assert book.open == []


def test_snooze_puts_the_deadline_to_its_end_and_wake_opens_again(book: Book, alert: AlertRow) -> None:
    until = DUE + timedelta(hours=2)
    row = book.act(alerts.snooze, alert.id, "Maija", NOW, alert.version, until)
    assert (row.state, row.snoozed_until, row.due_at) == (AlertState.SNOOZED, until, until)
    assert book.act(alerts.wake, until - MINUTE) == []
    (change,) = book.act(alerts.wake, until)
    assert (change.action, change.mention_id, change.alert.state) == (
        AlertAction.REOPENED,
        None,
        AlertState.OPEN,
    )
    assert book.act(alerts.wake, until) == []
    assert book.history(alert.id)[-1] == ("reopened", "", "rule", "snooze")


def test_snooze_shorter_than_the_deadline_leaves_it(book: Book, alert: AlertRow) -> None:
    assert book.act(alerts.snooze, alert.id, "Maija", NOW, 1, NOW + MINUTE).due_at == DUE


def test_snooze_refuses_a_time_that_is_past(book: Book, alert: AlertRow) -> None:
    with pytest.raises(ValueError, match="still to come"):
        book.act(alerts.snooze, alert.id, "Maija", NOW, 1, NOW)


def test_worse_post_ends_a_snooze_and_an_equal_one_does_not(book: Book, alert: AlertRow) -> None:
    book.act(alerts.snooze, alert.id, "Maija", NOW, 1, DUE)
    same = book.hear(book.mention(2))
    assert same is not None
    assert same.alert.state is AlertState.SNOOZED
    worse = book.hear(book.mention(3), Urgency.CRITICAL)
    assert worse is not None
    assert (worse.alert.state, worse.alert.snoozed_until) == (AlertState.OPEN, None)


ACTIONS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (alerts.take, {}),
    (alerts.answer, {}),
    (alerts.dismiss, {"reason": DismissReason.DUPLICATE}),
    (alerts.snooze, {"until": DUE}),
    (alerts.reopen, {}),
    (alerts.correct, {"field": "urgency", "value": "high"}),
]
NAMES = [action.__name__ for action, _ in ACTIONS]


@pytest.mark.parametrize(("action", "more"), ACTIONS, ids=NAMES)
def test_action_raises_conflict_when_somebody_was_faster(
    book: Book, alert: AlertRow, action: Callable[..., Any], more: dict[str, Any]
) -> None:
    taken = book.act(alerts.take, alert.id, "Pekka", NOW, alert.version)
    with pytest.raises(AlertConflict):
        book.act(action, alert.id, "Maija", NOW, alert.version, **more)
    assert book.open == [taken]
    assert len(book.history(alert.id)) == 2


@pytest.mark.parametrize(("action", "more"), ACTIONS, ids=NAMES)
def test_action_raises_conflict_when_the_alert_is_gone(
    book: Book, action: Callable[..., Any], more: dict[str, Any]
) -> None:
    with pytest.raises(AlertConflict):
        book.act(action, 404, "Maija", NOW, 1, **more)


@pytest.mark.parametrize(("action", "more"), ACTIONS[:4], ids=NAMES[:4])
def test_action_raises_conflict_when_the_alert_is_closed(
    book: Book, alert: AlertRow, action: Callable[..., Any], more: dict[str, Any]
) -> None:
    closed = book.act(alerts.answer, alert.id, "Pekka", NOW, alert.version)
    with pytest.raises(AlertConflict):
        book.act(action, alert.id, "Maija", NOW, closed.version, **more)


@pytest.mark.parametrize(("action", "more"), ACTIONS, ids=NAMES)
def test_every_action_leaves_one_event_and_a_new_version(
    book: Book, alert: AlertRow, action: Callable[..., Any], more: dict[str, Any]
) -> None:
    row = book.act(action, alert.id, "Maija", NOW, alert.version, via="mail", **more)
    assert row.version == alert.version + 1
    assert len(book.history(alert.id)) == 2
    assert book.history(alert.id)[-1][1:3] == ("Maija", "mail")


def test_post_after_the_answer_reopens_with_a_new_clock(book: Book, alert: AlertRow) -> None:
    book.act(alerts.answer, alert.id, "Maija", NOW, alert.version)
    later = NOW + timedelta(hours=2)
    change = book.hear(book.mention(2, posted_at=later), due_at=DUE + timedelta(days=1), now=later)
    assert change is not None
    assert (change.action, change.alert.id) == (AlertAction.REOPENED, alert.id)
    row = change.alert
    assert (row.state, row.closed_at, row.clock_started_at) == (AlertState.OPEN, None, later)
    assert row.due_at == DUE + timedelta(days=1)
    assert row.answered_at == NOW


def test_post_written_before_the_answer_does_not_reopen(book: Book, alert: AlertRow) -> None:
    book.act(alerts.answer, alert.id, "Maija", NOW, alert.version)
    late = book.mention(2, posted_at=NOW - MINUTE)
    assert book.hear(late, now=NOW + MINUTE) is None
    assert book.open == []


def test_graver_post_reopens_even_when_written_before_the_answer(book: Book, alert: AlertRow) -> None:
    book.act(alerts.answer, alert.id, "Maija", NOW, alert.version)
    change = book.hear(book.mention(2, posted_at=NOW - MINUTE), Urgency.CRITICAL, now=NOW + MINUTE)
    assert change is not None
    assert (change.action, change.worse) == (AlertAction.REOPENED, True)


@pytest.mark.parametrize("why", [DismissReason.NO_REPLY_NEEDED, DismissReason.HANDLED_ELSEWHERE])
def test_post_after_a_dismissal_opens_a_fresh_alert(book: Book, alert: AlertRow, why: DismissReason) -> None:
    book.act(alerts.dismiss, alert.id, "Maija", NOW, alert.version, why)
    change = book.hear(book.mention(2))
    assert change is not None
    assert change.action is AlertAction.OPENED
    assert change.alert.id != alert.id


def test_dismissed_mention_heard_again_changes_nothing(book: Book, alert: AlertRow) -> None:
    book.act(alerts.dismiss, alert.id, "Maija", NOW, alert.version, DismissReason.NO_REPLY_NEEDED)
    assert book.hear(1) is None
    assert book.open == []


def test_thread_that_was_not_about_us_needs_more_than_its_title(book: Book, alert: AlertRow) -> None:
    book.act(alerts.dismiss, alert.id, "Maija", NOW, alert.version, DismissReason.NOT_ABOUT_US)
    assert book.hear(book.mention(2, where="thread")) is None
    assert book.hear(book.mention(3, where="text")) is not None


def test_not_about_us_is_kept_as_a_correction_of_every_mention(book: Book, alert: AlertRow) -> None:
    grown = book.hear(book.mention(2))
    assert grown is not None
    row = book.act(alerts.dismiss, alert.id, "Maija", NOW, 2, DismissReason.NOT_ABOUT_US)
    assert (row.state, row.dismiss_reason) == (AlertState.DISMISSED, "not_about_us")
    assert book.labels() == [(1, "about_shop", "false", "Maija"), (2, "about_shop", "false", "Maija")]


def test_not_negative_is_kept_for_the_mentions_that_were_read_so(book: Book, alert: AlertRow) -> None:
    book.hear(book.mention(2))
    for mention_id, label in ((1, Sentiment.NEGATIVE), (2, Sentiment.NEUTRAL)):
        verdict = Verdict("m1", {label: 1.0}, label)
        book.act(writes.add_assessment, mention_id, verdict, True, [], NOW)
    book.act(alerts.dismiss, alert.id, "Maija", NOW, 2, DismissReason.NOT_NEGATIVE)
    assert book.labels() == [(1, "sentiment", "not_negative", "Maija")]


@pytest.mark.parametrize("why", [DismissReason.DUPLICATE, DismissReason.NO_REPLY_NEEDED])
def test_other_dismissals_correct_nothing(book: Book, alert: AlertRow, why: DismissReason) -> None:
    book.act(alerts.dismiss, alert.id, "Maija", NOW, 1, why)
    assert book.labels() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sentiment", "neutral"),
        ("about_shop", "false"),
        ("topics", "delivery,price"),
        ("topics", ""),
        ("urgency", "high"),
    ],
)
def test_correct_keeps_what_a_person_says(book: Book, alert: AlertRow, field: str, value: str) -> None:
    book.act(alerts.correct, alert.id, "Maija", NOW, 1, field, value)
    assert book.labels() == [(1, field, value, "Maija")]


def test_corrected_urgency_is_the_alerts_own(book: Book, alert: AlertRow) -> None:
    assert (
        book.act(alerts.correct, alert.id, "Maija", NOW, 1, "urgency", "critical").urgency is Urgency.CRITICAL
    )


def test_correct_refuses_a_mention_of_another_alert(book: Book, alert: AlertRow) -> None:
    stranger = book.mention(2, thread="t2")
    with pytest.raises(ValueError, match="not gathered"):
        book.act(alerts.correct, alert.id, "Maija", NOW, 1, "about_shop", "false", mention_id=stranger)


@pytest.mark.parametrize(
    ("field", "value"),
    [("sentiment", "angry"), ("about_shop", "maybe"), ("topics", "delivery,x"), ("mood", "bad")],
)
def test_correct_refuses_what_is_no_value(book: Book, alert: AlertRow, field: str, value: str) -> None:
    with pytest.raises(ValueError, match="no value"):
        book.act(alerts.correct, alert.id, "Maija", NOW, 1, field, value)
    assert book.labels() == []


def test_reopen_brings_a_closed_alert_back(book: Book, alert: AlertRow) -> None:
    closed = book.act(alerts.dismiss, alert.id, "Maija", NOW, 1, DismissReason.DUPLICATE)
    row = book.act(alerts.reopen, alert.id, "Maija", NOW, closed.version)
    assert (row.state, row.closed_at, row.dismiss_reason) == (AlertState.OPEN, None, None)
    assert book.open == [row]


def test_reopen_takes_back_what_the_dismissal_said_of_the_model(book: Book, alert: AlertRow) -> None:
    with book.store.transaction() as session:
        alerts.correct_mentions(session, [alert.first.id], "Otto", NOW - MINUTE, "topics", "delivery")
    closed = book.act(alerts.dismiss, alert.id, "Maija", NOW, 1, DismissReason.NOT_ABOUT_US)
    assert labelled(book) == ["topics", "about_shop"]
    book.act(alerts.reopen, alert.id, "Maija", NOW + MINUTE, closed.version)
    assert labelled(book) == ["topics"]


def labelled(book: Book) -> list[str]:
    with book.store.reading() as session:
        return [label.field for label in session.execute(select(Label).order_by(Label.id)).scalars()]


def test_reopen_refuses_when_the_thread_has_a_newer_open_alert(book: Book, alert: AlertRow) -> None:
    closed = book.act(alerts.dismiss, alert.id, "Maija", NOW, 1, DismissReason.DUPLICATE)
    book.hear(book.mention(2))
    with pytest.raises(AlertConflict):
        book.act(alerts.reopen, alert.id, "Maija", NOW, closed.version)


def test_reopened_old_alert_gathers_the_next_post(book: Book, alert: AlertRow) -> None:
    closed = book.act(alerts.dismiss, alert.id, "Maija", NOW, 1, DismissReason.DUPLICATE)
    fresh = book.hear(book.mention(2))
    assert fresh is not None
    book.act(alerts.dismiss, fresh.alert.id, "Maija", NOW, 1, DismissReason.DUPLICATE)
    book.act(alerts.reopen, alert.id, "Maija", NOW, closed.version)
    change = book.hear(book.mention(3))
    assert change is not None
    assert (change.action, change.alert.id) == (AlertAction.EXTENDED, alert.id)


@pytest.mark.parametrize(
    ("author", "is_own"),
    [
        ("lumopuoti", True),
        ("@LUMOPUOTI", True),
        (" lumopuoti ", True),
        ("lumopuoti@mastodon.example", True),
        ("lumopuoti@evil.example", False),
        ("lumopuoti_fi", False),
        ("", False),
    ],
)
def test_own_post_is_known_by_its_handle(author: str, is_own: bool) -> None:
    assert alerts.is_own_post(author, SHOP) is is_own


def answered_by_shop(book: Book, mention_id: int, now: datetime) -> AlertRow | None:
    with book.store.transaction() as session:
        found = reads.mention(session, mention_id)
        assert found is not None
        return alerts.answered_by_shop(session, found, now)


def test_own_post_in_the_thread_answers_the_alert(book: Book, alert: AlertRow) -> None:
    later = NOW + timedelta(minutes=9)
    own = book.mention(2, "Pahoittelut!", author="Lumopuoti", posted_at=later, found_at=later)
    row = answered_by_shop(book, own, later + MINUTE)
    assert row is not None
    assert (row.state, row.answered_at, row.answer_url) == (
        AlertState.ANSWERED,
        later,
        "https://forum.example/p2",
    )
    assert book.history(alert.id)[-1] == ("answered", "Lumopuoti", "rule", "https://forum.example/p2")


def test_own_post_from_before_the_complaint_answers_nothing(book: Book, alert: AlertRow) -> None:
    own = book.mention(2, "Uutuuksia!", author="Lumopuoti", posted_at=NOW - MINUTE)
    assert answered_by_shop(book, own, NOW) is None
    assert book.open == [alert]


def test_own_post_in_another_thread_answers_nothing(book: Book, alert: AlertRow) -> None:
    assert answered_by_shop(book, book.mention(2, thread="t2"), NOW) is None
    assert book.open == [alert]


def test_reminders_and_escalations_are_written_into_the_history(book: Book, alert: AlertRow) -> None:
    for sent in (SendReason.REMINDER, SendReason.ESCALATION, SendReason.MORE):
        book.act(alerts.note_sent, alert.id, sent, "anna", NOW)
    assert book.history(alert.id)[1:] == [
        ("reminded", "", "rule", "anna"),
        ("escalated", "", "rule", "anna"),
    ]
