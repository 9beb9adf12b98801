"""Signatures of letters between programs, in and out, as the Standard Webhooks specification writes them.

What is signed is the letter's id, its time in Unix seconds and the raw body, joined by points; HMAC-SHA256,
Base64 after "v1,". Several signatures may stand side by side while a secret is changed.
https://www.standardwebhooks.com
"""

import base64
import hmac
from datetime import datetime, timedelta

ID, TIME, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX = "whsec_"
_VERSION = "v1,"


def sign(secret: str, letter_id: str, at: int, body: bytes) -> str:
    """The signature of a letter. A secret is text, or "whsec_" and Base64 as the specification has it."""
    said = f"{letter_id}.{at}.".encode() + body
    return _VERSION + base64.b64encode(hmac.digest(_key(secret), said, "sha256")).decode()


def is_signed(secret: str, letter_id: str, at: int, body: bytes, signatures: str) -> bool:
    """Tell whether one of the signatures (parted by spaces) is ours; takes the same time for a wrong one."""
    expected = sign(secret, letter_id, at, body).encode()
    return any([hmac.compare_digest(expected, one.encode()) for one in signatures.split(" ")[:10]])


def is_fresh(at: int, now: datetime, window: timedelta) -> bool:
    """Tell whether a letter's time lies within the window on either side of now."""
    return abs(now.timestamp() - at) <= window.total_seconds()


def _key(secret: str) -> bytes:
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except ValueError:
            pass
    return secret.encode()
