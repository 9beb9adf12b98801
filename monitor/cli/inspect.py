"""Commands that look and write nothing into the database: score, health, forms."""

import argparse
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from monitor import health as hearing
from monitor import matching
from monitor import score as scoring
from monitor.app import make_scorer, opened_store, read_config
from monitor.cli.output import Terminal
from monitor.config import Config
from monitor.errors import ConfigError, Mistake
from monitor.export import whole_file
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
    with whole_file(path) as out:
        yield out


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
    shown = itertools.islice(matching.forms(arguments.name), _FORMS_SHOWN)
    for form in (*shown, *matching.mistyped(arguments.name)):
        terminal.line(str(form))
    return 0
