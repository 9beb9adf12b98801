"""[[channels]]: other ways to hear of an alert than mail: chat, SMS, another program."""

from typing import Literal

from pydantic import model_validator

from monitor.config.base import SecretRef, Slug, Table
from monitor.config.web import WebAddress


class ChannelConfig(Table):
    """One way out. A recipient names it with `channel` in the place of `email`.

    "apprise": `address` holds an Apprise address (slack://…, msteams://…, tgram://…), which is a secret.
    "webhook": letters are posted to `url`, signed with `secret` as Standard Webhooks are.
    """

    slug: Slug
    kind: Literal["apprise", "webhook"]
    address: SecretRef | None = None
    url: WebAddress | None = None
    secret: SecretRef | None = None
    allow_private: bool = False

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> "ChannelConfig":
        if self.kind == "apprise" and self.address is None:
            raise ValueError(
                'kind = "apprise" needs address = { env = "NAME" }, an address such as slack://…'
            )
        if self.kind == "webhook" and (self.url is None or self.secret is None):
            raise ValueError('kind = "webhook" needs url = "https://…" and secret = { env = "NAME" }')
        return self
