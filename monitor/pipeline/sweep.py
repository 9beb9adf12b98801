"""What time alone brings: snoozes that end, sources that fall silent, texts kept long enough."""

import logging

from monitor import alerts
from monitor.pipeline.assess import plan
from monitor.pipeline.parts import Parts
from monitor.pipeline.watch import watch
from monitor.store import writes

_log = logging.getLogger(__name__)


def sweep(parts: Parts) -> None:
    """Wake alerts whose snooze is over; tell of sources; remove what retention no longer allows."""
    now = parts.clock.now()
    keep = parts.config.retention
    with parts.store.transaction() as session:
        for change in alerts.wake(session, now):
            if change.alert.shop in parts.shops:
                plan(parts, session, change, None, now)
        watch(parts, session, now)
        erased = writes.erase_older_than(session, now - keep.posts, now)
        writes.forget_runs(session, now - keep.runs)
    if erased:
        _log.info("removed text and author of %d posts older than the retention allows", erased)
