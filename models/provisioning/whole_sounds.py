"""The sounds of a tenant file: which are new, which are there, and how they get to their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from models.facts import TenantRows
from models.provisioning.finding import standing_still
from models.provisioning.sounds import SoundFiles, settle_after_change, settle_sounds
from models.tenant_file.parts import RoutedFault, TenantFile


async def without_known_sounds(
    file: TenantFile, before: TenantRows | None, sounds: SoundFiles
) -> TenantFile:
    """Leave out the uploads that are there already.

    One is when it is what was uploaded, or what an export has written of it. What a crash has left
    undone is done first.
    """
    known = current(before)
    if known:
        await _mend(file, known, sounds)
    uploads, hashes = dict(file.sounds), dict(file.document.get("sounds", {}))
    for name, upload in file.sounds.items():
        if name not in known:
            continue
        is_known = upload.sha256 == known[name]
        if is_known or upload.sha256 == await sounds.digest(file.tenant, name):
            del uploads[name]
            hashes[name] = known[name]
    if len(uploads) == len(file.sounds):
        return file
    return replace(file, sounds=uploads, document={**file.document, "sounds": hashes})


async def _mend(file: TenantFile, known: Mapping[str, str], sounds: SoundFiles) -> None:
    """Put what lies ready in its place; what is missing comes back, out of the uploads at last."""
    if await sounds.is_settled(file.tenant, known):
        return
    async with standing_still():
        await settle_sounds(tenant=file.tenant, files=sounds)
        if await sounds.is_settled(file.tenant, known):
            return
        for name, upload in file.sounds.items():
            if upload.sha256 == known.get(name):
                await sounds.stage(file.tenant, name, upload)
        await settle_sounds(tenant=file.tenant, files=sounds)


def sound_faults(
    file: TenantFile, wanted: TenantRows, before: TenantRows | None
) -> Iterator[RoutedFault]:
    """Refuse sounds that nobody has: neither a file beside the text nor the tenant."""
    known = {(one.name, one.sha256) for one in (before.sounds if before else ())}
    for one in wanted.sounds:
        if one.name not in file.sounds and (one.name, one.sha256) not in known:
            rule = "the tenant has no such sound, and no file is named to take it from"
            yield RoutedFault(("sounds", one.name), one.sha256, rule)


def current(rows: TenantRows | None) -> dict[str, str]:
    """The hash of the upload of each sound, by name."""
    return {one.name: one.sha256 for one in (rows.sounds if rows else ())}


async def remove_gone(wanted: TenantRows, before: TenantRows | None, sounds: SoundFiles) -> None:
    """Bring the audio in line with the rows that are written; that of sounds that went is deleted.

    Somebody else may have changed the tenant by now: the rows are looked at again.
    """
    tenant = wanted.tenant.name
    for name in sorted(current(before).keys() - current(wanted).keys()):
        await sounds.stage_removal(tenant, name)
    if not await sounds.is_settled(tenant, current(wanted)):
        await settle_after_change(tenant, sounds)
