"""How alerts and mentions look: HTML of a row, a post, a reason. Reads nothing and decides nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

from dashboard import data, widgets
from dashboard.language import ago, clock, duration, moment, name, number, percent, say, say_many
from monitor.domain import AlertState, Sentiment, Urgency
from monitor.store.rows import AlertRow, AssessmentRow, MentionRow

_SIGNS = {Urgency.CRITICAL: "▲▲", Urgency.HIGH: "▲", Urgency.NORMAL: "●", Urgency.NONE: "○"}
_FACES = {Sentiment.NEGATIVE: "−", Sentiment.NEUTRAL: "○", Sentiment.POSITIVE: "+"}
_SOON = timedelta(minutes=30)


def alert(row: AlertRow, now: datetime) -> str:
    """An alert as one row of the Inbox; `standpoint` goes below it."""
    first = row.first
    return "".join(
        (
            widgets.row(urgency(row.urgency), time_left(row, now), holder(row), *origin(row, now)),
            widgets.paragraph(essence(first, marks(row)), "essence"),
            widgets.paragraph(f"<b>{escape(say('Why:'))}</b> {reasons(row.reasons, limit=2)}", "why"),
        )
    )


def standpoint(row: AlertRow) -> str:
    """Stance and topics of an alert."""
    judged = row.first.assessment
    return widgets.row(stance(judged), *topics(judged))


def origin(row: AlertRow, now: datetime) -> list[str]:
    """Shop, source, age and size of an alert, as quiet words."""
    first = row.first
    parts = [shop_name(row.shop), source_name(row.source), ago(first.spoken_at, now)]
    if row.mentions > 1:
        parts.append(say_many("{n} post", "{n} posts", row.mentions))
    if first.reach is not None:
        parts.append(reach(first.reach))
    return [f"<span>{'<span class=mv-dot> · </span>'.join(widgets.escaped(part) for part in parts)}</span>"]


def urgency(level: Urgency) -> str:
    """How urgent, in words, with a sign and a colour."""
    return widgets.tag(name(level), level.value, _SIGNS[level])


def time_left(row: AlertRow, now: datetime) -> str:
    """Time to the deadline, or by how much it was missed; for closed alerts what became of them."""
    if not row.state.is_open:
        return widgets.tag(outcome(row), "ok", "✓")
    if data.is_waiting(row, now) and row.snoozed_until is not None:
        return widgets.tag(say("Snoozed until {moment}", moment=moment(row.snoozed_until)), "plain", "☾")
    left = row.due_at - now
    if left < timedelta():
        return widgets.tag(say("{span} overdue", span=duration(left)), "critical", "!")
    return widgets.tag(
        say("{span} left", span=duration(left)),
        "high" if left < _SOON else "plain",
        "◔" if left < _SOON else "",
    )


def outcome(row: AlertRow) -> str:
    """What became of an alert, in a few words."""
    if row.state is AlertState.DISMISSED and row.dismiss_reason:
        return name(data.dismiss_reason(row))
    return name(row.state)


def standing(row: AlertRow, now: datetime) -> str:
    """Where an open alert stands, in a few words."""
    if data.is_waiting(row, now) and row.snoozed_until is not None:
        return say("Snoozed until {moment}", moment=moment(row.snoozed_until))
    return say("{who} is on it", who=row.taken_by) if row.taken_by else name(AlertState.OPEN)


def holder(row: AlertRow) -> str:
    """Who has the alert; nothing is said while nobody has it."""
    if not row.taken_by or not row.state.is_open:
        return ""
    return widgets.tag(say("{who} is on it", who=row.taken_by), "normal", "☺")


def stance(judged: AssessmentRow | None) -> str:
    """How the writer feels and how sure the model is; says so where it does not know."""
    if judged is None:
        return f"<span>{escape(say('Waits for the model'))}</span>"
    if judged.label is None:
        return f"<span>{escape(say('Not scored'))}</span>"
    share = getattr(judged, judged.label.value) or 0.0
    meter = "".join(
        f'<i class="mv-{label.value}" style="width:{100 * (getattr(judged, label.value) or 0):.0f}%"></i>'
        for label in Sentiment
    )
    sure = say("{share} sure", share=percent(share))
    return (
        f'<span class="mv-stance"><span class="mv-meter" aria-hidden="true">{meter}</span>'
        f'<span class="mv-strong">{_FACES[judged.label]} {escape(name(judged.label))}</span>'
        f"<span>{escape(sure)}</span></span>"
    )


def topics(judged: AssessmentRow | None) -> list[str]:
    """What the post is about, as labels."""
    return [widgets.tag(name(topic), "topic") for topic in (judged.topics if judged else ())]


def reasons(stored: Sequence[Mapping[str, Any]], limit: int | None = None) -> str:
    """Why something was flagged: the rules' sentences one after the other, as HTML."""
    shown = list(stored)[:limit]
    rest = len(stored) - len(shown)
    told = " ".join(widgets.escaped(sentence(reason)) for reason in shown)
    return told + (
        f" {escape(say_many('And {n} more reason.', 'And {n} more reasons.', rest))}" if rest else ""
    )


def sentence(reason: Mapping[str, Any]) -> str:
    """One reason as a sentence in the reader's language."""
    return say(str(reason["sentence"]), **dict(reason.get("values", {})))


def marks(row: AlertRow) -> list[str]:
    """Words to mark in the alert's posts: those that name the shop and those that the reasons quote."""
    quoted = (str(reason.get("values", {}).get("words", "")) for reason in row.reasons)
    return [*row.first.words, *(word for words in quoted for word in words.split(", ") if word)]


def essence(mention: MentionRow, words: Sequence[str]) -> str:
    """A post in a line or two: its title, and the part of the text that names the shop, as HTML."""
    heading = mention.title.strip()
    told = widgets.marked(widgets.excerpt(mention.text, mention.words), words)
    if not heading or mention.text.startswith(heading):
        return told
    return f"<b>{widgets.marked(widgets.excerpt(heading, (), 100), words)}</b> {told}"


def title(mention: MentionRow) -> str:
    """What to call a conversation: its own title, or how its first post begins."""
    return mention.thread_title or mention.title or widgets.excerpt(mention.text, mention.words, 80)


def post(
    mention: MentionRow,
    words: Sequence[str],
    *,
    place: str = "",
    known: str = "",
    is_flagged: bool = False,
    corrected: str = "",
) -> str:
    """One post with who wrote it, when, what the model makes of it, and the way to the original.

    `place` says where it stands, when the page does not; a title that is `known` is left out; `corrected` is
    what a person said in the place of the model.
    """
    head = widgets.row(
        f'<span class="mv-strong">{widgets.escaped(mention.author or say("Unknown author"))}</span>',
        f"<span>{escape(written_at(mention))}</span>",
        widgets.escaped(place) if place else "",
        f"<span>{escape(reach(mention.reach))}</span>" if mention.reach is not None else "",
        f"<span>{escape(say('{stars} of 5 stars', stars=number(mention.rating)))}</span>"
        if mention.rating is not None
        else "",
    )
    title = widgets.paragraph(widgets.marked(mention.title, words), "posttitle")
    title = title if mention.title and mention.title != known else ""
    foot = widgets.row(
        stance(mention.assessment),
        widgets.tag(corrected) if corrected else "",
        *topics(mention.assessment),
        widgets.link(mention.url, say("Open the original")),
    )
    kind = "mv-post mv-flagged" if is_flagged else "mv-post"
    return f'<article class="{kind}">{head}{title}{widgets.folded(mention.text, words)}{foot}</article>'


def quoted(text: str) -> str:
    """What the first post answered, as a quiet quotation."""
    return f'<div class="mv-quote">{widgets.folded(text)}</div>' if text else ""


def written_at(mention: MentionRow) -> str:
    """When a post was written, or found where the source does not say; edits are told."""
    told = (
        moment(mention.posted_at)
        if mention.posted_at
        else say("found {moment}", moment=moment(mention.found_at))
    )
    return told + (
        f" ({say('edited {moment}', moment=moment(mention.edited_at))})" if mention.edited_at else ""
    )


def delay(row: AlertRow) -> str:
    """The way of the post in three times: written, found, alerted."""
    first = row.first
    written = clock(first.posted_at) if first.posted_at else say("time unknown")
    return say(
        "written {written}, found {found}, alerted {opened}",
        written=written,
        found=clock(first.found_at),
        opened=clock(row.opened_at),
    )


def reach(readers: int) -> str:
    """Size of the audience."""
    return say_many("{n} reader", "{n} readers", readers)


def shop_name(slug: str) -> str:
    """Name of a shop; one that left the configuration keeps its slug."""
    return next((shop.name for shop in data.config().shops if shop.slug == slug), slug)


def source_name(slug: str) -> str:
    """A source as people read it."""
    return slug
