"""Signed addresses of the buttons in mails: what they say, and whether we wrote them. No I/O.

Who holds such an address may do the one thing it names, until it expires; nothing else needs to be
known about them. Checking says only that we wrote it: whether the alert still is that alert, and the
recipient still a recipient, is for the reader to see.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

LASTS = timedelta(days=14)
# What is signed begins with this, so that the key can never be made to sign something else.
_PURPOSE = "mainevahti mail button 1"
# The signature comes first: mail readers may leave a dash at the end of an address out of the link.
_WRITTEN = re.compile(
    r"([\w-]{43})\.(\d{1,18})\.([a-z0-9-]{1,63})\.([a-z_]{1,20})\.(\d{1,18})\.(\d{1,12})", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class LinkAction(StrEnum):
    """What a button of a mail does to its alert."""

    TAKE = "take"
    ANSWER = "answer"
    DISMISS = "dismiss"
    NOT_ABOUT_US = "not_about_us"
    NOT_NEGATIVE = "not_negative"


@dataclass(frozen=True, slots=True)
class ButtonLink:
    """One action on one alert for one recipient (a slug). `opened_at` tells the alert from a later one
    of the same id in a database that was made anew.
    """

    alert_id: int
    recipient: str
    action: LinkAction
    opened_at: datetime
    expires_at: datetime


class LinkSigner:
    """Writes button links and reads back those it wrote."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, link: ButtonLink) -> str:
        """The link as one word that can stand in an address."""
        opened = (link.opened_at - _EPOCH) // _MICROSECOND
        expires = int(link.expires_at.timestamp())
        said = f"{link.alert_id}.{link.recipient}.{link.action.value}.{opened}.{expires}"
        return f"{self._sign(said)}.{said}"

    def read(self, written: str) -> ButtonLink | None:
        """What the link says, expired or not; None when we did not write it."""
        parts = _WRITTEN.fullmatch(written)
        if parts is None or not hmac.compare_digest(self._sign(written.partition(".")[2]), parts[1]):
            return None
        return ButtonLink(
            alert_id=int(parts[2]),
            recipient=parts[3],
            action=LinkAction(parts[4]),
            opened_at=_EPOCH + int(parts[5]) * _MICROSECOND,
            expires_at=datetime.fromtimestamp(int(parts[6]), UTC),
        )

    def _sign(self, said: str) -> str:
        digest = hmac.digest(self._key, f"{_PURPOSE}\0{said}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
