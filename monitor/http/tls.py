"""The certificate that a server shows: read over a guarded connection, whether it can be trusted or not."""

import ssl
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import httpcore
from cryptography import x509

from monitor.errors import SourceBusy
from monitor.http.guard import GuardedNetwork, Resolve, resolve_host

_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED


@dataclass(frozen=True, slots=True)
class Certificate:
    """`ends_at` is None when it cannot be read; `is_trusted` is False when browsers would warn of it."""

    ends_at: datetime | None
    is_trusted: bool
    is_expired: bool = False


def read_certificate(
    host: str,
    port: int,
    *,
    allow_private: bool = False,
    seconds: float = 30.0,
    resolve: Resolve = resolve_host,
) -> Certificate:
    """Return the certificate of a server; the system says whom to trust.

    Raises SourceBusy when there is no connection, SourceBroken for a private address that is not allowed.
    """
    network = GuardedNetwork(resolve, allow_private=allow_private, deadline=time.monotonic() + seconds)
    try:
        return Certificate(_ends(_shown(network, host, port, ssl.create_default_context())), True)
    except httpcore.ConnectError as error:
        cause = error.__cause__
        if not isinstance(cause, ssl.SSLCertVerificationError):
            raise SourceBusy(f"{host} cannot be reached over TLS.") from None
        is_expired = cause.verify_code == _EXPIRED
    except (httpcore.TimeoutException, httpcore.NetworkError, OSError):
        raise SourceBusy(f"{host} did not answer in time.") from None
    return Certificate(_untrusted_end(network, host, port), False, is_expired)


def _untrusted_end(network: GuardedNetwork, host: str, port: int) -> datetime | None:
    """Until when a certificate is valid that is not trusted; nothing is sent over that connection."""
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    try:
        return _ends(_shown(network, host, port, blind))
    except (httpcore.TimeoutException, httpcore.NetworkError, OSError):
        return None


def _shown(network: GuardedNetwork, host: str, port: int, context: ssl.SSLContext) -> bytes:
    stream = network.connect_tcp(host, port, 10.0)
    with closing(stream):
        stream = stream.start_tls(context, host, 10.0)
        with closing(stream):
            return stream.get_extra_info("ssl_object").getpeercert(True) or b""


def _ends(der: bytes) -> datetime | None:
    try:
        return x509.load_der_x509_certificate(der).not_valid_after_utc
    except ValueError:
        return None
