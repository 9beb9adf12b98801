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
from monitor.store import rollups, writes
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
        erased = _erase_old(parts, session, now)
        writes.forget_runs(session, now - keep.runs)
        forget_letters(session, now - keep.runs, now - keep.posts)
    watch_storms(parts, now)
    follow(parts, now)
    _count_days(parts, now)
    forgotten = parts.notifier.forget(now - keep.shortest)
    if erased:
        _log.info("removed text and author of %d posts older than the retention allows", erased)
    if forgotten:
        _log.info("removed %d mails older than the retention allows", forgotten)


def _count_days(parts: Parts, now: datetime) -> None:
    """Count anew the days of trends that changed; of a database that never counted some at each sweep."""
    progress = rollups.refresh(parts.store, parts.config.zone, now)
    if progress.left:
        _log.info("counted %d days for the trends, %d wait", progress.counted, progress.left)


def _erase_old(parts: Parts, session: Session, now: datetime) -> int:
    """Remove the texts that are kept no longer: of some sources or kinds after a time of their own."""
    keep = parts.config.retention
    lengths = {one.slug: keep.of(one.slug, one.kind) for one in parts.config.sources}
    own = {slug: length for slug, length in lengths.items() if length != keep.posts}
    erased = writes.erase_older_than(session, now - keep.posts, now, but=tuple(own))
    for source, length in own.items():
        erased += writes.erase_older_than(session, now - length, now, source)
    return erased


def _call_again(parts: Parts, session: Session, now: datetime) -> None:
    """Plan what was dropped while an alert was snoozed, taken or closed, now that it is open again."""
    for change in alerts.wake(session, now):
        if change.alert.shop in parts.shops:
            plan(parts, session, change, None, now)
            plan_again(parts, session, change.alert, now, now)
    for alert, since in alerts.put_back(session):
        if alert.shop in parts.shops:
            plan_again(parts, session, alert, since, now)
