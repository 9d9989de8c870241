"""What keeps a tenant from being as its file says: other tenants, who had it first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Final

from tortoise.expressions import Q

from models.facts import TenantRows, TrunkFacts
from models.provisioning.finding import every
from models.provisioning.lines import trunk_facts
from models.tenant import Tenant, TenantAlias
from models.tenant_file.parts import Route, RoutedFault
from models.trunk import Trunk
from models.trunk_places import network, place_faults, places_of

_PLACES: Final = ("registration", "is_enabled", "addresses", "host", "proxy")


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
    domains = Tenant.filter(domain__in=list(routes)).exclude(id=tenant.id)
    aliases = TenantAlias.filter(domain__in=list(routes)).exclude(tenant_id=tenant.id)
    theirs = {row.domain for row in await every(domains)}
    theirs |= {row.domain for row in await every(aliases)}
    rule = "another tenant has this domain"
    return [RoutedFault(routes[one], one, rule) for one in routes if one in theirs]


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

    A name meets only the same name, and those who register with one carrier may share it: of
    thousands of trunks, few are read where no address is given.
    """
    wanted = [
        (one, place) for one in trunks for found in places_of(one).values() for place in found
    ]
    if not wanted:
        return []
    rows = (
        Trunk.filter(is_enabled=True).exclude(tenant_id=tenant_id).exclude(registration="inbound")
    )
    if all(network(place) is None for _, place in wanted):
        rows = rows.filter(reduce(or_, (_same_name(one, place) for one, place in wanted)))
    return [trunk_facts(row) for row in await every(rows)]


def _same_name(trunk: TrunkFacts, place: str) -> Q:
    same = Q(host=place) | Q(proxy__startswith=place)
    return same & Q(registration="none") if trunk.registration == "outbound" else same
