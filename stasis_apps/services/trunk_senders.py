"""From which addresses Asterisk is to take calls for each trunk; pure.

What people wrote was compared when it was saved. Where a name leads is known only when it is
looked up, and it may lead to another tenant's carrier: then the address is not this trunk's alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from models.facts import TrunkFacts
from models.trunk_places import Network, network, places_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A trunk and an address that its calls may come from.

    Attributes:
        trunk: The trunk's endpoint.
        tenant_id: Whose trunk it is.
        network: The address, or several.
        is_firm: Whether a person named the address for calls that come in; otherwise it is just
            where the carrier's host or proxy is at this moment.
    """

    trunk: str
    tenant_id: int
    network: Network
    is_firm: bool

    def yields_to(self, other: Claim) -> bool:
        """Whether Asterisk, which cannot see to which of the two a call belongs, asks for less.

        A firm claim holds against one that is not. Of two equal ones of two tenants none holds: a
        call is rather refused than given to a stranger. Within a tenant they do no harm.
        """
        if other.trunk == self.trunk:
            return False
        if self.is_firm != other.is_firm:
            return other.is_firm
        return other.tenant_id != self.tenant_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """What calls are taken from where.

    Attributes:
        of: The addresses of each trunk.
        given_up: Trunks and addresses that are not theirs alone.
    """

    of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    given_up: frozenset[tuple[str, str]] = frozenset()


def names_of(trunks: Iterable[TrunkFacts]) -> frozenset[str]:
    """The names that DNS has to be asked for."""
    return frozenset(
        place
        for trunk in trunks
        for places in places_of(trunk).values()
        for place in places
        if network(place) is None
    )


def senders_of(
    trunks: Iterable[tuple[TrunkFacts, int]],
    found: Mapping[str, Sequence[str]],
    before: Mapping[str, Sequence[str]],
) -> Senders:
    """Give each trunk the addresses that no other has a claim to.

    Args:
        trunks: All trunks, with their tenants.
        found: The addresses behind names, as far as DNS has told.
        before: The addresses that Asterisk already takes a trunk's calls from; they go on for a
            trunk with a name that DNS has not told yet.
    """
    claims = [
        claim
        for trunk, tenant_id in trunks
        for claim in _claims(trunk, tenant_id, found, before.get(trunk.endpoint, ()))
    ]
    rivals = _Rivals(claims)
    kept: defaultdict[str, dict[str, None]] = defaultdict(dict)
    given_up: set[tuple[str, str]] = set()
    for claim in claims:
        if any(claim.yields_to(other) for other in rivals.of(claim)):
            given_up.add((claim.trunk, _text(claim.network)))
        else:
            kept[claim.trunk][_text(claim.network)] = None
    return Senders(
        of={trunk: tuple(sorted(addresses)) for trunk, addresses in kept.items()},
        given_up=frozenset(given_up),
    )


def as_held(matches: Iterable[str]) -> tuple[str, ...]:
    """Write as we do what Asterisk writes with masks (``192.0.2.1/255.255.255.255``)."""
    found: list[str] = []
    for match in matches:
        address, _, mask = match.partition("/")
        with suppress(ValueError):
            bits = int(ip_address(mask)).bit_count()
            found.append(_text(ip_network(f"{address}/{bits}")))
    return tuple(sorted(found))


class _Rivals:
    """Finds claims that meet: single addresses by name, the few networks one by one."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._claims = claims
        self._at: defaultdict[Network, list[Claim]] = defaultdict(list)
        for claim in claims:
            self._at[claim.network].append(claim)
        self._wide = [claim for claim in claims if claim.network.num_addresses > 1]

    def of(self, claim: Claim) -> Iterator[Claim]:
        if claim.network.num_addresses > 1:
            yield from (other for other in self._claims if _overlap(claim, other))
            return
        yield from self._at[claim.network]
        yield from (other for other in self._wide if _overlap(claim, other))


def _overlap(one: Claim, other: Claim) -> bool:
    same = one.network.version == other.network.version
    return same and one.network.overlaps(other.network)


def _claims(
    trunk: TrunkFacts, tenant_id: int, found: Mapping[str, Sequence[str]], before: Sequence[str]
) -> Iterator[Claim]:
    firm, soft = _written(trunk, found)
    if names_of([trunk]) - set(found):
        named = set(map(network, firm))
        soft += [place for place in before if network(place) not in named]
    for places, is_firm in ((firm, True), (soft, False)):
        for place in places:
            if (there := network(place)) is not None:
                yield Claim(
                    trunk=trunk.endpoint, tenant_id=tenant_id, network=there, is_firm=is_firm
                )


def _written(trunk: TrunkFacts, found: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """The addresses of a trunk, those that a person named first."""
    firm: list[str] = []
    soft: list[str] = []
    for path, places in places_of(trunk).items():
        for place in places:
            if network(place) is None:
                soft += found.get(place, ())
            elif path == "addresses" or trunk.registration == "none":
                firm.append(place)
            else:
                soft.append(place)
    return firm, soft


def _text(there: Network) -> str:
    return str(there.network_address) if there.num_addresses == 1 else str(there)
