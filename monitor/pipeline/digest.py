"""The daily digest: once a day, to those who want it, the alerts they were not told of at once."""

from datetime import datetime, timedelta

from sqlmodel import Session

from monitor import audience, calm
from monitor.config.schema import RecipientConfig
from monitor.domain import SendReason
from monitor.pipeline.parts import Parts, Summary
from monitor.pipeline.planning import plan_one
from monitor.store import deliveries, reads
from monitor.store.rows import AlertRow, DeliveryRow

_GRACE = timedelta(hours=12)
_REACHES_BACK = timedelta(days=7)
_DAY = timedelta(days=1)


def plan_digests(parts: Parts, session: Session, now: datetime) -> None:
    """Put the digests whose time has come into the outbox, each once."""
    for person in parts.config.recipients:
        day = calm.digest_due(person, now, parts.config.zone, _GRACE)
        if day is not None:
            key, period = f"digest:{person.slug}:{day}", day.isoformat()
            at = calm.digest_time(person, day, parts.config.zone)
            plan_one(parts, session, key, person.slug, SendReason.DIGEST, at, now, period=period)


def digest(parts: Parts, session: Session, delivery: DeliveryRow, now: datetime) -> Summary | None:
    """What the digest tells: open alerts that this person was not told of; None when there are none."""
    person = next((one for one in parts.config.recipients if one.slug == delivery.recipient), None)
    if person is None:
        return None
    since = delivery.planned_at - _since(session, delivery)
    opened = reads.alerts_opened(session, since, delivery.planned_at)
    mine = [alert for alert in opened if alert.state.is_open and _serves(parts, person, alert)]
    told = deliveries.recipients_told(session, [alert.id for alert in mine], person.slug)
    left = tuple(alert for alert in mine if alert.id not in told)
    return Summary(delivery, (), left) if left else None


def _since(session: Session, delivery: DeliveryRow) -> timedelta:
    """How far back it looks: to the last digest that was sent, a week at most, a day at least."""
    last = deliveries.last_digest(session, delivery.recipient, delivery.id)
    if last is None:
        return _DAY
    return max(min(delivery.planned_at - last, _REACHES_BACK), timedelta())


def _serves(parts: Parts, person: RecipientConfig, alert: AlertRow) -> bool:
    shop = next((one for one in parts.config.shops if one.slug == alert.shop), None)
    return shop is not None and audience.serves(person, shop) and not person.escalation
