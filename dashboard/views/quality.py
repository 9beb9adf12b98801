"""The model's report card: twenty posts a week to judge in a minute, and how right it was by language."""

from html import escape

import streamlit as st

from dashboard import auth, cards, judging, widgets
from dashboard.language import language_name, number, percent, say, say_many
from monitor import trends
from monitor.people import Deed
from monitor.quality import Answer, Marks, Share
from monitor.store.samples import SampleRow

_SHORTCUTS = {
    Answer.NEGATIVE: "1",
    Answer.NEUTRAL: "2",
    Answer.POSITIVE: "3",
    Answer.NOT_ABOUT: "4",
    Answer.UNCLEAR: "5",
}


def _week() -> None:
    week, drawn = judging.week()
    widgets.subheading(say("Posts of week {week}", week=week))
    if not drawn:
        widgets.empty(say("Nothing was scored in that week."), say("Next Monday there is a new one."))
        return
    waiting = [one for one in drawn if one.answer is None]
    done = len(drawn) - len(waiting)
    st.progress(done / len(drawn), text=say("{done} of {all} judged", done=done, all=len(drawn)))
    _last(drawn)
    if waiting:
        _ask(waiting[0])
    else:
        widgets.draw(
            widgets.paragraph(escape(say("All judged. Thank you: next Monday there are new ones.")), "note")
        )


def _last(drawn: list[SampleRow]) -> None:
    """What the model had said of the post that was judged last: only now, so that it sways nobody."""
    last = next((one for one in drawn if one.id == st.session_state.get("judged")), None)
    if last and last.answer:
        answer, said = (judging.named(one).lower() for one in (last.answer, last.said))
        told = say("You said: {answer}. The model had said: {said}.", answer=answer, said=said)
        widgets.draw(widgets.paragraph(escape(told), "note"))


def _ask(sample: SampleRow) -> None:
    mention = sample.mention
    with st.container(border=True, key="sample"):
        heading = mention.title or mention.thread_title
        widgets.draw(
            widgets.row(f'<span class="mv-strong">{widgets.escaped(cards.shop_name(mention.shop))}</span>',
                        widgets.escaped(cards.source_name(mention.source))),
            widgets.paragraph(widgets.marked(heading, mention.words), "posttitle") if heading else "",
            cards.quoted(mention.parent_text),
            widgets.folded(mention.text, mention.words),
        )  # fmt: skip
        question = say("How does the writer feel about {shop}?", shop=cards.shop_name(mention.shop))
        widgets.draw(widgets.paragraph(widgets.escaped(question)))
        with st.container(horizontal=True):
            for answer, shortcut in _SHORTCUTS.items():
                st.button(
                    judging.named(answer),
                    key=f"judge-{answer.value}",
                    shortcut=shortcut,
                    on_click=_judged,
                    args=(sample.id, answer),
                    disabled=not auth.allows(Deed.CORRECT),
                )


def _judged(sample_id: int, answer: Answer) -> None:
    judging.judge(sample_id, answer)
    st.session_state["judged"] = sample_id


def _card() -> None:
    widgets.subheading(say("How right the model was"))
    found = judging.marks()
    if not found:
        widgets.empty(say("Nobody has judged anything yet."), say("Twenty posts a week take about a minute."))
        return
    rows = [_row(one) for one in found]
    columns = (say("Language"), say("Judged"), say("Agreed"), say("Right when it said negative"),
               say("Found of the negative ones"))  # fmt: skip
    st.table({column: [row[index] for row in rows] for index, column in enumerate(columns)}, hide_index=True)
    note = say("Shares with their 95 % interval; n is how many posts they are of. The posts are drawn at "
               "random, so the shares hold for everything that was scored.")  # fmt: skip
    widgets.draw(widgets.paragraph(escape(note), "note"))


def _row(one: Marks) -> tuple[str, ...]:
    language = language_name(one.lang) if one.lang not in {"", "?"} else one.lang
    judged = say_many("{n} post", "{n} posts", one.n)
    return (language or say("All"), judged, *map(_share, (one.agreement, one.precision, one.recall)))


def _share(share: Share) -> str:
    if share.value is None:
        return "–"
    low, high = trends.wilson(share.hits, share.n)
    return f"{percent(share.value)} ({percent(low)}–{percent(high)}, n = {number(share.n)})"


def _page() -> None:
    widgets.heading(say("Quality"), say("Is the model right? A minute a week tells."))
    _judging()


@st.fragment
def _judging() -> None:
    """What an answer changes: the next post, and what all answers tell."""
    _week()
    _card()


if __name__ == "__main__":
    _page()
