"""Stage three: claim a due message, render it, hand it over, write down how it went.

Claim and outcome are two transactions: a crash between them may repeat a mail, with the same
Message-ID, but never loses one.
"""

import logging
import os
import socket
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlmodel import Session

from monitor import alerts, outbox
from monitor.errors import MonitorError, Permanent, Temporary
from monitor.pipeline.parts import Letter, Notice, Parts
from monitor.pipeline.watch import notice
from monitor.store import reads, writes
from monitor.store.rows import AlertRow, DeliveryRow, MentionRow

_log = logging.getLogger(__name__)
_STALE_CLAIM = timedelta(minutes=5)
_AT_ONCE = 200
_MOST_FAILED = 3


def deliver(parts: Parts, limit: int = _AT_ONCE) -> int:
    """Send what is due, the longest waiting first; returns how many messages were handed over.

    A message that fails waits for its next try and does not hold up the others. When several fail in
    a row the post office is at fault, and the rest waits for the next round.
    """
    sent = failed_in_row = 0
    for _ in range(limit):
        delivery = None if parts.is_stopping() or failed_in_row >= _MOST_FAILED else _claim(parts)
        if delivery is None:
            return sent
        outcome = _handle(parts, delivery)
        sent += outcome is _Outcome.SENT
        failed_in_row = failed_in_row + 1 if outcome is _Outcome.WAITS else 0
    return sent


class _Outcome(Enum):
    """How it went with one message."""

    SENT = auto()
    WAITS = auto()
    CLOSED = auto()


def _claim(parts: Parts) -> DeliveryRow | None:
    with parts.store.transaction() as session:
        return writes.claim_delivery(session, parts.clock.now(), _worker(), _STALE_CLAIM)


def _handle(parts: Parts, delivery: DeliveryRow) -> _Outcome:
    """Send one claimed message, unless it is no longer needed; whatever goes wrong is written down."""
    try:
        with parts.store.reading() as session:
            now = parts.clock.now()
            letter = notice(parts, session, delivery, now) if delivery.source else _letter(session, delivery)
        if letter is None:
            with parts.store.transaction() as session:
                writes.mark_cancelled(session, delivery.id)
            return _Outcome.CLOSED
        parts.notifier.send(parts.render(letter, parts.clock.now()))
    except Temporary as error:
        return _try_again(parts, delivery, error)
    except Permanent as error:
        return _give_up(parts, delivery, str(error))
    except MonitorError:
        raise
    except Exception as error:  # noqa: BLE001 - a message we cannot write must not keep the others
        _log.exception("message %s could not be written", delivery.key)
        return _try_again(parts, delivery, Temporary(f"The message could not be written: {error!r}."))
    _write_down(parts, letter)
    return _Outcome.SENT


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


def _write_down(parts: Parts, letter: Letter | Notice) -> None:
    delivery = letter.delivery
    with parts.store.transaction() as session:
        now = parts.clock.now()
        if isinstance(letter, Notice):
            for told in (letter, *letter.others):
                writes.mark_sent(session, told.delivery.id, now)
        else:
            told_until = max((mention.found_at for mention in letter.conversation), default=None)
            writes.mark_sent(session, delivery.id, now, told_until)
            alerts.note_sent(session, letter.alert.id, delivery.reason, delivery.recipient, now)


def _try_again(parts: Parts, delivery: DeliveryRow, error: Temporary) -> _Outcome:
    at = outbox.retry_at(parts.clock.now(), delivery.attempts, delivery.key, error.retry_after)
    if at is None:
        return _give_up(parts, delivery, f"{error} Given up after {delivery.attempts} tries.")
    with parts.store.transaction() as session:
        writes.mark_retry(session, delivery.id, str(error), at)
    _log.warning("mail to %s waits: %s", delivery.recipient, error)
    return _Outcome.WAITS


def _give_up(parts: Parts, delivery: DeliveryRow, why: str) -> _Outcome:
    _log.error("mail to %s failed for good: %s", delivery.recipient, why)
    with parts.store.transaction() as session:
        writes.mark_failed(session, delivery.id, why)
    return _Outcome.CLOSED


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
