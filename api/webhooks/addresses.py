"""Which addresses we may call: public ones by name over https, and nothing inside anybody's walls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from dispatch.errors import Invalid

LOOPBACK = ("127.0.0.1", "localhost")
_NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_INSIDE = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet", ".corp", ".home", ".onion")
# Addresses that carry another one inside them, and so lead to wherever that one is; and those of protocols.
_NOBODYS = tuple(
    ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "192.0.0.0/24")
)


@dataclass(frozen=True, slots=True)
class Target:
    scheme: str
    host: str
    port: int
    path: str


def read_url(url: str, *, loopback: bool = False) -> Target:
    """Where `url` leads. With `loopback`, http to this machine is allowed too, for development.

    Raises Invalid (`url_not_allowed`) for anything but https to a public name.
    """
    if not url.isascii() or re.search(r"[\s\\\x00-\x1f]", url) or len(url) > 500:
        raise _refusal("Write the address in plain ASCII without spaces, at most 500 signs.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refusal("This is not an address.") from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if "@" in parts.netloc or parts.fragment:
        raise _refusal("The address must hold no user, password or #fragment.")
    if loopback and parts.scheme == "http" and host in LOOPBACK:
        return Target("http", host, port or 80, path)
    if parts.scheme != "https":
        raise _refusal("The address must begin with https://.")
    if port == 0 or not _NAME.fullmatch(host) or f".{host}".endswith(_INSIDE):
        raise _refusal("The address must have a public name, not a number or a name of an inner network.")
    return Target("https", host, port or 443, path)


def is_public(address: str) -> bool:
    """Whether this IP address is one that anybody on the internet may reach."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found.scope_id or found.is_site_local:
            return False
    if any(found in net for net in _NOBODYS):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _refusal(sentence: str) -> Invalid:
    return Invalid.field("url", "url_not_allowed", sentence)
