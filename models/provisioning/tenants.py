"""Tenants: made, changed, removed."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol

from models import rules
from models.device import Device
from models.digests import digests_of
from models.errors import Fault, SealError, refuse_if_any, taken
from models.extension import Extension
from models.facts import TenantFacts, TenantRows
from models.numbering import is_reserved
from models.outside_policy import (
    OutsidePolicy,
    PolicyChanges,
    changed,
    policy_faults,
    policy_of,
    to_store,
)
from models.provisioning.change import changing, next_revision, stamp
from models.provisioning.direct_sip import renew_direct_sip
from models.provisioning.emergency import renew_emergency_lines
from models.provisioning.finding import only, standing_still, tenant_called
from models.provisioning.outside_lock import renew_outside_lock
from models.provisioning.reading import rows_of, tenant_facts
from models.provisioning.showing import country_faults, tenant_caller_id_faults
from models.seal import Seal
from models.tenant import RemovedTenant, Tenant, TenantAlias

STRANGER = "anonymous"
"""The user name that Asterisk is told when a phone names somebody who does not exist."""


class TenantFiles(Protocol):
    """Where a tenant's files lie."""

    async def remove_all(self, tenant: str) -> None:
        """Delete all files of a tenant."""
        ...


async def create_tenant(  # noqa: PLR0913 - one argument per field that a person may give
    *,
    name: str,
    domain: str,
    country: str,
    timezone: str = "UTC",
    language: str = "en",
    domain_aliases: Iterable[str] = (),
    state: str = "active",
    outside: PolicyChanges | None = None,
    if_missing: bool = False,
) -> TenantFacts:
    """Take in a new customer; phones can register at the domain as soon as there are devices.

    Its calls out show no number of its own yet: `set_tenant` takes one when there are numbers.

    Args:
        name: ``[a-z0-9]`` with inner hyphens; never changes.
        domain: The SIP domain and realm.
        country: ISO 3166; decides which numbers are for emergencies.
        timezone: IANA name.
        language: ``en`` or ``ru``.
        domain_aliases: Other domains and IP addresses under which phones find the tenant.
        state: ``trial``, ``active`` or ``blocked``.
        outside: What of its `OutsidePolicy` is not as usual.
        if_missing: A tenant of this name may be there already; it is left as it is.

    Raises:
        InvalidSettings: Fields break rules.
        AlreadyExists: The name or a domain is taken.
    """
    aliases = sorted(set(domain_aliases))
    tenant = Tenant(
        name=name,
        domain=domain,
        stranger_id=f"{STRANGER}@{domain}",
        timezone=timezone,
        country=country,
        language=language,
        state=state,
        caller_id="",
        outside=to_store(changed(OutsidePolicy(), outside or {})),
        emergency_trunk_ids=[],
        route_tests=[],
        silenced=[],
    )
    refuse_if_any([*rules.tenant_name_faults(name), *await _faults(tenant, aliases)])
    async with changing():
        there = await only(Tenant.all(), name=name)
        if there is not None and if_missing:
            return await tenant_facts(there)
        if there is not None:
            raise taken("name", name, f"There is a tenant called {name} already")
        await _refuse_taken_domains([domain, *aliases], owner_id=None)
        await stamp(tenant)
        await _store_aliases(tenant, aliases)
        await renew_outside_lock(tenant)
        return await tenant_facts(tenant)


async def set_tenant(  # noqa: PLR0913 - one argument per field that a person may give
    *,
    name: str,
    domain: str | None = None,
    timezone: str | None = None,
    country: str | None = None,
    language: str | None = None,
    state: str | None = None,
    domain_aliases: Iterable[str] | None = None,
    caller_id: str | None = None,
    outside: PolicyChanges | None = None,
    seal: Seal | None = None,
) -> TenantFacts:
    """Change a tenant; what is None stays as it is.

    Args:
        name: Which tenant.
        domain: A new domain. All phones have to be told: they log in there, and the digests of
            their passwords are made anew for it.
        timezone: IANA name.
        country: ISO 3166; refused when a number in use is for emergencies there, would be
            another number, or lacks the address on record that is asked for there.
        language: ``en`` or ``ru``.
        state: ``trial``, ``active`` or ``blocked``.
        domain_aliases: All alias domains from now on.
        caller_id: The number, one of its own, that calls out show when neither phone nor extension
            nor trunk says another; an empty text removes it.
        outside: What changes of its `OutsidePolicy`; holds from the next call out on.
        seal: Opens the devices' passwords; needed for a new domain only.

    Raises:
        NotFound: There is no such tenant.
        InvalidSettings: Fields break rules.
        AlreadyExists: A domain is taken.
        SealError: A new domain without the key, or with a wrong one.
    """
    async with changing():
        tenant = await tenant_called(name)
        before = await tenant_facts(tenant)
        tenant.domain = before.domain if domain is None else domain
        tenant.timezone = before.timezone if timezone is None else timezone
        tenant.country = before.country if country is None else country
        tenant.language = before.language if language is None else language
        tenant.state = before.state if state is None else state
        tenant.caller_id = before.caller_id if caller_id is None else caller_id
        tenant.outside = to_store(changed(before.outside, outside or {}))
        aliases = before.domain_aliases if domain_aliases is None else sorted(set(domain_aliases))
        refuse_if_any([*await _faults(tenant, aliases), *await _number_faults(tenant, before)])
        await _refuse_taken_domains([tenant.domain, *aliases], owner_id=tenant.id)
        if tenant.domain != before.domain:
            await _move_to_domain(tenant, seal)
        await tenant.save()
        if tuple(aliases) != before.domain_aliases:
            await _store_aliases(tenant, aliases)
        await renew_direct_sip(tenant)
        await renew_outside_lock(tenant)
        await renew_emergency_lines(tenant)
        after = await tenant_facts(tenant)
        if after == before:
            return before
        await stamp(tenant)
        return await tenant_facts(tenant)


async def remove_tenant(*, name: str, files: TenantFiles | None = None) -> None:
    """Remove a tenant with all that it has: people, phones, elements, sounds, call records.

    Args:
        name: Which tenant.
        files: Where its sounds lie; they go when the rows are gone.

    Raises:
        NotFound: There is no such tenant.
    """
    async with changing():
        tenant = await tenant_called(name)
        await RemovedTenant.create(tenant_id=tenant.id, revision=await next_revision())
        await tenant.delete()
    if files is None:
        return
    async with standing_still():  # nobody makes a tenant of this name meanwhile
        if await only(Tenant.all(), name=name) is None:
            await files.remove_all(name)


async def _faults(tenant: Tenant, aliases: Sequence[str]) -> list[Fault]:
    return [
        *rules.domain_faults(tenant.domain),
        *_alias_faults(aliases, tenant.domain),
        *await asyncio.to_thread(rules.timezone_faults, tenant.timezone),
        *rules.country_faults(tenant.country),
        *rules.language_faults(tenant.language),
        *rules.state_faults(tenant.state),
        *policy_faults(policy_of(tenant.outside)),
    ]


async def _number_faults(tenant: Tenant, before: TenantFacts) -> list[Fault]:
    """What the numbers that are there have against a new country or a new caller id."""
    if (tenant.country, tenant.caller_id) == (before.country, before.caller_id):
        return []
    rows = await rows_of(tenant)
    if tenant.country == before.country:
        return tenant_caller_id_faults(rows, before)
    return [
        *_emergency_faults(tenant, rows),
        *await asyncio.to_thread(country_faults, rows, before),
        *tenant_caller_id_faults(rows, before),
    ]


def _emergency_faults(tenant: Tenant, rows: TenantRows) -> list[Fault]:
    numbers = [*(row.number for row in rows.extensions), *(row.number for row in rows.elements)]
    return [
        Fault("country", tenant.country, f"{number} is in use, and an emergency number there")
        for number in numbers
        if is_reserved(number, tenant.country)
    ]


def _alias_faults(aliases: Sequence[str], domain: str) -> list[Fault]:
    faults = [fault for alias in aliases for fault in rules.domain_alias_faults(alias)]
    if domain in aliases:
        rule = "this is the tenant's domain; an alias is another name for it"
        faults.append(Fault("domain_aliases", domain, rule))
    return faults


async def _refuse_taken_domains(domains: Sequence[str], owner_id: int | None) -> None:
    owners = await Tenant.filter(domain__in=domains)
    aliases = await TenantAlias.filter(domain__in=domains)
    theirs = {row.domain for row in owners if row.id != owner_id} | {
        row.domain for row in aliases if row.tenant_id != owner_id
    }
    if theirs:
        listed = ", ".join(sorted(theirs))
        raise taken("domain", listed, f"Another tenant has the domain {listed}")


async def _store_aliases(tenant: Tenant, aliases: Iterable[str]) -> None:
    await TenantAlias.of(tenant).delete()
    await TenantAlias.bulk_create(
        TenantAlias(tenant_id=tenant.id, domain=alias) for alias in aliases
    )


async def _move_to_domain(tenant: Tenant, seal: Seal | None) -> None:
    if seal is None:
        raise SealError("A new domain needs the key that opens the devices' passwords")
    tenant.stranger_id = f"{STRANGER}@{tenant.domain}"
    for extension in await Extension.of(tenant):
        extension.address = f"{extension.number}@{tenant.domain}"
        await extension.save(update_fields=["address"])
    for device in await Device.of(tenant):
        digests = digests_of(
            username=device.name,
            realm=tenant.domain,
            password=seal.open(device.sealed_password),
        )
        device.endpoint = f"{device.name}@{tenant.domain}"
        device.digest_md5 = digests.md5
        device.digest_sha256 = digests.sha256
        await device.save(update_fields=["endpoint", "digest_md5", "digest_sha256"])
