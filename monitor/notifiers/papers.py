"""The templates of all mails: HTML is escaped, a missing value is an error, links in plain text stay dead."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitor.notifiers.inert import unlinked


@cache
def templates() -> Environment:
    """Read from the folder beside this file, once."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html.jinja"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unlinked"] = unlinked
    return environment
