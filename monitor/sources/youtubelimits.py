"""What YouTube means when it refuses with 403 or 429: its day is used up, we are too fast, or it is final.

https://developers.google.com/youtube/v3/docs/errors. The status alone does not tell; the reasons stand in
the body.
"""

import json
from collections.abc import Iterator
from typing import Any

from monitor.errors import SourceBusy
from monitor.http import Answer
from monitor.sources.quota import Quota

_USED_UP = frozenset(("quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"))
_TOO_FAST = frozenset(("rateLimitExceeded", "userRateLimitExceeded"))
_A_WHILE_S = 60.0


def raise_if_limited(answer: Answer, quota: Quota) -> None:
    """SourceSpent until the day ends there, SourceBusy when we were too fast; nothing for other refusals."""
    reasons = set(_reasons(answer))
    if reasons & _USED_UP:
        raise quota.use_up()
    if reasons & _TOO_FAST and answer.status != 429:  # a 429 tells by itself how long to wait
        raise SourceBusy(f"{answer.host} asks us to come back later (rateLimitExceeded).", _A_WHILE_S)


def _reasons(answer: Answer) -> Iterator[str]:
    """The reasons in the two places where Google's interfaces put them."""
    try:
        said = json.loads(answer.content)
    except (ValueError, RecursionError):
        return
    error = said.get("error") if isinstance(said, dict) else None
    for name in ("errors", "details"):
        yield from (str(row.get("reason")) for row in _rows(error, name))


def _rows(error: Any, name: str) -> list[dict[str, Any]]:
    rows = error.get(name) if isinstance(error, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
