"""The table [storm]: when a rise of unhappy posts is more than the usual up and down."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from monitor.config.base import Table
from monitor.config.durations import Duration


class StormConfig(Table):
    """`at_least` unhappy posts are needed; while it lasts a mail comes every `more_every` at most.

    With `fold`, single alerts of a storm are told of in its mails and not one by one, unless critical.
    """

    enabled: bool = True
    at_least: Annotated[int, Field(ge=3, le=1000)] = 5
    more_every: Annotated[Duration, Field(ge=timedelta(minutes=10))] = timedelta(hours=1)
    fold: bool = True
