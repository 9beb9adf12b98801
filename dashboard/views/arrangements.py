"""What people arrange: storms and shop events to look at, silences, muted writers, ready-made replies."""

from collections.abc import Callable
from datetime import timedelta
from html import escape

import streamlit as st

from dashboard import arrangements, auth, cards, data, widgets
from dashboard.language import current, moment, name, number, say, say_many
from monitor.domain import EventKind, Topic
from monitor.people import Deed
from monitor.replies import Reply
from monitor.store.storms import StormRow
from monitor.wording import N_

_KINDS = {
    EventKind.CAMPAIGN: N_("Campaign"),
    EventKind.DEPLOY: N_("Change of the site"),
    EventKind.COURIER: N_("Courier trouble"),
    EventKind.STOCK_OUT: N_("Sold out"),
    EventKind.OTHER: N_("Something else"),
}
_LENGTHS = {1: N_("One hour"), 4: N_("Four hours"), 24: N_("A day"), 168: N_("A week")}
_ALL = ""


def _who() -> str:
    return auth.who() or "dashboard"


def _shop_names() -> dict[str, str]:
    return {
        _ALL: say("All shops"),
        **{shop.slug: shop.name for shop in data.config().shops if not shop.rival},
    }


def _storms() -> None:
    widgets.subheading(say("Storms"))
    found = arrangements.last_storms()
    if not found:
        widgets.draw(widgets.paragraph(escape(say("None in the last 90 days.")), "note"))
    widgets.draw(widgets.pairs([(moment(storm.began_at), escape(_storm(storm))) for storm in found[:20]]))


def _storm(storm: StormRow) -> str:
    about = cards.shop_name(storm.shop) + (f", {name(Topic(storm.topic))}" if storm.topic else "")
    n = say_many("{n} unhappy post", "{n} unhappy posts", storm.count)
    usual = say("usual: {n}", n=number(round(storm.expected, 1)))
    state = say("it lasts") if storm.ended_at is None else say("over {moment}", moment=moment(storm.ended_at))
    return f"{about} · {n}, {usual} · {state}"


def _events() -> None:
    widgets.subheading(say("What the shop did or met"))
    note = say("Drawn on the trends, and named when a storm follows.")
    widgets.draw(widgets.paragraph(escape(note), "note"))
    if auth.allows(Deed.ARRANGE):
        _event_form()
    for event in arrangements.events()[:20]:
        said = f"{moment(event.at)} · {say(_KINDS[event.kind])} · {event.title}"
        _row(said, say("Take away"), f"event-{event.id}", arrangements.drop_event, event.id)


def _event_form() -> None:
    with st.expander(say("Write something down")), st.form("event", clear_on_submit=True, border=False):
        title = st.text_input(say("In a few words"), max_chars=200)
        kind = st.selectbox(say("Kind"), list(_KINDS), format_func=lambda one: say(_KINDS[one]))
        names = _shop_names()
        shop = st.selectbox(say("Shop"), list(names), format_func=names.__getitem__)
        if st.form_submit_button(say("It happens now")) and title.strip():
            arrangements.add_event(shop or None, kind, title.strip(), data.now(), _who())
            st.rerun()


def _silences() -> None:
    widgets.subheading(say("Silences"))
    note = say("Nothing is mailed about these alerts until the silence ends, except what is critical.")
    widgets.draw(widgets.paragraph(escape(note), "note"))
    if auth.allows(Deed.ARRANGE):
        _silence_form()
    for silence in arrangements.silences():
        about = cards.shop_name(silence.shop) if silence.shop else say("All shops")
        topic_name = f", {name(Topic(silence.topic))}" if silence.topic else ""
        said = (
            f"{about}{topic_name} · {say('until {moment}', moment=moment(silence.ends_at))} · {silence.who}"
        )
        said += f" · {silence.reason}" if silence.reason else ""
        _row(said, say("End it"), f"silence-{silence.id}", arrangements.end_silence, silence.id, _who())


def _silence_form() -> None:
    with st.expander(say("Begin a silence")), st.form("silence", clear_on_submit=True, border=False):
        names = _shop_names()
        shop = st.selectbox(say("Shop"), list(names), format_func=names.__getitem__)
        topics = [None, *Topic]
        topic = st.selectbox(
            say("Topic"), topics, format_func=lambda one: name(one) if one else say("All topics")
        )
        hours = st.selectbox(say("How long"), list(_LENGTHS), format_func=lambda one: say(_LENGTHS[one]))
        why = st.text_input(say("Why"), max_chars=200)
        if st.form_submit_button(say("Begin a silence")) and why.strip():
            arrangements.add_silence(shop or None, topic, timedelta(hours=hours), why.strip(), _who())
            st.rerun()


def _mutes() -> None:
    widgets.subheading(say("Muted"))
    if auth.allows(Deed.ARRANGE):
        _phrase_form()
    found = arrangements.mutes()
    if not found:
        note = say("Nobody. The page of an alert has a button for its writer.")
        widgets.draw(widgets.paragraph(escape(note), "note"))
    for mute in found:
        what = mute.author or f"“{mute.phrase}”"
        said = " · ".join(part for part in (what, mute.source or "", mute.who, mute.reason) if part)
        _row(said, say("End it"), f"mute-{mute.id}", arrangements.end_mute, mute.id, _who())


def _phrase_form() -> None:
    with st.expander(say("Mute a phrase")), st.form("phrase", clear_on_submit=True, border=False):
        phrase = st.text_input(say("Words of the post"), max_chars=200)
        why = st.text_input(say("Why"), max_chars=200, key="phrase-why")
        if st.form_submit_button(say("Mute a phrase")) and phrase.strip() and why.strip():
            arrangements.mute_phrase(phrase.strip(), why.strip(), _who())
            st.rerun()


def _row(said: str, label: str, key: str, act: Callable[..., None], *args: object) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        widgets.draw(widgets.paragraph(widgets.escaped(said)))
        if auth.allows(Deed.ARRANGE):
            st.button(label, key=key, on_click=act, args=args, type="tertiary")


def _replies() -> None:
    widgets.subheading(say("Ready-made replies"))
    note = say("Blanks: {blanks}. What is not known stays a visible gap.",
               blanks="{name} {shop} {contact} {order} {deadline}")  # fmt: skip
    widgets.draw(widgets.paragraph(escape(note), "note"))
    here = [reply for reply in arrangements.replies() if reply.lang == current()]
    for reply in here:
        changed = "" if arrangements.is_shipped(reply) else f" · {say('changed')}"
        with st.expander(f"{widgets.markdown_safe(reply.title)}{changed}"):
            if auth.allows(Deed.ARRANGE):
                _edit(reply)
            else:
                st.code(reply.text, language=None, wrap_lines=True)


def _edit(reply: Reply) -> None:
    with st.form(f"reply-{reply.slug}-{reply.lang}", border=False):
        title = st.text_input(say("Title"), reply.title, max_chars=100)
        text = st.text_area(say("Text"), reply.text, max_chars=2000, height=160)
        if st.form_submit_button(say("Save")) and text.strip():
            arrangements.save_reply(
                Reply(reply.slug, reply.lang, reply.topic, title.strip() or reply.title, text.strip()), _who()
            )
            st.rerun()
        if st.form_submit_button(say("Show it no more"), type="tertiary"):
            arrangements.retire_reply(reply, _who())
            st.rerun()


def _page() -> None:
    widgets.heading(say("Arrangements"), say("Who is left in peace, and what helps with answers."))
    _storms()
    _events()
    _silences()
    _mutes()
    _replies()


if __name__ == "__main__":
    _page()
