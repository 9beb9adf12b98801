"""Keys that the service makes for itself at first use; they lie in var/, outside the database."""

import os
import secrets
import tempfile
from pathlib import Path

from monitor.config.schema import Config
from monitor.errors import ConfigError, Mistake

_BYTES = 32


def own_key(config: Config, name: str) -> bytes:
    """Return the key in var/NAME.key, made when there is none. Raises ConfigError.

    Of several processes that make it at the same time, one wins and the others read its key.
    """
    path = config.path(Path(f"var/{name}.key"))
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        remedy = "Give the service's user the right to read and write that folder."
        raise ConfigError([Mistake(str(path), f"it cannot be used ({error.strerror}).", remedy)]) from None
    if len(key) < _BYTES:
        raise ConfigError([Mistake(str(path), "it is damaged.", "Remove it; a new one is made.")])
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes a file that nobody else may read; a link appears whole or not at all.
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        Path(unfinished).unlink()
