"""What a trunk may be like: all that is wrong with one as it shall be; pure."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypedDict

from models import rules
from models.errors import Fault
from models.facts import TrunkFacts
from models.passwords import password_faults
from models.trunk_places import MAPPED, network

REGISTRATIONS: Final = ("outbound", "inbound", "none")
TRANSPORTS: Final = ("udp", "tcp", "tls")
CODECS: Final = ("alaw", "ulaw", "g722", "opus", "gsm")
NUMBER_SOURCES: Final = ("request_uri", "to")
CALLER_SOURCES: Final = ("from", "identity")
CALLER_ID_FORMATS: Final = ("as_written", "e164_plus", "e164", "national")
FORWARDED_BY: Final = ("diversion", "history_info", "both", "none")

_HIDDEN: Final = "(hidden)"
HIGHEST_PORT: Final = 65_535
_LONGEST_PASSWORD: Final = 128
LOWEST_REFUSAL: Final = 400
HIGHEST_REFUSAL: Final = 699
_WIDEST_NETWORK: Final = {4: 8, 6: 16}
_USER = re.compile(r"[A-Za-z0-9_.!~*'()&=+$,%@-]{1,128}", re.ASCII)
_HEADER = re.compile(r"[A-Za-z0-9.!%*_+`'~-]{1,64}", re.ASCII)
_HOST_AND_PORT = re.compile(
    r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>[0-9]{1,5}))?", re.ASCII
)

RANGES: Final = {
    "max_channels": (0, 10_000, "calls at once; 0 is no limit"),
    "expires_s": (20, 86_400, "seconds that a registration holds"),
    "qualify_s": (0, 3_600, "seconds between two questions whether it is there; 0 asks never"),
    "patience_s": (1, 60, "seconds until a phone must ring there"),
}
"""The amounts of a trunk: the lowest and the highest that is taken, and what it is."""


class TrunkSettings(TypedDict, total=False):
    """What may be said of a trunk besides its name and password; see `TrunkFacts`."""

    preset: str
    registration: str
    host: str
    port: int | None
    transport: str
    proxy: str
    username: str
    auth_username: str
    from_user: str
    from_domain: str
    addresses: tuple[str, ...]
    max_channels: int
    forward_via_same: bool
    is_default: bool
    caller_id: str
    passes_caller_id: bool
    number_source: str
    caller_source: str
    codecs: tuple[str, ...]
    expires_s: int
    qualify_s: int
    is_enabled: bool
    patience_s: int
    final_codes: tuple[int, ...]
    caller_id_format: str
    forwarded_by: str
    encryption: str


def trunk_faults(trunk: TrunkFacts) -> list[Fault]:
    """Say all that is wrong with the fields of a trunk, one by one and together.

    Not here: whether the number that it shows may be shown (see `provisioning.caller_ids`).
    """
    return [
        *rules.display_name_faults(trunk.name),
        *_one_of("registration", trunk.registration, REGISTRATIONS),
        *_place_faults(trunk),
        *_login_faults(trunk),
        *(fault for address in trunk.addresses for fault in _address_faults(address)),
        *_range_faults(trunk),
        *_source_faults("number_source", trunk.number_source, NUMBER_SOURCES),
        *_source_faults("caller_source", trunk.caller_source, CALLER_SOURCES),
        *_codec_faults(trunk.codecs),
        *_final_code_faults(trunk.final_codes),
        *_one_of("caller_id_format", trunk.caller_id_format, CALLER_ID_FORMATS),
        *_one_of("forwarded_by", trunk.forwarded_by, FORWARDED_BY),
        *rules.encryption_faults(trunk.encryption),
        *_missing(trunk),
        *_not_wanted(trunk),
    ]


def trunk_password_faults(
    registration: str, given: str | None, *, has_password: bool
) -> list[Fault]:
    """Say what is wrong with a password, or that there is none; it is never repeated.

    Args:
        registration: Of the trunk.
        given: A new password; None for none.
        has_password: Whether the trunk has one already.
    """
    if given is None:
        if has_password or registration not in ("outbound", "inbound"):
            return []
        rule = f"is needed for a trunk with {registration} registration"
        return [Fault("password", None, rule, f"password: {rule}")]
    if registration == "inbound":
        return password_faults(given)
    if given.isascii() and given.isprintable() and 0 < len(given) <= _LONGEST_PASSWORD:
        return []
    rule = f"a password has 1 to {_LONGEST_PASSWORD} printable ASCII characters"
    return [Fault("password", _HIDDEN, rule, f"password: {rule}")]


def _place_faults(trunk: TrunkFacts) -> Iterable[Fault]:
    yield from _host_faults("host", trunk.host)
    yield from _host_faults("from_domain", trunk.from_domain)
    if trunk.port is not None and not 1 <= trunk.port <= HIGHEST_PORT:
        yield Fault("port", trunk.port, f"a port is a number from 1 to {HIGHEST_PORT}")
    yield from _one_of("transport", trunk.transport, TRANSPORTS)
    if trunk.proxy and not _is_host_and_port(trunk.proxy):
        rule = "a proxy is a host, or a host and a port (proxy.carrier.example:5060)"
        yield Fault("proxy", trunk.proxy, rule)


def _login_faults(trunk: TrunkFacts) -> Iterable[Fault]:
    rule = "is a SIP user name: 1 to 128 ASCII letters, digits and _.!~*'()&=+$,%@-"
    for path in ("username", "auth_username", "from_user"):
        yield from _matching(path, getattr(trunk, path), _USER, rule)


def _range_faults(trunk: TrunkFacts) -> Iterable[Fault]:
    for path, (lowest, highest, meaning) in RANGES.items():
        value = getattr(trunk, path)
        if not lowest <= value <= highest:
            yield Fault(path, value, f"from {lowest} to {highest} ({meaning})")


def _missing(trunk: TrunkFacts) -> Iterable[Fault]:
    """Say what a trunk of this registration cannot do without."""
    needed = {"outbound": ("host", "username"), "none": ("addresses",)}
    for path in needed.get(trunk.registration, ()):
        if not getattr(trunk, path):
            what = "at least one address" if path == "addresses" else f"a {path}"
            rule = f"a trunk with registration {trunk.registration} needs {what}"
            yield Fault(path, "", rule)


def _not_wanted(trunk: TrunkFacts) -> Iterable[Fault]:
    if trunk.registration == "inbound":
        rule = "a trunk that registers here is known by its login, not by an address"
        yield from (Fault("addresses", address, rule) for address in trunk.addresses)


def _host_faults(path: str, host: str) -> list[Fault]:
    if not host or _is_host(host):
        return []
    rule = "is a DNS name in lower case (sip.carrier.example), or an IP address"
    return [Fault(path, host, rule)]


def _is_host(host: str) -> bool:
    return not rules.domain_faults(host) or _is_address(ipaddress.ip_address, host)


def _is_host_and_port(text: str) -> bool:
    found = _HOST_AND_PORT.fullmatch(text)
    if found is None or not 1 <= int(found["port"] or 1) <= HIGHEST_PORT:
        return False
    return (
        _is_host(found["host"])
        if found["host"]
        else _is_address(ipaddress.IPv6Address, found["v6"])
    )


def _is_address(read: Callable[[str], object], text: str) -> bool:
    return "%" not in text and _parses(read, text)


def _parses(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _address_faults(address: str) -> list[Fault]:
    rule = _address_rule(address)
    return [Fault("addresses", address, rule)] if rule else []


def _address_rule(address: str) -> str:
    """The rule that an address or network breaks, empty when there is none."""
    there = network(address)
    if there is None:
        return "is an IP address or a network (192.0.2.10, 192.0.2.0/24)"
    if "%" in address:
        return "is an address of one network card (%): calls are not told apart by that"
    widest = _WIDEST_NETWORK[there.version]
    if there.prefixlen < widest:
        return f"is wider than /{widest}: calls of strangers would be taken for this trunk's"
    if there.version == MAPPED.version and there.overlaps(MAPPED):
        return "takes in all IPv4 addresses (::ffff:0:0/96)"
    if ":" in address and there.version != MAPPED.version:
        short = there.network_address if there.num_addresses == 1 else there
        return f"is IPv4 written as IPv6: write {short}"
    is_exact = _parses(ipaddress.ip_network, address)
    return "" if is_exact else f"this network is written {there}"


def _source_faults(path: str, source: str, words: tuple[str, ...]) -> list[Fault]:
    if source in words or _HEADER.fullmatch(source):
        return []
    return [Fault(path, source, f"is {', '.join(words)}, or the name of a header (RFC 3261 token)")]


def _codec_faults(codecs: Sequence[str]) -> Iterable[Fault]:
    if not codecs:
        yield Fault("codecs", "", f"at least one of {', '.join(CODECS)}")
    for place, codec in enumerate(codecs):
        if codec in codecs[:place]:
            yield Fault("codecs", codec, "is named twice")
        else:
            yield from _one_of("codecs", codec, CODECS)


def _final_code_faults(codes: Sequence[object]) -> Iterable[Fault]:
    for place, code in enumerate(codes):
        if not isinstance(code, int):
            rule = "is no SIP answer; write numbers, parted by commas (404,484)"
            yield Fault("final_codes", code, rule)
        elif not LOWEST_REFUSAL <= code <= HIGHEST_REFUSAL:
            rule = f"is no SIP answer that refuses a call: {LOWEST_REFUSAL} to {HIGHEST_REFUSAL}"
            yield Fault("final_codes", code, rule)
        elif code in codes[:place]:
            yield Fault("final_codes", code, "is named twice")


def _one_of(path: str, value: str, allowed: tuple[str, ...]) -> list[Fault]:
    return [] if value in allowed else [Fault(path, value, f"one of {', '.join(allowed)}")]


def _matching(path: str, value: str, pattern: re.Pattern[str], rule: str) -> list[Fault]:
    return [] if not value or pattern.fullmatch(value) else [Fault(path, value, rule)]
