"""Looking again at what was found lately: what is deleted where it stood is removed here too."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.errors import SourceBroken, SourceError
from monitor.pipeline.parts import Parts
from monitor.sources import Rechecks
from monitor.store import erasing, reads
from monitor.store.rows import SourceRow

_log = logging.getLogger(__name__)
_LOOKED_AFTER = timedelta(days=7)
# Once a day, with some time to spare, so that a deletion is followed within a day.
_EVERY = timedelta(hours=20)
_AT_ONCE = 50


def recheck(parts: Parts) -> int:
    """Look at the posts whose turn it is, some of each source; returns how many mentions were removed.

    Sources that rest or fail are left alone: a server in trouble may deny what it has.
    """
    with parts.store.reading() as session:
        states = reads.source_states(session)
    able = [
        (slug, source)
        for slug, source in parts.sources.items()
        if isinstance(source, Rechecks) and _is_well(states.get(slug))
    ]
    return sum(_look(parts, slug, source) for slug, source in able)


def _is_well(state: SourceRow | None) -> bool:
    return state is not None and not state.is_paused and not state.failures_in_row and not state.mute_in_row


def _look(parts: Parts, slug: str, source: Rechecks) -> int:
    now = parts.clock.now()
    with parts.store.reading() as session:
        ids = erasing.due_for_a_look(session, slug, now - _LOOKED_AFTER, now - _EVERY, _AT_ONCE)
    if not ids:
        return 0
    try:
        gone = source.gone(ids)
    except SourceError as error:
        _log.warning("%s: posts could not be looked at again: %s", slug, error)
        # Who only asks us to wait is asked again soon; the rest gets its turn tomorrow.
        return _write(parts, slug, ids if isinstance(error, SourceBroken) else (), (), now)
    return _write(parts, slug, ids, [name for name in ids if name in set(gone)], now)


def _write(parts: Parts, slug: str, seen: Sequence[str], gone: Sequence[str], now: datetime) -> int:
    with parts.store.transaction() as session:
        erasing.mark_seen(session, slug, seen, now)
        erased = erasing.erase_gone(session, slug, gone, now)
    if erased:
        _log.info("%s: removed text and author of %d posts that were deleted there", slug, erased)
    return erased
