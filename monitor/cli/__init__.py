"""The command line: its commands and their options.

Exit codes: 0 all is well; 1 something was found wrong; 2 the command line or config.toml is wrong;
3 the database, the model or a file refuses; 130 stopped with Ctrl-C.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from monitor.cli.options import add_care, day
from monitor.cli.output import Terminal
from monitor.domain import AlertState, EventKind, Handled, Sentiment, Topic, Urgency
from monitor.errors import ConfigError, MonitorError
from monitor.people import Role

OK, WRONG, USAGE, REFUSED, STOPPED = 0, 1, 2, 3, 130
Command = Callable[[argparse.Namespace, Terminal], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    terminal = Terminal()
    logging.captureWarnings(True)
    # Database, mails, exports and backups tell who wrote what: nobody but the user of the service reads them.
    os.umask(0o077)
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
    from monitor.cli import (
        backup,
        calm,
        check,
        events,
        export,
        inspect,
        people,
        privacy,
        reach,
        report,
        run,
        sources,
        stages,
    )

    commands: dict[str, Command] = {
        "run": run.run,
        "collect": stages.collect,
        "source": sources.source,
        "assess": stages.assess,
        "deliver": stages.deliver,
        "score": inspect.score,
        "check": check.check,
        "export": export.export,
        "health": inspect.health,
        "migrate": stages.migrate,
        "forms": inspect.forms,
        "silence": calm.silence,
        "mute": calm.mute,
        "preview": calm.preview,
        "event": events.event,
        "report": report.report,
        "reach": reach.reach,
        "backup": backup.backup,
        "restore": backup.restore,
        "people": people.people,
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
    collect.add_argument("--since", type=day, metavar="YYYY-MM-DD", help="read again from this day on")
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
    _add_export(commands.add_parser("export", help="write mentions, alerts, trends and more to a file"))
    commands.add_parser("health", help="show how well every source is heard")
    commands.add_parser("migrate", help="bring the database up to this version")
    _add_calm(commands)
    add_care(commands)
    _add_people(commands)
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
    preview = commands.add_parser("preview", help="say what the rules of the recipients would have mailed")
    preview.add_argument("--days", type=int, default=30, help="how many days back (default: %(default)s)")


def _add_people(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    people = commands.add_parser("people", help="who may log into the dashboard, and as what")
    actions = people.add_subparsers(dest="action", required=True, metavar="add|passwd|role|list|remove")
    roles = [role.value for role in Role]
    add = actions.add_parser("add", help="let somebody in; asks for a password, or reads it from a pipe")
    add.add_argument("name", help="as colleagues see it beside what the person does")
    add.add_argument("--role", choices=roles, default=Role.STAFF.value, help="default: %(default)s")
    add.add_argument("--email", help="for the login with an OpenID provider")
    add.add_argument("--no-password", action="store_true", help="only the provider lets this person in")
    actions.add_parser("passwd", help="give a new password; visits end everywhere").add_argument("name")
    role = actions.add_parser("role", help="change what somebody may do")
    role.add_argument("name")
    role.add_argument("role", choices=roles)
    actions.add_parser("list", help="show everybody")
    actions.add_parser("remove", help="let somebody in no more; visits end").add_argument("name")


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="JSON Lines or CSV with a field `text`, or - for standard input")
    parser.add_argument("--out", type=Path, help="write here instead of standard output")


def _add_export(parser: argparse.ArgumentParser) -> None:
    subjects = ["mentions", "alerts", "events", "trends", "labels"]
    parser.add_argument("subject", choices=[*subjects, "columns"], help="columns: what all columns mean")
    formats = ["csv", "excel", "xlsx", "parquet", "jsonl"]
    parser.add_argument(
        "--format", choices=formats, help="left out: as --out ends, else csv; excel is CSV for Finnish Excel"
    )
    parser.add_argument("--out", type=Path, help="write here instead of standard output")
    parser.add_argument("--bom", action="store_true", help="mark CSV as UTF-8 for spreadsheets")
    parser.add_argument("--columns", default="", metavar="A,B", help="only these, in this order")
    parser.add_argument("--names", action="store_true", help="authors by name, whole addresses")
    first, last = "first day (default: 29 days ago)", "last day (default: today)"
    parser.add_argument("--since", "--from", type=day, metavar="YYYY-MM-DD", help=first)
    parser.add_argument("--until", "--to", type=day, metavar="YYYY-MM-DD", help=last)
    parser.add_argument("--shop", action="append", default=[], help="slug; may be repeated, as the next ones")
    parser.add_argument("--source", action="append", default=[], help="slug")
    stances = [stance.value for stance in Sentiment]
    parser.add_argument("--sentiment", "--stance", action="append", default=[], choices=stances)
    parser.add_argument("--topic", action="append", default=[], choices=[topic.value for topic in Topic])
    parser.add_argument("--language", action="append", default=[], help="of posts, such as fi; und: unknown")
    parser.add_argument("--words", help="words that all occur in title or text")
    parser.add_argument("--author", metavar="NAME", help="only posts of the writer with just this name")
    parser.add_argument("--handled", action="append", default=[], choices=list(Handled), help="in an alert?")
    parser.add_argument("--all", action="store_true", help="also mentions that turned out to be about others")
    states = [state.value for state in AlertState]
    parser.add_argument("--state", action="append", default=[], choices=states, help="of alerts")
    urgencies = [urgency.value for urgency in Urgency]
    parser.add_argument("--urgency", action="append", default=[], choices=urgencies, help="of alerts")
    parser.add_argument("--step", choices=["hour", "day", "week", "month"], help="of trends (default: day)")
    splits = ["source", "language", "topic"]
    parser.add_argument("--by", action="append", choices=splits, help="what trends are told apart by")
    parser.add_argument("--together", action="store_true", help="trends of all sources together")
