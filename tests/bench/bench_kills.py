"""Two hundred kills (kill -9) at random moments under load: what was lost, doubled or repeated."""

import dataclasses
import logging
import tempfile
from pathlib import Path

from tests.stories.killing import kill_often

KILLS, POSTS = 200, 1200


def rows() -> list[dict[str, object]]:
    """One row with the damage; everything but `repeated_mails` and `mails` must be 0."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        damage = kill_often(Path(folder), KILLS, POSTS)
    logging.disable(logging.NOTSET)
    return [dataclasses.asdict(damage)]


if __name__ == "__main__":
    print(rows())
