"""Questions about configuration; rows go in, frozen facts come out, nothing is changed."""

from typing import Any, TypeVar

from tortoise.context import require_context

from models.base import TenantRow
from models.database import failures_named
from models.device import Device
from models.element import Element
from models.errors import NotFound
from models.extension import Extension
from models.facts import (
    DeviceFacts,
    ElementFacts,
    ExtensionFacts,
    SoundFacts,
    TenantFacts,
    TenantRevision,
    TenantRows,
)
from models.location import Location
from models.mailbox_pin import MailboxPin
from models.outside_policy import policy_of
from models.provisioning import lines, outbound_rows
from models.provisioning.finding import every, only, standing_still, tenant_called
from models.provisioning.place_rows import addresses_of, locations_of
from models.sound import Sound
from models.tenant import Tenant, TenantAlias

_AnyRow = TypeVar("_AnyRow", bound=TenantRow)

_READ_ATTEMPTS = 5
_REVISIONS_AFTER = """
SELECT id, revision FROM tenant WHERE revision > {seq}
UNION ALL SELECT tenant_id, revision FROM removed_tenant WHERE revision > {seq}
ORDER BY revision
"""


async def list_tenants() -> list[TenantFacts]:
    """List all tenants by name."""
    return [await tenant_facts(tenant) for tenant in await every(Tenant.all().order_by("name"))]


async def get_tenant(*, name: str) -> TenantFacts:
    """Show one tenant.

    Raises:
        NotFound: There is none of that name.
    """
    return await tenant_facts(await tenant_called(name))


async def list_extensions(*, tenant: str) -> list[ExtensionFacts]:
    """List a tenant's extensions by number.

    Raises:
        NotFound: There is no such tenant.
    """
    return await _extensions(await tenant_called(tenant))


async def get_extension(*, tenant: str, number: str) -> ExtensionFacts:
    """Show one extension.

    Raises:
        NotFound: There is no such tenant, or no such extension in it.
    """
    return extension_facts(await extension_of(await tenant_called(tenant), number))


async def list_devices(*, tenant: str, extension: str | None = None) -> list[DeviceFacts]:
    """List a tenant's devices by name, or those of one extension.

    Raises:
        NotFound: There is no such tenant, or no such extension in it.
    """
    owner = await tenant_called(tenant)
    if extension is not None:
        await extension_of(owner, extension)
    devices = await _devices(owner)
    return [device for device in devices if extension in (None, device.extension)]


async def get_device(*, tenant: str, name: str) -> DeviceFacts:
    """Show one device.

    Raises:
        NotFound: There is no such tenant, or no such device in it.
    """
    return device_facts(await device_of(await tenant_called(tenant), name))


async def list_elements(*, tenant: str) -> list[ElementFacts]:
    """List a tenant's elements by number.

    Raises:
        NotFound: There is no such tenant.
    """
    return await _elements(await tenant_called(tenant))


async def get_element(*, tenant: str, number: str) -> ElementFacts:
    """Show one element.

    Raises:
        NotFound: There is no such tenant, or no such element in it.
    """
    return element_facts(await element_of(await tenant_called(tenant), number))


async def list_sounds(*, tenant: str) -> list[SoundFacts]:
    """List a tenant's sounds by name.

    Raises:
        NotFound: There is no such tenant.
    """
    return await _sounds(await tenant_called(tenant))


async def get_sound(*, tenant: str, name: str) -> SoundFacts:
    """Show one sound.

    Raises:
        NotFound: There is no such tenant, or no such sound in it.
    """
    return sound_facts(await sound_of(await tenant_called(tenant), name))


async def read_plan_rows(tenant_id: int) -> TenantRows:
    """Read all that a number plan is built from, as it was at one moment.

    Takes no lock; only a tenant that changes again and again meanwhile has to stand still for it.

    Raises:
        NotFound: The tenant is gone.
        DatabaseUnavailable: The database went away.
        DatabaseLocked: Others change it for longer than anybody waits.
    """
    for _attempt in range(_READ_ATTEMPTS):
        tenant = await _tenant_with_id(tenant_id)
        rows = await rows_of(tenant)
        if (await _tenant_with_id(tenant_id)).revision == tenant.revision:
            return rows
    async with standing_still():
        return await rows_of(await _tenant_with_id(tenant_id))


async def revisions_after(seq: int) -> list[TenantRevision]:
    """Say which tenants have changed or gone since a revision, oldest first.

    Cheap enough to be asked several times a second: two index searches in one round trip.

    Args:
        seq: The highest revision seen so far; 0 for all tenants.
    """
    with failures_named("The database"):
        found = (
            await require_context().db().execute_query_dict(_REVISIONS_AFTER.format(seq=int(seq)))
        )
    return [TenantRevision(row["id"], row["revision"]) for row in found]


async def rows_of(tenant: Tenant) -> TenantRows:
    """Read everything of a tenant; one moment only while it stands still."""
    return TenantRows(
        tenant=await tenant_facts(tenant),
        extensions=tuple(await _extensions(tenant)),
        devices=tuple(await _devices(tenant)),
        elements=tuple(await _elements(tenant)),
        sounds=tuple(await _sounds(tenant)),
        trunks=tuple(await lines.trunks_of(tenant)),
        numbers=tuple(await lines.numbers_of(tenant)),
        aliases=tuple(await lines.aliases_of(tenant)),
        calendars=tuple(await lines.calendars_of(tenant)),
        switches=tuple(await lines.switches_of(tenant)),
        pins={row.number: row.hash for row in await every(MailboxPin.of(tenant))},
        locations=tuple(await locations_of(tenant)),
        emergency_addresses=tuple(await addresses_of(tenant)),
        outbound=tuple(await outbound_rows.rules_of(tenant)),
    )


async def extension_of(tenant: Tenant, number: str) -> Extension:
    """Find an extension of this tenant, with its location.

    Raises:
        NotFound: The tenant has none (whether another tenant has one is nobody's business).
    """
    row = await only(Extension.of(tenant).select_related("location"), number=number)
    return found(row, tenant, f"extension {number}")


async def device_of(tenant: Tenant, name: str) -> Device:
    """Find a device of this tenant, with its extension and its location.

    Raises:
        NotFound: The tenant has none.
    """
    rows = Device.of(tenant).select_related("extension", "location")
    row = await only(rows, name=name)
    return found(row, tenant, f"device {name}")


async def location_of(tenant: Tenant, name: str) -> Location:
    """Find a place of this tenant where phones stand.

    Raises:
        NotFound: The tenant has none.
    """
    return found(await only(Location.of(tenant), name=name), tenant, f"location {name}")


async def element_of(tenant: Tenant, number: str) -> Element:
    """Find an element of this tenant.

    Raises:
        NotFound: The tenant has none.
    """
    return found(await only(Element.of(tenant), number=number), tenant, f"element {number}")


async def sound_of(tenant: Tenant, name: str) -> Sound:
    """Find a sound of this tenant.

    Raises:
        NotFound: The tenant has none.
    """
    return found(await only(Sound.of(tenant), name=name), tenant, f"sound {name}")


def found(row: _AnyRow | None, tenant: Tenant, what: str) -> _AnyRow:
    """Insist that a tenant has what was asked for.

    Raises:
        NotFound: It has none.
    """
    if row is None:
        raise NotFound(f"Tenant {tenant.name} has no {what}")
    return row


async def _tenant_with_id(tenant_id: int) -> Tenant:
    tenant = await only(Tenant.all(), id=tenant_id)
    if tenant is None:
        raise NotFound(f"There is no tenant with the id {tenant_id}")
    return tenant


async def tenant_facts(tenant: Tenant) -> TenantFacts:
    """Take a tenant off its row, with its alias domains."""
    aliases = await every(TenantAlias.of(tenant).order_by("domain"))
    emergency_trunks = await lines.trunk_names_of(tenant, tenant.emergency_trunk_ids)
    return TenantFacts(
        id=tenant.id,
        name=tenant.name,
        domain=tenant.domain,
        domain_aliases=tuple(alias.domain for alias in aliases),
        timezone=tenant.timezone,
        country=tenant.country,
        language=tenant.language,
        state=tenant.state,
        revision=tenant.revision,
        caller_id=tenant.caller_id,
        outside=policy_of(tenant.outside),
        emergency_trunks=emergency_trunks,
        route_tests=tuple(tenant.route_tests),
        silenced=tuple(tenant.silenced),
    )


def extension_facts(row: Extension) -> ExtensionFacts:
    """Take an extension off its row, which has been read with its location."""
    return ExtensionFacts(
        number=row.number,
        name=row.name,
        email=row.email,
        ring_s=row.ring_s,
        settings=row.settings,
        caller_id=row.caller_id,
        location=_place(row),
    )


def device_facts(row: Device) -> DeviceFacts:
    """Take a device off its row, which has been read with its extension and its location."""
    return DeviceFacts(
        name=row.name,
        extension=row.extension.number,
        endpoint=row.endpoint,
        caller_name=row.caller_name,
        caller_id=row.caller_id,
        hides_number=row.hides_number,
        location=_place(row),
        encryption=row.encryption,
        created_at=row.created_at,
    )


def _place(row: Device | Extension) -> str:
    """The name of where it stands; empty for nowhere in particular."""
    place = None if row.location_id is None else row.location
    return "" if place is None else place.name


def element_facts(row: Element) -> ElementFacts:
    """Take an element off its row."""
    return ElementFacts(number=row.number, kind=row.kind, settings=row.settings)


def sound_facts(row: Sound) -> SoundFacts:
    """Take a sound off its row."""
    return SoundFacts(
        name=row.name,
        duration_s=row.duration_s,
        source_rate_hz=row.source_rate_hz,
        sha256=row.sha256,
        warnings=tuple(row.warnings),
    )


async def _extensions(tenant: Tenant) -> list[ExtensionFacts]:
    fields = ("number", "name", "email", "ring_s", "settings", "caller_id")
    people = Extension.of(tenant).values(*fields, location="location__name")
    with failures_named("The database"):
        rows = [ExtensionFacts(**_placed(row)) for row in await people]
    return sorted(rows, key=lambda extension: int(extension.number))


async def _devices(tenant: Tenant) -> list[DeviceFacts]:
    of_a_phone = ("name", "endpoint", "caller_name", "caller_id", "hides_number", "encryption")
    fields = (*of_a_phone, "created_at")
    phones = Device.of(tenant).order_by("name")
    named = phones.values(*fields, extension="extension__number", location="location__name")
    with failures_named("The database"):
        return [DeviceFacts(**_placed(row)) for row in await named]


def _placed(row: dict[str, Any]) -> dict[str, Any]:  # columns by name, as Tortoise gives them
    """Plain columns, where thousands of rows would be slow to make; nowhere is an empty name."""
    return {**row, "location": row["location"] or ""}


async def _elements(tenant: Tenant) -> list[ElementFacts]:
    rows = [element_facts(row) for row in await every(Element.of(tenant))]
    return sorted(rows, key=lambda element: int(element.number))


async def _sounds(tenant: Tenant) -> list[SoundFacts]:
    return [sound_facts(row) for row in await every(Sound.of(tenant).order_by("name"))]
