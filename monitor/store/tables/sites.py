"""What was seen at a shop's own site."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from monitor.store.tables.columns import json_column


class SiteCheck(SQLModel, table=True):
    """One look at a shop's site: findings as message ids of sentence and remedy, and values to fill in."""

    id: int | None = Field(default=None, primary_key=True)
    shop: str = Field(max_length=63, index=True)
    site: str = Field(max_length=500)
    at: datetime
    findings: list[dict[str, Any]] = Field(sa_column=json_column())
