"""`mainevahti backup | restore`: everything that is needed to go on, encrypted, in one command each."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from monitor.app import database_url, read_config
from monitor.backup import make_backup, restore_backup
from monitor.cli.output import Terminal
from monitor.config import Config, SecretRef, read_secret, secret_refs
from monitor.config.keeping import PASSPHRASE
from monitor.errors import ConfigError
from monitor.sources import SOURCES


def backup(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write a backup; the service may go on meanwhile."""
    config = read_config(arguments.config)
    passphrase = _passphrase(arguments.passphrase_file, config)
    with terminal.progress("Writing the backup"):
        size = make_backup(
            config,
            arguments.config,
            database_url(config),
            arguments.file,
            passphrase,
            datetime.now(UTC),
        )
    terminal.good(f"{arguments.file}: {size / 2**20:.1f} MB, encrypted. Keep the passphrase somewhere else.")
    secrets = sorted(set(_secrets(config)))
    if secrets:
        terminal.warn(f"secrets are not in it; keep them yourself: {', '.join(secrets)}")
    return 0


def restore(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Bring a backup back; what is there already is replaced only with --force."""
    passphrase = _passphrase(arguments.passphrase_file, _present_config(arguments.config))
    with terminal.progress("Restoring"):
        done = restore_backup(
            arguments.file,
            arguments.config,
            passphrase,
            read_config,
            database_url,
            datetime.now(UTC),
            arguments.force,
        )
    terminal.good(f"All is as it was at {done.made_at}. What was found since is fetched again.")
    if done.erased_again:
        terminal.say(f"{done.erased_again} posts that had been erased since then were emptied again.")
    if done.unread:
        terminal.warn(f"what had been erased since then is known from the ledger alone ({done.unread})")
    return 0


def _present_config(path: Path) -> Config | None:
    """The configuration that is there; None where it is missing or cannot be used."""
    try:
        return read_config(path)
    except ConfigError:
        return None


def _passphrase(file: Path | None, config: Config | None) -> str:
    """The passphrase out of the file that was named, the configuration, or the environment."""
    if file is not None:
        return read_secret(SecretRef(file=file.absolute()), Path())
    if config is not None and config.backup.passphrase is not None:
        return read_secret(config.backup.passphrase, config.folder)
    return read_secret(SecretRef(env=PASSPHRASE), Path(), os.environ)


def _secrets(config: Config) -> list[str]:
    """Where the secrets lie that the configuration names."""
    refs = [ref for _, ref in secret_refs(config)]
    for source in (one for one in config.sources if one.enabled):
        refs += [ref for _, ref in secret_refs(SOURCES[source.kind].settings.model_validate(source.options))]
    return [ref.env or str(ref.file) for ref in refs if ref != config.backup.passphrase]
