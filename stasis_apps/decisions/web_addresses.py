"""Which addresses a tenant's HTTP requests may go to: the internet, and nothing inside.

An administrator of a tenant names the server, so it must not be able to name Asterisk, a database,
a neighbour in the data centre or the cloud's own services.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64: Final = ip_network("64:ff9b::/96")
"""IPv4 behind a translator (RFC 6052): the last four bytes are where it really goes."""

_NOT_PUBLIC: Final = (
    ip_network("192.0.0.0/24"),  # IETF's own (RFC 6890), where one cloud keeps its metadata
    ip_network("168.63.129.16/32"),  # another cloud's host
    ip_network("192.88.99.0/24"),  # the relay of 6to4 (RFC 7526)
    ip_network("3fff::/20"),  # for documents (RFC 9637)
)
"""What Python, some of its versions, takes for addresses of the internet."""

_UNICAST: Final = ip_network("2000::/3")
"""All of the IPv6 internet (RFC 4291); Python takes some addresses outside of it for public."""


def may_be_asked(address: str, opened: Iterable[Network] = ()) -> bool:
    """Whether requests may go to this address.

    Args:
        address: As the resolver or the URL has it; a zone (``fe80::1%eth0``) is no obstacle.
        opened: Networks inside that the operator lets be asked.

    Returns:
        False for whatever is no address of the public internet: private, loopback, link-local
        (where clouds keep their metadata), shared by carriers, multicast, reserved; in IPv6 also
        when it only wraps such an IPv4 address.
    """
    nets = tuple(opened)
    return all(_is_public(one) or _is_in(one, nets) for one in _meanings(_read(address)))


def is_opened(address: str, opened: Iterable[Network]) -> bool:
    """Whether the operator lets this address be asked, wherever it is."""
    nets = tuple(opened)
    return all(_is_in(one, nets) for one in _meanings(_read(address)))


def _read(address: str) -> Address:
    return ip_address(address.partition("%")[0])


def _is_in(address: Address, nets: Iterable[Network]) -> bool:
    return any(address in net for net in nets)


def server_of(url: str) -> str:
    """The name of a server, with its port where one is given; what else is in a URL may be secret.

    Args:
        url: That of a request.
    """
    return urlsplit(url).netloc.rpartition("@")[2]


def _meanings(address: Address) -> Iterable[Address]:
    """The address where packets end up; both ends of a tunnel."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    wrapped = (address.sixtofour, *(address.teredo or ()))
    return (address, *(one for one in wrapped if one is not None))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    if _is_in(address, _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast
