"""Decides whether a webhook may go to an address: the public internet only, unless allowed.

A name can stand for addresses of the own network, so it is resolved first, every address is looked
at, and the connection goes to one of those (`http_post.py`). Leaves out asking for addresses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

MOST_URL: Final = 2_000
_PORTS: Final = {"http": 80, "https": 443}
_FORBIDDEN: Final = tuple(
    ip_network(each)
    for each in (
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata of Aliyun in it
        "168.63.129.16/32",  # the platform's own address on Azure, public by its number
        "192.0.0.0/24",  # protocols; the metadata of Oracle in it
        "192.88.99.0/24",  # relays of 6to4
        "fec0::/10",  # site-local, as it once was
        "64:ff9b:1::/48",  # NAT64 within one network
    )
)
_CARRIES_V4: Final = ip_network("64:ff9b::/96")


class ForbiddenTarget(Exception):
    """The address is none that a webhook may go to."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook goes. `host` as it is asked for, in ASCII."""

    tls: bool
    host: str
    port: int
    path: str
    """With its query."""


def parse_target(url: str) -> Target:
    """The parts of a URL of http or https.

    >>> parse_target("https://hooks.example.com/guanche?fleet=1").path
    '/guanche?fleet=1'

    Raises:
        ForbiddenTarget: it is none, or names a user.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise ForbiddenTarget("not a URL") from None
    if parts.scheme not in _PORTS or not host or port == 0 or len(url) > MOST_URL:
        raise ForbiddenTarget("not a URL of http or https")
    if parts.username is not None or parts.password is not None:
        raise ForbiddenTarget("a URL with a user in it")
    if any(ord(letter) <= 32 or ord(letter) > 126 for letter in url.removeprefix(parts.scheme)):
        raise ForbiddenTarget("a URL is written in ASCII, without spaces")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port or _PORTS[parts.scheme], path)


def check_addresses(addresses: Iterable[str]) -> list[str]:
    """The same addresses, once all of them are public.

    Raises:
        ForbiddenTarget: one of them is not, or there is none.
    """
    found = list(addresses)
    if not found or not all(is_public(each) for each in found):
        raise ForbiddenTarget("an address that is not on the public internet")
    return found


def is_public(text: str) -> bool:
    """Whether an address is on the public internet, also when another is wrapped in it.

    >>> [is_public(each) for each in ("8.8.8.8", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254")]
    [True, False, False, False]
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if any(address in network for network in _FORBIDDEN if network.version == address.version):
        return False
    inner = _inner(address)
    if inner is not None:
        return is_public(str(inner))
    odd = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not odd


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one carries."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _CARRIES_V4 or int(address) >> 32 == 0:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
