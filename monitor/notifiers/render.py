"""Writes the mail about an alert: subject, text and HTML in the recipient's language. Sends nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any

from monitor.config.schema import RecipientConfig
from monitor.domain import AlertState, Message, SendReason, Urgency
from monitor.notifiers.buttons import ButtonPlace, buttons_view
from monitor.notifiers.inert import one_line, web_link
from monitor.notifiers.names import TOPIC_NAMES, URGENCY_NAMES, kind_headline, kind_name
from monitor.notifiers.papers import templates
from monitor.notifiers.views import PostView, Reader, due_line, flagged_words, post_view, reason_views
from monitor.replies import Reply, advice_on, replies_to
from monitor.store.rows import AlertRow, DeliveryRow, MentionRow
from monitor.wording import N_, Wording

_MOST_SHOWN = 3
_MOST_LISTED = 6
_REPLIES = (SendReason.MORE, SendReason.REMINDER)


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that mails point to: of the dashboard, and of the web endpoint where there is one."""

    base_url: str
    buttons: ButtonPlace | None = None

    @property
    def settings(self) -> str:
        """Page that says who hears of what."""
        return f"{self.base_url}/settings"

    def alert(self, alert_id: int) -> str:
        """Page of one alert."""
        return f"{self.base_url}/alert?id={alert_id}"


@dataclass(frozen=True)
class Letter:
    """Everything one mail about an alert is made of.

    `shop` is the shop's name, `since` the time of the last mail to this recipient (None for the
    first), `author_before` what the writer of the first post said earlier.
    """

    alert: AlertRow
    conversation: Sequence[MentionRow]
    reason: SendReason
    shop: str
    links: Links
    reader: Reader
    since: datetime | None = None
    author_before: Sequence[MentionRow] = field(default=())
    replies: Sequence[Reply] = field(default=())
    contact: str = ""

    @cached_property
    def shown(self) -> tuple[MentionRow, ...]:
        """Posts shown in full: the new ones where there are some to tell, else the first."""
        if self.reason not in (SendReason.MORE, SendReason.WORSE):
            return (self.alert.first,)
        return self.news[-_MOST_SHOWN:] or (self.alert.first,)

    @cached_property
    def news(self) -> tuple[MentionRow, ...]:
        """Posts that the recipient was not told of yet, oldest first."""
        told_until = self.since or self.alert.opened_at
        return tuple(post for post in self.conversation if post.found_at > told_until)

    @cached_property
    def others(self) -> tuple[MentionRow, ...]:
        """The rest of the thread, oldest first."""
        shown = {post.id for post in self.shown}
        return tuple(post for post in self.conversation if post.id not in shown)

    @property
    def overdue(self) -> bool:
        """Whether the deadline has passed."""
        return self.alert.due_at <= self.reader.now


def render_alert(
    alert: AlertRow,
    conversation: Sequence[MentionRow],
    delivery: DeliveryRow,
    recipient: RecipientConfig,
    wording: Wording,
    *,
    shop: str,
    thread_id: str,
    links: Links,
    zone: tzinfo,
    now: datetime,
    since: datetime | None = None,
    author_before: Sequence[MentionRow] = (),
    replies: Sequence[Reply] = (),
    contact: str = "",
) -> Message:
    """Write one mail of the outbox; see Letter for `shop`, `since` and `author_before`."""
    reader = Reader(wording, zone, now)
    letter = Letter(
        alert, conversation, delivery.reason, shop, links, reader, since, author_before, replies, contact
    )
    shown = _shape(letter, recipient)
    return Message(
        to=recipient.address,
        subject=subject(letter),
        text=templates().get_template("alert.txt.jinja").render(shown),
        html=templates().get_template("alert.html.jinja").render(shown),
        message_id=delivery.message_id,
        thread_id=thread_id,
        facts=alert_facts(alert, delivery.reason.value, links),
    )


def alert_facts(alert: AlertRow, reason: str, links: Links) -> dict[str, Any]:
    """What programs read of an alert; texts and authors of posts stay in the house."""
    return {
        "type": f"alert.{reason}",
        "alert_id": alert.id,
        "alert_url": links.alert(alert.id),
        "settings_url": links.settings,
        "shop": alert.shop,
        "source": alert.source,
        "state": alert.state.value,
        "urgency": alert.urgency.value,
        "topics": [topic.value for topic in alert.first.assessment.topics] if alert.first.assessment else [],
        "opened_at": alert.opened_at.isoformat(),
        "due_at": alert.due_at.isoformat(),
        "post_host": link.domain if (link := web_link(alert.first.url)) else "",
        "mentions": alert.mentions,
    }


def subject(letter: Letter) -> str:
    """What happened and where. News of the same thread keep the subject, so that mail readers join them."""
    first = _first_subject(letter)
    say = letter.reader.wording.say
    if letter.reason is SendReason.WORSE:
        return say(
            "It got worse ({urgency}): {subject}",
            urgency=say(URGENCY_NAMES[letter.alert.urgency]).lower(),
            subject=first,
        )
    if letter.reason is SendReason.ESCALATION:
        return say("Nobody has answered: {subject}", subject=first)
    return f"Re: {first}" if letter.reason in _REPLIES else first


def _first_subject(letter: Letter) -> str:
    """Made of the first post alone, which stays as it is while the alert grows."""
    say, first = letter.reader.wording.say, letter.alert.first
    reasons = _reasons_of(first) or letter.alert.reasons
    urgency = max(
        (Urgency(reason["severity"]) for reason in reasons), key=lambda u: u.rank, default=Urgency.NORMAL
    )
    line = say(
        "{shop}: {what} ({source}) – {excerpt}",
        shop=letter.shop,
        what=", ".join(_what(first, reasons, letter.reader.wording)),
        source=first.source,
        excerpt=one_line(first.title or first.text or first.thread_title, 60),
    )
    if urgency.rank < Urgency.HIGH.rank:
        return line
    return say("{urgency} – {subject}", urgency=say(URGENCY_NAMES[urgency]), subject=line)


def _what(first: MentionRow, reasons: Sequence[dict[str, Any]], wording: Wording) -> list[str]:
    topics = first.assessment.topics[:1] if first.assessment else ()
    kinds = [kind_name(reason) for reason in reasons[:1]]
    return [wording.say(name) for name in [*kinds, *(TOPIC_NAMES[topic] for topic in topics)]]


def _reasons_of(mention: MentionRow) -> tuple[dict[str, Any], ...]:
    return mention.assessment.reasons if mention.assessment else ()


def _shape(letter: Letter, recipient: RecipientConfig) -> dict[str, Any]:
    """Values for both templates."""
    wording, alert, reader = letter.reader.wording, letter.alert, letter.reader
    flagged = flagged_words([*alert.reasons, *(r for post in letter.shown for r in _reasons_of(post))])
    return {
        "say": wording.say,
        "say_many": wording.say_many,
        "language": wording.language,
        "shop": letter.shop,
        "source": alert.source,
        "urgency": alert.urgency.value,
        "urgency_name": wording.say(URGENCY_NAMES[alert.urgency]),
        "headline": headline(letter),
        "deadline": _deadline(letter),
        "overdue": letter.overdue,
        "thread_title": one_line(alert.first.thread_title, 120),
        "posts": [post_view(post, flagged, reader) for post in letter.shown],
        "reasons": reason_views(alert.reasons, wording),
        "others": [post_view(post, flagged, reader) for post in letter.others[-_MOST_LISTED:]],
        "left_out": max(len(letter.others) - _MOST_LISTED, 0),
        "before": [post_view(post, flagged, reader) for post in letter.author_before[:_MOST_SHOWN]],
        "reply": _reply(letter),
        "advice": [wording.say(one) for one in advice_on(alert)],
        "go_to": web_link(letter.shown[-1].url),
        "alert_url": letter.links.alert(alert.id),
        # In a channel everybody could press them in one name.
        "buttons": buttons_view(
            None if recipient.channel else letter.links.buttons, alert, recipient.slug, recipient.name, reader
        ),
        "posted": reader.when(alert.first.posted_at) if alert.first.posted_at else None,
        "found": reader.when(alert.first.found_at),
        "mailed": reader.when(reader.now),
        "recipient": recipient.name,
        "preview": _preview(letter),
    }


def _reply(letter: Letter) -> str:
    """The best ready-made reply in the language of the post, its blanks filled as far as we know."""
    first = letter.alert.first
    if not letter.replies or letter.alert.state is AlertState.ANSWERED:
        return ""
    found = replies_to(letter.alert, letter.replies, letter.reader.wording.language)
    values = {
        "name": one_line(first.author, 40),
        "shop": letter.shop,
        "contact": letter.contact,
        "deadline": letter.reader.when(letter.alert.due_at) if not letter.overdue else "",
    }
    return found[0].fill(values) if found else ""


def headline(letter: Letter) -> str:
    """One sentence that says why this mail came."""
    wording, alert = letter.reader.wording, letter.alert
    if letter.reason is SendReason.MORE and alert.answered_at is not None:
        return wording.say("There is a new post after the answer.")
    if letter.reason is SendReason.MORE:
        return wording.say_many(
            "{n} new post in this conversation.", "{n} new posts in this conversation.", len(letter.news) or 1
        )
    if letter.reason in _HEADLINES:
        return wording.say(_HEADLINES[letter.reason])
    return wording.say(
        kind_headline(alert.reasons[0]) if alert.reasons else N_("Somebody wrote about the shop.")
    )


_HEADLINES = {
    SendReason.WORSE: N_("The conversation has become graver."),
    SendReason.REMINDER: N_("This post still waits for an answer."),
    SendReason.ESCALATION: N_("The deadline has passed, and nobody has answered."),
}


def _deadline(letter: Letter) -> str:
    wording, reader, alert = letter.reader.wording, letter.reader, letter.alert
    if alert.state is AlertState.TAKEN and alert.taken_by:
        return wording.say("{who} has taken it.", who=one_line(alert.taken_by, 60))
    return due_line(alert, reader)


def _preview(letter: Letter) -> str:
    """First line that a list of mails shows beside the subject."""
    shown: PostView = post_view(letter.shown[-1], (), letter.reader)
    return one_line(f"{headline(letter)} {_deadline(letter)} {shown.line}", 160)
