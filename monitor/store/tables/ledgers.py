"""What left the house, and what was erased on request."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from monitor.store.tables.columns import json_column


class ExportRecord(SQLModel, table=True):
    """The ledger of exports: who took what out, when; so that an erasure can name the files to mend."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    who: str
    via: str
    what: str
    filters: dict[str, Any] = Field(sa_column=json_column())
    rows: int
    file: str
    names: bool


class Erasure(SQLModel, table=True):
    """An erasure on request; of whom is kept only as a keyed hash."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    who: str
    what: str
    subject_hash: str = Field(max_length=64)
    mentions: int
    reason: str
