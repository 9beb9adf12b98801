"""Who may ask the API, and how fast: one token a client, compared in a time that tells nothing."""

import hashlib
import hmac
import math
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

PER_MINUTE = 120
_BEARER = "bearer"


@dataclass
class _Bucket:
    """Requests that a client may still make at once; fills up as time goes by."""

    left: float
    at: datetime


class Clients:
    """The programs that may ask, by name and token."""

    def __init__(
        self, tokens: Mapping[str, str], per_minute: int = PER_MINUTE, with_names: Collection[str] = ()
    ) -> None:
        """`with_names` are the clients that may see authors by name."""
        self._with_names = frozenset(with_names)
        self._digests = {name: _digest(token) for name, token in tokens.items()}
        self._per_minute = per_minute
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._digests)

    def name_of(self, authorization: str | None) -> str | None:
        """The client whose token stands in an Authorization header; None when there is none."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != _BEARER:
            return None
        # All are compared, so that the time does not tell which one came near.
        asked, found = _digest(token.strip()), None
        for name, digest in self._digests.items():
            found = name if hmac.compare_digest(asked, digest) else found
        return found

    def may_see_names(self, name: str) -> bool:
        """Whether a client may have exports with authors by name."""
        return name in self._with_names

    def wait(self, name: str, now: datetime) -> int:
        """Count a request; returns how many seconds the client must wait for it, 0 when it need not."""
        with self._lock:
            bucket = self._buckets.setdefault(name, _Bucket(self._per_minute, now))
            passed = max(now - bucket.at, timedelta()) / timedelta(minutes=1)
            bucket.left = min(self._per_minute, bucket.left + passed * self._per_minute)
            bucket.at = now
            if bucket.left < 1:
                return math.ceil((1 - bucket.left) * 60 / self._per_minute)
            bucket.left -= 1
            return 0


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
