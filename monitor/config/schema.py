"""The shape of config.toml. Each class is one table of the file; unknown keys are errors."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from monitor.config.base import LOOPBACK, Name, Port, Slug, Table
from monitor.config.base import SecretRef as SecretRef
from monitor.config.channels import ChannelConfig
from monitor.config.durations import ClockTime, Duration, Period, Span
from monitor.config.keeping import BackupConfig, ReachConfig
from monitor.config.people import LoginConfig
from monitor.config.retention import RetentionConfig as RetentionConfig
from monitor.config.storm import StormConfig
from monitor.config.web import WebAddress, WebConfig
from monitor.domain import Shop, Topic, Urgency

# A password in the place where SQLAlchemy looks for it, or among the settings of the driver.
_PASSWORD_IN_URL = re.compile(r"^[^:]*://[^:/]*:[^@]+@|[?&;](?:password|passwd|pwd)=", re.IGNORECASE)
CHANNEL = "channel:"  # what the address of a message to a channel begins with
Language = Literal["fi", "sv", "en"]
MailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+$", max_length=254)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError('write a time zone of the IANA list, such as "Europe/Helsinki"')
    return name


class DeadlineConfig(Table):
    """How soon each urgency must be answered, counted in opening hours; reminders in the same time."""

    critical: Duration = timedelta(hours=1)
    high: Duration = timedelta(hours=1)
    normal: Duration = timedelta(hours=4)
    none: Duration = timedelta(hours=24)
    critical_round_the_clock: bool = True
    remind_before: Duration = timedelta(minutes=30)
    escalate_after: Duration = timedelta(hours=1)
    holidays: str | None = "FI"
    monday: tuple[Period, ...] = ("9-17",)  # type: ignore[assignment]
    tuesday: tuple[Period, ...] = ("9-17",)  # type: ignore[assignment]
    wednesday: tuple[Period, ...] = ("9-17",)  # type: ignore[assignment]
    thursday: tuple[Period, ...] = ("9-17",)  # type: ignore[assignment]
    friday: tuple[Period, ...] = ("9-17",)  # type: ignore[assignment]
    saturday: tuple[Period, ...] = ()
    sunday: tuple[Period, ...] = ()

    @property
    def week(self) -> tuple[tuple[Period, ...], ...]:
        """Opening periods, Monday first."""
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )

    def allowed(self, urgency: Urgency) -> timedelta:
        """Time to answer a post of this urgency."""
        return {
            Urgency.CRITICAL: self.critical,
            Urgency.HIGH: self.high,
            Urgency.NORMAL: self.normal,
            Urgency.NONE: self.none,
        }[urgency]

    @model_validator(mode="after")
    def _open_at_all(self) -> "DeadlineConfig":
        if not any(self.week):
            raise ValueError("give opening hours on one day of the week at least")
        return self


class ShopConfig(Table):
    """One name to listen for. `contact` is where ready-made replies ask people to write, `site` the address
    whose contact page is looked at weekly, `deadlines` stand in the place of those for all shops.
    """

    slug: Slug
    name: Name
    aliases: tuple[Name, ...] = ()
    domains: tuple[Name, ...] = ()
    handles: tuple[Name, ...] = ()
    words_near: tuple[Name, ...] = ()
    not_words: tuple[Name, ...] = ()
    case_sensitive: bool = False
    languages: tuple[str, ...] = ("fi", "sv", "en")
    rival: bool = False
    recipients: tuple[Slug, ...] = ()
    contact: str | None = None
    site: WebAddress | None = None
    deadlines: DeadlineConfig | None = None

    def to_shop(self) -> Shop:
        return Shop(**self.model_dump(exclude={"recipients", "contact", "site", "deadlines"}))


class SourceConfig(Table):
    """The frame around one source; `options` are the keys that its kind defines.

    `every` is the interval between fetches; with `slowest` a quiet source is fetched more seldom, down to
    that interval. More than `daily_quota` requests a day are not made. No post for `late_after` counts as
    a problem. `canary` is a word that must occur among the posts within `canary_every`. `allow_private` lets
    it read addresses of this machine or the local network.
    """

    slug: Slug
    kind: str
    every: Duration = timedelta(minutes=10)
    slowest: Duration | None = None
    daily_quota: Annotated[int, Field(ge=1)] | None = None
    late_after: Duration | None = None
    canary: Name | None = None
    canary_every: Duration = timedelta(days=1)
    allow_private: bool = False
    enabled: bool = True
    options: Mapping[str, Any] = Field(default_factory=dict)


class AlertRules(Table):
    """When a post becomes an alert."""

    negative_above: Annotated[float, Field(gt=0, lt=1)] | None = None
    ignore_older_than: Duration = timedelta(days=7)
    more_every: Duration = timedelta(minutes=30)
    urgent_words: tuple[Name, ...] = ()
    questions: bool = True


class RecipientConfig(Table):
    """A person who gets mail, or a channel that hears of alerts instead.

    Empty `shops`, `topics`, `sources` or `languages` mean all of them. `weekly` brings a report on Mondays.

    The rules choose what is mailed at once (with `only_negative` what unhappy people write); the rest comes
    with the daily `digest`. In `quiet` hours and beyond `most_a_day` mails only critical ones do not wait.
    An `operator` is also told when a source is not heard any more.
    """

    slug: Slug
    name: Name
    email: MailAddress | None = None
    channel: Slug | None = None
    language: Language | None = None
    urgency_at_least: Urgency = Urgency.NONE
    shops: tuple[Slug, ...] = ()
    topics: tuple[Topic, ...] = ()
    sources: tuple[Slug, ...] = ()
    languages: tuple[str, ...] = ()
    only_negative: bool = False
    digest: ClockTime | None = None
    weekly: bool = False
    quiet: tuple[Span, ...] = ()
    most_a_day: Annotated[int, Field(ge=1, le=1000)] | None = None
    escalation: bool = False
    operator: bool = False

    @model_validator(mode="after")
    def _reached_in_one_way(self) -> "RecipientConfig":
        if (self.email is None) == (self.channel is None):
            raise ValueError('give email = "name@example.com" or channel = "slug", one of the two')
        return self

    @property
    def address(self) -> str:
        """Where messages go: an e-mail address, or the name of a channel."""
        return self.email or f"{CHANNEL}{self.channel}"


class MailConfig(Table):
    """How mail leaves: written to a folder, or handed to an SMTP server."""

    transport: Literal["folder", "smtp"] = "folder"
    folder: Path = Path("var/mail")
    sender: MailAddress = "mainevahti@localhost"
    host: str | None = None
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretRef | None = None
    timeout: Duration = timedelta(seconds=20)

    @model_validator(mode="after")
    def _smtp_has_host(self) -> "MailConfig":
        if self.transport == "smtp" and not self.host:
            raise ValueError('transport = "smtp" needs host = "smtp.example.com"')
        return self


class DatabaseConfig(Table):
    """An SQLAlchemy URL; a password in it comes from `password`, never from the URL."""

    url: str = "sqlite:///var/mainevahti.db"
    password: SecretRef | None = None

    # Checks the table and not the key: what is wrong with a key is told together with its value.
    @model_validator(mode="after")
    def _tells_no_secret(self) -> "DatabaseConfig":
        if _PASSWORD_IN_URL.search(self.url):
            raise ValueError(
                'take the password out of url and write password = { env = "NAME" } or { file = "path" }'
            )
        return self


class DashboardConfig(Table):
    """Where the dashboard listens and how people reach it; beyond this machine only with a login."""

    address: str = "127.0.0.1"
    port: Port = 8501
    url: WebAddress | None = None
    password: SecretRef | None = None

    @property
    def is_private(self) -> bool:
        """Whether only this machine reaches it."""
        return {self.address, urlsplit(self.base_url).hostname}.issubset(LOOPBACK)

    @property
    def base_url(self) -> str:
        """Address that links in mails start with, without a slash at the end."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return self.url or f"http://{host}:{self.port}"


class HttpConfig(Table):
    """How we present ourselves to other servers, and how fast we may ask one of them."""

    contact: str = ""
    pace: Duration = timedelta(seconds=1)


class ModelConfig(Table):
    """Which model reads the posts; None is the one shipped in models/weights."""

    name: str | None = None
    threads: Annotated[int, Field(ge=1, le=64)] | None = None


class DemoConfig(Table):
    """The sample stream of a first run; remove the table and the demo is off."""

    port: Port = 8765


class Config(Table):
    """The whole file. `folder` is where config.toml lies; relative paths start there."""

    language: Language = "fi"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Europe/Helsinki"
    shops: Annotated[tuple[ShopConfig, ...], Field(min_length=1)]
    sources: tuple[SourceConfig, ...] = ()
    recipients: tuple[RecipientConfig, ...] = ()
    alerts: AlertRules = AlertRules()
    deadlines: DeadlineConfig = DeadlineConfig()
    storm: StormConfig = StormConfig()
    mail: MailConfig = MailConfig()
    channels: tuple[ChannelConfig, ...] = ()
    database: DatabaseConfig = DatabaseConfig()
    retention: RetentionConfig = RetentionConfig()
    backup: BackupConfig = BackupConfig()
    reach: ReachConfig = ReachConfig()
    dashboard: DashboardConfig = DashboardConfig()
    login: LoginConfig = LoginConfig()
    web: WebConfig | None = None
    http: HttpConfig = HttpConfig()
    model: ModelConfig = ModelConfig()
    demo: DemoConfig | None = None
    folder: Path = Field(default=Path(), exclude=True)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def path(self, relative: Path) -> Path:
        """Resolve a path of the file against the folder the file lies in."""
        return (self.folder / relative).resolve()

    @property
    def asks_who(self) -> bool:
        """Whether the configuration names a way to log in; people with passwords are another."""
        return bool(self.dashboard.password or self.login.passwords or self.login.oidc)

    def shop(self, slug: str) -> ShopConfig:
        """Return the shop of that slug; KeyError when there is none."""
        for shop in self.shops:
            if shop.slug == slug:
                return shop
        raise KeyError(slug)
