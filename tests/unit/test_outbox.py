"""Who gets which message when, which are dropped, and how failed ones are tried again."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.config.schema import RecipientConfig, ShopConfig
from monitor.domain import AlertAction, AlertState, DeliveryState, SendReason, Topic, Urgency
from monitor.outbox import (
    MAX_ATTEMPTS,
    Due,
    Timing,
    backoff,
    delivery_key,
    listeners,
    mail_domain,
    message_id,
    plan,
    plan_again,
    retry_at,
    stand_ins,
    still_needed,
    thread_id,
    wants,
)
from monitor.store.rows import AlertRow, DeliveryRow
from tests.unit.rows import NOW, alert, delivery, recipient

MINUTE = timedelta(minutes=1)
SHOP = ShopConfig(slug="lumopuoti", name="Lumopuoti")
ANNA, BERT = recipient(), recipient(slug="bert", name="Bert", escalation=True)
TIMING = Timing(NOW + 30 * MINUTE, NOW + 120 * MINUTE, 30 * MINUTE)


@dataclass(frozen=True)
class Change:
    action: AlertAction
    alert: AlertRow
    mention_id: int | None = 1
    worse: bool = False


def opened(**fields: Any) -> Change:
    return Change(AlertAction.OPENED, alert(**fields))


def extended(*, worse: bool = False, **fields: Any) -> Change:
    return Change(AlertAction.EXTENDED, alert(mentions=2, **fields), 2, worse)


def planned(
    change: Change, earlier: list[Due] | None = None, now: datetime = NOW, timing: Timing = TIMING
) -> list[Due]:
    return plan(change, [ANNA], [BERT], earlier or [], timing, now, "lumopuoti.example")


def told(due: list[Due]) -> list[tuple[SendReason, str, datetime]]:
    return [(message.reason, message.recipient, message.due_at) for message in due]


def test_opened_alert_is_mailed_at_once_reminded_before_and_escalated_after() -> None:
    assert told(planned(opened())) == [
        (SendReason.FIRST, "anna", NOW),
        (SendReason.REMINDER, "anna", TIMING.remind_at),
        (SendReason.ESCALATION, "bert", TIMING.escalate_at),
    ]


def test_reminder_whose_time_has_passed_is_left_out() -> None:
    late = Timing(NOW - MINUTE, NOW + 60 * MINUTE, 30 * MINUTE)
    assert [message.reason for message in planned(opened(), timing=late)] == [
        SendReason.FIRST,
        SendReason.ESCALATION,
    ]


def test_planning_twice_gives_nothing_new() -> None:
    first = planned(opened())
    assert planned(opened(), first) == []


def test_next_posts_are_collected_into_one_message_half_an_hour_after_the_last() -> None:
    messages = planned(opened())
    later = NOW + 5 * MINUTE
    more = planned(extended(), messages, later)
    assert told(more) == [(SendReason.MORE, "anna", NOW + 30 * MINUTE)]
    assert planned(extended(), messages + more, NOW + 9 * MINUTE) == []


def test_next_post_after_a_quiet_time_is_mailed_at_once() -> None:
    later = NOW + timedelta(hours=3)
    news = [
        message
        for message in planned(extended(), planned(opened()), later)
        if message.reason is SendReason.MORE
    ]
    assert told(news) == [(SendReason.MORE, "anna", later)]


def test_worse_post_is_mailed_at_once_and_once() -> None:
    messages = planned(opened())
    worse = extended(worse=True, urgency=Urgency.CRITICAL, due_at=NOW + 50 * MINUTE)
    new = planned(worse, messages, NOW + MINUTE)
    assert told(new)[0] == (SendReason.WORSE, "anna", NOW + MINUTE)
    assert planned(worse, messages + new, NOW + 2 * MINUTE) == []


def test_worse_post_after_a_new_clock_is_mailed_though_the_urgency_was_reached_before() -> None:
    messages = planned(opened())
    worse = extended(worse=True, urgency=Urgency.CRITICAL)
    messages += planned(worse, messages, NOW + MINUTE)
    again = replace(worse, alert=replace(worse.alert, clock_started_at=NOW + 5 * MINUTE))
    for change in (again, replace(worse, mention_id=9)):
        new = planned(change, messages, NOW + 9 * MINUTE)
        assert told(new)[0] == (SendReason.WORSE, "anna", NOW + 9 * MINUTE)
        assert planned(change, messages + new, NOW + 10 * MINUTE) == []


def test_earlier_deadline_gets_its_own_reminder_and_drops_the_old_one() -> None:
    messages = planned(opened())
    worse = extended(worse=True, urgency=Urgency.CRITICAL, due_at=NOW + 50 * MINUTE)
    new = [
        message for message in planned(worse, messages, NOW + MINUTE) if message.reason is SendReason.REMINDER
    ]
    old = [message for message in messages if message.reason is SendReason.REMINDER]
    assert [still_needed(message, worse.alert, 0) for message in old + new] == [False, True]


def test_somebody_who_hears_of_it_only_now_gets_a_first_message() -> None:
    messages = planned(opened())
    both = plan(
        extended(worse=True), [ANNA, recipient(slug="cleo")], [], messages, TIMING, NOW + MINUTE, "x.example"
    )
    news = {
        (message.recipient, message.reason) for message in both if message.reason is not SendReason.REMINDER
    }
    assert news == {("anna", SendReason.WORSE), ("cleo", SendReason.FIRST)}


def test_post_after_the_answer_is_mailed_at_once() -> None:
    change = Change(AlertAction.REOPENED, alert(answered_at=NOW, due_at=NOW + 90 * MINUTE), 5)
    new = planned(change, planned(opened()), NOW + MINUTE)
    assert told(new)[0] == (SendReason.MORE, "anna", NOW + MINUTE)


def test_snooze_that_ends_reminds_at_once() -> None:
    change = Change(AlertAction.REOPENED, alert(due_at=NOW + MINUTE), None)
    new = planned(change, planned(opened()), NOW + 2 * MINUTE)
    assert told(new)[0] == (SendReason.REMINDER, "anna", NOW + 2 * MINUTE)
    assert still_needed(new[0], change.alert, 0)


def called(earlier: list[DeliveryRow], now: datetime = NOW, since: datetime = NOW) -> list[Due]:
    return plan_again(alert(), since, [ANNA], [BERT], earlier, TIMING, now, "lumopuoti.example")


def kept(due: Due, state: DeliveryState, **fields: Any) -> DeliveryRow:
    return delivery(**{**asdict(due), "state": state, "planned_at": NOW - MINUTE, "sent_at": None, **fields})


def test_second_snooze_that_ends_reminds_again() -> None:
    change = Change(AlertAction.REOPENED, alert(due_at=NOW + MINUTE), None)
    first = planned(change, [], NOW + 2 * MINUTE)
    second = planned(change, first, NOW + 3 * MINUTE)
    assert told(second) == [(SendReason.REMINDER, "anna", NOW + 3 * MINUTE)]
    assert still_needed(second[0], change.alert, 0)
    assert planned(change, first + second, NOW + 3 * MINUTE) == []


def test_alert_that_is_open_again_calls_for_what_was_dropped() -> None:
    dropped = [kept(message, DeliveryState.CANCELLED) for message in planned(opened())]
    again = called(dropped)
    assert told(again) == [
        (SendReason.REMINDER, "anna", TIMING.remind_at),
        (SendReason.ESCALATION, "bert", TIMING.escalate_at),
    ]
    assert all(still_needed(message, alert(), 0) for message in again)


def test_reminder_of_an_alert_that_is_open_again_too_late_goes_out_at_once() -> None:
    late = TIMING.remind_at + MINUTE
    assert told(called([], late))[0] == (SendReason.REMINDER, "anna", late)


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (DeliveryState.DUE, {}),
        (DeliveryState.CLAIMED, {}),
        (DeliveryState.SENT, {"sent_at": NOW + MINUTE}),
        (DeliveryState.SENT, {"planned_at": NOW, "sent_at": NOW}),
        (DeliveryState.CANCELLED, {"planned_at": NOW}),
    ],
)
def test_call_that_waits_or_was_planned_since_is_not_doubled(
    state: DeliveryState, fields: dict[str, Any]
) -> None:
    assert called([kept(message, state, **fields) for message in planned(opened())], NOW + 2 * MINUTE) == []


def test_call_that_waits_for_another_deadline_does_not_count() -> None:
    other = planned(opened(due_at=NOW + 999 * MINUTE))
    assert len(called([kept(message, DeliveryState.DUE) for message in other])) == 2


def test_taken_alert_tells_of_news_and_reminds_of_nothing() -> None:
    new = planned(extended(state=AlertState.TAKEN), [], NOW)
    assert [message.reason for message in new] == [SendReason.FIRST]


STATES = list(AlertState)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("reason", "states"),
    [
        (SendReason.FIRST, {AlertState.OPEN, AlertState.TAKEN, AlertState.SNOOZED}),
        (SendReason.WORSE, {AlertState.OPEN, AlertState.TAKEN, AlertState.SNOOZED}),
        (SendReason.MORE, {AlertState.OPEN, AlertState.TAKEN}),
        (SendReason.REMINDER, {AlertState.OPEN}),
        (SendReason.ESCALATION, {AlertState.OPEN}),
    ],
)
def test_message_is_dropped_when_the_alert_no_longer_wants_it(
    reason: SendReason, states: set[AlertState], state: AlertState
) -> None:
    row = alert(state=state)
    key = delivery_key(row.id, reason, "anna", str(int(row.due_at.timestamp())))
    message = Due(key, row.id, "anna", reason, NOW, "<x@y.example>")
    assert still_needed(message, row, news=1) is (state in states)


def test_more_is_dropped_when_nothing_is_new() -> None:
    message = Due("12:more:anna:1", 12, "anna", SendReason.MORE, NOW, "<x@y.example>")
    assert not still_needed(message, alert(), news=0)


@pytest.mark.parametrize(
    ("rules", "passes"),
    [
        ({}, True),
        ({"urgency_at_least": Urgency.HIGH}, True),
        ({"urgency_at_least": Urgency.CRITICAL}, False),
        ({"shops": ("lumopuoti",)}, True),
        ({"shops": ("muu",)}, False),
        ({"topics": (Topic.DELIVERY, Topic.PRICE)}, True),
        ({"topics": (Topic.PRICE,)}, False),
        ({"sources": ("forum",)}, True),
        ({"sources": ("blog",)}, False),
        ({"languages": ("fi", "sv")}, True),
        ({"languages": ("sv",)}, False),
    ],
)
def test_wants_asks_every_rule(rules: dict[str, Any], passes: bool) -> None:
    assert wants(recipient(**rules), SHOP, Urgency.HIGH, [Topic.DELIVERY], "forum", "fi") is passes


def test_wants_lets_through_what_is_unknown() -> None:
    choosy = recipient(topics=(Topic.PRICE,), languages=("sv",))
    assert wants(choosy, SHOP, Urgency.HIGH, [], "forum", None)


def test_shop_may_name_its_own_people() -> None:
    shop = SHOP.model_copy(update={"recipients": ("bert",)})
    assert [wants(person, shop, Urgency.HIGH, [], "forum", "fi") for person in (ANNA, BERT)] == [False, True]


def hear(people: list[RecipientConfig], urgency: Urgency) -> list[str]:
    return [person.slug for person in listeners(people, SHOP, urgency, [Topic.DELIVERY], "forum", "fi")]


def test_listeners_leaves_out_who_steps_in_later() -> None:
    assert hear([ANNA, BERT], Urgency.NORMAL) == ["anna"]
    assert stand_ins([ANNA, BERT], SHOP) == [BERT]


def test_listeners_takes_who_steps_in_later_when_there_is_nobody_else() -> None:
    assert hear([BERT], Urgency.NORMAL) == ["bert"]


def test_critical_alert_that_nobody_asked_for_goes_to_everybody() -> None:
    choosy = recipient(topics=(Topic.PRICE,))
    assert hear([choosy], Urgency.HIGH) == []
    assert hear([choosy], Urgency.CRITICAL) == ["anna"]


def test_backoff_grows_to_an_hour_and_stays() -> None:
    minutes = [backoff(attempts, "k").total_seconds() / 60 for attempts in range(1, 12)]
    for pause, meant in zip(minutes, [1, 2, 5, 15, 30, *[60] * 6], strict=True):
        assert meant * 0.8 <= pause <= meant * 1.2


def test_backoff_is_the_same_for_the_same_message_and_spreads_others() -> None:
    assert backoff(3, "a") == backoff(3, "a")
    assert len({backoff(3, f"key {number}") for number in range(20)}) == 20


def test_retry_honours_what_the_server_asks_and_gives_up_at_last() -> None:
    assert retry_at(NOW, 1, "k", 3600) == NOW + timedelta(hours=1)
    assert retry_at(NOW, 1, "k", 1) == NOW + backoff(1, "k")
    assert retry_at(NOW, 1, "k", 1e9) == NOW + timedelta(days=1)
    assert retry_at(NOW, MAX_ATTEMPTS, "k") is None


def test_tries_last_over_a_day_of_a_broken_mail_server() -> None:
    assert sum((backoff(number, "k") for number in range(1, MAX_ATTEMPTS)), timedelta()) > timedelta(hours=20)


def test_message_id_is_stable_and_differs_by_message_and_database() -> None:
    ids = {
        message_id("12:first:anna", NOW, "x.example"),
        message_id("12:first:bert", NOW, "x.example"),
        message_id("12:first:anna", NOW + MINUTE, "x.example"),
    }
    assert len(ids) == 3
    assert message_id("12:first:anna", NOW, "x.example") in ids
    assert all(found.startswith("<12-first-") and found.endswith("@x.example>") for found in ids)


def test_first_message_is_the_head_of_the_thread() -> None:
    (first, *_) = planned(opened())
    assert thread_id(opened().alert, "anna", "lumopuoti.example") == first.message_id
    assert (
        thread_id(replace(opened().alert, urgency=Urgency.NONE), "anna", "lumopuoti.example")
        == first.message_id
    )


def test_mail_domain_is_the_senders() -> None:
    assert mail_domain("vahti@lumopuoti.example") == "lumopuoti.example"
