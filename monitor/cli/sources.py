"""`mainevahti source`: pause, resume or hurry a source of the running service. Fetches nothing itself."""

import argparse
from datetime import UTC, datetime

from monitor import control
from monitor.app import open_store, read_config
from monitor.cli.output import Terminal
from monitor.cli.stages import who_asks
from monitor.errors import ConfigError, Mistake

_DONE = {
    "pause": "{slug} rests until it is resumed.",
    "resume": "{slug} is fetched again; the running service begins within seconds.",
    "run": "The running service fetches {slug} within seconds. Without one: mainevahti collect {slug}",
}


def source(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the wish into the database, where the service finds it."""
    config = read_config(arguments.config)
    known = [one.slug for one in config.sources if one.enabled]
    if arguments.source not in known:
        remedy = f"Known: {', '.join(known) or 'none'}."
        problem = f'there is no source "{arguments.source}" that is switched on.'
        raise ConfigError([Mistake("SOURCE", problem, remedy)])
    act = {"pause": control.pause, "resume": control.resume, "run": control.run_now}[arguments.action]
    store = open_store(config)
    try:
        store.migrate()
        with store.transaction() as session:
            act(session, arguments.source, who_asks(), datetime.now(UTC))
    finally:
        store.close()
    terminal.say(_DONE[arguments.action].format(slug=arguments.source))
    return 0
