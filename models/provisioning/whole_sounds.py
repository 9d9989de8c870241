"""The sounds of a tenant file: which are new, which are there, and how they get to their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.facts import TenantRows
from models.provisioning.sounds import SoundFiles
from models.tenant_file.parts import RoutedFault, TenantFile


async def without_known_sounds(
    file: TenantFile, before: TenantRows | None, sounds: SoundFiles
) -> TenantFile:
    """Leave out the uploads that are there already.

    One is when it is what was uploaded, or what an export has written of it.
    """
    known = {one.name: one.sha256 for one in (before.sounds if before else ())}
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
    """Delete the audio of sounds whose rows have gone."""
    for name in sorted(current(before).keys() - current(wanted).keys()):
        await sounds.remove(wanted.tenant.name, name)
