"""The table [login]: how people get into the dashboard, and whom an OpenID provider lets in."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from monitor.config.base import SecretRef, Table
from monitor.config.durations import Duration
from monitor.config.web import WebAddress
from monitor.people import LONGEST_NAME, Role

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+$", max_length=254)]
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME, strip_whitespace=True)]


class OidcConfig(Table):
    """A provider of OpenID Connect. `metadata` is its discovery document; `name` stands on the button.

    The provider must know dashboard.url + "/oauth2callback" as our address. `cookie_secret` signs the
    cookie that says who somebody is: any long random text of your own.
    """

    name: PersonName
    metadata: WebAddress
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    client_secret: SecretRef
    cookie_secret: SecretRef


class MemberConfig(Table):
    """Somebody whom the provider's word on the mail address lets in, and what they are here for."""

    name: PersonName
    email: Email
    role: Role = Role.STAFF


class LoginConfig(Table):
    """How people log in. With `passwords` each has their own (`mainevahti people`).

    A visit ends `idle` after the last press, and `longest` after the login whatever is done.
    """

    passwords: bool = False
    idle: Annotated[Duration, Field(ge=timedelta(minutes=5))] = timedelta(hours=12)
    longest: Annotated[Duration, Field(ge=timedelta(minutes=15), le=timedelta(days=30))] = timedelta(days=7)
    oidc: OidcConfig | None = None
    members: tuple[MemberConfig, ...] = ()

    @model_validator(mode="after")
    def _members_are_let_in_by_somebody(self) -> "LoginConfig":
        if self.members and self.oidc is None:
            raise ValueError("members come in through oidc; write that table too, or use `mainevahti people`")
        emails = [member.email.casefold() for member in self.members]
        if len(set(emails)) < len(emails):
            raise ValueError("give each of the members their own email")
        return self

    def member(self, email: str) -> MemberConfig | None:
        """Who has that mail address."""
        return next((one for one in self.members if one.email.casefold() == email.casefold()), None)
