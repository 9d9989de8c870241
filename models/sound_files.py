"""Sounds on disk, ``FOLDER/tenant/sound.extension``, where Asterisk plays them; no tables."""

import asyncio
import os
import secrets
import shutil
from pathlib import Path

from models import rules
from models.errors import ModelsError, refuse_if_any
from models.imported_sound import EXTENSIONS, ImportedSound


class SoundFilesError(ModelsError):
    """The files of a sound cannot be written or removed."""


class SoundFolder:
    """A folder with one folder per tenant.

    A replaced sound changes from the old to the new file at once: a caller who is listening hears
    the old one to its end.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, tenant: str, name: str) -> Path:
        """Say what Asterisk is told to play: the path without an extension.

        Raises:
            InvalidSettings: A name that could lead out of the folder.
        """
        refuse_if_any([*rules.tenant_name_faults(tenant), *rules.sound_name_faults(name)])
        return self._folder.absolute() / tenant / name

    async def put(self, tenant: str, name: str, sound: ImportedSound) -> None:
        """Store all formats of a sound.

        Raises:
            SoundFilesError: The disk is full, or the folder cannot be written.
        """
        await asyncio.to_thread(self._put, self.path(tenant, name), sound)

    async def remove(self, tenant: str, name: str) -> None:
        """Delete all formats of a sound; missing files are no fault.

        Raises:
            SoundFilesError: The folder cannot be written.
        """
        await asyncio.to_thread(self._remove, self.path(tenant, name))

    async def remove_all(self, tenant: str) -> None:
        """Delete all sounds of a tenant.

        Raises:
            SoundFilesError: The folder cannot be written.
        """
        refuse_if_any(rules.tenant_name_faults(tenant))
        await asyncio.to_thread(self._remove_all, self._folder / tenant)

    def _put(self, path: Path, sound: ImportedSound) -> None:
        drafts: dict[Path, Path] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            for extension, content in sound.files.items():
                file = path.with_name(f"{path.name}.{extension}")
                drafts[file] = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
                _write_durably(drafts[file], content)
            for file, draft in drafts.items():
                draft.replace(file)
        except OSError as failure:
            for draft in drafts.values():
                draft.unlink(missing_ok=True)
            raise SoundFilesError(
                f"The sound cannot be stored in {path.parent}: {failure.strerror}"
            ) from failure

    def _remove(self, path: Path) -> None:
        try:
            for extension in EXTENSIONS:
                path.with_name(f"{path.name}.{extension}").unlink(missing_ok=True)
        except OSError as failure:
            raise SoundFilesError(
                f"The sound cannot be removed from {path.parent}: {failure.strerror}"
            ) from failure

    def _remove_all(self, folder: Path) -> None:
        try:
            if folder.exists():
                shutil.rmtree(folder)
        except OSError as failure:
            raise SoundFilesError(
                f"The sounds in {folder} cannot be removed: {failure.strerror}"
            ) from failure


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
