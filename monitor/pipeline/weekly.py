"""The weekly report: on Mondays, to those who want it, about the week that is over."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlmodel import Session

from monitor import audience, calm, report, trends
from monitor.config import Config
from monitor.config.schema import RecipientConfig, ShopConfig
from monitor.domain import SendReason
from monitor.pipeline.parts import Parts, Weekly
from monitor.pipeline.planning import plan_one
from monitor.sources.survey import KIND
from monitor.store import storms
from monitor.store.rows import DeliveryRow

_GRACE = timedelta(days=2)
_WEEK = timedelta(days=7)


def plan_weeklies(parts: Parts, session: Session, now: datetime) -> None:
    """Put the reports whose time has come into the outbox, each once."""
    zone = parts.config.zone
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    heard_since = storms.heard_since(session)
    if heard_since is None or heard_since >= trends.midnight(monday, zone):
        return  # of a week before the first start there is nothing to tell
    for person in parts.config.recipients:
        at = calm.digest_time(person, monday, zone)
        if person.weekly and at <= now < at + _GRACE:
            period = report.name_of(monday - _WEEK)
            key = f"weekly:{person.slug}:{period}"
            plan_one(parts, session, key, person.slug, SendReason.WEEKLY, at, now, period=period)


def weekly(parts: Parts, session: Session, delivery: DeliveryRow, now: datetime) -> Weekly | None:
    """The report of the week that a message names; None when nobody is there to read it."""
    person = next((one for one in parts.config.recipients if one.slug == delivery.recipient), None)
    if person is None or delivery.period is None:
        return None
    weeks = gather(parts, session, person, report.week_of(delivery.period), now)
    return Weekly(delivery, weeks) if weeks else None


def gather(
    parts: Parts, session: Session, person: RecipientConfig | None, start: date, now: datetime
) -> tuple[report.WeekReport, ...]:
    """The week of every shop that somebody works for; of all shops for nobody."""
    shops = [shop for shop in parts.config.shops if not shop.rival]
    mine = [shop for shop in shops if person is None or audience.serves(person, shop)]
    return weeks_of(session, parts.config, mine, start, now)


def weeks_of(
    session: Session, config: Config, shops: Iterable[ShopConfig], start: date, now: datetime
) -> tuple[report.WeekReport, ...]:
    """The same week of some shops."""
    surveys = frozenset(one.slug for one in config.sources if one.kind == KIND.name)
    return tuple(
        report.gather(session, shop.slug, start, config.zone, now, surveys, shop.site) for shop in shops
    )
