"""Help with the answer on the page of an alert, and the page where people arrange things."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor import alerts
from monitor.domain import EventKind, Topic
from monitor.replies import Reply, shipped
from monitor.store import aftermath, calm, reads, replies, storms
from monitor.store.tables import Label
from tests.dashboard.conftest import shown


@pytest.fixture
def alert(place):
    with place.store.reading() as session:
        return reads.open_alerts(session)[0]


def pressed(at, label: str, key: str):
    found = [button for button in at.button if button.label == label and (button.key or "").startswith(key)]
    return found[0].click().run()


def test_alert_offers_a_reply_to_copy_with_its_blanks_filled(visit, alert):
    at = visit("alert", id=str(alert.id))
    first = at.code[0].value
    assert alert.first.author in first
    assert "Lumopuoti" in first
    assert "{" not in first
    assert "Offer no compensation in public" in shown(at) or "owner first" in shown(at)


def test_alert_offers_the_reply_that_people_changed(place, visit, alert):
    topic = alert.first.assessment.topics[0]
    with place.store.transaction() as session:
        for reply in [one for one in shipped() if one.topic is topic and one.lang == alert.first.lang]:
            changed = Reply(reply.slug, reply.lang, topic, "Oma", "Oma vastaus {contact}")
            replies.save(session, changed, "Maija", place.now)
    at = visit("alert", id=str(alert.id))
    assert any(code.value.startswith("Oma vastaus") for code in at.code)


def test_answered_alert_tells_what_the_answer_brought(place, visit, alert):
    with place.store.transaction() as session:
        row = alerts.answer(session, alert.id, "Maija", place.now, alert.version)
        aftermath.follow(session, row, "hash", timedelta(days=14))
        aftermath.decide(session, alert.id, "calmed", True, alert.first.id, place.now)
    told = shown(visit("alert", id=str(alert.id)))
    assert "The writer calmed down." in told
    assert "Won back" in told


def test_writer_is_muted_from_the_page_of_an_alert(place, visit, alert):
    at = visit("alert", who="Maija", id=str(alert.id))
    at.text_input(key=f"mute-why-{alert.id}").set_value("kiusaaja").run()
    at.button(key=f"mute-do-{alert.id}").click().run()
    with place.store.reading() as session:
        (mute,) = calm.mutes(session)
    assert (mute.author, mute.source, mute.who, mute.reason) == (
        alert.first.author,
        alert.first.source,
        "Maija",
        "kiusaaja",
    )
    at = visit("arrangements", who="Otto")
    assert alert.first.author in shown(at)
    at.button(key=f"mute-{mute.id}").click().run()
    with place.store.reading() as session:
        assert calm.mutes(session) == []


def test_wrong_topic_is_put_right_on_the_page_of_an_alert(place, visit, alert):
    at = visit("alert", who="Maija", id=str(alert.id))
    at.multiselect(key=f"about-{alert.id}").set_value([Topic.PRICE]).run()
    at.button(key=f"topics-do-{alert.id}").click().run()
    with place.store.reading() as session:
        labels = list(session.execute(select(Label)).scalars())
    assert {(label.field, label.value, label.who) for label in labels} == {("topics", "price", "Maija")}


def test_trends_name_what_happened(place, visit):
    with place.store.transaction() as session:
        day = timedelta(days=1)
        storms.add_event(
            session,
            shop="lumopuoti",
            kind=EventKind.DEPLOY,
            title="uusi kassa",
            at=place.now - day,
            until=None,
            who="Maija",
            via="cli",
            key="1",
        )
        storms.open_gap(session, "mastodon", place.now - 2 * day, "deaf")
    told = shown(visit("trends"))
    assert "uusi kassa" in told
    assert "mastodon not heard" in told


def test_phrase_is_muted_here(place, visit):
    at = visit("arrangements", who="Maija")
    field = next(one for one in at.text_input if one.label == "Words of the post")
    field.set_value("osta halvalla")
    at.text_input(key="phrase-why").set_value("mainos")
    pressed(at, "Mute a phrase", "FormSubmitter:phrase")
    with place.store.reading() as session:
        (mute,) = calm.mutes(session)
    assert (mute.phrase, mute.author, mute.who) == ("osta halvalla", None, "Maija")


def test_silence_is_begun_and_ended_here(place, visit):
    at = visit("arrangements", who="Maija")
    pressed(at, "Begin a silence", "FormSubmitter:silence")
    with place.store.reading() as session:
        assert calm.silences(session, place.now + timedelta(minutes=2)) == [], "a silence needs a reason"
    why = [one for one in at.text_input if one.label == "Why"]
    why[0].set_value("inventaario")
    pressed(at, "Begin a silence", "FormSubmitter:silence")
    with place.store.reading() as session:
        (silence,) = calm.silences(session, place.now + timedelta(minutes=2))
    assert (silence.shop, silence.topic, silence.who) == (None, None, "Maija")
    at = visit("arrangements", who="Maija")
    at.button(key=f"silence-{silence.id}").click().run()
    with place.store.reading() as session:
        assert calm.silences(session, place.now + timedelta(minutes=2)) == []


def test_event_is_written_down_and_taken_away_here(place, visit):
    at = visit("arrangements", who="Maija")
    at.text_input[0].set_value("uusi kassa")
    pressed(at, "It happens now", "FormSubmitter:event")
    with place.store.reading() as session:
        day = timedelta(days=1)
        (event,) = storms.shop_events(session, ["lumopuoti"], place.now - day, place.now + day)
    assert (event.title, event.via, event.who) == ("uusi kassa", "dashboard", "Maija")
    at = visit("arrangements", who="Maija")
    assert "uusi kassa" in shown(at)
    at.button(key=f"event-{event.id}").click().run()
    with place.store.reading() as session:
        assert storms.shop_events(session, ["lumopuoti"], place.now - day, place.now + day) == []


def test_reply_is_changed_here(place, visit):
    at = visit("arrangements", who="Maija")
    at.text_area[0].set_value("Hei {name}!")
    pressed(at, "Save", "FormSubmitter:reply-delivery-en")
    with place.store.reading() as session:
        (changed,) = replies.changed(session)
    assert (changed.slug, changed.lang, changed.text) == ("delivery", "en", "Hei {name}!")


def test_reply_is_shown_no_more_when_somebody_retires_it(place, visit):
    at = visit("arrangements", who="Maija")
    before = len(at.text_area)
    pressed(at, "Show it no more", "FormSubmitter:reply-delivery-en")
    assert len(visit("arrangements", who="Maija").text_area) == before - 1
    with place.store.reading() as session:
        assert replies.retired(session) == {("delivery", "en")}


def test_hostile_words_stay_words_here(place, visit):
    evil = "<img src=x onerror=alert(1)>[a](javascript:alert(1))"
    with place.store.transaction() as session:
        calm.add_mute(
            session, shop=None, source=None, author=evil, phrase=None, reason=evil, who=evil, now=place.now
        )
        storms.add_event(
            session,
            shop=None,
            kind=EventKind.OTHER,
            title=evil,
            at=place.now,
            until=None,
            who=evil,
            via="cli",
            key="1",
        )
    told = shown(visit("arrangements"))
    assert "<img" not in told
    assert "&lt;img" in told
