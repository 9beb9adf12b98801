"""The table [web]: the address behind the buttons of mails, and the programs that may ask there."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints, model_validator

from monitor.config.base import LOOPBACK, Port, SecretRef, Slug, Table


def _web_address(written: str) -> str:
    parts = urlsplit(written)
    is_whole = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    # Asking for a port that there cannot be raises ValueError too.
    if not is_whole or parts.port == 0 or parts.query or parts.fragment:
        raise ValueError('write the whole address, such as "https://mainevahti.example.com"')
    return written.rstrip("/")


WebAddress = Annotated[
    str, StringConstraints(pattern=r"^[!-~]+$", max_length=500), AfterValidator(_web_address)
]


class ClientConfig(Table):
    """A program that may read the web endpoint, and where its token lies.

    With `names` it may also have exports with authors by name.
    """

    name: Slug
    secret: SecretRef
    names: bool = False


class WebConfig(Table):
    """Where the buttons of mails lead, and other programs ask; beyond this machine only with tokens."""

    address: str = "127.0.0.1"
    port: Port = 8502
    url: WebAddress | None = None
    tokens: tuple[ClientConfig, ...] = ()

    @model_validator(mode="after")
    def _guarded(self) -> "WebConfig":
        if self.address not in LOOPBACK and not (self.tokens and self.url):
            raise ValueError(
                "beyond 127.0.0.1 the web endpoint needs url, the address that people use, and tokens = "
                '[{ name = "grafana", secret = { env = "NAME" } }]'
            )
        return self

    @model_validator(mode="after")
    def _one_token_a_name(self) -> "WebConfig":
        names = [client.name for client in self.tokens]
        if len(set(names)) < len(names):
            raise ValueError("give each of the tokens its own name")
        return self

    @property
    def base_url(self) -> str:
        """Address that the buttons of mails start with, without a slash at the end."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return self.url or f"http://{host}:{self.port}"
