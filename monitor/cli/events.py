"""`mainevahti event`: what the shop did or met (campaign, deploy, courier), for trends and storm mails."""

import argparse
import uuid
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from monitor.app import opened_store, read_config
from monitor.cli.known import refuse, unknown
from monitor.cli.output import Terminal
from monitor.cli.stages import who_asks
from monitor.config import Config
from monitor.domain import EventKind
from monitor.errors import ConfigError, Mistake
from monitor.store import storms

_LIST_BACK = timedelta(days=90)


def event(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Add, list or drop events."""
    config = read_config(arguments.config)
    with opened_store(config) as store, store.transaction() as session:
        if arguments.action == "list":
            terminal.table(("id", "shop", "kind", "at", "until", "title", "who"), _rows(config, session))
            return 0
        if arguments.action == "drop":
            return _drop(session, arguments.id, terminal)
        at = moment(arguments.at, config) if arguments.at else datetime.now(UTC)
        until = moment(arguments.until, config) if arguments.until else None
        _check(config, arguments.shop, at, until)
        storms.add_event(
            session,
            shop=arguments.shop,
            kind=EventKind(arguments.kind),
            title=arguments.title,
            at=at,
            until=until,
            who=who_asks(),
            via="cli",
            key=f"cli:{uuid.uuid4()}",
        )
    terminal.say("Written down. It is drawn on the trends and named when a storm follows.")
    return 0


def _rows(config: Config, session: Session) -> list[tuple[str, ...]]:
    now = datetime.now(UTC)
    known = storms.shop_events(
        session, [shop.slug for shop in config.shops], now - _LIST_BACK, now + _LIST_BACK
    )
    return [
        (
            str(one.id),
            one.shop or "all",
            one.kind.value,
            f"{one.at.astimezone(config.zone):%d.%m.%Y %H:%M}",
            f"{one.until.astimezone(config.zone):%d.%m.%Y %H:%M}" if one.until else "",
            one.title,
            one.who,
        )
        for one in known
    ]


def _drop(session: Session, number: int, terminal: Terminal) -> int:
    if storms.drop_event(session, number):
        terminal.say(f"The event {number} is gone.")
        return 0
    terminal.bad(f"There is no event {number}. See: mainevahti event list")
    return 1


def moment(written: str, config: Config) -> datetime:
    """A time as people type it, in the shop's zone where it names none. Raises ConfigError."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        remedy = "Write it such as 2026-11-25T14:00."
        raise ConfigError([Mistake("--at", f'"{written}" is no time.', remedy)]) from error
    return (found if found.tzinfo else found.replace(tzinfo=config.zone)).astimezone(UTC)


def _check(config: Config, shop: str | None, at: datetime, until: datetime | None) -> None:
    refuse(unknown("--shop", "shop", [shop], [one.slug for one in config.shops]))
    if until is not None and until < at:
        raise ConfigError([Mistake("--until", "it lies before the beginning.", "Give a later time.")])
