"""Stage three: claim a due message, render it, hand it over, write down how it went.

Claim and outcome are two transactions: a crash between them may repeat a mail, with the same
Message-ID, but never loses one.
"""

import logging
import os
import socket
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto

from sqlmodel import Session

from monitor import alerts, outbox
from monitor.errors import MonitorError, Permanent, Temporary
from monitor.pipeline.composing import compose
from monitor.pipeline.parts import AnyLetter, Folded, Letter, Notice, Parts, StormNews, Summary, Wait, Weekly
from monitor.store import deliveries
from monitor.store.rows import DeliveryRow

_log = logging.getLogger(__name__)
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
        return deliveries.claim(session, parts.clock.now(), _worker(), outbox.STALE_CLAIM)


def _handle(parts: Parts, delivery: DeliveryRow) -> _Outcome:
    """Send one claimed message, unless it is no longer needed; whatever goes wrong is written down."""
    letter: AnyLetter | None = None
    try:
        now = parts.clock.now()
        with parts.store.reading() as session:
            composed = compose(parts, session, delivery, now)
        if isinstance(composed, Wait):
            with parts.store.transaction() as session:
                deliveries.postpone(session, delivery.id, composed.until)
            return _Outcome.CLOSED
        if isinstance(composed, Folded):
            with parts.store.transaction() as session:
                deliveries.mark_sent(session, delivery.id, now, within=f"storm {composed.storm_id}")
            return _Outcome.CLOSED
        letter = _with_others(parts, composed, now)
        if letter is None:
            with parts.store.transaction() as session:
                deliveries.mark_cancelled(session, delivery.id)
            return _Outcome.CLOSED
        parts.notifier.send(parts.render(letter, parts.clock.now()))
    except Temporary as error:
        return _try_again(parts, delivery, error, letter)
    except Permanent as error:
        return _give_up(parts, delivery, str(error), letter)
    except MonitorError:
        raise
    except Exception as error:  # noqa: BLE001 - a message we cannot write must not keep the others
        _log.exception("message %s could not be written", delivery.key)
        return _try_again(parts, delivery, Temporary(f"The message could not be written: {error!r}."), letter)
    _write_down(parts, letter)
    return _Outcome.SENT


def _with_others(parts: Parts, composed: AnyLetter | None, now: datetime) -> AnyLetter | None:
    """Claim the messages that go out within a summary; those that another worker has are left to it."""
    if not isinstance(composed, Summary) or not composed.letters:
        return composed
    others = [letter.delivery.id for letter in composed.letters if letter.delivery.id != composed.delivery.id]
    with parts.store.transaction() as session:
        mine = {
            *deliveries.claim_all(session, others, now, _worker(), outbox.STALE_CLAIM),
            composed.delivery.id,
        }
    return replace(composed, letters=tuple(one for one in composed.letters if one.delivery.id in mine))


def _write_down(parts: Parts, letter: AnyLetter) -> None:
    with parts.store.transaction() as session:
        now = parts.clock.now()
        if isinstance(letter, Notice):
            for told in (letter, *letter.others):
                deliveries.mark_sent(session, told.delivery.id, now)
        elif isinstance(letter, StormNews | Weekly):
            deliveries.mark_sent(session, letter.delivery.id, now)
        elif isinstance(letter, Summary):
            deliveries.mark_sent(session, letter.delivery.id, now)
            for one in letter.letters:
                is_host = one.delivery.id == letter.delivery.id
                _mark_told(session, one, now, None if is_host else f"summary {letter.delivery.id}")
        else:
            _mark_told(session, letter, now)


def _mark_told(session: Session, letter: Letter, now: datetime, within: str | None = None) -> None:
    delivery = letter.delivery
    told_until = max((mention.found_at for mention in letter.conversation), default=None)
    deliveries.mark_sent(session, delivery.id, now, told_until, within)
    alerts.note_sent(session, letter.alert.id, delivery.reason, delivery.recipient, now)


def _others(letter: AnyLetter | None) -> list[DeliveryRow]:
    """Messages claimed together with the one that carries them."""
    if not isinstance(letter, Summary):
        return []
    return [one.delivery for one in letter.letters if one.delivery.id != letter.delivery.id]


def _try_again(
    parts: Parts,
    delivery: DeliveryRow,
    error: Temporary,
    letter: AnyLetter | None,
) -> _Outcome:
    at = outbox.retry_at(parts.clock.now(), delivery.attempts, delivery.key, error.retry_after)
    if at is None:
        return _give_up(parts, delivery, f"{error} Given up after {delivery.attempts} tries.", letter)
    with parts.store.transaction() as session:
        for one in (delivery, *_others(letter)):
            deliveries.mark_retry(session, one.id, str(error), at)
    _log.warning("mail to %s waits: %s", delivery.recipient, error)
    return _Outcome.WAITS


def _give_up(parts: Parts, delivery: DeliveryRow, why: str, letter: AnyLetter | None) -> _Outcome:
    _log.error("mail to %s failed for good: %s", delivery.recipient, why)
    with parts.store.transaction() as session:
        for one in (delivery, *_others(letter)):
            deliveries.mark_failed(session, one.id, why)
    return _Outcome.CLOSED


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
