"""Commands that run one stage once: collect, assess, deliver, migrate."""

import argparse
import functools
import getpass
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

from monitor import control, pipeline
from monitor.app import App, all_secrets, open_app, opened_store, read_config
from monitor.cli.known import refuse, unknown
from monitor.cli.output import Step, Terminal
from monitor.errors import SourceError
from monitor.logs import set_up_logging
from monitor.store import deliveries, reads, writes
from monitor.store.rows import RunRow
from monitor.store.tables import Delivery


def collect(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Fetch the sources once; 1 when one of them failed."""
    config = read_config(arguments.config)
    set_up_logging(all_secrets(config))
    with open_app(config) as app:
        slugs = chosen(app, arguments.source)
        if arguments.dry_run:
            return max([_show(app, slug, terminal) for slug in slugs], default=0)
        if arguments.source is None:
            slugs = _awake(app, slugs, terminal)
        since = datetime.combine(arguments.since, time(), config.zone) if arguments.since else None
        outcomes = _again(app, slugs, since, terminal) if since else _once(app, slugs, terminal)
        columns = ("source", "outcome", "posts", "about a shop", "new", "error")
        terminal.table(
            columns,
            [
                (run.source, run.outcome, str(run.posts), str(run.mentions), str(run.new), run.error or "")
                for run in outcomes
            ],
        )
    return int(any(run.outcome != "ok" for run in outcomes))


def _awake(app: App, slugs: Sequence[str], terminal: Terminal) -> list[str]:
    """The sources that nobody paused; one that is named is fetched all the same."""
    with app.store.reading() as session:
        states = reads.source_states(session)
    paused = [slug for slug in slugs if slug in states and states[slug].is_paused]
    for slug in paused:
        terminal.warn(f"{slug} is paused by {states[slug].paused_by}; name it to fetch it all the same")
    return [slug for slug in slugs if slug not in paused]


def _once(app: App, slugs: Sequence[str], terminal: Terminal) -> list[RunRow]:
    """Fetch the sources side by side; what is read for the first time has a line of its own."""
    with app.store.reading() as session:
        known = {slug for slug, state in reads.source_states(session).items() if state.last_success_at}
    outcomes: dict[str, RunRow] = {}
    with terminal.progress("Collecting", len(slugs)) as step:
        new = [slug for slug in slugs if slug not in known]
        lines = {slug: step.beside(f"{slug}: posts of the first reading") for slug in new}

        def tell(slug: str, run: RunRow) -> None:
            if slug in lines:
                lines[slug].advance(run.posts)

        for slug, runs in pipeline.collect_all(app.parts, slugs, tell):
            outcomes[slug] = _sum(runs)
            step.advance()
            if slug in lines:
                lines[slug].end()
    return [outcomes[slug] for slug in slugs]


def _again(app: App, slugs: Sequence[str], since: datetime, terminal: Terminal) -> list[RunRow]:
    """Read sources again from a day on, as many fetches as that takes; one sum for each source."""
    outcomes = []
    for slug in slugs:
        with app.store.transaction() as session:
            control.replay(session, slug, since, who_asks(), app.parts.clock.now())
        with terminal.progress(f"{slug}: posts since {since:%Y-%m-%d}") as step:
            runs = pipeline.read_again(app.parts, slug, functools.partial(_count, step))
        outcomes.append(_sum(runs))
        if runs[-1].outcome != "ok":
            terminal.warn(f"{slug}: it goes on from here with the next fetch")
    return outcomes


def _count(step: Step, run: RunRow) -> None:
    step.advance(run.posts)


def _sum(runs: Sequence[RunRow]) -> RunRow:
    return replace(
        runs[-1],
        posts=sum(run.posts for run in runs),
        mentions=sum(run.mentions for run in runs),
        new=sum(run.new for run in runs),
    )


def who_asks() -> str:
    """Who sits at the terminal, for the records."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "command line"


def chosen(app: App, slug: str | None) -> list[str]:
    """The source that was asked for, or all of them; ConfigError when there is none of that slug."""
    known = list(app.parts.sources)
    if slug is None:
        return known
    refuse(unknown("SOURCE", "switched-on source", [slug], known))
    return [slug]


def _show(app: App, slug: str, terminal: Terminal) -> int:
    try:
        batch, found = pipeline.look(app.parts, slug)
    except SourceError as error:
        terminal.bad(f"{slug}: {error}")
        return 1
    for warning in batch.warnings:
        terminal.warn(f"{slug}: {warning}")
    terminal.say(f"{slug}: {batch.heard} posts, {len(found)} about a shop; nothing was stored")
    for post, match in found:
        essence = " ".join(post.text.split())[:100]
        terminal.line(f"{match.shop.slug}\t{match.certainty:.2f}\t{', '.join(match.words)}\t{essence}")
    return 0


def assess(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Judge whatever waits for it."""
    config = read_config(arguments.config)
    set_up_logging(all_secrets(config))
    with open_app(config, demo=False) as app:
        with terminal.progress("Assessing") as step:
            judged = pipeline.assess_all(app.parts, step.advance)
        terminal.say(f"{judged} mentions judged")
    return 0


def deliver(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Send whatever is due; 1 when something waits for another try or failed for good this time."""
    config = read_config(arguments.config)
    set_up_logging(all_secrets(config))
    with open_app(config, demo=False) as app:
        if arguments.again:
            with app.store.transaction() as session:
                back = deliveries.try_failed_again(session, app.parts.clock.now())
            terminal.say(f"{back} messages that were given up on are tried again")
        failed_before = _failed(app)
        sent = pipeline.deliver(app.parts)
        failed = len(_failed(app) - failed_before)
        with app.store.reading() as session:
            waiting = len(reads.retrying_deliveries(session))
        terminal.say(f"{sent} messages sent, {waiting} waiting for another try, {failed} failed for good")
    return int(waiting > 0 or failed > 0)


def _failed(app: App) -> set[int]:
    with app.store.reading() as session:
        return {row.id for row in reads.failed_deliveries(session, datetime(1970, 1, 1, tzinfo=UTC))}


def migrate(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Bring the database up to this version of the program."""
    with opened_store(read_config(arguments.config)) as store, store.reading() as session:
        writes.count(session, Delivery)
    terminal.say("The database is up to date.")
    return 0
