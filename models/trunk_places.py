"""From which places a call counts as a trunk's, and that no two trunks claim one; pure.

Asterisk tells a carrier by where its call comes from, and the trunk says whose call it is. Two
trunks may have one place in common only where we register through both: a carrier repeats the
mark of our registration, which tells the calls apart.
"""

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Final, TypeAlias

from models.errors import Fault
from models.facts import TrunkFacts

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_SHARED: Final = frozenset({"host", "proxy"})
MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")
_OLD: Final = 4


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
    return [Fault(one.path, one.value, _claimed(one, siblings)) for one in disputed(wanted, others)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A place that a trunk cannot have, for others are known by it.

    Attributes:
        path: The setting that names it.
        value: What stands there.
        place: The place.
        rivals: Those others.
    """

    path: str
    value: str
    place: str
    rivals: tuple[TrunkFacts, ...]


def disputed(wanted: TrunkFacts, others: Iterable[TrunkFacts]) -> list[Dispute]:
    """The places of a trunk by which one of the others is known, too, and may not be shared."""
    theirs = [(other, claim) for other in others for claim in claims_of(other)]
    found: list[Dispute] = []
    for claim in claims_of(wanted):
        rivals = tuple(other for other, their in theirs if claim.rules_out(their))
        if rivals:
            value = wanted.proxy if claim.path == "proxy" else claim.place
            dispute = Dispute(path=claim.path, value=value, place=claim.place, rivals=rivals)
            found.append(dispute)
    return found


@dataclass(frozen=True, slots=True)
class Claim:
    """A place by which a trunk is known.

    Attributes:
        path: The setting that names it.
        place: An address, a network or a name.
        may_be_shared: Whether others that register there may be known by it, too.
    """

    path: str
    place: str
    may_be_shared: bool

    def rules_out(self, other: "Claim") -> bool:
        """Whether two trunks cannot both have what they claim."""
        return meet(self.place, other.place) and not (self.may_be_shared and other.may_be_shared)


def claims_of(trunk: TrunkFacts) -> Iterator[Claim]:
    """All places by which a trunk is known."""
    registers = trunk.registration == "outbound"
    for path, places in places_of(trunk).items():
        for place in places:
            yield Claim(path, place, registers and path in _SHARED)


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


@dataclass(frozen=True, slots=True)
class Around:
    """Where all that meets a place stands in an index of `place_key`.

    Attributes:
        same_or_wider: The keys of the place itself and of all networks that it lies in.
        first: No network in it has a smaller key.
        last: None has a greater one.
    """

    same_or_wider: tuple[str, ...]
    first: str
    last: str


def place_key(place: str) -> str:
    """A place as an index has it: networks in the order of their addresses, names as they are."""
    there = network(place)
    return place if there is None else _network_key(there)


def around(place: str) -> Around:
    """Where to look for all places that have an address in common with this one."""
    there = network(place)
    if there is None:
        return Around((place,), place, place)
    wider = [there.supernet(new_prefix=length) for length in range(there.prefixlen + 1)]
    first, last = (f"{_number(one):032x}" for one in (there[0], there[-1]))
    return Around(tuple(map(_network_key, wider)), first, f"{last}/999")


def _network_key(there: Network) -> str:
    length = there.prefixlen + 128 - there.max_prefixlen
    return f"{_number(there.network_address):032x}/{length:03}"


def _number(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
    """An address among all of both kinds; those of the old kind are mapped into the new one."""
    first = int(MAPPED.network_address) if address.version == _OLD else 0
    return first + int(address)


def host_of(proxy: str) -> str:
    """The host of ``host``, ``host:port``, ``[2001:db8::1]:5060`` or ``2001:db8::1``."""
    if proxy.startswith("["):
        return proxy[1:].partition("]")[0]
    return proxy if network(proxy) is not None else proxy.partition(":")[0]


def kind_of_place(place: str) -> str:
    """How people call it: a name or an address."""
    return "name" if network(place) is None else "address"


def _claimed(dispute: Dispute, siblings: Collection[int]) -> str:
    """Say who has a place; not whose it is when that is no business of this tenant."""
    what = kind_of_place(dispute.place)
    names = [rival.name for rival in dispute.rivals if rival.id in siblings]
    if not names:
        return (
            f"another trunk is known by this {what} and has to give it up first, by a command of "
            "its own; whoever runs this exchange can tell which"
        )
    return (
        f"the trunk {names[0]} is known by this {what} already: change that one, or disable it "
        f"first (pbx trunk set {quote(names[0])} --disabled)"
    )
