"""What every table of config.toml is built on: strictness, names, ports, and where a secret lies."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Port = Annotated[int, Field(ge=0, le=65535)]
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Table(BaseModel):
    """Base of every table: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class SecretRef(Table):
    """Where a secret lies: `{ env = "NAME" }` or `{ file = "path" }`; never the secret itself."""

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "SecretRef":
        if (self.env is None) == (self.file is None):
            raise ValueError('write { env = "NAME" } or { file = "path" }')
        return self
