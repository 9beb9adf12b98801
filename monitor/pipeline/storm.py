"""Watches for storms: an unusual rise of unhappy posts about a shop, or about one topic of it.

One mail when it begins, one an hour at most while it lasts and grows, one when it is over.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from monitor import audience, outbox, storms
from monitor.config.schema import RecipientConfig, ShopConfig
from monitor.domain import DeliveryState, SendReason
from monitor.pipeline.parts import Parts, StormNews
from monitor.store import reads, writes
from monitor.store import storms as store
from monitor.store.rows import AlertRow, DeliveryRow
from monitor.store.storms import StormRow
from monitor.storms import History, Voice

_log = logging.getLogger(__name__)
_CALM = timedelta(hours=1)
_EVENTS_BEFORE = timedelta(hours=24)
_NEWS = (SendReason.FIRST, SendReason.WORSE, SendReason.MORE)
_BEGAN, _OVER = "began", "over"


def watch_storms(parts: Parts, now: datetime) -> None:
    """Notice storms that begin, follow those that blow, and see when they are over."""
    if not parts.config.storm.enabled:
        return
    for shop in parts.config.shops:
        if not shop.rival:
            with parts.store.transaction() as session:
                _watch(parts, session, shop, now)


def _watch(parts: Parts, session: Session, shop: ShopConfig, now: datetime) -> None:
    there = store.blowing(session, shop.slug)
    recent = store.unhappy_since(session, shop.slug, now - max(storms.WINDOWS))
    if not there and recent < parts.config.storm.at_least:
        return
    since = min([now - storms.REACHES_BACK, *(storm.began_at for storm in there)])
    voices = store.voices(session, shop.slug, since)
    deaf = store.deaf_spans(session, since, now)
    history = History((), deaf, store.heard_since(session) or now, parts.config.zone)
    for storm in there:
        _follow(parts, session, shop, storm, voices, history, now)
    if not there:
        history = replace(history, settled=store.last_settled(session, shop.slug))
        _notice(parts, session, shop, voices, history, now)


def _notice(
    parts: Parts,
    session: Session,
    shop: ShopConfig,
    voices: Sequence[Voice],
    history: History,
    now: datetime,
) -> None:
    at_least = parts.config.storm.at_least
    found = storms.rise(_times(history, voices), now, at_least)
    topics = sorted({topic for voice in voices for topic in voice.topics}) if found is None else []
    for topic in topics:
        mine = storms.rise(_times(history, _of(voices, topic)), now, at_least)
        found = found or (replace(mine, topic=topic) if mine is not None else None)
    if found is None:
        return
    cause = storms.cause(_of(voices, found.topic, found.began_at))
    storm = store.begin_storm(session, shop.slug, found, cause, now)
    _log.warning("%s: %d unhappy posts where %.1f are usual", shop.slug, found.count, found.expected)
    _tell(parts, session, shop, storm, _BEGAN, now)


def _times(history: History, voices: Sequence[Voice]) -> History:
    return replace(history, times=[voice.at for voice in voices])


def _of(voices: Sequence[Voice], topic: str | None, since: datetime | None = None) -> list[Voice]:
    return [
        voice
        for voice in voices
        if (topic is None or topic in voice.topics) and (since is None or voice.at >= since)
    ]


def _follow(
    parts: Parts,
    session: Session,
    shop: ShopConfig,
    storm: StormRow,
    voices: Sequence[Voice],
    history: History,
    now: datetime,
) -> None:
    settings, mine = parts.config.storm, _of(voices, storm.topic)
    if storms.goes_on(_times(history, mine), now, settings.at_least):
        new = _of(mine, None, storm.began_at)
        store.see_storm(session, storm.id, len(new), storms.cause(new), now)
        if len(new) > storm.count:
            _tell(parts, session, shop, storm, _round(storm, settings.more_every, now), now)
    elif now - storm.last_seen_at >= _CALM:
        store.end_storm(session, storm.id, now)
        _log.info("%s: the storm is over", shop.slug)
        _tell(parts, session, shop, storm, _OVER, now)


def _round(storm: StormRow, every: timedelta, now: datetime) -> str:
    """Which of the mails while it lasts; the first hour belongs to the mail about the beginning."""
    number = int((now - storm.noticed_at) / every)
    return str(number) if number else _BEGAN


def _tell(
    parts: Parts, session: Session, shop: ShopConfig, storm: StormRow, which: str, now: datetime
) -> None:
    domain = outbox.mail_domain(parts.config.mail.sender)
    planned = []
    for person in _people(parts, shop):
        key = _key(storm, person.slug, which)
        message_id = outbox.message_id(key, storm.noticed_at, domain)
        planned.append(
            writes.PlannedDelivery(
                key, None, person.slug, SendReason.STORM, now, message_id, storm_id=storm.id
            )
        )
    writes.plan_deliveries(session, planned, now)


def _people(parts: Parts, shop: ShopConfig) -> list[RecipientConfig]:
    people = [person for person in parts.config.recipients if audience.serves(person, shop)]
    return [person for person in people if not person.escalation] or people


def _key(storm: StormRow, person: str, which: str) -> str:
    return f"storm:{storm.id}:{person}:{which}"


def storm_news(parts: Parts, session: Session, delivery: DeliveryRow, now: datetime) -> StormNews | None:
    """What a mail about a storm tells of; None when it is no longer worth sending."""
    storm = store.storm(session, delivery.storm_id or 0)
    is_over_mail = delivery.key.endswith(f":{_OVER}")
    if storm is None or (storm.ended_at is not None and not is_over_mail):
        return None
    first = reads.delivery_of_key(session, _key(storm, delivery.recipient, _BEGAN))
    if is_over_mail and (first is None or first.state is not DeliveryState.SENT):
        return None
    examples = [reads.mention(session, number) for number in storm.cause["examples"]]
    return StormNews(
        delivery,
        storm,
        tuple(one for one in examples if one is not None and one.text),
        tuple(store.shop_events(session, [storm.shop], storm.began_at - _EVENTS_BEFORE, now)),
        waiting=_waiting(session, storm),
        thread_id=first.message_id if first is not None else delivery.message_id,
    )


def _waiting(session: Session, storm: StormRow) -> int:
    """Alerts of the storm that nobody has taken yet."""
    opened = reads.alerts_opened(session, storm.began_at - max(storms.WINDOWS), storm.ended_at)
    return sum(
        alert.shop == storm.shop and alert.state.is_open and alert.taken_by is None for alert in opened
    )


def folded_into(parts: Parts, session: Session, alert: AlertRow, reason: SendReason) -> StormRow | None:
    """The storm whose mails tell of this alert too; None when it is told of by itself."""
    if not parts.config.storm.fold or reason not in _NEWS:
        return None
    topics = [topic.value for topic in alert.first.assessment.topics] if alert.first.assessment else []
    for storm in store.blowing(session, alert.shop):
        if alert.opened_at >= storm.began_at and (storm.topic is None or storm.topic in topics):
            return storm
    return None
