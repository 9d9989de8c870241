"""What keeps a tenant from being as its file says: other tenants, who had it first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce
from ipaddress import IPv4Network
from operator import or_
from typing import Final

from tortoise.expressions import Q, RawSQL, Subquery

from models.facts import TenantRows, TrunkFacts
from models.provisioning.finding import every
from models.provisioning.lines import trunk_facts
from models.tenant import Tenant, TenantAlias
from models.tenant_file.parts import Route, RoutedFault
from models.trunk import Trunk
from models.trunk_places import Network, network, place_faults, places_of

_PLACES: Final = ("registration", "is_enabled", "addresses", "host", "proxy")

_NAMES: Final = ("host", "proxy")

_IPV6: Final = "%:%:%"
"""Few have such an address, and it can be written in many ways."""

_WIDE_NETWORKS: Final = ('%/_"%', '%/1_"%')
"""Up to /19: they may begin otherwise than what lies in them."""

_TWO_NUMBERS: Final = 16
"""Networks of at least so many bits begin with the two numbers of their addresses."""


async def neighbour_faults(wanted: TenantRows, before: TenantRows | None) -> list[RoutedFault]:
    """Say what others have that this tenant wants: domains, and the places its trunks call from.

    Args:
        wanted: The tenant as it shall be; by itself nothing is wrong with it.
        before: As it is; None for a new one.
    """
    return [*await _domain_faults(wanted), *await _trunk_faults(wanted, before)]


async def _domain_faults(wanted: TenantRows) -> list[RoutedFault]:
    tenant = wanted.tenant
    routes: dict[str, Route] = {
        one: ("domain_aliases", place) for place, one in enumerate(tenant.domain_aliases)
    }
    routes[tenant.domain] = ("domain",)
    aliases = TenantAlias.filter(domain__in=list(routes)).exclude(tenant_id=tenant.id)
    theirs = Q(domain__in=list(routes)) | Q(id__in=Subquery(aliases.values("tenant_id")))
    owners = await every(Tenant.filter(theirs).exclude(id=tenant.id))
    if not owners:
        return []
    taken = {row.domain for row in owners} | {row.domain for row in await every(aliases)}
    rule = "another tenant has this domain"
    return [RoutedFault(routes[one], one, rule) for one in routes if one in taken]


async def _trunk_faults(wanted: TenantRows, before: TenantRows | None) -> list[RoutedFault]:
    """Look at trunks that call from other places than before; a call's tenant is never a guess."""
    was = {one.name: _whence(one) for one in (before.trunks if before else ())}
    moved = {one.name for one in wanted.trunks if was.get(one.name) != _whence(one)}
    if not moved:
        return []
    ours = [replace(one, id=-place) for place, one in enumerate(wanted.trunks, start=1)]
    theirs = await _rivals([one for one in ours if one.name in moved], wanted.tenant.id)
    siblings = {one.id for one in ours}
    return [
        RoutedFault(("trunks", one.name, fault.path), fault.value, fault.rule)
        for place, one in enumerate(ours)
        if one.name in moved
        for fault in place_faults(one, [*theirs, *_others(ours, place, moved)], siblings)
    ]


def _others(ours: list[TrunkFacts], place: int, moved: set[str]) -> Iterator[TrunkFacts]:
    """The trunks of the same tenant that were there first; each pair is told once."""
    for at, one in enumerate(ours):
        if at != place and (at < place or one.name not in moved):
            yield one


def _whence(trunk: TrunkFacts) -> tuple[object, ...]:
    return tuple(getattr(trunk, name) for name in _PLACES)


async def _rivals(trunks: list[TrunkFacts], tenant_id: int) -> list[TrunkFacts]:
    """The trunks of other tenants that may be known by one of the same places.

    A name meets only the same name, and those who register with one carrier may share it; networks
    that meet begin alike. So of thousands of trunks the database gives few.
    """
    wanted = [
        (one, place) for one in trunks for found in places_of(one).values() for place in found
    ]
    if not wanted:
        return []
    rows = (
        Trunk.filter(is_enabled=True).exclude(tenant_id=tenant_id).exclude(registration="inbound")
    )
    networks = [found for _, place in wanted if (found := network(place)) is not None]
    near = [_same_name(one, place) for one, place in wanted if network(place) is None]
    if networks:
        rows = rows.annotate(begins_alike=RawSQL(_begins_alike(networks)))
        near.append(Q(begins_alike=1))
    return [trunk_facts(row) for row in await every(rows.filter(reduce(or_, near)))]


def _same_name(trunk: TrunkFacts, place: str) -> Q:
    same = Q(host=place) | Q(proxy__startswith=place)
    return same & Q(registration="none") if trunk.registration == "outbound" else same


def _begins_alike(networks: Iterable[Network]) -> str:
    """An expression that is 1 for every trunk with an address in one of these networks.

    For some others, too: it compares how addresses are written, as a list of both databases has
    them between quotes. No text of anybody's stands in it.
    """
    begins = {_begin(one) for one in networks if isinstance(one, IPv4Network)}
    lists = [_IPV6, *(f'%"{one}%' for one in begins), *(_WIDE_NETWORKS if begins else ())]
    names = [_IPV6, *(f"{one}%" for one in begins)]
    in_list = " OR ".join(f"CAST(\"addresses\" AS TEXT) LIKE '{one}'" for one in lists)
    in_name = " OR ".join(f"\"{column}\" LIKE '{one}'" for column in _NAMES for one in names)
    return f"CASE WHEN (\"addresses\" <> '[]' AND ({in_list})) OR {in_name} THEN 1 ELSE 0 END"


def _begin(place: IPv4Network) -> str:
    """How addresses begin that lie in a network, and networks of its size."""
    same = 2 if place.prefixlen >= _TWO_NUMBERS else 1
    return "".join(f"{number}." for number in str(place.network_address).split(".")[:same])
