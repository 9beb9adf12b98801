"""`mainevahti report`: the page about a week, on demand, as HTML or text."""

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from monitor import report as weeks
from monitor.app import opened_store, read_config
from monitor.cli.output import Terminal
from monitor.errors import ConfigError, Mistake
from monitor.notifiers.render import Links
from monitor.notifiers.views import Reader
from monitor.notifiers.weekly import weekly_paper
from monitor.wording import load_wording


def report(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the report of a week (the last whole one when none is named) to a file or standard output."""
    config = read_config(arguments.config)
    now = datetime.now(UTC)
    try:
        start = weeks.week_of(arguments.week) if arguments.week else _last_week(now.astimezone(config.zone))
    except ValueError as error:
        raise ConfigError([Mistake("--week", f'"{arguments.week}" is no week.', str(error))]) from error
    with opened_store(config) as store, store.reading() as session:
        gathered = [
            weeks.gather(session, shop.slug, start, config.zone, now)
            for shop in config.shops
            if not shop.rival
        ]
    names = {shop.slug: shop.name for shop in config.shops}
    reader = Reader(load_wording(arguments.language or config.language), config.zone, now)
    paper = weekly_paper(gathered, names, reader, Links(config.dashboard.base_url))
    _write(arguments.out, paper.html if _is_page(arguments.out) else paper.text)
    if arguments.out:
        terminal.say(f"The report is in {arguments.out}.")
    return 0


def _last_week(now: datetime) -> date:
    return now.date() - timedelta(days=now.weekday() + 7)


def _is_page(out: Path | None) -> bool:
    return out is not None and out.suffix.lower() in (".html", ".htm")


def _write(out: Path | None, text: str) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    part = out.with_name(f".{out.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(out)
