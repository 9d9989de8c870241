"""Locations: where phones stand, and which number they show when somebody calls help."""

from dataclasses import replace

from models import rules
from models.device import Device
from models.emergency_rules import (
    ASKS_FOR_ADDRESS,
    CallersForHelp,
    emergency_faults_of_change,
)
from models.errors import Fault, InUse, refuse_if_any, taken
from models.extension import Extension
from models.facts import LocationFacts, TenantRows
from models.location import Location
from models.numbering import normalised
from models.outside_number import OutsideNumber
from models.provisioning.change import changing, stamp
from models.provisioning.finding import every, only, tenant_called
from models.provisioning.place_rows import location_facts, locations_of
from models.provisioning.reading import found, rows_of
from models.tenant import Tenant

_LONGEST_DETAIL = 200


async def create_location(
    *,
    tenant: str,
    name: str,
    number: str = "",
    detail: str = "",
    is_default: bool = False,
    if_missing: bool = False,
) -> LocationFacts:
    """Name a place where phones stand.

    Args:
        tenant: Whose.
        name: What people call it, 70 bytes of UTF-8 at most.
        number: One of the tenant's numbers, in any spelling, which its phones show in emergency
            calls; empty for what they show otherwise.
        detail: Helps those who come to find it.
        is_default: Whether phones that nobody has placed stand here, from now on.
        if_missing: The location may be there already; it is left as it is.

    Raises:
        NotFound: There is no such tenant.
        InvalidSettings: All that is wrong.
        AlreadyExists: The name is taken.
    """
    async with changing():
        owner = await tenant_called(tenant)
        there = await _row(owner, name)
        if there is not None and if_missing:
            return location_facts(there)
        row = Location(tenant=owner, name=name)
        wanted = LocationFacts(name=name, number=number, detail=detail, is_default=is_default)
        await _check(owner, None, wanted)
        if there is not None:
            raise taken("name", name, f"Tenant {tenant} has a location {name} already")
        return await _store(owner, row, wanted)


async def set_location(
    *,
    tenant: str,
    name: str,
    new_name: str | None = None,
    number: str | None = None,
    detail: str | None = None,
    is_default: bool | None = None,
) -> LocationFacts:
    """Change a location; what is None stays as it is.

    Args:
        tenant: Whose.
        name: Which.
        new_name: What it is called from now on; its phones go with it.
        number: What its phones show in emergency calls; an empty text for what they show otherwise.
        detail: Helps those who come to find it; an empty text removes it.
        is_default: Whether phones that nobody has placed stand here.

    Raises:
        NotFound: There is no such tenant, or no such location in it.
        InvalidSettings: All that would be wrong.
        AlreadyExists: The new name is taken.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await _location_of(owner, name)
        before = location_facts(row)
        wanted = LocationFacts(
            name=before.name if new_name is None else new_name,
            number=before.number if number is None else number,
            detail=before.detail if detail is None else detail,
            is_default=before.is_default if is_default is None else is_default,
        )
        await _check(owner, before, wanted)
        if wanted.name != name and await _row(owner, wanted.name) is not None:
            sentence = f"Tenant {tenant} has a location {wanted.name} already"
            raise taken("name", wanted.name, sentence)
        if wanted == before and not (wanted.is_default and await _other_defaults(owner, row)):
            return before
        return await _store(owner, row, wanted)


async def remove_location(*, tenant: str, name: str) -> None:
    """Forget a place where no phone stands any more.

    Raises:
        NotFound: There is no such tenant, or no such location in it.
        InUse: Phones stand there; the message lists them.
        InvalidSettings: Without it, phones would call help with a number that has no address.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await _location_of(owner, name)
        users = await _who_stands_at(owner, row)
        if users:
            raise InUse(f"The location {name} cannot be removed:\n" + "\n".join(users), users)
        before = await rows_of(owner)
        left = tuple(one for one in before.locations if one.name != name)
        after = replace(before, locations=left)
        refuse_if_any(emergency_faults_of_change(before, after, "name", name))
        await row.delete()
        await stamp(owner)


async def list_locations(*, tenant: str) -> list[LocationFacts]:
    """List a tenant's locations by name.

    Raises:
        NotFound: There is no such tenant.
    """
    return await locations_of(await tenant_called(tenant))


async def get_location(*, tenant: str, name: str) -> LocationFacts:
    """Show one location.

    Raises:
        NotFound: There is no such tenant, or no such location in it.
    """
    return location_facts(await _location_of(await tenant_called(tenant), name))


async def who_stands_at(*, tenant: str, name: str) -> list[str]:
    """Name the phones at a location; at the default one also those that nobody has placed.

    Raises:
        NotFound: There is no such tenant, or no such location in it.
    """
    owner = await tenant_called(tenant)
    await _location_of(owner, name)
    rows = await rows_of(owner)
    callers = CallersForHelp(rows)
    places = {device.name: callers.place_of(device) for device in rows.devices}
    return [device for device, place in places.items() if place is not None and place.name == name]


async def _location_of(tenant: Tenant, name: str) -> Location:
    """Find a location of this tenant, with its number.

    Raises:
        NotFound: The tenant has none.
    """
    return found(await _row(tenant, name), tenant, f"location {name}")


async def _other_defaults(owner: Tenant, row: Location) -> bool:
    """Whether places besides this one are the default, as files could make them once."""
    return await Location.of(owner).filter(is_default=True).exclude(id=row.id).exists()


async def _row(tenant: Tenant, name: str) -> Location | None:
    return await only(Location.of(tenant).select_related("number"), name=name)


async def _check(owner: Tenant, before: LocationFacts | None, wanted: LocationFacts) -> None:
    rows = await rows_of(owner)
    faults = [*place_text_faults(wanted), *place_number_faults(wanted, rows)]
    if not faults:
        after = replace(rows, locations=_locations_after(rows, before, wanted))
        has_new_number = before is not None and before.number != wanted.number
        path = "number" if has_new_number else "is_default"
        value = wanted.number if has_new_number else wanted.is_default
        faults = emergency_faults_of_change(rows, after, path, value)
    refuse_if_any(faults)


def place_text_faults(wanted: LocationFacts) -> list[Fault]:
    """Say what is wrong with the name of a location and what is told of it."""
    faults = rules.display_name_faults(wanted.name)
    if len(wanted.detail) > _LONGEST_DETAIL or not wanted.detail.isprintable():
        rule = f"is one line of at most {_LONGEST_DETAIL} signs"
        faults = [*faults, Fault("detail", wanted.detail, rule)]
    return faults


def place_number_faults(wanted: LocationFacts, rows: TenantRows) -> list[Fault]:
    """Refuse a number that the tenant has not, or that lacks the address its country asks for."""
    if not wanted.number:
        return []
    tenant = rows.tenant
    digits = normalised(wanted.number, tenant.country)
    if digits not in {one.digits for one in rows.numbers}:
        return [Fault("number", wanted.number, f"is no number of tenant {tenant.name}")]
    has_address = digits in {one.digits for one in rows.emergency_addresses}
    if tenant.country not in ASKS_FOR_ADDRESS or has_address:
        return []
    rule = (
        f"no address is on record with it, and in {tenant.country} "
        f"{ASKS_FOR_ADDRESS[tenant.country]}; "
        f"add it: pbx emergency address set {wanted.number} --tenant {tenant.name}"
    )
    return [Fault("number", wanted.number, rule)]


def _locations_after(
    rows: TenantRows, before: LocationFacts | None, wanted: LocationFacts
) -> tuple[LocationFacts, ...]:
    """All locations as they shall be; one that is renamed keeps the name that phones know it by."""
    name = wanted.name if before is None else before.name
    others = [one for one in rows.locations if one.name != name]
    if wanted.is_default:
        others = [replace(one, is_default=False) for one in others]
    return (*others, replace(wanted, name=name))


async def _store(owner: Tenant, row: Location, wanted: LocationFacts) -> LocationFacts:
    row.name, row.detail, row.is_default = wanted.name, wanted.detail, wanted.is_default
    number = None
    if wanted.number:
        digits = normalised(wanted.number, owner.country)
        number = await only(OutsideNumber.of(owner), digits=digits)
    row.number = number
    if wanted.is_default:
        await Location.of(owner).filter(is_default=True).update(is_default=False)
    await row.save()
    await stamp(owner)
    return location_facts(row)


async def _who_stands_at(owner: Tenant, row: Location) -> list[str]:
    extensions = await every(Extension.of(owner).filter(location_id=row.id).order_by("number"))
    devices = await every(Device.of(owner).filter(location_id=row.id).order_by("name"))
    return [
        *(f"the phones of extension {one.number} stand at {row.name}" for one in extensions),
        *(f"device {one.name} stands at {row.name}" for one in devices),
    ]
