"""Commands that run one stage once: collect, assess, deliver, migrate."""

import argparse

from monitor import pipeline
from monitor.app import App, all_secrets, open_app, open_store, read_config
from monitor.cli.output import Terminal
from monitor.errors import ConfigError, Mistake, SourceError
from monitor.logs import set_up_logging
from monitor.store import reads, writes
from monitor.store.tables import Delivery

_SAMPLE = 20


def collect(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Fetch the sources once; 1 when one of them failed."""
    config = read_config(arguments.config)
    set_up_logging(all_secrets(config))
    with open_app(config) as app:
        slugs = chosen(app, arguments.source)
        if arguments.dry_run:
            return max([_show(app, slug, terminal) for slug in slugs], default=0)
        with terminal.progress("Collecting", len(slugs)) as step:
            outcomes = []
            for slug in slugs:
                run = pipeline.collect(app.parts, slug)
                outcomes.append(run)
                step.advance()
        columns = ("source", "outcome", "posts", "about a shop", "new", "error")
        terminal.table(
            columns,
            [
                (run.source, run.outcome, str(run.posts), str(run.mentions), str(run.new), run.error or "")
                for run in outcomes
            ],
        )
    return int(any(run.outcome != "ok" for run in outcomes))


def chosen(app: App, slug: str | None) -> list[str]:
    """The source that was asked for, or all of them; ConfigError when there is none of that slug."""
    known = list(app.parts.sources)
    if slug is None:
        return known
    if slug not in known:
        remedy = f"Known: {', '.join(known) or 'none'}."
        raise ConfigError([Mistake("SOURCE", f'there is no source "{slug}" that is switched on.', remedy)])
    return [slug]


def _show(app: App, slug: str, terminal: Terminal) -> int:
    try:
        batch, found = pipeline.look(app.parts, slug)
    except SourceError as error:
        terminal.bad(f"{slug}: {error}")
        return 1
    for warning in batch.warnings:
        terminal.warn(f"{slug}: {warning}")
    terminal.say(f"{slug}: {len(batch.posts)} posts, {len(found)} about a shop; nothing was stored")
    for post, match in found[:_SAMPLE]:
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
    """Send whatever is due; 1 when something waits for another try or failed for good."""
    config = read_config(arguments.config)
    set_up_logging(all_secrets(config))
    with open_app(config, demo=False) as app:
        sent = pipeline.deliver(app.parts)
        with app.store.reading() as session:
            waiting = len(reads.retrying_deliveries(session))
        terminal.say(f"{sent} messages sent, {waiting} waiting for another try")
    return int(waiting > 0)


def migrate(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Bring the database up to this version of the program."""
    store = open_store(read_config(arguments.config))
    try:
        store.migrate()
        with store.reading() as session:
            writes.count(session, Delivery)
    finally:
        store.close()
    terminal.say("The database is up to date.")
    return 0
