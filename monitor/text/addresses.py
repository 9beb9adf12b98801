"""Addresses from outside: fit for a link, and comparable."""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from monitor.text.cleaning import clean_line

_LIMIT = 2_000
_DEFAULT_PORTS = {"http": 80, "https": 443}
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_ga|ref_src|spm", re.IGNORECASE
)
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+")
_SAFE = "%/:?#[]@!$&()*+,;=~-._"


def safe_url(url: str) -> str:
    """Return an http or https address that can stand in a link, or "" for everything else.

    A user name and password in it go; quotes, angle brackets, spaces and letters outside ASCII are
    escaped in all but the host name.
    """
    try:
        parts = urlsplit(clean_line(url, _LIMIT + 1))
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host) or len(url) > _LIMIT:
        return ""
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else ""
    path, query, fragment = (quote(part, safe=_SAFE) for part in parts[2:])
    return urlunsplit((parts.scheme, place, path or "/", query, fragment))


def canonical_url(url: str) -> str:
    """Return `safe_url` without fragment and tracking parameters: equal for the same page."""
    parts = urlsplit(safe_url(url))
    if not parts.netloc:
        return ""
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(key, value) for key, value in pairs if not _TRACKING.fullmatch(key)]
    query = parts.query if len(kept) == len(pairs) else urlencode(kept)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
