"""What the web endpoint works with; put together once by monitor.app."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from monitor.clock import Clock
from monitor.config import Config
from monitor.links import LinkSigner
from monitor.store import Store
from monitor.web.gate import Clients
from monitor.web.pulse import Pulse
from monitor.wording import Wording


@dataclass(frozen=True, slots=True)
class Hook:
    """A source that is pushed to: its secret, and how far a letter's time may be from ours."""

    secret: str
    window: timedelta


@dataclass(frozen=True, slots=True)
class WebParts:
    """`wordings` by language; `pseudonym_key` is what authors are hidden with, `hooks` the
    sources that are pushed to.
    """

    config: Config
    store: Store
    clock: Clock
    signer: LinkSigner
    pulse: Pulse
    clients: Clients
    wordings: Mapping[str, Wording]
    pseudonym_key: bytes
    hooks: Mapping[str, Hook] = field(default_factory=dict)
