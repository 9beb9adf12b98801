"""Commands that look and write nothing into the database: score, export, health, forms."""

import argparse
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from sqlmodel import Session

from monitor import export as exporting
from monitor import health as hearing
from monitor import matching
from monitor import score as scoring
from monitor.app import make_scorer, opened_store, pseudonym_key, read_config
from monitor.cli.known import refuse, unknown
from monitor.cli.output import Terminal
from monitor.cli.stages import who_asks
from monitor.config import Config
from monitor.errors import ConfigError, Mistake
from monitor.store.privacy import record_export
from monitor.wording import Wording, load_wording

_FORMS_SHOWN = 400
_USUAL_CONFIG = Path("config.toml")


def score(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Score the posts of a file; works without a config.toml when posts name their shop."""
    is_named = arguments.config != _USUAL_CONFIG
    config = read_config(arguments.config) if is_named or arguments.config.exists() else None
    rows = scoring.read_posts(_read(arguments.file), arguments.file)
    scorer = make_scorer(config)
    wrong = 0
    with _output(arguments.out) as out, terminal.progress("Scoring") as step:
        for row in scorer.score(rows, datetime.now(UTC)):
            out.write(scoring.to_line(row, out.encoding or "utf-8"))
            wrong += "error" in row
            step.advance()
    if wrong:
        terminal.warn(f"{wrong} rows could not be read; each says why in its field `error`")
    return int(wrong > 0)


def _read(name: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        mistake = Mistake(
            name, f"it cannot be read ({error.strerror}).", "Name a file, or - for standard input."
        )
        raise ConfigError([mistake]) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Exports of older Finnish programs; every byte means something in this one.
        return raw.decode("cp1252", errors="replace")


@contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    with exporting.whole_file(path) as out:
        yield out


def export(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write mentions, trends or alerts."""
    config = read_config(arguments.config)
    now = datetime.now(UTC)
    request = _request(arguments, config, now)
    columns = exporting.COLUMNS[request.subject]
    format = exporting.Format(arguments.format)
    with opened_store(config) as store:
        with store.reading() as session, terminal.progress(f"Exporting {request.subject.value}") as step:
            rows = _counted(exporting.rows(session, request, now), step.advance)
            if arguments.out:
                number = exporting.write_file(rows, columns, format, arguments.out)
                terminal.say(f"{number} rows written to {arguments.out}")
            else:
                number = exporting.write(rows, columns, format, sys.stdout)
        with store.transaction() as session:
            _record(session, arguments, number, now)
    return 0


def _record(session: Session, arguments: argparse.Namespace, number: int, now: datetime) -> None:
    """Write down that something left the house: an erasure must say which files to mend."""
    record_export(
        session,
        what=arguments.subject,
        file=str(arguments.out or "standard output"),
        rows=number,
        names=bool(arguments.names),
        who=who_asks(),
        via="cli",
        filters={"since": str(arguments.since), "until": str(arguments.until), "shops": arguments.shop},
        now=now,
    )


def _counted(rows: Iterator[exporting.Row], advance: object) -> Iterator[exporting.Row]:
    for row in rows:
        if callable(advance):
            advance()
        yield row


def _request(arguments: argparse.Namespace, config: Config, now: datetime) -> exporting.Request:
    since, until = exporting.default_period(now, config.zone)
    since = arguments.since or since
    until = arguments.until + timedelta(days=1) if arguments.until else until
    mistakes = list(unknown("--shop", "shop", arguments.shop, [shop.slug for shop in config.shops]))
    if since >= until:
        mistakes.append(Mistake("--since", "the first day is after the last one.", "Swap them."))
    refuse(mistakes)
    return exporting.Request(
        subject=exporting.Subject(arguments.subject),
        since=since,
        until=until,
        zone=config.zone,
        shops=tuple(arguments.shop),
        pseudonym_key=None if arguments.names else pseudonym_key(config),
    )


def health(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show every source; 1 when one of them is in trouble."""
    config = read_config(arguments.config)
    wording = load_wording("en")
    with opened_store(config) as store, store.reading() as session:
        sources = hearing.report(session, config.sources, datetime.now(UTC))
    terminal.table(
        ("source", "kind", "status", "last fetch", "last post", "median delay", "says"),
        [
            (
                source.slug,
                source.kind,
                source.status.value,
                _moment(source.last_success_at, config),
                _moment(source.last_post_at, config),
                ""
                if source.median_delay is None
                else wording.duration(timedelta(seconds=source.median_delay)),
                wording.say(source.sentence, **source.values),
            )
            for source in sources
        ],
    )
    return int(any(source.status.is_trouble for source in sources))


def _length(seconds: float | None, wording: Wording) -> str:
    return "" if seconds is None else wording.duration(timedelta(seconds=seconds))


def _moment(moment: datetime | None, config: Config) -> str:
    return moment.astimezone(config.zone).strftime("%Y-%m-%d %H:%M") if moment else "never"


def forms(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show which forms of a name would be found, and what makes it ambiguous."""
    terminal.say(f"Morphology: {matching.engine()}")
    for advice in matching.advise(arguments.name):
        terminal.warn(str(advice))
    for form in itertools.islice(matching.forms(arguments.name), _FORMS_SHOWN):
        terminal.line(str(form))
    return 0
