"""Gives each message to the notifier that its address names: mail, or one of the other channels."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from monitor.config.schema import CHANNEL
from monitor.domain import Message
from monitor.errors import Permanent, Temporary


class Channel(Protocol):
    """A way out that takes messages one by one."""

    def send(self, message: Message) -> None: ...

    def try_out(self) -> None: ...


class MailOffice(Channel, Protocol):
    """The way out for mail, which may keep what it sent."""

    def forget(self, before: datetime) -> int: ...


class Switchboard:
    """Mail and the channels behind one door."""

    def __init__(self, mail: MailOffice, channels: Mapping[str, Channel]) -> None:
        self._mail, self._channels = mail, channels

    def send(self, message: Message) -> None:
        """Hand over one message; raises Temporary or Permanent."""
        if not message.to.startswith(CHANNEL):
            self._mail.send(message)
            return
        slug = message.to.removeprefix(CHANNEL)
        if slug not in self._channels:
            raise Permanent(f'The configuration has no channel "{slug}" any more.')
        self._channels[slug].send(message)

    def try_out(self) -> None:
        """Find out whether messages would leave by every way. Raises Temporary for the first that is shut."""
        self._mail.try_out()
        for slug, channel in self._channels.items():
            try:
                channel.try_out()
            except Permanent as error:
                raise Temporary(f"channel {slug}: {error}") from error

    def forget(self, before: datetime) -> int:
        """Remove what is kept of mails sent before then; returns how many."""
        return self._mail.forget(before)
