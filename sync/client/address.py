"""Which addresses a till will talk to: TLS, except to its own machine."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from sync.client.trouble import BadAddress, PlainHttpRefused

# Nothing that two URL parsers could read differently: no user part, no backslash, no query.
_PLAIN = re.compile(r"[A-Za-z0-9.:/\[\]_~-]{1,200}")


def hub_address(text: str) -> str:
    """The hub's base URL without a trailing slash.

    Raises:
        BadAddress: not an http or https URL with a host and nothing else.
        PlainHttpRefused: `http://` to another machine.

    """
    parts = _parts(text.strip())
    host = parts.hostname or ""
    if parts.scheme == "http" and not is_loopback(host):
        raise PlainHttpRefused(host)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost`, 127.0.0.0/8 or ::1, as written (no look-up)."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parts(text: str) -> SplitResult:
    if not _PLAIN.fullmatch(text):
        raise BadAddress
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadAddress from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise BadAddress
    return parts
