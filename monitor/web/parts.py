"""What the web endpoint works with; put together once by monitor.app."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.clock import Clock
from monitor.config import Config
from monitor.links import LinkSigner
from monitor.store import Store
from monitor.web.gate import Clients
from monitor.web.pulse import Pulse
from monitor.wording import Wording


@dataclass(frozen=True, slots=True)
class WebParts:
    """`wordings` by language; `pseudonym_key` is what authors are hidden with."""

    config: Config
    store: Store
    clock: Clock
    signer: LinkSigner
    pulse: Pulse
    clients: Clients
    wordings: Mapping[str, Wording]
    pseudonym_key: bytes
