"""Which messages a change of an alert calls for, put into the outbox; used by assessing and the sweep."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session

from monitor import alerts, outbox
from monitor.config import RecipientConfig
from monitor.domain import SendReason, Topic, Verdict
from monitor.pipeline.parts import Parts
from monitor.store import deliveries, reads
from monitor.store.rows import AlertRow

# Reasons that a post by somebody content may have as well.
_NOT_UNHAPPY = ("question",)


def plan(
    parts: Parts, session: Session, change: alerts.AlertChange, verdict: Verdict | None, now: datetime
) -> None:
    """Plan what a change sends to whom."""
    alert = change.alert
    due = outbox.plan(
        change,
        _listeners(parts, alert, verdict.topics if verdict else ()),
        _stand_ins(parts, alert),
        reads.deliveries(session, alert.id),
        _timing(parts, alert, now),
        now,
        outbox.mail_domain(parts.config.mail.sender),
    )
    _put(session, due, now)


def plan_again(parts: Parts, session: Session, alert: AlertRow, since: datetime, now: datetime) -> None:
    """Plan the calls that were dropped while an alert was snoozed, taken or closed."""
    due = outbox.plan_again(
        alert,
        since,
        _listeners(parts, alert, ()),
        _stand_ins(parts, alert),
        reads.deliveries(session, alert.id),
        _timing(parts, alert, now),
        now,
        outbox.mail_domain(parts.config.mail.sender),
    )
    _put(session, due, now)


def listeners_of(parts: Parts, alert: AlertRow) -> list[RecipientConfig]:
    """Who hears of an alert at once, by its first post."""
    return _listeners(parts, alert, alert.first.assessment.topics if alert.first.assessment else ())


def _listeners(parts: Parts, alert: AlertRow, topics: Sequence[Topic]) -> list[RecipientConfig]:
    shop, people = parts.config.shop(alert.shop), parts.config.recipients
    is_negative = any(reason["rule"] not in _NOT_UNHAPPY for reason in alert.reasons)
    return outbox.listeners(people, shop, alert.urgency, topics, alert.source, alert.first.lang, is_negative)


def _stand_ins(parts: Parts, alert: AlertRow) -> list[RecipientConfig]:
    return outbox.stand_ins(parts.config.recipients, parts.config.shop(alert.shop))


def _timing(parts: Parts, alert: AlertRow, now: datetime) -> outbox.Timing:
    policy = parts.policy_of(alert.shop)
    return outbox.Timing(
        remind_at=policy.remind_at(alert.due_at, alert.urgency),
        escalate_at=policy.escalate_at(alert.due_at, alert.urgency, now),
        more_every=parts.config.alerts.more_every,
    )


def plan_one(
    parts: Parts,
    session: Session,
    key: str,
    person: str,
    reason: SendReason,
    since: datetime,
    now: datetime,
    *,
    source: str | None = None,
    storm_id: int | None = None,
    period: str | None = None,
) -> None:
    """Plan a message that is not about one alert; `since` keeps its Message-ID apart in another database."""
    message_id = outbox.message_id(key, since, outbox.mail_domain(parts.config.mail.sender))
    message = deliveries.Planned(key, None, person, reason, now, message_id, source, storm_id, period)
    deliveries.plan(session, [message], now)


def _put(session: Session, due: Sequence[outbox.Due], now: datetime) -> None:
    deliveries.plan(session, [deliveries.Planned(**asdict(message)) for message in due], now)
