"""The command line: its commands and their options.

Exit codes: 0 all is well; 1 something was found wrong; 2 the command line or config.toml is wrong;
3 the database, the model or a file refuses; 130 stopped with Ctrl-C.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from monitor.cli.output import Terminal
from monitor.domain import EventKind, Topic
from monitor.errors import ConfigError, MonitorError

OK, WRONG, USAGE, REFUSED, STOPPED = 0, 1, 2, 3, 130
Command = Callable[[argparse.Namespace, Terminal], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    terminal = Terminal()
    logging.captureWarnings(True)
    try:
        return _command(arguments.command)(arguments, terminal)
    except ConfigError as error:
        terminal.mistakes(error.mistakes)
        return USAGE
    except MonitorError as error:
        terminal.error(str(error))
        return REFUSED
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        # The reader of our output (head, less) has seen enough.
        sys.stderr.close()
        return OK


def _command(name: str) -> Command:
    # Imported late: `--help` and `forms` must not wait for the whole service.
    from monitor.cli import calm, check, events, inspect, privacy, report, run, sources, stages

    commands: dict[str, Command] = {
        "run": run.run,
        "collect": stages.collect,
        "source": sources.source,
        "assess": stages.assess,
        "deliver": stages.deliver,
        "score": inspect.score,
        "check": check.check,
        "export": inspect.export,
        "health": inspect.health,
        "migrate": stages.migrate,
        "forms": inspect.forms,
        "silence": calm.silence,
        "mute": calm.mute,
        "preview": calm.preview,
        "event": events.event,
        "report": report.report,
        "person": privacy.person,
        "erase": privacy.erase,
    }
    return commands[name]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mainevahti",
        description="Hears what is said about a web shop; gets the right person to answer.",
    )
    parser.add_argument(
        "--config", type=Path, default=Path("config.toml"), help="the configuration (default: %(default)s)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="collect, assess, deliver and serve the dashboard until stopped")
    collect = commands.add_parser("collect", help="fetch the sources once")
    collect.add_argument("source", nargs="?", help="slug of one source (default: all)")
    collect.add_argument("--dry-run", action="store_true", help="show what would be stored; store nothing")
    collect.add_argument(
        "--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="read again from this day on"
    )
    source = commands.add_parser("source", help="pause, resume or hurry a source of the running service")
    source.add_argument("action", choices=["pause", "resume", "run"])
    source.add_argument("source", help="slug of the source")
    commands.add_parser("assess", help="judge the mentions that wait for it")
    deliver = commands.add_parser("deliver", help="send the messages that are due")
    deliver.add_argument("--again", action="store_true", help="also those that were given up on")
    _add_score(commands.add_parser("score", help="score posts of a file; writes JSON Lines"))
    check = commands.add_parser("check", help="find every mistake; try sources and mail server live")
    check.add_argument("source", nargs="?", help="slug of one source (default: everything)")
    check.add_argument("--offline", action="store_true", help="only the file; try nothing live")
    _add_export(commands.add_parser("export", help="write mentions, trends or alerts to a file"))
    commands.add_parser("health", help="show how well every source is heard")
    commands.add_parser("migrate", help="bring the database up to this version")
    _add_calm(commands)
    forms = commands.add_parser("forms", help="show the forms of a name that would match")
    forms.add_argument("name")
    return parser


def _add_calm(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    silence = commands.add_parser("silence", help="mail nothing about some alerts for a while")
    mute = commands.add_parser("mute", help="let an author or a phrase alert no more")
    for parser, what in ((silence, "silence"), (mute, "mute")):
        actions = parser.add_subparsers(dest="action", required=True, metavar="add|list|end")
        add = actions.add_parser("add", help=f"begin a {what}")
        add.add_argument("--shop", help="slug; left out: every shop")
        add.add_argument("--source", help="slug; left out: every source")
        add.add_argument("--reason", required=True, help="for those who wonder later")
        if what == "silence":
            topics = [topic.value for topic in Topic]
            add.add_argument("--topic", choices=topics, help="left out: every topic")
            add.add_argument("--for", dest="length", required=True, metavar="4h", help="how long it lasts")
        else:
            add.add_argument("--author", help="as the source names the writer")
            add.add_argument("--phrase", help="words of the post")
        actions.add_parser("list", help=f"show every {what} that lasts")
        actions.add_parser("end", help=f"end a {what}").add_argument("id", type=int)
    event = commands.add_parser("event", help="write down what the shop did or met, for trends and storms")
    actions = event.add_subparsers(dest="action", required=True, metavar="add|list|drop")
    add = actions.add_parser("add", help="a campaign, a deploy, late couriers, something sold out")
    add.add_argument("title", help="in a few words")
    add.add_argument("--kind", choices=[kind.value for kind in EventKind], default="other")
    add.add_argument("--shop", help="slug; left out: all shops")
    add.add_argument("--at", metavar="TIME", help="such as 2026-11-25T14:00 (default: now)")
    add.add_argument("--until", metavar="TIME", help="for what lasts")
    actions.add_parser("list", help="show those of the last 90 days")
    actions.add_parser("drop", help="take one away").add_argument("id", type=int)
    person = commands.add_parser("person", help="everything held about one writer, as JSON")
    person.add_argument("author", help="as the source names the writer")
    person.add_argument("--source", help="slug; left out: every source")
    erase = commands.add_parser("erase", help="remove a writer, or the posts at an address; figures stay")
    erase.add_argument("--author", help="as the source names the writer")
    erase.add_argument("--source", help="only at this source (slug)")
    erase.add_argument("--url", help="the address of a post")
    erase.add_argument("--reason", default="request", help="for the record (default: %(default)s)")
    report = commands.add_parser("report", help="the page about a week, as HTML or text")
    report.add_argument("--week", metavar="2026-W47", help="left out: the last whole week")
    report.add_argument("--language", choices=["fi", "sv", "en"], help="left out: that of config.toml")
    report.add_argument("--out", type=Path, help="a file (.html for a page); left out: standard output")
    preview = commands.add_parser("preview", help="say what the rules of the recipients would have mailed")
    preview.add_argument("--days", type=int, default=30, help="how many days back (default: %(default)s)")


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="JSON Lines or CSV with a field `text`, or - for standard input")
    parser.add_argument("--out", type=Path, help="write here instead of standard output")


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", choices=["mentions", "trends", "alerts"])
    parser.add_argument("--format", choices=["csv", "excel", "jsonl"], default="csv")
    parser.add_argument("--out", type=Path, help="write here instead of standard output")
    parser.add_argument("--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="first day")
    parser.add_argument("--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help="last day")
    parser.add_argument("--shop", action="append", default=[], help="slug; may be repeated")
    parser.add_argument("--names", action="store_true", help="authors by name instead of pseudonym")
