"""The tables [backup] and [reach]: what locks a backup, and how a shop's own site is looked at."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from monitor.config.base import SecretRef, Table
from monitor.config.durations import Duration

PASSPHRASE = "MAINEVAHTI_BACKUP_PASSPHRASE"


class BackupConfig(Table):
    """Where the passphrase of backups lies; without it the environment variable PASSPHRASE is read."""

    passphrase: SecretRef | None = None


class ReachConfig(Table):
    """How often the sites of shops are looked at (those with `site`), and when a certificate is too old.

    `allow_private` lets a site lie on this machine or in the local network.
    """

    every: Annotated[Duration, Field(ge=timedelta(hours=1))] = timedelta(days=7)
    certificate_days: Annotated[int, Field(ge=1, le=90)] = 21
    allow_private: bool = False
