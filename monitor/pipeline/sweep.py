"""What time alone brings: snoozes that end, calls to make again, sources that fall silent, old texts."""

import logging
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session

from monitor import alerts, outbox
from monitor.pipeline.assess import plan
from monitor.pipeline.parts import Parts
from monitor.pipeline.watch import watch
from monitor.store import reads, writes
from monitor.store.rows import AlertRow

_log = logging.getLogger(__name__)


def sweep(parts: Parts) -> None:
    """Wake alerts whose snooze is over; tell of sources; remove what retention no longer allows."""
    now = parts.clock.now()
    keep = parts.config.retention
    with parts.store.transaction() as session:
        _call_again(parts, session, now)
        watch(parts, session, now)
        erased = writes.erase_older_than(session, now - keep.posts, now)
        writes.forget_runs(session, now - keep.runs)
    forgotten = parts.notifier.forget(now - keep.posts)
    if erased:
        _log.info("removed text and author of %d posts older than the retention allows", erased)
    if forgotten:
        _log.info("removed %d mails older than the retention allows", forgotten)


def _call_again(parts: Parts, session: Session, now: datetime) -> None:
    """Plan what was dropped while an alert was snoozed, taken or closed, now that it is open again."""
    for change in alerts.wake(session, now):
        if change.alert.shop in parts.shops:
            plan(parts, session, change, None, now)
            _plan_again(parts, session, change.alert, now, now)
    for alert, since in alerts.put_back(session):
        if alert.shop in parts.shops:
            _plan_again(parts, session, alert, since, now)


def _plan_again(parts: Parts, session: Session, alert: AlertRow, since: datetime, now: datetime) -> None:
    shop, people = parts.config.shop(alert.shop), parts.config.recipients
    timing = outbox.Timing(
        remind_at=parts.policy.remind_at(alert.due_at, alert.urgency),
        escalate_at=parts.policy.escalate_at(alert.due_at, alert.urgency, now),
        more_every=parts.config.alerts.more_every,
    )
    due = outbox.plan_again(
        alert,
        since,
        outbox.listeners(people, shop, alert.urgency, (), alert.source, alert.first.lang),
        outbox.stand_ins(people, shop),
        reads.deliveries(session, alert.id),
        timing,
        now,
        outbox.mail_domain(parts.config.mail.sender),
    )
    writes.plan_deliveries(session, [writes.PlannedDelivery(**asdict(message)) for message in due], now)
