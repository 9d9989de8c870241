"""Sounds: prompts put into a tenant and taken out; the rows here, the audio in files."""

from collections.abc import Mapping
from typing import Protocol

from models import rules
from models.errors import InUse, refuse_if_any
from models.facts import SoundFacts
from models.imported_sound import ImportedSound
from models.provisioning.catalogue import ElementCatalogue, who_plays
from models.provisioning.change import changing, stamp
from models.provisioning.finding import only, tenant_called
from models.provisioning.reading import rows_of, sound_facts, sound_of
from models.sound import Sound


class SoundFiles(Protocol):
    """Where audio lies so that Asterisk can play it."""

    async def put(self, tenant: str, name: str, sound: ImportedSound) -> None:
        """Store all formats of a sound; a sound of that name is replaced."""
        ...

    async def remove(self, tenant: str, name: str) -> None:
        """Delete all formats of a sound."""
        ...

    async def stage(self, tenant: str, name: str, sound: ImportedSound) -> None:
        """Lay a sound ready beside the one that is heard."""
        ...

    async def settle(
        self, tenant: str, current: Mapping[str, str], *, drops_others: bool = False
    ) -> None:
        """Put sounds that lie ready in their places, those whose upload has the current hash."""
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
        SoundFilesError: The files cannot be written; nothing has changed.
    """
    refuse_if_any(rules.sound_name_faults(name))
    async with changing():
        owner = await tenant_called(tenant)
        row = await only(Sound.of(owner), name=name) or Sound(tenant=owner, name=name)
        row.duration_s = sound.duration_s
        row.source_rate_hz = sound.source_rate_hz
        row.sha256 = sound.sha256
        row.warnings = list(sound.warnings)
        await row.save()
        await stamp(owner)
        await files.put(tenant, name, sound)
        return sound_facts(row)


async def remove_sound(
    *, tenant: str, name: str, catalogue: ElementCatalogue, files: SoundFiles
) -> None:
    """Delete a prompt and its files.

    Raises:
        NotFound: There is no such tenant, or no such sound in it.
        InUse: Elements play it; the message lists them.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await sound_of(owner, name)
        users = who_plays(name, await rows_of(owner), catalogue)
        if users:
            raise InUse(f"The sound {name} cannot be removed:\n" + "\n".join(users), users)
        await row.delete()
        await stamp(owner)
    await files.remove(tenant, name)
