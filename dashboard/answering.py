"""Help with the answer on the page of an alert: ready-made replies to copy, advice, and what came of it."""

from html import escape

import streamlit as st

from dashboard import arrangements, auth, cards, data, widgets
from dashboard.language import current, duration_of, moment, say
from monitor.aftermath import Outcome
from monitor.replies import advice_on, replies_to
from monitor.store.rows import AlertRow
from monitor.wording import N_

_MOST = 3
_OUTCOMES = {
    Outcome.CALMED: N_("The writer calmed down."),
    Outcome.EDITED: N_("The writer changed the post."),
    Outcome.RAISED_STARS: N_("The writer raised the stars."),
    Outcome.SILENT: N_("The writer said nothing more."),
    Outcome.ANGRIER: N_("The writer is still unhappy."),
}


def panel(row: AlertRow) -> None:
    """Replies and advice while the alert is open; afterwards what the answer brought."""
    if row.state.is_open:
        _replies(row)
    else:
        _became(row)


def _replies(row: AlertRow) -> None:
    found = replies_to(row, arrangements.replies(), current())[:_MOST]
    widgets.subheading(say("A reply to begin with"))
    told = "".join(f"<li>{escape(say(one))}</li>" for one in advice_on(row))
    widgets.draw(f'<ul class="mv-reasons">{told}</ul>')
    if not found:
        return
    # Streamlit reads labels as Markdown, and a colleague's text may be anything.
    tabs = st.tabs([widgets.markdown_safe(reply.title) for reply in found])
    for tab, reply in zip(tabs, found, strict=True):
        with tab:
            # The one element that copies with a press, and shows text as text.
            st.code(reply.fill(_blanks(row)), language=None, wrap_lines=True)
    widgets.draw(widgets.paragraph(escape(say("Read it, change it, and post it yourself.")), "note"))


def _blanks(row: AlertRow) -> dict[str, str]:
    shop = next((one for one in data.config().shops if one.slug == row.shop), None)
    return {
        "name": " ".join(row.first.author.split())[:40],
        "shop": cards.shop_name(row.shop),
        "contact": (shop.contact if shop else None) or "",
        "deadline": moment(row.due_at) if row.due_at > data.now() else "",
    }


def _became(row: AlertRow) -> None:
    found = arrangements.aftermath(row.id)
    if found is None:
        return
    widgets.subheading(say("What the answer brought"))
    outcome = say(_OUTCOMES[Outcome(found.outcome)]) if found.outcome else say("It does not show yet.")
    rows = [
        (say("First answer after"), escape(duration_of(found.first_answer))),
        (say("Outcome"), escape(outcome)),
    ]
    if found.saved:
        rows.append((say("Customer"), escape(say("Won back"))))
    widgets.draw(widgets.pairs(rows))


def mute(row: AlertRow) -> None:
    """Let the writer of an alert alert no more."""
    if not row.first.author:
        return
    with st.popover(say("Mute the writer"), type="tertiary", key=f"mute-{row.id}"):
        note = say("What this writer posts at {source} is still read and counted, but alerts only if it is "
                   "critical. Arrangements lists who is muted.", source=row.source)  # fmt: skip
        widgets.draw(widgets.paragraph(escape(note), "note"))
        st.text_input(say("Why"), key=f"mute-why-{row.id}", max_chars=200)
        st.button(say("Mute the writer"), key=f"mute-do-{row.id}", on_click=_mute, args=(row,))


def _mute(row: AlertRow) -> None:
    why = str(st.session_state.get(f"mute-why-{row.id}") or "").strip()
    arrangements.mute_author(row, why, auth.who() or "dashboard")
