"""What time alone brings: snoozes that end, calls to make again, sources that fall silent, old texts."""

import logging
from datetime import datetime

from sqlmodel import Session

from monitor import alerts
from monitor.pipeline.digest import plan_digests
from monitor.pipeline.follow import follow
from monitor.pipeline.parts import Parts
from monitor.pipeline.planning import plan, plan_again
from monitor.pipeline.storm import watch_storms
from monitor.pipeline.watch import watch
from monitor.pipeline.weekly import plan_weeklies
from monitor.store import writes
from monitor.store.letters import forget_letters

_log = logging.getLogger(__name__)


def sweep(parts: Parts) -> None:
    """Wake alerts whose snooze is over; tell of sources; remove what retention no longer allows."""
    now = parts.clock.now()
    keep = parts.config.retention
    with parts.store.transaction() as session:
        _call_again(parts, session, now)
        watch(parts, session, now)
        plan_digests(parts, session, now)
        plan_weeklies(parts, session, now)
        erased = writes.erase_older_than(session, now - keep.posts, now)
        writes.forget_runs(session, now - keep.runs)
        forget_letters(session, now - keep.runs)
    watch_storms(parts, now)
    follow(parts, now)
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
            plan_again(parts, session, change.alert, now, now)
    for alert, since in alerts.put_back(session):
        if alert.shop in parts.shops:
            plan_again(parts, session, alert, since, now)
