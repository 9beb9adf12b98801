"""`mainevahti report`: the page about a week, on demand, as text, HTML or PDF."""

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from monitor import report as weeks
from monitor.app import opened_store, read_config
from monitor.cli.output import Terminal
from monitor.errors import ConfigError, Mistake
from monitor.export.files import whole_bytes
from monitor.notifiers.render import Links
from monitor.notifiers.views import Reader
from monitor.notifiers.weekly import Paper, weekly_paper
from monitor.pipeline.weekly import weeks_of
from monitor.wording import load_wording


def report(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the report of a week (the last whole one when none is named) to a file or standard output."""
    config = read_config(arguments.config)
    now = datetime.now(UTC)
    start = _week(arguments.week, now.astimezone(config.zone))
    shops = [shop for shop in config.shops if not shop.rival]
    with opened_store(config) as store, store.reading() as session:
        gathered = weeks_of(session, config, shops, start, now)
    names = {shop.slug: shop.name for shop in config.shops}
    reader = Reader(load_wording(arguments.language or config.language), config.zone, now)
    paper = weekly_paper(gathered, names, reader, Links(config.dashboard.base_url))
    if arguments.pdf is None and arguments.out is None:
        sys.stdout.write(paper.text)
    for path in (path for path in (arguments.pdf, arguments.out) if path is not None):
        _write(path, _form(paper, "pdf" if path is arguments.pdf else path.suffix.lower().lstrip(".")))
        terminal.say(f"The report is in {path}.")
    return 0


def _week(written: str | None, now: datetime) -> date:
    """Monday of the week that is asked for; of the last whole one when none is."""
    if not written:
        return now.date() - timedelta(days=now.weekday() + 7)
    try:
        start = weeks.week_of(written)
    except ValueError as error:
        raise ConfigError([Mistake("--week", f'"{written}" is no week.', str(error))]) from error
    if start > now.date():
        raise ConfigError([Mistake("--week", f"{written} has not begun.", "Name one that has.")])
    return start


def _form(paper: Paper, ending: str) -> bytes:
    """The page as a file of that ending wants it."""
    if ending == "pdf":
        return paper.pdf
    return (paper.page if ending in ("html", "htm") else paper.text).encode()


def _write(path: Path, content: bytes) -> None:
    with whole_bytes(path) as out:
        out.write(content)
