"""Stage three: claim a due message, render it, hand it over, write down how it went.

Claim and outcome are two transactions: a crash between them may repeat a mail, with the same
Message-ID, but never loses one.
"""

import logging
import os
import socket
from datetime import datetime, timedelta

from sqlmodel import Session

from monitor import alerts, outbox
from monitor.errors import Permanent, Temporary
from monitor.pipeline.parts import Letter, Notice, Parts
from monitor.pipeline.watch import notice
from monitor.store import reads, writes
from monitor.store.rows import AlertRow, DeliveryRow, MentionRow

_log = logging.getLogger(__name__)
_STALE_CLAIM = timedelta(minutes=5)
_AT_ONCE = 200


def deliver(parts: Parts, limit: int = _AT_ONCE) -> int:
    """Send what is due, the longest waiting first; returns how many messages were handed over.

    A message that fails waits for its next try and does not hold up the others.
    """
    sent = 0
    for _ in range(limit):
        letter = _claim(parts)
        if letter is None:
            return sent
        sent += _send(parts, letter)
    return sent


def _claim(parts: Parts) -> Letter | Notice | None:
    """Claim the next message that is still needed; cancels those that are not."""
    with parts.store.transaction() as session:
        now = parts.clock.now()
        while delivery := writes.claim_delivery(session, now, _worker(), _STALE_CLAIM):
            letter = notice(parts, session, delivery, now) if delivery.source else _letter(session, delivery)
            if letter is not None:
                return letter
            writes.mark_cancelled(session, delivery.id)
    return None


def _letter(session: Session, delivery: DeliveryRow) -> Letter | None:
    alert = reads.alert(session, delivery.alert_id or 0)
    if alert is None:
        return None
    copies = reads.also_at(session, alert)
    conversation = sorted([*reads.conversation(session, alert), *copies], key=lambda post: post.spoken_at)
    told_until = _told_until(session, delivery)
    news = sum(1 for mention in conversation if told_until is None or mention.found_at > told_until)
    if not outbox.still_needed(delivery, alert, news):
        return None
    return Letter(delivery, alert, conversation, _author_before(session, alert), told_until)


def _told_until(session: Session, delivery: DeliveryRow) -> datetime | None:
    """When the newest post was found that the recipient knows of already."""
    told = (
        message.told_until
        for message in reads.deliveries(session, delivery.alert_id or 0)
        if message.recipient == delivery.recipient and message.id != delivery.id
    )
    return max((moment for moment in told if moment is not None), default=None)


def _author_before(session: Session, alert: AlertRow) -> list[MentionRow]:
    first = alert.first
    written = reads.author_mentions(session, alert.shop, first.source, first.author)
    return [mention for mention in written if mention.thread_key != first.thread_key]


def _send(parts: Parts, letter: Letter | Notice) -> bool:
    delivery = letter.delivery
    try:
        parts.notifier.send(parts.render(letter, parts.clock.now()))
    except Temporary as error:
        _try_again(parts, delivery, error)
        return False
    except Permanent as error:
        _log.error("mail to %s failed for good: %s", delivery.recipient, error)
        with parts.store.transaction() as session:
            writes.mark_failed(session, delivery.id, str(error))
        return False
    with parts.store.transaction() as session:
        now = parts.clock.now()
        if isinstance(letter, Notice):
            for told in (letter, *letter.others):
                writes.mark_sent(session, told.delivery.id, now)
        else:
            told_until = max((mention.found_at for mention in letter.conversation), default=None)
            writes.mark_sent(session, delivery.id, now, told_until)
            alerts.note_sent(session, letter.alert.id, delivery.reason, delivery.recipient, now)
    return True


def _try_again(parts: Parts, delivery: DeliveryRow, error: Temporary) -> None:
    at = outbox.retry_at(parts.clock.now(), delivery.attempts, delivery.key, error.retry_after)
    with parts.store.transaction() as session:
        if at is None:
            writes.mark_failed(session, delivery.id, f"{error} Given up after {delivery.attempts} tries.")
        else:
            writes.mark_retry(session, delivery.id, str(error), at)
    _log.warning("mail to %s waits: %s", delivery.recipient, error)


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
