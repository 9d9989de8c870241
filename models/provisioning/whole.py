"""A tenant made equal to its file, in one transaction: checked whole, then written in bulk."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from models.database import failures_named
from models.errors import ChangedMeanwhile
from models.facts import TenantFacts, TenantRows
from models.provisioning.catalogue import ElementCatalogue
from models.provisioning.change import applied_from, changing, stamp, written_whole
from models.provisioning.finding import only
from models.provisioning.reading import read_plan_rows, rows_of
from models.provisioning.revising import Known
from models.provisioning.sounds import SoundFiles
from models.provisioning.whole_derived import clear_away, renew_derived
from models.provisioning.whole_faults import tenant_faults
from models.provisioning.whole_neighbours import neighbour_faults
from models.provisioning.whole_rows import OwnRows
from models.provisioning.whole_secrets import (
    NewPasswords,
    PinHashes,
    has_passwords_as_seen,
    missing_secret_faults,
    new_passwords,
    with_pins,
)
from models.provisioning.whole_sounds import (
    current,
    remove_gone,
    sound_faults,
    without_known_sounds,
)
from models.provisioning.whole_writing import fill_tenant, secrets_written, write_rows
from models.revision import Snapshot
from models.seal import Seal
from models.tenant import Tenant
from models.tenant_file.document import NEW_PIN, document_of, rows_of_document
from models.tenant_file.parts import FaultyFile, RoutedFault, TenantFile
from models.tenant_file.patch import Patch, patch_between

MOST_LOOKS: Final = 10
"""So often a tenant that others keep changing is looked at."""

__all__ = [
    "Applied",
    "Outlook",
    "applied_fingerprints",
    "faults_of",
    "look_at",
    "make_come_true",
    "put_tenant",
    "tenant_faults",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a file has made of a tenant.

    Attributes:
        tenant: As it is now.
        patch: What changed; empty when nothing did, and then there is no new revision.
        notes: What changed besides ("the password of device 100"), one sentence each.
        passwords: Of phones that were made without one, by name; shown this once. Those of trunks
            that register here stand under ``trunk branch``.
    """

    tenant: TenantFacts
    patch: Patch
    notes: Sequence[str] = ()
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a file would make of a tenant.

    Attributes:
        file: What it says; the sounds that are there already are left out of its uploads.
        before: The tenant as it is; None when there is none.
        wanted: As it would be.
        patch: What would change.
        passwords: Those that would become others.
        notes: What would change besides, one sentence each.
        hashes: Of the PINs that the file gives; slow to make, so whoever looks again keeps them.
    """

    file: TenantFile
    before: TenantRows | None
    wanted: TenantRows
    patch: Patch
    passwords: NewPasswords = field(default_factory=NewPasswords, repr=False)
    notes: Sequence[str] = ()
    hashes: PinHashes = field(default_factory=dict, repr=False)

    @property
    def changes_nothing(self) -> bool:
        """Whether the tenant is as the file says already."""
        return not (self.patch or self.notes)


async def applied_fingerprints() -> dict[str, str]:
    """Which files tenants are equal to since they were applied: the tenant, by fingerprint."""
    columns = ("fingerprint", "tenant__name", "revision", "tenant__revision")
    with failures_named("The database"):
        found = await Snapshot.exclude(fingerprint="").values_list(*columns)
    return {fingerprint: name for fingerprint, name, then, now in found if then == now}


async def look_at(
    *,
    file: TenantFile,
    seal: Seal,
    catalogue: ElementCatalogue,
    sounds: SoundFiles,
    earlier: Outlook | None = None,
) -> Outlook:
    """Find out what a file would make of a tenant; nothing is changed.

    Args:
        file: What it says.
        seal: Opens passwords that are there.
        catalogue: Knows the kinds of elements.
        sounds: Where audio lies.
        earlier: What was found out before; PINs that were hashed then are not hashed again.

    Raises:
        FaultyFile: All that is wrong, neighbours taken into account (a domain that is taken).
        SealError: The key is missing or another one.
        SoundFilesError: Sounds that are there cannot be read.
    """
    before = await _as_it_is(file.tenant)
    checked = await _checked(file, before, catalogue, sounds)
    _refuse(file, checked.faults)
    hashes = dict(earlier.hashes) if earlier else {}
    wanted, pins = await with_pins(checked.wanted, before, file.secrets, hashes)
    passwords = await new_passwords(wanted, before, file.secrets, seal)
    was = {} if before is None else document_of(before)
    return Outlook(
        file=checked.file,
        before=before,
        wanted=wanted,
        patch=patch_between(was, document_of(wanted)),
        passwords=passwords,
        notes=[*passwords.notes, *pins],
        hashes=hashes,
    )


async def put_tenant(
    *,
    file: TenantFile,
    seal: Seal,
    catalogue: ElementCatalogue,
    sounds: SoundFiles,
) -> Applied:
    """Make a tenant equal to a file; a tenant that is not there is made.

    Secrets that the file does not give stay. Switches that are thrown, messages and call records
    stay. The next call goes by it.

    Raises:
        FaultyFile: All that is wrong, neighbours taken into account (a domain that is taken).
        SoundFilesError: Sounds cannot be written; nothing has changed.
        SealError: The key is missing or another one.
        DatabaseLocked: Somebody else changes something for longer than anybody waits.
    """
    outlook = await look_at(file=file, seal=seal, catalogue=catalogue, sounds=sounds)
    for _ in range(MOST_LOOKS - 1):
        with suppress(ChangedMeanwhile):
            return await make_come_true(outlook, seal=seal, sounds=sounds)
        outlook = await look_at(
            file=file, seal=seal, catalogue=catalogue, sounds=sounds, earlier=outlook
        )
    return await make_come_true(outlook, seal=seal, sounds=sounds)


async def make_come_true(outlook: Outlook, *, seal: Seal, sounds: SoundFiles) -> Applied:
    """Make a tenant as it has been looked at, and as nothing else.

    Everybody who changes anything waits meanwhile, so nothing slow is done here.

    Args:
        outlook: How it has been looked at.
        seal: Closes passwords.
        sounds: Where audio lies.

    Raises:
        ChangedMeanwhile: It has changed since; a switch that was thrown is no such change.
        FaultyFile: Another tenant has by now what this one wants.
        SoundFilesError: Sounds cannot be written; nothing has changed.
        SealError: The key is missing or another one.
        DatabaseLocked: Somebody else changes something for longer than anybody waits.
    """
    file = outlook.file
    async with changing():
        owner = await only(Tenant.all(), name=file.tenant)
        outlook = await _as_seen(outlook, owner)
        _refuse(file, await neighbour_faults(outlook.wanted, outlook.before))
        await sounds.settle(file.tenant, current(outlook.before), drops_others=True)
        owner = await _write(owner, outlook, seal, sounds)
    await remove_gone(outlook.wanted, outlook.before, sounds)
    return Applied(
        tenant=replace(outlook.wanted.tenant, id=owner.id, revision=owner.revision),
        patch=outlook.patch,
        notes=outlook.notes,
        passwords=outlook.passwords.made,
    )


async def _as_seen(outlook: Outlook, owner: Tenant | None) -> Outlook:
    """The outlook, with the switches that were thrown since; inside `changing` only.

    Raises:
        ChangedMeanwhile: More than that has changed.
    """
    seen = outlook.before
    if _revision(seen) == (owner.revision if owner else None):
        return outlook
    now = None if owner is None else await rows_of(owner)
    if seen is None or now is None or _without_switches(now) != _without_switches(seen):
        raise ChangedMeanwhile(f"{outlook.file.tenant} was changed by somebody else meanwhile")
    if not await has_passwords_as_seen(now, outlook.passwords):
        raise ChangedMeanwhile(f"{outlook.file.tenant} got other passwords meanwhile")
    stay = {one.number for one in outlook.wanted.elements}
    thrown = tuple(one for one in now.switches if one.number in stay)
    return replace(outlook, before=now, wanted=replace(outlook.wanted, switches=thrown))


def _without_switches(rows: TenantRows) -> TenantRows:
    return replace(rows, switches=(), tenant=replace(rows.tenant, revision=0))


async def _as_it_is(name: str) -> TenantRows | None:
    there = await only(Tenant.all(), name=name)
    return None if there is None else await read_plan_rows(there.id)


async def faults_of(
    *, file: TenantFile, catalogue: ElementCatalogue, sounds: SoundFiles
) -> list[RoutedFault]:
    """All that is wrong with a tenant as a file has it, neighbours taken into account.

    Also for the rest of a file of which a part could not be understood.
    """
    before = await _as_it_is(file.tenant)
    return (await _checked(file, before, catalogue, sounds)).faults


@dataclass(frozen=True, slots=True)
class _Checked:
    """A file whose sounds are compared with those that are there, and what is wrong with it."""

    file: TenantFile
    wanted: TenantRows
    faults: list[RoutedFault]


async def _checked(
    file: TenantFile,
    before: TenantRows | None,
    catalogue: ElementCatalogue,
    sounds: SoundFiles,
) -> _Checked:
    file = await without_known_sounds(file, before, sounds)
    wanted = _without_pins_of_predecessors(rows_of_document(file, before), before, file)
    faults = await asyncio.to_thread(tenant_faults, wanted, before, file.secrets, catalogue)
    if before is None:
        faults += missing_secret_faults(wanted, file.secrets)
    faults += sound_faults(file, wanted, before)
    faults += await neighbour_faults(wanted, before)
    return _Checked(file, wanted, faults)


def _without_pins_of_predecessors(
    wanted: TenantRows, before: TenantRows | None, file: TenantFile
) -> TenantRows:
    """An element of another kind behind the same number does not open with the old PIN."""
    kinds = {one.number: one.kind for one in (before.elements if before else ())}
    replaced = {
        one.number for one in wanted.elements if kinds.get(one.number) not in (None, one.kind)
    }
    given = file.secrets.boxes
    pins = {
        number: NEW_PIN if number in replaced else kept
        for number, kept in wanted.pins.items()
        if number not in replaced or given.get(number)
    }
    return replace(wanted, pins=pins)


def _refuse(file: TenantFile, faults: Sequence[RoutedFault]) -> None:
    if faults:
        raise FaultyFile([file.at_its_place(one) for one in faults])


def _revision(rows: TenantRows | None) -> int | None:
    return None if rows is None else rows.tenant.revision


async def _write(owner: Tenant | None, outlook: Outlook, seal: Seal, sounds: SoundFiles) -> Tenant:
    """Write what differs, if anything does; the tenant's row as it is then."""
    file = outlook.file
    if owner is None or not outlook.changes_nothing:
        owner = owner or Tenant(emergency_trunk_ids=[])
        await _write_tenant(owner, outlook, seal)
        for name, upload in file.sounds.items():
            await sounds.stage(file.tenant, name, upload)
    if file.fingerprint:
        applied_from(owner, file.fingerprint)
    return owner


async def _write_tenant(owner: Tenant, outlook: Outlook, seal: Seal) -> None:
    """Write all rows of a tenant, and tell the revision of this change what they are."""
    wanted, before = outlook.wanted, outlook.before
    fill_tenant(owner, wanted)
    await stamp(owner)
    if before is not None:
        await clear_away(owner, wanted, before)
    rows = OwnRows(owner, is_new=before is None)
    await write_rows(rows, wanted, outlook.passwords, seal)
    if before is not None or owner.emergency_trunk_ids:
        await owner.save()
    await renew_derived(rows, wanted, before)
    marks = secrets_written(rows)
    written_whole(Known(owner, document_of(wanted), marks, is_new=before is None))
