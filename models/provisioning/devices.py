"""Devices: phones with logins of their own, made, changed, removed."""

from dataclasses import replace
from datetime import UTC, datetime

from tortoise.queryset import QuerySet

from models import rules
from models.device import Device
from models.digests import digests_of
from models.errors import Fault, refuse_if_any, taken
from models.extension import Extension
from models.facts import DeviceFacts, DeviceSetup, NewDevice
from models.passwords import make_password, password_faults
from models.provisioning.change import changing, stamp
from models.provisioning.finding import only, tenant_called
from models.provisioning.reading import (
    device_facts,
    device_of,
    extension_of,
    location_of,
)
from models.provisioning.showing import device_faults
from models.seal import Seal
from models.tenant import Tenant


async def create_device(  # noqa: PLR0913 - one argument per field that a person may give
    *,
    tenant: str,
    name: str,
    extension: str,
    seal: Seal,
    password: str | None = None,
    caller_name: str | None = None,
    caller_id: str = "",
    hides_number: bool = False,
    location: str = "",
    encryption: str = "off",
    if_missing: bool = False,
) -> NewDevice:
    """Let one more phone of an extension register.

    Args:
        tenant: Whose.
        name: The extension's number, or that and a word (``100-kitchen``).
        extension: Whose phone it is.
        seal: Closes the password.
        password: One is made when None.
        caller_name: What the called see instead of the extension's name.
        caller_id: The number, one of the tenant's own, that its calls out show; empty for the
            extension's.
        hides_number: Whether its calls out show no number.
        location: Where it stands, by name; empty for where the extension does.
        encryption: Whether its sound is encrypted: ``off``, ``optional``, ``required``.
        if_missing: The device may be there already; it is left as it is, without a password to
            show.

    Raises:
        NotFound: There is no such tenant, or no such extension or location in it.
        InvalidSettings: Fields break rules.
        AlreadyExists: The name is taken.
    """
    async with changing():
        owner = await tenant_called(tenant)
        person = await extension_of(owner, extension)
        wanted = DeviceFacts(
            name=name,
            extension=extension,
            endpoint=f"{name}@{owner.domain}",
            caller_name=caller_name or None,
            caller_id=caller_id,
            hides_number=hides_number,
            location=location,
            encryption=encryption,
            created_at=datetime.now(UTC),
        )
        faults = rules.device_name_faults(name, extension)
        refuse_if_any([*faults, *await _faults(owner, wanted, password)])
        there = await only(_devices(owner), name=name)
        if there is not None and if_missing:
            return NewDevice(device=device_facts(there), password=None)
        if there is not None:
            raise taken("name", name, f"Tenant {tenant} has a device {name} already")
        password = make_password() if password is None else password
        await store_device(owner, person, wanted, password=password, seal=seal)
        await stamp(owner)
        return NewDevice(device=wanted, password=password)


async def set_device(  # noqa: PLR0913 - one argument per field that a person may give
    *,
    tenant: str,
    name: str,
    seal: Seal,
    password: str | None = None,
    new_password: bool = False,
    caller_name: str | None = None,
    caller_id: str | None = None,
    hides_number: bool | None = None,
    location: str | None = None,
    encryption: str | None = None,
) -> NewDevice:
    """Change a device; what is None stays as it is.

    Args:
        tenant: Whose.
        name: Which.
        seal: Closes a new password.
        password: The new password; the phone cannot register until it is told.
        new_password: Make a new password when none is given.
        caller_name: What the called see; an empty text removes it.
        caller_id: The number, one of the tenant's own, that its calls out show from the next one
            on; an empty text lets them show the extension's.
        hides_number: Whether its calls out show no number.
        location: Where it stands, by name; an empty text says where the extension does.
        encryption: Whether its sound is encrypted, from its next call on.

    Returns:
        The device, and its password when it is a new one.

    Raises:
        NotFound: There is no such tenant, or no such device or location in it.
        InvalidSettings: Fields break rules.
    """
    async with changing():
        owner = await tenant_called(tenant)
        device = await device_of(owner, name)
        before = device_facts(device)
        after = replace(
            before,
            caller_name=before.caller_name if caller_name is None else caller_name or None,
            caller_id=before.caller_id if caller_id is None else caller_id,
            hides_number=before.hides_number if hides_number is None else hides_number,
            location=before.location if location is None else location,
            encryption=before.encryption if encryption is None else encryption,
        )
        refuse_if_any(await _faults(owner, after, password, before))
        if password is None and new_password:
            password = make_password()
        if password is not None:
            _give_password(device, owner, password, seal)
        if password is not None or after != before:
            await _fill(device, owner, after)
            await device.save()
            await stamp(owner)
        return NewDevice(device=after, password=password)


async def remove_device(*, tenant: str, name: str) -> None:
    """Let a phone register no longer.

    Raises:
        NotFound: There is no such tenant, or no such device in it.
    """
    async with changing():
        owner = await tenant_called(tenant)
        device = await device_of(owner, name)
        await device.delete()
        await stamp(owner)


async def device_setup(*, tenant: str, name: str, seal: Seal) -> DeviceSetup:
    """Say what a person types into the phone: domain, login, password, and whether it encrypts.

    Raises:
        NotFound: There is no such tenant, or no such device in it.
        SealError: The key does not open the password.
    """
    owner = await tenant_called(tenant)
    device = await device_of(owner, name)
    return DeviceSetup(
        domain=owner.domain,
        login=device.name,
        password=seal.open(device.sealed_password),
        encryption=device.encryption,
    )


async def store_device(
    tenant: Tenant, extension: Extension, wanted: DeviceFacts, *, password: str, seal: Seal
) -> None:
    """Write the row of a device that has been checked; inside `changing` only.

    Raises:
        NotFound: The tenant has no such location.
        SealError: The key is not the one that other devices' passwords were sealed with.
    """
    await refuse_other_key(seal)
    device = Device(tenant=tenant, extension=extension, name=wanted.name, endpoint=wanted.endpoint)
    device.created_at = wanted.created_at or datetime.now(UTC)
    await _fill(device, tenant, wanted)
    _give_password(device, tenant, password, seal)
    await device.save()


async def refuse_other_key(seal: Seal) -> None:
    """Make sure, before a secret is sealed, that all are sealed with one key.

    Raises:
        SealError: The key is not the one that other devices' passwords were sealed with.
    """
    other = await Device.all().order_by("id").first()
    if other is not None:
        seal.open(other.sealed_password)


def _give_password(device: Device, tenant: Tenant, password: str, seal: Seal) -> None:
    digests = digests_of(username=device.name, realm=tenant.domain, password=password)
    device.digest_md5 = digests.md5
    device.digest_sha256 = digests.sha256
    device.sealed_password = seal.close(password)


async def _fill(device: Device, tenant: Tenant, wanted: DeviceFacts) -> None:
    """Write what is not about the login into the row; says so when there is no such location."""
    place = await location_of(tenant, wanted.location) if wanted.location else None
    device.caller_name = wanted.caller_name
    device.caller_id = wanted.caller_id
    device.hides_number = wanted.hides_number
    device.encryption = wanted.encryption
    device.location_id = None if place is None else place.id


async def _faults(
    tenant: Tenant, wanted: DeviceFacts, password: str | None, before: DeviceFacts | None = None
) -> list[Fault]:
    name = wanted.caller_name
    return [
        *(password_faults(password) if password is not None else []),
        *(rules.display_name_faults(name, "caller_name") if name else []),
        *rules.encryption_faults(wanted.encryption),
        *await device_faults(tenant, wanted, before),
    ]


def _devices(tenant: Tenant) -> QuerySet[Device]:
    return Device.of(tenant).select_related("extension", "location")
