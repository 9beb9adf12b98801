"""`mainevahti source`: pause, resume or hurry a source of the running service. Fetches nothing itself."""

import argparse
from datetime import UTC, datetime

from monitor import control
from monitor.app import opened_store, read_config
from monitor.cli.known import refuse, unknown
from monitor.cli.output import Terminal
from monitor.cli.stages import who_asks

_DONE = {
    "pause": "{slug} rests until it is resumed.",
    "resume": "{slug} is fetched again; the running service begins within seconds.",
    "run": "The running service fetches {slug} within seconds. Without one: mainevahti collect {slug}",
}


def source(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the wish into the database, where the service finds it."""
    config = read_config(arguments.config)
    known = [one.slug for one in config.sources if one.enabled]
    refuse(unknown("SOURCE", "switched-on source", [arguments.source], known))
    act = {"pause": control.pause, "resume": control.resume, "run": control.run_now}[arguments.action]
    with opened_store(config) as store, store.transaction() as session:
        act(session, arguments.source, who_asks(), datetime.now(UTC))
    terminal.say(_DONE[arguments.action].format(slug=arguments.source))
    return 0
