"""config.toml -> one frozen Config; every mistake at once, each with its key path and remedy.

Secrets never stand in the file: it names an environment variable or a file (SecretRef).
"""

from monitor.config.durations import Duration, parse_duration
from monitor.config.keys import own_key
from monitor.config.loading import load_config, read_secret, secret_refs
from monitor.config.people import LoginConfig, MemberConfig, OidcConfig
from monitor.config.schema import (
    AlertRules,
    Config,
    DashboardConfig,
    DatabaseConfig,
    DeadlineConfig,
    DemoConfig,
    HttpConfig,
    MailConfig,
    ModelConfig,
    RecipientConfig,
    RetentionConfig,
    SecretRef,
    ShopConfig,
    SourceConfig,
)
from monitor.config.web import ClientConfig, WebConfig

__all__ = [
    "AlertRules",
    "ClientConfig",
    "Config",
    "DashboardConfig",
    "DatabaseConfig",
    "DeadlineConfig",
    "DemoConfig",
    "Duration",
    "HttpConfig",
    "LoginConfig",
    "MailConfig",
    "MemberConfig",
    "ModelConfig",
    "OidcConfig",
    "RecipientConfig",
    "RetentionConfig",
    "SecretRef",
    "ShopConfig",
    "SourceConfig",
    "WebConfig",
    "load_config",
    "own_key",
    "parse_duration",
    "read_secret",
    "secret_refs",
]
