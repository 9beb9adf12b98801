"""`mainevahti export`: mentions, alerts and their events, trends or corrections as a file for analysts."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from monitor import export as exporting
from monitor import trends
from monitor.app import opened_store, pseudonym_key, read_config
from monitor.cli.known import refuse, unknown
from monitor.cli.output import Step, Terminal
from monitor.cli.stages import who_asks
from monitor.config import Config
from monitor.domain import AlertState, Handled, Sentiment, Topic, Urgency
from monitor.errors import Mistake, MonitorError
from monitor.export import Format, Request, Subject, Wanted, Written, dictionary
from monitor.store.privacy import record_export

_A_LINE_EVERY = 100_000
_STDOUT = "standard output"
_OF_MENTIONS = ("sentiment", "topic", "language", "words", "all", "handled", "author")
_OF_ALERTS = ("state", "urgency")
_OF_TRENDS = ("step", "by", "together", "topic", "language")
# Filters that fit only some subjects; shop, source and period fit all.
_FITTING: Mapping[Subject, Sequence[str]] = {
    Subject.MENTIONS: _OF_MENTIONS,
    Subject.ALERTS: _OF_ALERTS,
    Subject.EVENTS: (),
    Subject.TRENDS: _OF_TRENDS,
    Subject.LABELS: (),
}


def export(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write rows to a file, with the dictionary of its columns beside it, or to standard output."""
    if arguments.subject == "columns":
        sys.stdout.write(dictionary.page())
        return 0
    config, now = read_config(arguments.config), datetime.now(UTC)
    format = _format(arguments)
    request = _request(arguments, config, now)
    _warn(arguments, config, terminal)
    with opened_store(config) as store:

        def record(rows: int) -> None:
            with store.transaction() as session:
                _record(session, arguments, format, request, rows, now)

        with store.reading() as session, _output(arguments.out, format) as out:
            written = _write(session, request, format, arguments, out, now, terminal, record)
    if arguments.out:
        dictionary.write_beside(arguments.out, request.table, format)
    _tell(written, arguments, request, terminal)
    return 0


def _write(
    session: Session,
    request: Request,
    format: Format,
    arguments: argparse.Namespace,
    out: BinaryIO,
    now: datetime,
    terminal: Terminal,
    record: Callable[[int], None],
) -> Written:
    """Write the rows, and note that they leave the house before the file gets its name."""
    total = exporting.count(session, request) if terminal.err.is_terminal else None
    told = 0
    with terminal.progress(f"Exporting {request.subject.value}", total) as step:

        def tell(rows: int) -> None:
            nonlocal told
            told += rows
            _show(step, rows, told, terminal)

        try:
            written = exporting.write(
                exporting.batches(session, request, now),
                request.table,
                format,
                out,
                name=request.subject.value,
                bom=arguments.bom,
                folder=arguments.out.parent if arguments.out else None,
                tell=tell,
            )
        except BaseException:
            # What went to standard output is out, however it ended.
            if not arguments.out:
                record(told)
            raise
    record(written.rows)
    return written


def _show(step: Step, rows: int, told: int, terminal: Terminal) -> None:
    step.advance(rows)
    if not terminal.err.is_terminal and told // _A_LINE_EVERY > (told - rows) // _A_LINE_EVERY:
        terminal.say(f"{told} rows ...")


def _tell(written: Written, arguments: argparse.Namespace, request: Request, terminal: Terminal) -> None:
    if arguments.out:
        terminal.say(f"{written.rows} rows written to {arguments.out}")
        terminal.say(f"What the columns mean: {dictionary.beside(arguments.out)}")
    if not written.rows:
        terminal.warn(f"no {request.subject.value} fit; only the names of the columns were written")
    if written.cut:
        terminal.warn(f"{written.cut} texts were too long for a cell of Excel and were cut")


@contextmanager
def _output(path: Path | None, format: Format) -> Iterator[BinaryIO]:
    if path is not None:
        with exporting.whole_bytes(path) as out:
            yield out
        return
    if not format.is_text and sys.stdout.isatty():
        refuse(
            [Mistake("--out", f"{format.value} is nothing for a terminal.", "Name a file, or use a pipe.")]
        )
    sys.stdout.flush()
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


def _format(arguments: argparse.Namespace) -> Format:
    """What --format says, else what the name of the file says."""
    if arguments.format:
        return Format(arguments.format)
    endings = {format.ending: format for format in Format if format is not Format.EXCEL}
    ending = arguments.out.suffix.lower() if arguments.out else ""
    if ending and ending not in endings:
        told = ", ".join(format.value for format in Format)
        refuse([Mistake("--out", f'"{ending}" is no format of exports.', f"Name one with --format: {told}.")])
    return endings.get(ending, Format.CSV)


def _request(arguments: argparse.Namespace, config: Config, now: datetime) -> Request:
    subject, names = Subject(arguments.subject), bool(arguments.names)
    since, until = _days(arguments, config, now)
    columns = tuple(name.strip() for name in arguments.columns.split(",") if name.strip())
    refuse(_mistakes(arguments, config, subject, columns, since, until))
    return Request(
        subject=subject,
        zone=config.zone,
        key=None if names else pseudonym_key(config),
        wanted=Wanted(
            shops=tuple(arguments.shop),
            sources=tuple(arguments.source),
            labels=tuple(map(Sentiment, arguments.sentiment)),
            topics=tuple(map(Topic, arguments.topic)),
            languages=tuple(arguments.language),
            words=arguments.words or "",
            words_in_authors=names,
            about_only=not arguments.all,
            handled=tuple(map(Handled, arguments.handled)),
            author=arguments.author or "",
            states=tuple(map(AlertState, arguments.state)),
            urgencies=tuple(map(Urgency, arguments.urgency)),
            since=trends.midnight(since, config.zone),
            until=trends.midnight(until, config.zone),
        ),
        columns=columns,
        step=trends.Step(arguments.step or trends.Step.DAY),
        split=tuple(map(trends.Split, () if arguments.together else arguments.by or ["source"])),
    )


def _days(arguments: argparse.Namespace, config: Config, now: datetime) -> tuple[date, date]:
    """First day and the day after the last one."""
    last = arguments.until or now.astimezone(config.zone).date()
    return arguments.since or last - timedelta(days=29), last + timedelta(days=1)


def _mistakes(
    arguments: argparse.Namespace,
    config: Config,
    subject: Subject,
    columns: Sequence[str],
    since: date,
    until: date,
) -> Iterator[Mistake]:
    yield from unknown("--shop", "shop", arguments.shop, [shop.slug for shop in config.shops])
    yield from unknown("--columns", "column", columns, exporting.names(subject))
    if since >= until:
        yield Mistake("--since", "the first day is after the last one.", "Swap them.")
    elif subject is Subject.TRENDS:
        yield from _mistakes_of_trends(arguments, since, until)
    for option in dict.fromkeys((*_OF_MENTIONS, *_OF_ALERTS, *_OF_TRENDS)):
        if getattr(arguments, option) and option not in _FITTING[subject]:
            fits = " and ".join(one.value for one in Subject if option in _FITTING[one])
            yield Mistake(
                f"--{option}", f"it does not fit {subject.value}.", f"It is for {fits}; leave it out."
            )


def _mistakes_of_trends(arguments: argparse.Namespace, since: date, until: date) -> Iterator[Mistake]:
    try:
        trends.check(since, until, trends.Step(arguments.step or trends.Step.DAY))
    except MonitorError as error:
        yield Mistake("--since", str(error), "")
    if arguments.together and arguments.by:
        yield Mistake("--together", "it says the opposite of --by.", "Leave one of them out.")
    if len(arguments.topic) > 1:
        yield Mistake(
            "--topic", "trends are of one topic.", 'Name one, or tell them apart with "--by topic".'
        )


def _warn(arguments: argparse.Namespace, config: Config, terminal: Terminal) -> None:
    """What may be meant but is likelier a slip."""
    known = [source.slug for source in config.sources]
    for slug in arguments.source:
        if slug not in known:
            terminal.warn(f'config.toml has no source "{slug}" now; posts it brought earlier are exported')


def _record(
    session: Session,
    arguments: argparse.Namespace,
    format: Format,
    request: Request,
    rows: int,
    now: datetime,
) -> None:
    """Write down that something left the house: an erasure must say which files to mend."""
    record_export(
        session,
        what=request.subject.value,
        file=str(arguments.out.absolute()) if arguments.out else _STDOUT,
        rows=rows,
        names=request.key is None,
        who=who_asks(),
        via="cli",
        filters=exporting.told(request, format),
        now=now,
    )
