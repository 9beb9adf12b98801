"""What a download link carries: what is wanted, by whom, sealed so that nobody else can write one.

Made when a page is drawn, opened when the link is pressed, by whichever process; nothing is kept between.
"""

import base64
import binascii
import hmac
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from monitor.config import Config, own_key
from monitor.export import Request, Subject, Wanted
from monitor.trends import Split, Step

# A page may stay open over a working day; who may take something along is asked when it is pressed.
_KEPT = timedelta(hours=16)
_LONGEST = 100_000
_KEY = "downloads"


@dataclass(frozen=True, slots=True)
class Wish:
    """An export as a page offers it; `visit` and `provided` are the keys of the visit, "" without one."""

    subject: Subject
    made_at: datetime
    language: str
    who: str = ""
    visit: str = ""
    provided: str = ""
    with_names: bool = False
    wanted: Wanted = field(default_factory=Wanted)
    step: Step = Step.DAY
    split: tuple[Split, ...] = (Split.SOURCE,)

    def request(self, config: Config) -> Request:
        """It as an export; authors are pseudonyms but where names are wanted."""
        key = None if self.with_names else own_key(config, "pseudonym")
        return Request(self.subject, config.zone, key, self.wanted, step=self.step, split=self.split)


_WRITTEN = TypeAdapter(Wish)


def seal(config: Config, wish: Wish) -> str:
    """The wish as a part of an address."""
    written = zlib.compress(_WRITTEN.dump_json(wish), 9)
    return f"{_text(written)}.{_text(_mark(config, written))}"


def unseal(config: Config, sealed: str, now: datetime) -> Wish | None:
    """The wish of an address; None when it is not ours, or too old."""
    written, _, mark = sealed[:_LONGEST].partition(".")
    try:
        raw = _bytes(written)
        if not hmac.compare_digest(_mark(config, raw), _bytes(mark)):
            return None
        wish = _WRITTEN.validate_json(zlib.decompress(raw))
    except (binascii.Error, ValueError, ValidationError, zlib.error):
        return None
    return wish if timedelta() <= now - wish.made_at <= _KEPT else None


def _mark(config: Config, written: bytes) -> bytes:
    return hmac.digest(own_key(config, _KEY), written, "sha256")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
