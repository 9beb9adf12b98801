"""`mainevahti people`: who may log into the dashboard, and what they may do there."""

import argparse
import getpass
import sys
from datetime import UTC, datetime

from sqlmodel import Session

from monitor.app import opened_store, read_config
from monitor.cli.output import Terminal
from monitor.config import Config
from monitor.errors import ConfigError, Mistake
from monitor.people import LONGEST_NAME, Role, hashed, weakness
from monitor.store import people as kept
from monitor.store.people import PersonRow
from monitor.text import clean_line

_SHOWN = "mainevahti people list"


def people(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Add, change, list or remove people; 1 when there is nobody of that name."""
    config = read_config(arguments.config)
    if arguments.action == "list":
        return _list(config, terminal)
    if arguments.action == "add":
        return _add(config, arguments, terminal)
    with opened_store(config) as store:
        with store.reading() as session:
            person = kept.person_named(session, arguments.name)
        if person is None:
            terminal.bad(f"There is nobody of the name {arguments.name}. See: {_SHOWN}")
            return 1
        password = _new_password(person.name) if arguments.action == "passwd" else ""
        with store.transaction() as session:
            terminal.say(_change(session, person, arguments, password))
    return 0


def _change(session: Session, person: PersonRow, arguments: argparse.Namespace, password: str) -> str:
    """Do what was asked to a person; returns what to say about it."""
    if arguments.action == "role":
        kept.set_role(session, person.id, Role(arguments.role))
        return f"{person.name} is {arguments.role} from the next press on."
    if arguments.action == "remove":
        kept.remove_person(session, person.id)
        return f"{person.name} cannot log in any more. What they did keeps their name."
    ended = kept.set_password(session, person.id, hashed(password), datetime.now(UTC))
    return f"{person.name} has a new password; {ended} visits ended."


def _add(config: Config, arguments: argparse.Namespace, terminal: Terminal) -> int:
    name = clean_line(arguments.name, LONGEST_NAME)
    if not name:
        raise ConfigError([Mistake("NAME", "it has no letters.", "Write the name as colleagues know it.")])
    email = (arguments.email or "").strip() or None
    if arguments.no_password and not email:
        raise ConfigError([Mistake("--email", "nothing lets this person in.", "Give --email or a password.")])
    password = None if arguments.no_password else hashed(_new_password(name))
    with opened_store(config) as store, store.transaction() as session:
        is_first = password is not None and not kept.has_passwords(session)
        added = kept.add_person(session, name, Role(arguments.role), email, password, datetime.now(UTC))
    if added is None:
        terminal.bad(f"The name or the address is taken. See: {_SHOWN}")
        return 1
    terminal.say(f"{added.name} may log in as {added.role.value}.")
    if is_first:
        terminal.say("From now on everybody logs in with a name and a password of their own.")
        if config.dashboard.password is not None:
            terminal.warn(
                "The one password of [dashboard] opens nothing any more; take it out of config.toml."
            )
    return 0


def _new_password(name: str) -> str:
    """Ask twice at a terminal, or read one line from a pipe; never from the command line."""
    if sys.stdin.isatty():
        password = getpass.getpass(f"Password for {name}: ")
        if password != getpass.getpass("The same again: "):
            raise ConfigError([Mistake("password", "the two differ.", "Start again.")])
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    problem = weakness(password, name)
    if problem:
        raise ConfigError([Mistake("password", problem, "Choose another one; several words are good.")])
    return password


def _list(config: Config, terminal: Terminal) -> int:
    with opened_store(config) as store, store.reading() as session:
        found = kept.people(session)
    rows = [(one.name, one.role.value, one.email or "", "yes" if one.has_password else "no") for one in found]
    members = [(one.name, one.role.value, one.email, "no") for one in config.login.members]
    known = {row[2].casefold() for row in rows if row[2]}
    rows += [row for row in members if row[2].casefold() not in known]
    terminal.table(("name", "role", "email", "password"), rows)
    return 0
