"""Watches for storms: an unusual rise of unhappy posts about a shop, or about one topic of it.

One mail when it begins, one an hour at most while it lasts and grows, one when it is over.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from monitor import audience, calm, storms
from monitor.config.schema import RecipientConfig, ShopConfig
from monitor.domain import DeliveryState, SendReason, Sentiment
from monitor.pipeline.parts import Folded, Parts, StormNews, Wait
from monitor.pipeline.planning import plan_one
from monitor.store import reads
from monitor.store import storms as store
from monitor.store.calm import silenced_until
from monitor.store.rows import AlertRow, DeliveryRow
from monitor.store.storms import StormRow
from monitor.storms import Cause, History, Voice

_log = logging.getLogger(__name__)
_CALM = timedelta(hours=1)
_EVENTS_BEFORE = timedelta(hours=24)
# What got worse is mailed at once, storm or not.
_NEWS = (SendReason.FIRST, SendReason.MORE)
_ON_ITS_WAY = timedelta(minutes=2)
_MOST_READ = 60
_BEGAN, _OVER = "began", "over"


def watch_storms(parts: Parts, now: datetime) -> None:
    """Notice storms that begin, follow those that blow, and see when they are over."""
    watched = [shop for shop in parts.config.shops if not shop.rival and parts.config.storm.enabled]
    _end_unwatched(parts, {shop.slug for shop in watched}, now)
    for shop in watched:
        _watch(parts, shop, now)


def _end_unwatched(parts: Parts, watched: set[str], now: datetime) -> None:
    """A storm of a shop that is watched no more must not go on for ever."""
    with parts.store.reading() as session:
        left = [storm.id for storm in store.blowing(session) if storm.shop not in watched]
    if left:
        with parts.store.transaction() as session:
            for number in left:
                store.end_storm(session, number, now)


def _watch(parts: Parts, shop: ShopConfig, now: datetime) -> None:
    """Reads without a lock; only what is to be written down takes one."""
    with parts.store.reading() as session:
        there = store.blowing(session, shop.slug)
        recent = store.unhappy_since(session, shop.slug, now - max(storms.WINDOWS))
        if not there and recent < parts.config.storm.at_least:
            return
        since = min([now - storms.REACHES_BACK, *(storm.began_at for storm in there)])
        voices = store.voices(session, shop.slug, since)
        deaf = store.deaf_spans(session, since, now)
        began = store.heard_since(session) or now
        history = History((), deaf, began, parts.config.zone, store.last_settled(session, shop.slug))
    for storm in there:
        _follow(parts, shop, storm, voices, history, now)
    if not there:
        _notice(parts, shop, voices, history, now)


def _notice(parts: Parts, shop: ShopConfig, voices: Sequence[Voice], history: History, now: datetime) -> None:
    at_least = parts.config.storm.at_least
    found = storms.rise(_times(history, voices), now, at_least)
    topics = sorted({topic for voice in voices for topic in voice.topics}) if found is None else []
    for topic in topics:
        mine = storms.rise(_times(history, _of(voices, topic)), now, at_least)
        found = found or (replace(mine, topic=topic) if mine is not None else None)
    if found is None:
        return
    with parts.store.transaction() as session:
        cause = _cause(session, _of(voices, found.topic, found.began_at))
        storm = store.begin_storm(session, shop.slug, found, cause, now)
        _tell(parts, session, shop, storm, _BEGAN, now)
    _log.warning("%s: %d unhappy posts where %.1f are usual", shop.slug, found.count, found.expected)


def _cause(session: Session, voices: Sequence[Voice]) -> Cause:
    texts = store.texts(session, [voice.mention_id for voice in voices[-_MOST_READ:]])
    return storms.cause([replace(voice, text=texts.get(voice.mention_id, "")) for voice in voices])


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
    shop: ShopConfig,
    storm: StormRow,
    voices: Sequence[Voice],
    history: History,
    now: datetime,
) -> None:
    settings, mine = parts.config.storm, _of(voices, storm.topic)
    if storms.goes_on(_times(replace(history, settled=None), mine), now, settings.at_least):
        new = _of(mine, None, storm.began_at)
        with parts.store.transaction() as session:
            store.see_storm(session, storm.id, len(new), _cause(session, new), now)
            if len(new) > storm.count:
                _tell(parts, session, shop, storm, _round(storm, settings.more_every, now), now)
    elif now - storm.last_seen_at >= _CALM:
        with parts.store.transaction() as session:
            store.end_storm(session, storm.id, now)
            _tell(parts, session, shop, storm, _OVER, now)
        _log.info("%s: the storm is over", shop.slug)


def _round(storm: StormRow, every: timedelta, now: datetime) -> str:
    """Which of the mails while it lasts; the first hour belongs to the mail about the beginning."""
    number = int((now - storm.noticed_at) / every)
    return str(number) if number else _BEGAN


def _tell(
    parts: Parts, session: Session, shop: ShopConfig, storm: StormRow, which: str, now: datetime
) -> None:
    since = storm.noticed_at
    for person in _people(parts, shop):
        key = _key(storm, person.slug, which)
        plan_one(parts, session, key, person.slug, SendReason.STORM, since, now, storm_id=storm.id)


def _people(parts: Parts, shop: ShopConfig) -> list[RecipientConfig]:
    people = [person for person in parts.config.recipients if audience.serves(person, shop)]
    return [person for person in people if not person.escalation] or people


def _key(storm: StormRow, person: str, which: str) -> str:
    return f"storm:{storm.id}:{person}:{which}"


def storm_news(
    parts: Parts, session: Session, delivery: DeliveryRow, now: datetime
) -> StormNews | Wait | None:
    """What a mail about a storm tells of; None when it is no longer worth sending.

    It waits for the end of quiet hours and of a silence over the whole shop. The mail about the beginning
    goes out late rather than never while alerts of the storm wait: they were folded into it.
    """
    storm = store.storm(session, delivery.storm_id or 0)
    person = next((one for one in parts.config.recipients if one.slug == delivery.recipient), None)
    if storm is None or person is None:
        return None
    silenced = silenced_until(session, storm.shop, "", (), now)
    held = calm.held(person, now, parts.config.zone, silenced, None)
    if held is not None:
        return Wait(held.until)
    first = reads.delivery_of_key(session, _key(storm, delivery.recipient, _BEGAN))
    waiting = _waiting(session, storm)
    if not _is_worth_sending(storm, delivery, first, waiting):
        return None
    examples = [reads.mention(session, number) for number in storm.cause["examples"]]
    return StormNews(
        delivery,
        storm,
        tuple(one for one in examples if one is not None and one.text),
        tuple(store.shop_events(session, [storm.shop], storm.began_at - _EVENTS_BEFORE, now)),
        waiting=waiting,
        thread_id=first.message_id if first is not None else delivery.message_id,
        folds=parts.config.storm.fold,
    )


def _is_worth_sending(
    storm: StormRow, delivery: DeliveryRow, first: DeliveryRow | None, waiting: int
) -> bool:
    if delivery.key.endswith(f":{_OVER}"):
        return first is not None and first.state is DeliveryState.SENT
    if storm.ended_at is None:
        return True
    return delivery.key.endswith(f":{_BEGAN}") and waiting > 0


def _waiting(session: Session, storm: StormRow) -> int:
    """Alerts of the storm that nobody has taken yet."""
    opened = reads.alerts_opened(session, storm.began_at - max(storms.WINDOWS), storm.ended_at)
    mine = [alert for alert in opened if alert.shop == storm.shop]
    return sum(alert.state.is_open and alert.taken_by is None for alert in mine)


def folded_into(
    parts: Parts, session: Session, alert: AlertRow, delivery: DeliveryRow, now: datetime
) -> Folded | Wait | None:
    """Whether a message about an alert is left to the mails of a storm; None when it goes by itself.

    Only unhappy posts are, and only for a recipient whom the storm's own mail has reached; while that mail is
    on its way, the message waits.
    """
    settings, judged = parts.config.storm, alert.first.assessment
    if not (settings.enabled and settings.fold) or delivery.reason not in _NEWS:
        return None
    if judged is None or judged.label is not Sentiment.NEGATIVE:
        return None
    topics = [topic.value for topic in judged.topics]
    for storm in store.blowing(session, alert.shop):
        if alert.opened_at < storm.began_at or (storm.topic is not None and storm.topic not in topics):
            continue
        first = reads.delivery_of_key(session, _key(storm, delivery.recipient, _BEGAN))
        if first is not None and first.state is DeliveryState.SENT:
            return Folded(storm.id)
        if first is not None and first.state in (DeliveryState.DUE, DeliveryState.CLAIMED):
            return Wait(now + _ON_ITS_WAY)
    return None
