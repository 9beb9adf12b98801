"""The Inbox: its order, its views, and every press of a button, through the real store."""

from datetime import timedelta

import streamlit as st
from sqlmodel import select

from dashboard import data
from monitor import alerts
from monitor.domain import AlertState
from monitor.store import aftermath as after
from monitor.store import beside, reads
from monitor.store.tables import Label
from tests.dashboard import seed
from tests.dashboard.conftest import shown


def _first(place):
    with place.store.reading() as session:
        return reads.open_alerts(session)[0]


def _again(place, alert_id):
    with place.store.reading() as session:
        return reads.alert(session, alert_id)


def _choose(at, key, choice):
    return next(menu for menu in at.get("menu_button") if menu.key == key).click(choice).run()


def test_inbox_lists_the_most_urgent_first_with_time_left_and_reason(place, visit):
    told = shown(visit())
    assert told.index("Kide-lamppu suli") < told.index("Rahat lähti") < told.index("Tredje förseningen")
    assert "36 mins overdue" in told
    assert "22 mins left" in told
    assert "<mark>Lumopuodin</mark>" in told
    assert "Says that money is gone" in told or "unhappy with Lumopuoti" in told


def test_take_by_a_known_person_marks_the_alert(place, visit):
    alert = _first(place)
    at = visit(who="Maija")
    at.button(key=f"take-{alert.id}").click().run()
    taken = _again(place, alert.id)
    assert (taken.state, taken.taken_by) == (AlertState.TAKEN, "Maija")
    assert "Maija is on it" in shown(at)


def test_first_action_asks_for_the_name_then_acts(place, visit):
    alert = _first(place)
    at = visit()
    at.button(key=f"take-{alert.id}").click().run()
    assert _again(place, alert.id).state is AlertState.OPEN
    at.selectbox(key="who_name").select("Maija Mallikas").run()
    at.button(key="who_ok").click().run()
    assert _again(place, alert.id).taken_by == "Maija Mallikas"


def test_answered_leaves_a_thin_line_with_the_way_back(place, visit):
    alert = _first(place)
    at = visit(who="Maija")
    at.button(key=f"answer-{alert.id}").click().run()
    assert _again(place, alert.id).state is AlertState.ANSWERED
    assert not [button for button in at.button if button.key == f"answer-{alert.id}"]
    at.button(key=f"undo-{alert.id}").click().run()
    assert _again(place, alert.id).state is AlertState.OPEN
    assert [button for button in at.button if button.key == f"answer-{alert.id}"]


def test_not_negative_closes_the_alert_and_keeps_the_correction(place, visit):
    alert = _first(place)
    at = visit(who="Maija")
    _choose(at, f"menu-{alert.id}", "not_negative")
    assert _again(place, alert.id).dismiss_reason == "not_negative"
    with place.store.reading() as session:
        labels = list(session.execute(select(Label)).scalars())
        assert {(label.field, label.who) for label in labels} == {("sentiment", "Maija")}


def test_snooze_moves_the_alert_to_its_own_view(place, visit):
    alert = _first(place)
    at = visit(who="Maija")
    _choose(at, f"menu-{alert.id}", "3h")
    snoozed = _again(place, alert.id)
    assert snoozed.snoozed_until - data.now() > timedelta(hours=2, minutes=55)
    at = visit(view="snoozed", who="Maija")
    assert "Kide-lamppu suli" in shown(at)
    assert "5 alerts" in shown(visit())
    _choose(at, f"menu-{alert.id}", "wake")
    assert _again(place, alert.id).state is AlertState.OPEN


def test_second_person_is_told_and_nothing_is_overwritten(place, visit):
    alert = _first(place)
    at = visit(who="Maija")
    with place.store.transaction() as session:
        alerts.take(session, alert.id, "Otto", place.now, alert.version)
    at.button(key=f"take-{alert.id}").click().run()
    assert _again(place, alert.id).taken_by == "Otto"
    assert "Somebody else was faster" in at.warning[0].value


def test_new_alert_comes_below_until_the_reader_asks_for_the_order(place, visit):
    at, known = visit(who="Maija"), _first(place)
    with place.store.transaction() as session:
        said = seed.Said(1, "mastodon", "uusi", "Lumopuodin lamppu syttyi palamaan, kertoo Elviira", left=-90)
        assert seed.tell(session, said, place.now, 7777) is not None
    at.button(key=f"take-{known.id}").click().run()
    told = shown(at)
    assert told.index("Tredje förseningen") < told.index("Elviira")
    assert "1 new below: put in order" in at.button(key="order").label
    at.button(key="order").click().run()
    told = shown(at)
    assert told.index("Elviira") < told.index("Tredje förseningen")


def test_view_in_the_address_is_the_view_that_opens(place, visit):
    told = shown(visit(view="overdue"))
    assert "Kide-lamppu suli" in told
    assert "Tredje förseningen" not in told


def test_filter_in_the_address_is_applied(place, visit):
    told = shown(visit(source="kotiblogi"))
    assert "Väri ei ollut" in told
    assert "Kide-lamppu suli" not in told


def test_choosing_a_view_writes_it_into_the_address(place, visit):
    at = visit()
    next(group for group in at.get("button_group") if group.key == "_view").select("mine").run()
    assert at.query_params["view"] == "mine"


def test_done_today_lists_what_was_closed(place, visit):
    alert = _first(place)
    with place.store.transaction() as session:
        alerts.answer(session, alert.id, "Otto", place.now, alert.version)
    told = shown(visit(view="done"))
    assert "Kide-lamppu suli" in told
    assert "✓" in told


def test_several_alerts_are_taken_at_once(place, visit):
    with place.store.reading() as session:
        ids = [alert.id for alert in reads.open_alerts(session)[:2]]
    at = visit(who="Maija")
    at.toggle(key="picking").set_value(True).run()
    for one in ids:
        at.checkbox(key=f"pick_{one}").check()
    at.run()
    at.button(key="bulk-take").click().run()
    assert [_again(place, one).taken_by for one in ids] == ["Maija", "Maija"]


def test_waiting_for_the_customer_lists_what_was_answered_until_the_writer_speaks(place, visit):
    alert = _first(place)
    with place.store.transaction() as session:
        alerts.answer(session, alert.id, "Otto", place.now, alert.version)
    assert "Kide-lamppu suli" in shown(visit(view="waiting"))
    with place.store.transaction() as session:
        after.follow(session, _again(place, alert.id), "", timedelta(days=14))
        after.decide(session, alert.id, "calmed", True, None, place.now)
    st.cache_data.clear()
    assert "Kide-lamppu suli" not in shown(visit(view="waiting"))


def test_waiting_for_the_customer_forgets_after_two_weeks(place):
    alert = _first(place)
    with place.store.transaction() as session:
        alerts.answer(session, alert.id, "Otto", place.now, alert.version)
    with place.store.reading() as session:
        assert alert.id in [row.id for row in beside.awaiting(session, place.now + timedelta(days=13))]
        assert alert.id not in [row.id for row in beside.awaiting(session, place.now + timedelta(days=15))]


def test_read_leads_to_the_alert_with_the_way_back_to_the_view(place, visit):
    at = visit(view="overdue", source="kotifoorumi")
    link = next(one for one in at.get("page_link") if one.proto.label == "Read")
    assert "view=overdue" in link.proto.query_string
    assert "source=kotifoorumi" in link.proto.query_string


def test_view_that_nobody_knows_is_the_list_of_open_alerts(place, visit):
    assert "6 alerts" in shown(visit(view="<b>"))
