"""Devices: phones with logins of their own, made, changed, removed."""

from models import rules
from models.device import Device
from models.digests import digests_of
from models.errors import Fault, refuse_if_any, taken
from models.extension import Extension
from models.facts import DeviceFacts, DeviceSetup, NewDevice
from models.passwords import make_password, password_faults
from models.provisioning.change import changing, only, stamp, tenant_called
from models.provisioning.reading import device_facts, device_of, extension_of
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
        if_missing: The device may be there already; it is left as it is, without a password to
            show.

    Raises:
        NotFound: There is no such tenant, or no such extension in it.
        InvalidSettings: Fields break rules.
        AlreadyExists: The name is taken.
    """
    async with changing():
        owner = await tenant_called(tenant)
        person = await extension_of(owner, extension)
        refuse_if_any(
            [
                *rules.device_name_faults(name, extension),
                *(password_faults(password) if password is not None else []),
                *_caller_name_faults(caller_name),
            ]
        )
        there = await only(Device.of(owner).select_related("extension"), name=name)
        if there is not None and if_missing:
            return NewDevice(device=device_facts(there), password=None)
        if there is not None:
            raise taken("name", name, f"Tenant {tenant} has a device {name} already")
        password = make_password() if password is None else password
        device = await store_device(
            owner, person, name=name, password=password, seal=seal, caller_name=caller_name
        )
        await stamp(owner)
        return NewDevice(device=device, password=password)


async def set_device(
    *,
    tenant: str,
    name: str,
    seal: Seal,
    password: str | None = None,
    new_password: bool = False,
    caller_name: str | None = None,
) -> NewDevice:
    """Change a device; what is None stays as it is.

    Args:
        tenant: Whose.
        name: Which.
        seal: Closes a new password.
        password: The new password; the phone cannot register until it is told.
        new_password: Make a new password when none is given.
        caller_name: What the called see; an empty text removes it.

    Returns:
        The device, and its password when it is a new one.

    Raises:
        NotFound: There is no such tenant, or no such device in it.
        InvalidSettings: Fields break rules.
    """
    async with changing():
        owner = await tenant_called(tenant)
        device = await device_of(owner, name)
        refuse_if_any(
            [
                *(password_faults(password) if password is not None else []),
                *_caller_name_faults(caller_name),
            ]
        )
        if password is None and new_password:
            password = make_password()
        caller_name_before = device.caller_name
        if caller_name is not None:
            device.caller_name = caller_name or None
        if password is not None:
            _give_password(device, owner, password, seal)
        if password is not None or device.caller_name != caller_name_before:
            await device.save()
            await stamp(owner)
        return NewDevice(device=device_facts(device), password=password)


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
    """Say what a person types into the phone: domain, login and password.

    Raises:
        NotFound: There is no such tenant, or no such device in it.
        SealError: The key does not open the password.
    """
    owner = await tenant_called(tenant)
    device = await device_of(owner, name)
    return DeviceSetup(
        domain=owner.domain, login=device.name, password=seal.open(device.sealed_password)
    )


async def store_device(
    tenant: Tenant,
    extension: Extension,
    *,
    name: str,
    password: str,
    seal: Seal,
    caller_name: str | None = None,
) -> DeviceFacts:
    """Write the row of a device that has been checked; inside `changing` only.

    Raises:
        SealError: The key is not the one that other devices' passwords were sealed with.
    """
    await refuse_other_key(seal)
    device = Device(
        tenant=tenant, extension=extension, name=name, endpoint=f"{name}@{tenant.domain}"
    )
    device.caller_name = caller_name or None
    _give_password(device, tenant, password, seal)
    await device.save()
    return device_facts(device)


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


def _caller_name_faults(caller_name: str | None) -> list[Fault]:
    return rules.display_name_faults(caller_name, "caller_name") if caller_name else []
