"""Extensions: people who can be called, made, changed, removed."""

from collections.abc import Mapping
from dataclasses import replace

from models import rules
from models.errors import Fault, InUse, refuse_if_any, taken
from models.extension import Extension
from models.facts import DeviceFacts, ExtensionFacts, NewExtension
from models.passwords import make_password, password_faults
from models.provisioning.catalogue import ElementCatalogue, user_faults, who_leads_to
from models.provisioning.change import changing, stamp
from models.provisioning.devices import store_device
from models.provisioning.direct_sip import opts_in, renew_direct_sip
from models.provisioning.finding import only, tenant_called
from models.provisioning.mailboxes import empty_mailbox
from models.provisioning.merging import merged
from models.provisioning.reading import (
    extension_facts,
    extension_of,
    location_of,
    rows_of,
)
from models.provisioning.showing import extension_faults
from models.seal import Seal
from models.tenant import Tenant


async def create_extension(  # noqa: PLR0913 - one argument per field that a person may give
    *,
    tenant: str,
    number: str,
    name: str,
    seal: Seal,
    email: str | None = None,
    ring_s: int = 20,
    password: str | None = None,
    with_device: bool = True,
    caller_id: str = "",
    location: str = "",
    settings: Mapping[str, object] | None = None,
    catalogue: ElementCatalogue | None = None,
    if_missing: bool = False,
) -> NewExtension:
    """Give a person a number, and a first phone that is called like the number.

    Args:
        tenant: Whose.
        number: 100 to 4999, no emergency number of the tenant's country.
        name: What the called see, 70 bytes of UTF-8 at most.
        seal: Closes the phone's password.
        email: For missed calls and voicemail.
        ring_s: How long the phones ring.
        password: Of the first phone; one is made when None.
        with_device: Make the first phone, too.
        caller_id: The number, one of the tenant's own, that calls out show; empty for what the
            trunk or the tenant shows.
        location: Where the phones stand, by name; empty for the tenant's default.
        settings: What the element kind ``user`` knows: personal rules, voicemail and so on.
        catalogue: Knows that kind; needed for settings only.
        if_missing: The extension may be there already; it is left as it is, without a password to
            show.

    Raises:
        NotFound: There is no such tenant, or no such location in it.
        InvalidSettings: Fields break rules.
        AlreadyExists: The number is taken.
    """
    async with changing():
        owner = await tenant_called(tenant)
        there = await only(Extension.of(owner).select_related("location"), number=number)
        if there is not None and if_missing:
            return NewExtension(extension=extension_facts(there), device=None, password=None)
        mine = merged({}, settings or {})
        wanted = ExtensionFacts(
            number=number, name=name, email=email or None, ring_s=ring_s, settings=mine
        )
        wanted = replace(wanted, caller_id=caller_id, location=location)
        first = _first_device(owner, number) if with_device else None
        refuse_if_any(
            [
                *rules.extension_number_faults(number, owner.country),
                *_person_faults(name, email, ring_s),
                *await _settings_faults(wanted, owner, catalogue, is_given=settings is not None),
                *(password_faults(password) if password is not None else []),
                *await extension_faults(owner, wanted, first_device=first),
            ]
        )
        if there is not None:
            raise taken("number", number, f"Tenant {tenant} has an extension {number} already")
        await stamp(owner)
        return await _make(owner, wanted, first, password, seal)


def _first_device(tenant: Tenant, number: str) -> DeviceFacts:
    """The phone that is called like the extension and has all from it."""
    endpoint = f"{number}@{tenant.domain}"
    return DeviceFacts(name=number, extension=number, endpoint=endpoint, caller_name=None)


async def _make(
    tenant: Tenant,
    wanted: ExtensionFacts,
    first: DeviceFacts | None,
    password: str | None,
    seal: Seal,
) -> NewExtension:
    """Write the row of an extension that has been checked, and of its first phone."""
    extension = await _store(tenant, wanted)
    if first is None:
        return NewExtension(extension=wanted, device=None, password=None)
    password = make_password() if password is None else password
    await store_device(tenant, extension, first, password=password, seal=seal)
    return NewExtension(extension=wanted, device=first, password=password)


async def _store(tenant: Tenant, wanted: ExtensionFacts) -> Extension:
    """Write the row of an extension that has been checked; inside `changing` only."""
    address = f"{wanted.number}@{tenant.domain}"
    extension = Extension(tenant=tenant, number=wanted.number, address=address)
    await _fill(extension, tenant, wanted)
    await extension.save()
    if opts_in(wanted):
        await renew_direct_sip(tenant)
    return extension


async def set_extension(  # noqa: PLR0913 - one argument per field that a person may give
    *,
    tenant: str,
    number: str,
    name: str | None = None,
    email: str | None = None,
    ring_s: int | None = None,
    caller_id: str | None = None,
    location: str | None = None,
    settings: Mapping[str, object] | None = None,
    catalogue: ElementCatalogue | None = None,
) -> ExtensionFacts:
    """Change an extension; what is None stays as it is.

    Args:
        tenant: Whose.
        number: Which.
        name: What the called see.
        email: An empty text removes it.
        ring_s: How long the phones ring.
        caller_id: The number, one of the tenant's own, that calls out show from the next one on;
            an empty text lets them show what the trunk or the tenant shows.
        location: Where the phones stand, by name; an empty text says at the tenant's default.
        settings: Merged into what is there, level by level; null removes (RFC 7396).
        catalogue: Knows the element kind ``user``; needed for settings only.

    Raises:
        NotFound: There is no such tenant, or no such extension or location in it.
        InvalidSettings: Fields break rules, or the settings would.
    """
    async with changing():
        owner = await tenant_called(tenant)
        extension = await extension_of(owner, number)
        before = extension_facts(extension)
        after = replace(
            before,
            name=before.name if name is None else name,
            email=before.email if email is None else email or None,
            ring_s=before.ring_s if ring_s is None else ring_s,
            caller_id=before.caller_id if caller_id is None else caller_id,
            location=before.location if location is None else location,
            settings=merged(before.settings, settings or {}),
        )
        refuse_if_any(
            [
                *_person_faults(name, email, ring_s),
                *await _settings_faults(after, owner, catalogue, is_given=settings is not None),
                *await extension_faults(owner, after, before),
            ]
        )
        if after != before:
            await _fill(extension, owner, after)
            await extension.save()
            if opts_in(after) != opts_in(before):
                await renew_direct_sip(owner)
            await stamp(owner)
        return after


async def remove_extension(*, tenant: str, number: str, catalogue: ElementCatalogue) -> None:
    """Take a number and its phones away.

    Raises:
        NotFound: There is no such tenant, or no such extension in it.
        InUse: Elements, users, numbers or aliases lead to it; the message lists them.
    """
    async with changing():
        owner = await tenant_called(tenant)
        extension = await extension_of(owner, number)
        users = who_leads_to(number, await rows_of(owner), catalogue)
        if users:
            raise InUse(f"{number} cannot be removed:\n" + "\n".join(users), users)
        await extension.delete()
        await empty_mailbox(owner, number)
        if opts_in(extension_facts(extension)):
            await renew_direct_sip(owner)
        await stamp(owner)


async def _fill(extension: Extension, tenant: Tenant, wanted: ExtensionFacts) -> None:
    """Write what may change into the row; says so when there is no such location."""
    place = await location_of(tenant, wanted.location) if wanted.location else None
    extension.name, extension.email = wanted.name, wanted.email
    extension.ring_s, extension.settings = wanted.ring_s, dict(wanted.settings)
    extension.caller_id = wanted.caller_id
    extension.location_id = None if place is None else place.id


def _person_faults(name: str | None, email: str | None, ring_s: int | None) -> list[Fault]:
    return [
        *(rules.display_name_faults(name) if name is not None else []),
        *(rules.email_faults(email) if email else []),
        *(rules.ring_time_faults(ring_s) if ring_s is not None else []),
    ]


async def _settings_faults(
    wanted: ExtensionFacts,
    owner: Tenant,
    catalogue: ElementCatalogue | None,
    *,
    is_given: bool,
) -> list[Fault]:
    if not is_given:
        return []
    if catalogue is None:
        raise TypeError("settings of a user cannot be checked without a catalogue")
    return user_faults(wanted, await rows_of(owner), catalogue)
