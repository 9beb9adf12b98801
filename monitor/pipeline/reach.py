"""Looks at the sites of shops once a week, and keeps what was seen for the report."""

import logging
from datetime import datetime, timedelta

from monitor.config import ShopConfig
from monitor.pipeline.parts import Parts
from monitor.reachability import Look
from monitor.store import sites

_log = logging.getLogger(__name__)
# What is grave may pass, or be mended: the report should not tell a week of what lasted a minute.
_GRAVE_AGAIN = timedelta(hours=6)


def look_at_sites(parts: Parts) -> None:
    """Look at every site whose time has come; those of shops that have none are left alone."""
    now = parts.clock.now()
    for shop in parts.config.shops:
        if shop.site is not None and not parts.is_stopping() and _is_due(parts, shop, now):
            look_at_site(parts, shop)


def look_at_site(parts: Parts, shop: ShopConfig) -> Look | None:
    """Look at the site of one shop now; None when it has none."""
    if shop.site is None or parts.look_at_site is None:
        return None
    seen = parts.look_at_site(shop.site)
    with parts.store.transaction() as session:
        sites.add_check(session, shop.slug, shop.site, seen.findings, parts.clock.now())
    _log.info("%s: %d things keep customers from reaching it", shop.slug, len(seen.findings))
    return seen


def _is_due(parts: Parts, shop: ShopConfig, now: datetime) -> bool:
    with parts.store.reading() as session:
        last = sites.last_check(session, shop.slug)
    if last is None or last.site != shop.site:
        return True
    every = parts.config.reach.every
    is_grave = any(finding.is_grave for finding in last.findings)
    return last.at + (min(every, _GRAVE_AGAIN) if is_grave else every) <= now
