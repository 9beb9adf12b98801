"""What was seen at the sites of shops. Works in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from monitor.store.tables import SiteCheck

_KEPT = 60  # a year of weekly looks, and some


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong at a site, and what to do: message ids of the catalogue, with their values.

    `is_grave` when customers are likely to give up because of it.
    """

    sentence: str
    remedy: str
    values: dict[str, Any] = field(default_factory=dict)
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One look at the site of a shop; without findings all is well."""

    shop: str
    site: str
    at: datetime
    findings: tuple[Finding, ...]


def add_check(session: Session, shop: str, site: str, findings: Sequence[Finding], now: datetime) -> None:
    """Write down what was seen; the oldest of many looks go."""
    session.add(SiteCheck(shop=shop, site=site, at=now, findings=[asdict(one) for one in findings]))
    session.flush()
    newest = select(col(SiteCheck.id)).where(col(SiteCheck.shop) == shop)
    kept = list(session.execute(newest.order_by(col(SiteCheck.id).desc()).limit(_KEPT)).scalars())
    session.execute(delete(SiteCheck).where(col(SiteCheck.shop) == shop, col(SiteCheck.id).not_in(kept)))


def last_check(session: Session, shop: str, until: datetime | None = None) -> SiteRow | None:
    """The newest look at a shop's site, or the newest before `until`; None when there was none."""
    query = select(SiteCheck).where(col(SiteCheck.shop) == shop).order_by(col(SiteCheck.id).desc())
    query = query.where(col(SiteCheck.at) < until) if until else query
    row = session.execute(query.limit(1)).scalars().first()
    return None if row is None else _site(row)


def _site(row: SiteCheck) -> SiteRow:
    return SiteRow(row.shop, row.site, row.at, tuple(Finding(**one) for one in row.findings))
