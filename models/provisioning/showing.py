"""What a phone, a person or a tenant shows to those who are called: checked before it is saved."""

from dataclasses import replace

from models.emergency_rules import (
    ASKS_FOR_ADDRESS,
    emergency_faults,
    emergency_faults_of_change,
)
from models.errors import Fault
from models.facts import DeviceFacts, ExtensionFacts, TenantFacts, TenantRows
from models.provisioning.caller_ids import caller_id_faults, numbers_read_otherwise
from models.provisioning.reading import rows_of
from models.tenant import Tenant


async def device_faults(
    tenant: Tenant, wanted: DeviceFacts, before: DeviceFacts | None = None
) -> list[Fault]:
    """Say what is wrong with the number that a phone shows, in calls for help and in others.

    Args:
        tenant: Whose.
        wanted: The phone as it shall be.
        before: As it is; None for a new one.
    """
    if not _may_matter(tenant, wanted, before):
        return []
    rows = await rows_of(tenant)
    faults = _new_number_faults(wanted, before, rows)
    return faults or emergency_faults(rows, wanted)


async def extension_faults(
    tenant: Tenant,
    wanted: ExtensionFacts,
    before: ExtensionFacts | None = None,
    *,
    first_device: DeviceFacts | None = None,
) -> list[Fault]:
    """Say what is wrong with the number that a person's phones show, as with `device_faults`.

    Args:
        tenant: Whose.
        wanted: The extension as it shall be.
        before: As it is; None for a new one.
        first_device: The phone that comes with a new one.
    """
    if not _may_matter(tenant, wanted, before):
        return []
    rows = await rows_of(tenant)
    others = tuple(one for one in rows.extensions if one.number != wanted.number)
    phones = () if first_device is None else (first_device,)
    after = replace(rows, extensions=(*others, wanted), devices=(*rows.devices, *phones))
    is_placed = before is not None and wanted.location != before.location
    path = "location" if is_placed else "caller_id"
    faults = _new_number_faults(wanted, before, rows)
    return faults or emergency_faults_of_change(rows, after, path, getattr(wanted, path))


def tenant_caller_id_faults(rows: TenantRows, before: TenantFacts) -> list[Fault]:
    """Say what is wrong with the number that a tenant shows where nobody else says.

    Args:
        rows: The tenant as it shall be.
        before: As it is.
    """
    number = rows.tenant.caller_id
    if number == before.caller_id:
        return []
    faults = caller_id_faults("caller_id", number, rows)
    if faults or rows.tenant.country != before.country:
        return faults
    return emergency_faults_of_change(replace(rows, tenant=before), rows, "caller_id", number)


def country_faults(rows: TenantRows, before: TenantFacts) -> list[Fault]:
    """Say what a tenant's numbers have against a new country.

    Args:
        rows: The tenant as it shall be.
        before: As it is.
    """
    as_it_is, country = replace(rows, tenant=before), rows.tenant.country
    rule = "remove it and write it with its country's code, +49301234567, first"
    faults = [
        Fault("country", country, f"{told}: {rule}")
        for told in numbers_read_otherwise(as_it_is, country)
    ]
    return faults or emergency_faults_of_change(as_it_is, rows, "country", country)


def _may_matter(
    tenant: Tenant,
    wanted: DeviceFacts | ExtensionFacts,
    before: DeviceFacts | ExtensionFacts | None,
) -> bool:
    """Whether anything is to be looked up, for that takes longer than the rest of a change."""
    if before is not None and _shown_by(wanted) == _shown_by(before):
        return False
    return bool(wanted.caller_id) or tenant.country in ASKS_FOR_ADDRESS


def _shown_by(one: DeviceFacts | ExtensionFacts) -> tuple[str, str]:
    return one.caller_id, one.location


def _new_number_faults(
    wanted: DeviceFacts | ExtensionFacts,
    before: DeviceFacts | ExtensionFacts | None,
    rows: TenantRows,
) -> list[Fault]:
    if before is not None and wanted.caller_id == before.caller_id:
        return []
    return caller_id_faults("caller_id", wanted.caller_id, rows)
