"""This machine as phones see it: its addresses."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

from stasis_apps.settings import Settings

LOOPBACK: Final = "127.0.0.1"
ANY: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - recognised here, listened at nowhere

# Nothing is sent: connecting a datagram socket only asks the routing table (addresses of RFC 5737
# and RFC 3849, which belong to nobody).
_FAR_AWAY: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def reachable_address(settings: Settings) -> str:
    """The address that phones are given: the one they were set to reach us by, else our own."""
    bind_host = settings.sip_bind.host
    if settings.external_address:
        return settings.external_address
    if settings.asterisk_host:
        return settings.asterisk_host
    if bind_host not in ANY:
        return bind_host
    own = own_addresses()
    return own[0] if own else LOOPBACK


def own_addresses() -> list[str]:
    """This machine's addresses on its networks, the one towards the world first; no loopback."""
    found = [*_towards_the_world(), *_of_host_name()]
    return [address for address in dict.fromkeys(found) if _is_usable(address)]


def _towards_the_world() -> list[str]:
    addresses = []
    for family, target in _FAR_AWAY:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((target, 5060))
                addresses.append(str(probe.getsockname()[0]))
            except OSError:
                continue
    return addresses


def _of_host_name() -> list[str]:
    try:
        answers = socket.getaddrinfo(socket.gethostname(), None)
    except OSError:
        return []
    return [str(answer[4][0]) for answer in answers]


def _is_usable(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False  # an address with a zone (fe80::1%eth0)
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)
