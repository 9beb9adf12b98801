"""Options of the commands that look after the shop's site, the report, and backups; days that people type."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
_LANGUAGES = ("fi", "sv", "en")
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


def day(written: str) -> date:
    """A day as it is typed; what cannot be meant raises what argparse tells."""
    found = date.fromisoformat(written)
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise argparse.ArgumentTypeError(f"name a day of the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return found


def add_care(commands: "Commands") -> None:
    """Add `report`, `reach`, `backup` and `restore`."""
    report = commands.add_parser("report", help="the page about a week, as text, HTML or PDF")
    report.add_argument("--week", metavar="2026-W47", help="left out: the last whole week")
    report.add_argument("--language", "--lang", choices=_LANGUAGES, help="left out: that of config.toml")
    report.add_argument(
        "--out", type=Path, help="a file (.html or .pdf for a page); left out: standard output"
    )
    report.add_argument("--pdf", type=Path, metavar="FILE", help="the same as --out, always a PDF")
    reach = commands.add_parser("reach", help="look whether customers can reach the shop by its own site")
    reach.add_argument("shop", nargs="?", help="slug of one shop (default: every one with a site)")
    reach.add_argument("--language", "--lang", choices=_LANGUAGES, help="left out: that of config.toml")
    backup = commands.add_parser("backup", help="write database, configuration and keys, encrypted")
    backup.add_argument("file", type=Path, help="where to; it appears only when it is complete")
    restore = commands.add_parser("restore", help="bring back what a backup holds; the service must rest")
    restore.add_argument("file", type=Path, help="a file that `backup` wrote")
    restore.add_argument("--force", action="store_true", help="replace what is there")
    for parser in (backup, restore):
        parser.add_argument(
            "--passphrase-file", type=Path, help="left out: [backup] of config.toml, or the environment"
        )
