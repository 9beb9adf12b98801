"""The page of one alert: conversation, reasons, history, mails, neighbours."""

from dataclasses import replace

import pytest

from dashboard.widgets import markdown_safe
from monitor import alerts
from monitor.domain import AlertState, DismissReason, Match, Reason, Shop, Urgency
from monitor.replies import shipped
from monitor.store import beside, notes, reads, writes
from monitor.store import replies as kept
from tests.dashboard import seed
from tests.dashboard.conftest import shown


@pytest.fixture
def alert(place):
    with place.store.reading() as session:
        return reads.open_alerts(session)[0]


def test_alert_shows_the_whole_conversation_with_marked_words(visit, alert):
    told = shown(visit("alert", id=str(alert.id)))
    assert told.index("alkoi savuta") < told.index("Irrotin heti") < told.index("Laitoin kuvat")
    assert "<mark>Lumopuodin</mark>" in told
    assert "<mark>alkoi savuta</mark>" in told


def test_alert_tells_every_reason_and_the_way_of_the_post(visit, alert):
    told = shown(visit("alert", id=str(alert.id)))
    assert told.count("<li>") >= len(alert.reasons)
    assert "written" in told
    assert "alerted" in told


def test_alert_shows_mails_sent_and_failing(visit, alert):
    told = shown(visit("alert", id=str(alert.id)))
    assert "Maija Mallikas" in told
    assert "450 mailbox busy" in told


def test_alert_shows_what_the_author_wrote_before(visit, alert):
    at = visit("alert", id=str(alert.id))
    assert "adventtitähti tuli ehjänä" in shown(at)
    assert any("earlier post" in expander.label for expander in at.expander)


def test_history_tells_who_did_what(place, visit, alert):
    with place.store.transaction() as session:
        taken = alerts.take(session, alert.id, "Maija", place.now, alert.version)
        alerts.dismiss(session, alert.id, "Otto", place.now, taken.version, DismissReason.DUPLICATE)
    told = shown(visit("alert", id=str(alert.id)))
    assert "Closed without an answer: Duplicate of another alert" in told
    assert told.index("Otto") < told.index("Maija</bdi>")


def test_action_on_the_page_of_an_alert_is_stored(place, visit, alert):
    at = visit("alert", who="Maija", id=str(alert.id))
    at.button(key=f"answer-{alert.id}").click().run()
    with place.store.reading() as session:
        assert reads.alert(session, alert.id).answered_at is not None
    assert "Answered" in shown(at)


@pytest.mark.parametrize(
    ("written", "answered_at"),
    [
        ("https://forum.example/t/1", "https://forum.example/t/1"),
        ("forum.example/t/1", "https://forum.example/t/1"),
        ("", None),
        ("javascript:x", "refused"),
        ("en muista", "refused"),
    ],
)
def test_answer_keeps_its_address_and_refuses_what_is_none(place, visit, alert, written, answered_at):
    at = visit("alert", who="Maija", id=str(alert.id))
    at.text_input(key=f"url-{alert.id}").input(written)
    at.button(key=f"answer-link-{alert.id}").click().run()
    with place.store.reading() as session:
        found = reads.alert(session, alert.id)
    assert found.state is (AlertState.OPEN if answered_at == "refused" else AlertState.ANSWERED)
    assert found.answer_url == (None if answered_at == "refused" else answered_at)


def test_link_to_the_original_names_its_domain_and_opens_safely(visit, alert):
    told = shown(visit("alert", id=str(alert.id)))
    assert 'rel="noopener noreferrer"' in told
    assert "kotifoorumi.example ↗" in told


@pytest.mark.parametrize("written", ["", "0", "abc", "99999", "-1", "1 or 1=1", "9" * 40])
def test_alert_that_is_not_there_is_told_with_the_way_back(place, visit, written):
    at = visit("alert", id=written)
    told = shown(at)
    assert "There is no such alert." in told or "No alert is chosen." in told
    assert at.get("page_link")


def test_alert_shows_where_else_the_same_words_stand(place, visit, alert):
    first = alert.first
    copy = first.to_post().model_copy(
        update={
            "source": "mastodon",
            "external_id": "copy",
            "thread_key": "elsewhere",
            "author": "toinen_tili",
        }
    )
    shop = Shop(slug=first.shop, name="Lumopuoti")
    reason = Reason("negative", Urgency.HIGH, "{percent} sure")
    with place.store.transaction() as session:
        found = [(copy, Match(shop, first.words, 1.0), "print")]
        (mention_id,) = writes.add_mentions(session, found, place.now).new
        mention = reads.mention(session, mention_id)
        assert alerts.open_or_fold(session, mention, [reason], alert.due_at, place.now) is not None
    told = shown(visit("alert", id=str(alert.id)))
    assert told.index("Also at") < told.index("toinen_tili")


def test_note_is_kept_with_its_writer_and_shown_as_text(place, visit, alert):
    at = visit("alert", who="Maija", id=str(alert.id))
    at.text_area(key=f"note-text-{alert.id}").input("Soitettu <b>tukkuun</b>")
    next(one for one in at.button if one.label == "Write it down").click().run()
    with place.store.reading() as session:
        (note,) = notes.notes(session, [alert.id])
        assert reads.alert(session, alert.id).version == alert.version
    assert (note.who, note.text) == ("Maija", "Soitettu <b>tukkuun</b>")
    told = shown(at)
    assert "Soitettu &lt;b&gt;tukkuun&lt;/b&gt;" in told
    assert "A note was written" in told


def test_empty_note_is_not_kept(place, visit, alert):
    at = visit("alert", who="Maija", id=str(alert.id))
    at.text_area(key=f"note-text-{alert.id}").input("   ")
    next(one for one in at.button if one.label == "Write it down").click().run()
    with place.store.reading() as session:
        assert notes.notes(session, [alert.id]) == []


def test_alert_is_given_to_a_colleague_in_the_name_of_the_giver(place, visit, alert):
    at = visit("alert", who="Maija", id=str(alert.id))
    at.selectbox(key=f"to-{alert.id}").select("Otto Esimerkki").run()
    at.button(key=f"give-do-{alert.id}").click().run()
    with place.store.reading() as session:
        assert reads.alert(session, alert.id).taken_by == "Otto Esimerkki"
        assert reads.history(session, alert.id)[-1].who == "Maija"
    assert "Given to Otto Esimerkki" in shown(at)


def test_neighbours_are_those_of_the_view_one_came_from(place, visit, alert):
    with place.store.reading() as session:
        blog = [one.id for one in reads.open_alerts(session) if one.source == "mastodon"]
    at = visit("alert", id=str(blog[0]), source="mastodon")
    assert at.button(key="before").disabled
    at.button(key="after").click().run()
    assert at.query_params["id"] == str(blog[1])
    assert at.query_params["source"] == "mastodon"
    back = next(one for one in at.get("page_link") if one.proto.label == "Inbox" and one.proto.query_string)
    assert "source=mastodon" in back.proto.query_string


def test_alert_that_left_the_view_leads_on_into_it(place, visit, alert):
    at = visit("alert", who="Maija", id=str(alert.id))
    at.button(key=f"answer-{alert.id}").click().run()
    with place.store.reading() as session:
        following = reads.open_alerts(session)[0].id
    at.button(key="after").click().run()
    assert at.query_params["id"] == str(following)


def test_alert_shows_similar_posts_of_others(place, visit, alert):
    text = "Minunkin Kide-lamppu alkoi savuta ja pistoke suli kiinni pistorasiaan"
    with place.store.transaction() as session:
        said = seed.Said(2000, "mastodon", "toinen_asiakas", text, thread="other")
        seed.tell(session, said, place.now, 8000)
    at = visit("alert", id=str(alert.id))
    assert any("similar post" in one.label for one in at.expander)
    assert "toinen_asiakas" in shown(at)


def test_history_with_the_writer_counts_posts_and_alerts(place, alert):
    with place.store.reading() as session:
        writer = beside.writer(session, alert.first)
    assert writer is not None
    assert (writer.posts, writer.alerts, writer.answered) == (3, 1, 0)


def test_writer_whose_name_is_unknown_has_no_history(place, alert):
    with place.store.reading() as session:
        assert beside.writer(session, replace(alert.first, author="")) is None


def test_title_of_a_reply_is_shown_as_it_is_written(place, visit, alert):
    title = "![x](http://evil.example/y.png) :red[hei] **b**"
    with place.store.transaction() as session:
        for reply in shipped():
            kept.save(session, replace(reply, title=title), "Otto", place.now)
    tabs = visit("alert", id=str(alert.id)).tabs
    assert tabs
    assert {tab.label for tab in tabs} == {markdown_safe(title)}
    assert "![" not in tabs[0].label
