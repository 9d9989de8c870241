"""What keeps a tenant from being as its file says: other tenants, who had it first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tortoise.expressions import Q, Subquery

from models.facts import TenantRows, TrunkFacts
from models.provisioning.finding import every
from models.provisioning.trunk_claims import rivals_of
from models.tenant import Tenant, TenantAlias
from models.tenant_file.parts import Route, RoutedFault
from models.trunk_places import place_faults

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
    aliases = TenantAlias.filter(domain__in=list(routes)).exclude(tenant_id=tenant.id)
    theirs = Q(domain__in=list(routes)) | Q(id__in=Subquery(aliases.values("tenant_id")))
    owners = await every(Tenant.filter(theirs).exclude(id=tenant.id))
    if not owners:
        return []
    taken = {row.domain for row in owners} | {row.domain for row in await every(aliases)}
    rule = "another tenant has this domain and has to give it up first, by a command of its own"
    return [RoutedFault(routes[one], one, rule) for one in routes if one in taken]


async def _trunk_faults(wanted: TenantRows, before: TenantRows | None) -> list[RoutedFault]:
    """Look at trunks that call from other places than before; a call's tenant is never a guess."""
    was = {one.name: _whence(one) for one in (before.trunks if before else ())}
    moved = {one.name for one in wanted.trunks if was.get(one.name) != _whence(one)}
    if not moved:
        return []
    ours = [replace(one, id=-place) for place, one in enumerate(wanted.trunks, start=1)]
    theirs = await rivals_of([one for one in ours if one.name in moved], besides=wanted.tenant.id)
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
