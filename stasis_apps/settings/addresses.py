"""Addresses, ports and networks as they stand in settings."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from stasis_apps.settings.values import Address, PortRange, SettingInvalid

HIGHEST_PORT = 65535


def read_address(given: Mapping[str, str], name: str, default: str) -> Address:
    """Read where a server listens.

    Raises:
        SettingInvalid: It is no IP address with a port.
    """
    text = given.get(name) or default
    host, colon, port = text.rpartition(":")
    if not (host and colon and _is_port(port)):
        raise SettingInvalid(
            name, text, f"must be address:port, with a port of 1 to {HIGHEST_PORT}"
        )
    return Address(_ip_address(name, text, host), int(port))


def _ip_address(name: str, text: str, host: str) -> str:
    """Take off the brackets of IPv6; a name could mean another address at each look-up."""
    is_bracketed = host.startswith("[") and host.endswith("]")
    if ":" in host and not is_bracketed:
        raise SettingInvalid(name, text, "an IPv6 address stands in brackets, as in [::1]:5060")
    bare = host[1:-1] if is_bracketed else host
    family = ipaddress.IPv6Address if is_bracketed else ipaddress.IPv4Address
    try:
        family(bare)
    except ValueError:
        is_unusable = True
    else:
        is_unusable = "%" in bare  # Asterisk does not bind to an address with a zone
    if is_unusable:
        raise SettingInvalid(
            name, text, "must be an IP address and a port, as in 192.0.2.1:5060 or [::1]:5060"
        )
    return bare


def read_port_range(given: Mapping[str, str], name: str, default: str) -> PortRange:
    """Read two ports with a dash between.

    Raises:
        SettingInvalid: They are none, or the first is not below the last.
    """
    text = given.get(name) or default
    first, _, last = text.partition("-")
    if not (_is_port(first) and _is_port(last) and int(first) < int(last)):
        raise SettingInvalid(name, text, "must be first-last, two ports with first below last")
    return PortRange(int(first), int(last))


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= HIGHEST_PORT


def read_networks(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read networks with commas between, as in ``10.0.0.0/8,192.168.0.0/16``.

    Raises:
        SettingInvalid: One of them is none; names it.
    """
    texts = [text.strip() for text in given.get(name, "").split(",")]
    for text in filter(None, texts):
        try:
            ipaddress.ip_network(text)
        except ValueError as fault:
            rule = "must be networks with commas between, as in 10.0.0.0/8,192.168.0.0/16"
            raise SettingInvalid(name, text, rule) from fault
    return tuple(filter(None, texts))


def read_external_address(given: Mapping[str, str], name: str) -> str:
    """Read an IP address that others reach us by; empty when there is none.

    Raises:
        SettingInvalid: It is a name, a network or nothing of the kind.
    """
    text = given.get(name, "")
    try:
        return str(ipaddress.ip_address(text)) if text else ""
    except ValueError as fault:
        raise SettingInvalid(name, text, "must be an IP address, as in 192.0.2.1") from fault


def read_host(given: Mapping[str, str], name: str) -> str:
    """Read the name or address of another machine, without a port; empty for this one.

    Raises:
        SettingInvalid: It cannot be a host.
    """
    text = given.get(name, "")
    if text and not all(part.replace("-", "").isalnum() for part in text.split(".")):
        raise SettingInvalid(name, text, "must be a host name or an IPv4 address, without a port")
    return text
