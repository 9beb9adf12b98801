"""`mainevahti check`: the file, the database, the model, then every source and the mail server, live."""

import argparse

from monitor import pipeline
from monitor.app import App, all_secrets, open_app, read_config
from monitor.cli.output import Terminal
from monitor.cli.stages import chosen
from monitor.errors import MonitorError, SourceError
from monitor.logs import set_up_logging

_SAMPLE = 3


def check(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Say all that is wrong, each with its remedy; 1 when something is."""
    config = read_config(arguments.config)
    set_up_logging(all_secrets(config), level=40)
    terminal.good(f"{arguments.config}: no mistakes")
    if arguments.offline:
        return 0
    with open_app(config) as app:
        terminal.good("database: up to date")
        for warning in app.parts.matcher.warnings:
            terminal.warn(f"matching: {warning}")
        wrong = [_source(app, slug, terminal) for slug in chosen(app, arguments.source)]
        if arguments.source is None:
            wrong += [_model(app, terminal), _mail(app, terminal)]
    return int(any(wrong))


def _source(app: App, slug: str, terminal: Terminal) -> bool:
    with terminal.progress(f"Trying {slug}"):
        try:
            batch, found = pipeline.look(app.parts, slug)
        except SourceError as error:
            terminal.bad(f"source {slug}: {error}")
            return True
    terminal.good(f"source {slug}: {batch.heard} posts, {len(found)} about a shop")
    for warning in batch.warnings[:_SAMPLE]:
        terminal.warn(f"source {slug}: {warning}")
    for post, match in found[:_SAMPLE]:
        essence = " ".join(post.text.split())[:90]
        terminal.say(f"         {match.shop.name} ({', '.join(match.words)}): {essence}")
    return False


def _model(app: App, terminal: Terminal) -> bool:
    try:
        terminal.good(f"model: {app.parts.assessor.model}")
    except MonitorError as error:
        terminal.bad(f"model: {error}")
        return True
    return False


def _mail(app: App, terminal: Terminal) -> bool:
    if not app.config.recipients:
        terminal.warn("mail: there are no recipients, so nobody is told of an alert. Add [[recipients]].")
    try:
        app.parts.notifier.try_out()
    except MonitorError as error:
        terminal.bad(f"mail: {error}")
        return True
    terminal.good(f"mail: {app.config.mail.transport} works")
    return False
