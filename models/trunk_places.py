"""From which places a call counts as a trunk's, and that no two trunks claim one; pure.

Asterisk tells a carrier by where its call comes from, and the trunk says whose call it is. Two
trunks may have one place in common only where we register through both: a carrier repeats the
mark of our registration, which tells the calls apart.
"""

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping
from shlex import quote
from typing import Final, TypeAlias

from models.errors import Fault
from models.facts import TrunkFacts

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_SHARED: Final = frozenset({"host", "proxy"})
MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")


def places_of(trunk: TrunkFacts) -> Mapping[str, tuple[str, ...]]:
    """The addresses, networks and names that its calls come from, by the setting that says so.

    None for a trunk that registers here, which is known by its login, and for one that is switched
    off.
    """
    if trunk.registration == "inbound" or not trunk.is_enabled:
        return {}
    found = {
        "addresses": trunk.addresses,
        "host": (trunk.host,),
        "proxy": (host_of(trunk.proxy),),
    }
    return {path: tuple(filter(None, places)) for path, places in found.items()}


def place_faults(
    wanted: TrunkFacts, others: Iterable[TrunkFacts], siblings: Collection[int] = ()
) -> list[Fault]:
    """Refuse the places that another trunk is known by: a call's tenant must never be a guess.

    Args:
        wanted: A trunk as it shall be; its places are well-formed.
        others: All others, of all tenants.
        siblings: The ids of those of the same tenant, which may be named.
    """
    claims = [(other, path, place) for other in others for path, place in _claims(other)]
    faults: list[Fault] = []
    for path, place in _claims(wanted):
        rivals = [
            other
            for other, their_path, theirs in claims
            if meet(place, theirs)
            and not (_is_shared(wanted, path) and _is_shared(other, their_path))
        ]
        if rivals:
            value = wanted.proxy if path == "proxy" else place
            faults.append(Fault(path, value, _claimed(place, rivals, siblings)))
    return faults


def meet(one: str, other: str) -> bool:
    """Whether two places have an address in common, as far as this can be known without DNS."""
    ours, theirs = network(one), network(other)
    if ours is None or theirs is None:
        return one == other
    return ours.version == theirs.version and ours.overlaps(theirs)


def network(place: str) -> Network | None:
    """The network, of one address perhaps, that is written here; None for a name."""
    try:
        found = ipaddress.ip_network(place, strict=False)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Network) and found.subnet_of(MAPPED):
        mapped = found.network_address.ipv4_mapped
        return ipaddress.IPv4Network(f"{mapped}/{found.prefixlen - MAPPED.prefixlen}")
    return found


def host_of(proxy: str) -> str:
    """The host of ``host``, ``host:port``, ``[2001:db8::1]:5060`` or ``2001:db8::1``."""
    if proxy.startswith("["):
        return proxy[1:].partition("]")[0]
    return proxy if network(proxy) is not None else proxy.partition(":")[0]


def _claimed(place: str, rivals: Iterable[TrunkFacts], siblings: Collection[int]) -> str:
    """Say who has a place; not whose it is when that is no business of this tenant."""
    what = "name" if network(place) is None else "address"
    names = [rival.name for rival in rivals if rival.id in siblings]
    if not names:
        return f"another trunk is known by this {what}; whoever runs this exchange can tell which"
    return (
        f"the trunk {names[0]} is known by this {what} already: change that one, or disable it "
        f"first (pbx trunk set {quote(names[0])} --disabled)"
    )


def _claims(trunk: TrunkFacts) -> Iterator[tuple[str, str]]:
    for path, places in places_of(trunk).items():
        for place in places:
            yield path, place


def _is_shared(trunk: TrunkFacts, path: str) -> bool:
    return trunk.registration == "outbound" and path in _SHARED
