"""How a message leaves the house: one file per kind, and the table of kinds.

A notifier sends one message or raises Temporary or Permanent; when to try again is decided in
monitor.outbox. To add one, write its file and add a row to NOTIFIERS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from monitor.clock import Clock
from monitor.config.schema import MailConfig
from monitor.domain import Message
from monitor.notifiers.folder import FolderNotifier
from monitor.notifiers.smtp import SmtpNotifier


class Notifier(Protocol):
    """Anything that takes a message out of the house."""

    def send(self, message: Message) -> None:
        """Hand over one message; raises Temporary or Permanent."""
        ...

    def try_out(self) -> None:
        """Find out whether messages would leave, without sending one. Raises Temporary."""
        ...

    def forget(self, before: datetime) -> int:
        """Remove what it keeps itself of messages sent before then; returns how many."""
        ...


@dataclass(frozen=True, slots=True)
class NotifierSetup:
    """What a notifier is made of: its settings, the resolved folder, the read secret, the time."""

    settings: MailConfig
    folder: Path
    password: str | None
    clock: Clock


NOTIFIERS: Mapping[str, Callable[[NotifierSetup], Notifier]] = MappingProxyType(
    {
        "folder": lambda setup: FolderNotifier(setup.folder, setup.settings.sender, setup.clock),
        "smtp": lambda setup: SmtpNotifier(setup.settings, setup.password, setup.clock),
    }
)


def make_notifier(setup: NotifierSetup) -> Notifier:
    """Make the notifier that `settings.transport` names."""
    return NOTIFIERS[setup.settings.transport](setup)


__all__ = ["NOTIFIERS", "Notifier", "NotifierSetup", "make_notifier"]
