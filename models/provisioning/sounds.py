"""Sounds: prompts put into a tenant and taken out; the rows here, the audio in files."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Protocol

from models import rules
from models.errors import DatabaseError, InUse, refuse_if_any
from models.facts import SoundFacts
from models.imported_sound import ImportedSound
from models.provisioning.catalogue import ElementCatalogue, who_plays
from models.provisioning.change import changing, stamp
from models.provisioning.finding import only, standing_still, tenant_called
from models.provisioning.reading import rows_of, sound_facts, sound_of
from models.sound import Sound


class SoundFiles(Protocol):
    """Where audio lies so that Asterisk can play it."""

    async def stage(self, tenant: str, name: str, sound: ImportedSound) -> None:
        """Lay a sound ready beside the one that is heard."""
        ...

    async def stage_removal(self, tenant: str, name: str) -> None:
        """Note that a sound may have gone."""
        ...

    async def settle(
        self, tenant: str, current: Mapping[str, str], *, drops_others: bool = False
    ) -> None:
        """Put sounds that lie ready in their places, those whose upload has the current hash.

        With ``drops_others`` also delete what has gone, and bring back what is missing.
        """
        ...

    async def is_settled(self, tenant: str, names: Collection[str]) -> bool:
        """Whether nothing lies ready, and these sounds are in their places."""
        ...

    async def digest(self, tenant: str, name: str) -> str:
        """The hash of what an export of a sound would hold; empty where there is none."""
        ...


async def put_sound(
    *, tenant: str, name: str, sound: ImportedSound, files: SoundFiles
) -> SoundFacts:
    """Store a prompt, or replace the one of that name; the next call hears it.

    Args:
        tenant: Whose.
        name: What elements call it.
        sound: What `import_sound` made of the upload.
        files: Where the audio goes.

    Raises:
        NotFound: There is no such tenant.
        InvalidSettings: The name breaks the rule.
        SoundFilesError: The files cannot be written; nothing has changed. Or, as it says then,
            they lie ready and cannot be put in their places, which is tried again.
    """
    refuse_if_any(rules.sound_name_faults(name))
    async with changing():
        owner = await tenant_called(tenant)
        await settle_sounds(tenant=tenant, files=files)
        row = await only(Sound.of(owner), name=name) or Sound(tenant=owner, name=name)
        row.duration_s = sound.duration_s
        row.source_rate_hz = sound.source_rate_hz
        row.sha256 = sound.sha256
        row.warnings = list(sound.warnings)
        await row.save()
        await stamp(owner)
        await files.stage(tenant, name, sound)
    await settle_after_change(tenant, files)
    return sound_facts(row)


async def remove_sound(
    *, tenant: str, name: str, catalogue: ElementCatalogue, files: SoundFiles
) -> None:
    """Delete a prompt and its files.

    Raises:
        NotFound: There is no such tenant, or no such sound in it.
        InUse: Elements play it; the message lists them.
        SoundFilesError: It cannot be noted that the files shall go; nothing has changed. Or, as it
            says then, they cannot be deleted, which is tried again.
    """
    async with changing():
        owner = await tenant_called(tenant)
        await settle_sounds(tenant=tenant, files=files)
        row = await sound_of(owner, name)
        users = who_plays(name, await rows_of(owner), catalogue)
        if users:
            raise InUse(f"The sound {name} cannot be removed:\n" + "\n".join(users), users)
        await row.delete()
        await stamp(owner)
        await files.stage_removal(tenant, name)
    await settle_after_change(tenant, files)


async def settle_sounds(*, tenant: str, files: SoundFiles) -> None:
    """Bring the audio of a tenant in line with its rows, while nobody changes them.

    What lies ready is put in its place or dropped, what has gone is deleted, and what is missing
    comes back where it is kept. A tenant that has gone has no sounds.

    Args:
        tenant: Whose.
        files: Where the audio lies.

    Raises:
        SoundFilesError: The folder cannot be written.
        DatabaseLocked: Somebody else changes something for longer than anybody waits.
    """
    async with standing_still():
        rows = await Sound.filter(tenant__name=tenant).values_list("name", "sha256")
        await files.settle(tenant, dict(rows), drops_others=True)


async def settle_after_change(tenant: str, files: SoundFiles) -> None:
    """The same when a change of rows is done, which stands whatever becomes of the database.

    What cannot be done now still lies ready: the next change does it, or the application.
    """
    with suppress(DatabaseError):
        await settle_sounds(tenant=tenant, files=files)
