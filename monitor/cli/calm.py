"""`mainevahti silence | mute | preview`: who is left in peace, and what the rules would have mailed."""

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from monitor import pipeline
from monitor.app import open_app, opened_store, read_config
from monitor.cli.known import refuse, unknown
from monitor.cli.output import Terminal
from monitor.cli.stages import who_asks
from monitor.config import Config, parse_duration
from monitor.domain import Topic
from monitor.errors import ConfigError, Mistake
from monitor.pipeline.preview import Foretold
from monitor.store import calm
from monitor.store.calm import MuteRow, SilenceRow

_MOST_SHOWN = 10


def silence(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Add, list or end silences: nothing but what is critical is mailed about these alerts."""
    config = read_config(arguments.config)
    if arguments.action == "end":
        return _end(config, terminal, "silence", arguments.id, calm.end_silence)
    if arguments.action == "list":
        return _list(config, terminal, ("id", "shop", "source", "topic", "until", "reason", "who"), _silences)
    _check(config, arguments.shop, arguments.source)
    now = datetime.now(UTC)
    until = now + _length(arguments.length)

    def add(session: Session) -> int:
        return calm.add_silence(
            session,
            shop=arguments.shop,
            source=arguments.source,
            topic=Topic(arguments.topic) if arguments.topic else None,
            until=until,
            reason=arguments.reason,
            who=who_asks(),
            now=now,
        )

    number = _write(config, add)
    terminal.say(
        f"Silence {number} lasts until {until.astimezone(config.zone):%d.%m.%Y %H:%M}. "
        "What is critical comes all the same."
    )
    return 0


def mute(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Add, list or end mutes: an author or a phrase that no longer alerts unless it is critical."""
    config = read_config(arguments.config)
    if arguments.action == "end":
        return _end(config, terminal, "mute", arguments.id, calm.end_mute)
    if arguments.action == "list":
        return _list(config, terminal, ("id", "shop", "source", "author", "phrase", "reason", "who"), _mutes)
    _check(config, arguments.shop, arguments.source)
    if not (arguments.author or arguments.phrase):
        raise ConfigError([Mistake("mute", "nobody and nothing is named.", "Give --author or --phrase.")])

    def add(session: Session) -> int:
        return calm.add_mute(
            session,
            shop=arguments.shop,
            source=arguments.source,
            author=arguments.author,
            phrase=arguments.phrase,
            reason=arguments.reason,
            who=who_asks(),
            now=datetime.now(UTC),
        )

    terminal.say(f"Mute {_write(config, add)} lasts until it is ended: mainevahti mute end ID")
    return 0


def preview(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Say what the rules of the recipients would have mailed in the last days."""
    config = read_config(arguments.config)
    with open_app(config, demo=False) as app:
        since = app.parts.clock.now() - timedelta(days=arguments.days)
        with app.store.reading() as session:
            foretold = pipeline.preview(app.parts, session, since)
    columns = ("recipient", "mails", "most on a day", "of them waited", "in the digest", "not told")
    terminal.table(columns, [_row(told) for told in foretold])
    for told in foretold:
        for alert in told.untold[:_MOST_SHOWN]:
            excerpt = " ".join((alert.first.text or alert.first.title).split())[:80]
            terminal.say(
                f"{told.person.slug} is not told: {alert.urgency.value}, {alert.shop}, "
                f"{alert.source}: {excerpt}"
            )
    return 0


def _row(told: Foretold) -> tuple[str, ...]:
    waited = ", ".join(f"{why} {n}" for why, n in sorted(told.waited.items())) or "0"
    return (
        told.person.slug,
        str(told.mails),
        str(told.most_a_day),
        waited,
        str(told.digest),
        str(len(told.untold)),
    )


def _length(written: str) -> timedelta:
    try:
        return parse_duration(written)
    except ValueError as error:
        raise ConfigError([Mistake("--for", f'"{written}" is no length of time.', str(error))]) from error


def _check(config: Config, shop: str | None, source: str | None) -> None:
    shops, sources = [one.slug for one in config.shops], [one.slug for one in config.sources]
    refuse([*unknown("--shop", "shop", [shop], shops), *unknown("--source", "source", [source], sources)])


def _write(config: Config, act: Callable[[Session], int]) -> int:
    with opened_store(config) as store, store.transaction() as session:
        return act(session)


def _end(
    config: Config,
    terminal: Terminal,
    what: str,
    number: int,
    end: Callable[[Session, int, str, datetime], bool],
) -> int:
    ended = _write(config, lambda session: int(end(session, number, who_asks(), datetime.now(UTC))))
    if not ended:
        terminal.bad(f"There is no {what} {number} that lasts. See: mainevahti {what} list")
        return 1
    terminal.say(f"The {what} {number} has ended.")
    return 0


def _list(
    config: Config,
    terminal: Terminal,
    columns: Sequence[str],
    read: Callable[[Session, Config], list[tuple[str, ...]]],
) -> int:
    with opened_store(config) as store, store.reading() as session:
        terminal.table(columns, read(session, config))
    return 0


def _silences(session: Session, config: Config) -> list[tuple[str, ...]]:
    return [_silence(row, config) for row in calm.silences(session, datetime.now(UTC))]


def _silence(row: SilenceRow, config: Config) -> tuple[str, ...]:
    until = f"{row.ends_at.astimezone(config.zone):%d.%m.%Y %H:%M}"
    return (
        str(row.id),
        row.shop or "all",
        row.source or "all",
        row.topic or "all",
        until,
        row.reason,
        row.who,
    )


def _mutes(session: Session, config: Config) -> list[tuple[str, ...]]:
    return [_mute(row) for row in calm.mutes(session)]


def _mute(row: MuteRow) -> tuple[str, ...]:
    return (
        str(row.id),
        row.shop or "all",
        row.source or "all",
        row.author or "",
        row.phrase or "",
        row.reason,
        row.who,
    )
