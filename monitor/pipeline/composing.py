"""What a claimed message tells of, whether it is still worth sending, and whether it must wait.

Several messages that wait for the same person go out as one summary; critical ones always alone, at once.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from monitor import calm, outbox
from monitor.config.schema import RecipientConfig
from monitor.domain import SendReason, Urgency
from monitor.pipeline.digest import digest
from monitor.pipeline.parts import AnyLetter, Folded, Letter, Parts, Summary, Wait
from monitor.pipeline.storm import folded_into, storm_news
from monitor.pipeline.watch import notice
from monitor.pipeline.weekly import weekly
from monitor.replies import known
from monitor.store import calm as store
from monitor.store import deliveries, reads
from monitor.store.replies import changed, retired
from monitor.store.rows import AlertRow, DeliveryRow, MentionRow

_MOST_JOINED = 2000
_CALLS = (SendReason.REMINDER, SendReason.ESCALATION)


def compose(
    parts: Parts, session: Session, delivery: DeliveryRow, now: datetime
) -> AnyLetter | Wait | Folded | None:
    """What the message tells of; None when it is no longer needed."""
    if delivery.source:
        return notice(parts, session, delivery, now)
    if delivery.storm_id:
        return storm_news(parts, session, delivery, now)
    if delivery.reason is SendReason.WEEKLY:
        return weekly(parts, session, delivery, now)
    if delivery.reason is SendReason.DIGEST:
        return digest(parts, session, delivery, now)
    letter = letter_of(session, delivery, now)
    person = _person(parts, delivery)
    if letter is None or person is None or letter.alert.urgency is Urgency.CRITICAL:
        return letter
    return _not_alone(parts, session, letter, person, now) or _joined(parts, session, letter, person, now)


def letter_of(session: Session, delivery: DeliveryRow, now: datetime) -> Letter | None:
    """All that a message about one alert tells of; None when it is no longer needed."""
    alert = reads.alert(session, delivery.alert_id or 0)
    if alert is None:
        return None
    earlier = [one for one in reads.deliveries(session, alert.id) if one.id != delivery.id]
    if outbox.repeats(delivery, earlier, now):
        return None
    copies = reads.also_at(session, alert)
    conversation = sorted([*reads.conversation(session, alert), *copies], key=lambda post: post.spoken_at)
    told_until = _told_until(delivery.recipient, earlier)
    news = sum(1 for mention in conversation if told_until is None or mention.found_at > told_until)
    if not outbox.still_needed(delivery, alert, news):
        return None
    replies = known(changed(session), retired(session))
    return Letter(delivery, alert, conversation, _author_before(session, alert), told_until, replies)


def _wait(
    parts: Parts, session: Session, letter: Letter, person: RecipientConfig, now: datetime
) -> calm.Held | None:
    alert, zone = letter.alert, parts.config.zone
    topics = alert.first.assessment.topics if alert.first.assessment else ()
    silenced = store.silenced_until(session, alert.shop, alert.source, topics, now)
    is_call = letter.delivery.reason in _CALLS
    sent = None if is_call else deliveries.sent_since(session, person.slug, calm.day_began(now, zone))
    return calm.held(person, now, zone, silenced, sent)


def _not_alone(
    parts: Parts, session: Session, letter: Letter, person: RecipientConfig, now: datetime
) -> Folded | Wait | None:
    """Whether a message is left to a storm's mails, or must wait."""
    folded = folded_into(parts, session, letter.alert, letter.delivery, now)
    if folded is not None:
        return folded
    held = _wait(parts, session, letter, person, now)
    return Wait(held.until) if held is not None else None


def _joined(
    parts: Parts, session: Session, letter: Letter, person: RecipientConfig, now: datetime
) -> Letter | Summary:
    """The message with what else waits for the same person and may go, when that is much."""
    waiting = deliveries.waiting_with(session, letter.delivery, now, outbox.STALE_CLAIM, _MOST_JOINED)
    found = [one for one in (letter_of(session, delivery, now) for delivery in waiting) if one is not None]
    others = [one for one in found if _not_alone(parts, session, one, person, now) is None]
    if len({one.alert.id for one in (letter, *others)}) < calm.JOINED_FROM:
        return letter
    return Summary(letter.delivery, (letter, *others))


def _person(parts: Parts, delivery: DeliveryRow) -> RecipientConfig | None:
    return next((one for one in parts.config.recipients if one.slug == delivery.recipient), None)


def _told_until(recipient: str, earlier: Sequence[DeliveryRow]) -> datetime | None:
    """When the newest post was found that the recipient knows of already."""
    told = (message.told_until for message in earlier if message.recipient == recipient)
    return max((moment for moment in told if moment is not None), default=None)


def _author_before(session: Session, alert: AlertRow) -> list[MentionRow]:
    first = alert.first
    written = reads.author_mentions(session, alert.shop, first.source, first.author)
    return [mention for mention in written if mention.thread_key != first.thread_key]
