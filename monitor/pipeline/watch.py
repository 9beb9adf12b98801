"""Watching over the sources: the operator hears once that one fell silent, and once that it is heard again.

Judges by monitor.health; what people do about it is theirs.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from monitor import health
from monitor.config import SourceConfig
from monitor.config.schema import RecipientConfig
from monitor.domain import DeliveryState, SendReason
from monitor.health import Status
from monitor.pipeline.parts import Notice, Parts
from monitor.pipeline.planning import plan_one
from monitor.store import reads, states, storms
from monitor.store.rows import DeliveryRow

_log = logging.getLogger(__name__)
_UNHEARD = (Status.DEAF, Status.BROKEN)
_OF = "source"


def watch(parts: Parts, session: Session, now: datetime) -> None:
    """Plan messages about sources whose state has changed in a way that the operator must know."""
    known = reads.source_states(session)
    _forget_unlistened(parts, session, now)
    for source in parts.config.sources:
        state = known.get(source.slug)
        if state is None:
            continue
        heard = health.judge(source, state, now)
        if state.trouble is None and heard.status in _UNHEARD and heard.is_sure:
            _log.error("%s: %s", source.slug, heard.sentence.format_map(heard.values))
            states.note_trouble(session, source.slug, heard.status.value, now)
            storms.open_gap(session, source.slug, state.last_success_at or now, heard.status.value)
            _tell(parts, session, source, SendReason.TROUBLE, now, now)
        elif state.trouble is not None and heard.is_heard:
            _log.info("%s: is heard again", source.slug)
            states.note_trouble(session, source.slug, None, now)
            storms.close_gap(session, source.slug, now)
            _tell(parts, session, source, SendReason.RECOVERY, state.trouble_at or now, now)


def _forget_unlistened(parts: Parts, session: Session, now: datetime) -> None:
    """A source that is listened to no more is not deaf either."""
    listened = {source.slug for source in parts.config.sources if source.enabled}
    for slug in storms.open_gaps(session):
        if slug not in listened:
            storms.close_gap(session, slug, now)
            states.note_trouble(session, slug, None, now)


def operators(people: Sequence[RecipientConfig]) -> list[RecipientConfig]:
    """Who hears of sources: those who are said to, else all who do not only step in, else all."""
    named = [person for person in people if person.operator]
    return named or [person for person in people if not person.escalation] or list(people)


def _tell(
    parts: Parts, session: Session, source: SourceConfig, reason: SendReason, since: datetime, now: datetime
) -> None:
    for person in operators(parts.config.recipients):
        key = _key(source.slug, reason, person.slug, since)
        plan_one(parts, session, key, person.slug, reason, since, now, source=source.slug)


def _key(slug: str, reason: SendReason, person: str, since: datetime) -> str:
    return f"{_OF}:{slug}:{reason.value}:{person}:{int(since.timestamp())}"


def notice(parts: Parts, session: Session, delivery: DeliveryRow, now: datetime) -> Notice | None:
    """What a message about a source tells of; None when it is no longer worth sending.

    What else is due to the same person for the same reason goes with it: fifty sources that fall
    silent together are one mail.
    """
    found = _notice(parts, session, delivery, now)
    if found is None:
        return None
    waiting = (_notice(parts, session, other, now) for other in states.due_with(session, delivery, now))
    return replace(found, others=tuple(other for other in waiting if other is not None))


def _notice(parts: Parts, session: Session, delivery: DeliveryRow, now: datetime) -> Notice | None:
    """Of a trouble that was over before the mail could leave, nobody needs to hear; neither of its end."""
    source = next((one for one in parts.config.sources if one.slug == delivery.source), None)
    state = states.source_state(session, delivery.source or "")
    if source is None or state is None:
        return None
    is_trouble = delivery.reason is SendReason.TROUBLE
    first = _first_of(session, delivery)
    was_sent = first is not None and first.state is DeliveryState.SENT
    heard = health.judge(source, state, now)
    is_over = state.trouble is None or heard.is_heard
    if is_over if is_trouble else not (is_over and was_sent):
        return None
    thread_id = first.message_id if first is not None else delivery.message_id
    return Notice(delivery, source, state, heard, thread_id)


def _first_of(session: Session, delivery: DeliveryRow) -> DeliveryRow | None:
    """The message about the beginning of what this one is about; for that one itself, it."""
    of, slug, _, person, since = delivery.key.split(":")
    return reads.delivery_of_key(session, ":".join((of, slug, SendReason.TROUBLE.value, person, since)))
