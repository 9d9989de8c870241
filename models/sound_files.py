"""Sounds on disk, ``FOLDER/tenant/sound.extension``, where Asterisk plays them; no tables.

All that was ever put is kept in ``FOLDER/tenant/.kept``, too, until the tenant goes.
"""

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from models import rules
from models.errors import ModelsError, refuse_if_any
from models.imported_sound import EXTENSIONS, ImportedSound
from models.kept_sounds import keep_sound, read_kept
from models.sound_export import wav_of

_KEPT: Final = ".kept"

EXPORTED: Final = "sln16"
"""The format that an export is made of."""

_STAGED: Final = ".staged"


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

    async def kept(self, tenant: str, sha256: str) -> ImportedSound | None:
        """Read a sound that was put some time ago; None when it was not, or is kept no more.

        Args:
            tenant: Whose.
            sha256: Of its upload.
        """
        refuse_if_any(rules.tenant_name_faults(tenant))
        return await asyncio.to_thread(read_kept, self._folder / tenant / _KEPT, sha256)

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

    async def stage(self, tenant: str, name: str, sound: ImportedSound) -> None:
        """Lay a sound ready beside the one that is heard; `settle` puts it in its place.

        Raises:
            SoundFilesError: The disk is full, or the folder cannot be written.
        """
        await asyncio.to_thread(self._stage, self.path(tenant, name), sound)

    async def settle(
        self, tenant: str, current: Mapping[str, str], *, drops_others: bool = False
    ) -> None:
        """Put sounds that lie ready in their places; those that are there already stay.

        A process that died between the change of the rows and this leaves them ready; whoever
        changes the tenant's sounds next comes here first.

        Args:
            tenant: Whose.
            current: The hash of the upload that each sound is made of, by name.
            drops_others: Delete those that belong to no sound; only while nobody else changes
                anything.

        Raises:
            SoundFilesError: The folder cannot be written.
        """
        refuse_if_any(rules.tenant_name_faults(tenant))
        await asyncio.to_thread(self._settle, self._folder / tenant, current, drops_others)

    def has_staged(self, tenant: str) -> bool:
        """Whether sounds lie ready that nobody has put in their places; looks at the disk."""
        refuse_if_any(rules.tenant_name_faults(tenant))
        return any(_staged_in(self._folder / tenant))

    async def exported(self, tenant: str, name: str) -> bytes:
        """What an export holds of this sound, as a WAV file; nothing where its file is missing.

        Raises:
            SoundFilesError: The file cannot be read.
        """
        path = self.path(tenant, name)
        return await asyncio.to_thread(_exported, path.with_name(f"{path.name}.{EXPORTED}"))

    async def digest(self, tenant: str, name: str) -> str:
        """The hash of what an export of this sound would hold; empty where there is none.

        Raises:
            SoundFilesError: The file cannot be read.
        """
        content = await self.exported(tenant, name)
        return hashlib.sha256(content).hexdigest() if content else ""

    def _stage(self, path: Path, sound: ImportedSound) -> None:
        folder = path.parent / _STAGED
        try:
            folder.mkdir(parents=True, exist_ok=True)
            written = {one: folder / f"{path.name}.{sound.sha256}.{one}" for one in sound.files}
            for extension, content in sound.files.items():
                _write_durably(written[extension], content)
            keep_sound(path.parent / _KEPT, sound, written)
        except OSError as failure:
            raise SoundFilesError(
                f"The sound cannot be stored in {folder}: {failure.strerror}"
            ) from failure

    def _settle(self, folder: Path, current: Mapping[str, str], drops_others: bool) -> None:
        try:
            for draft in list(_staged_in(folder)):
                name, sha256, extension = draft.name.split(".")
                if current.get(name) == sha256:
                    with suppress(FileNotFoundError):  # another process was faster
                        draft.replace(folder / f"{name}.{extension}")
                elif drops_others:
                    draft.unlink(missing_ok=True)
        except OSError as failure:
            raise SoundFilesError(
                f"The sounds in {folder} cannot be put in their places: {failure.strerror}"
            ) from failure

    def _put(self, path: Path, sound: ImportedSound) -> None:
        drafts: dict[Path, Path] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            for extension, content in sound.files.items():
                file = path.with_name(f"{path.name}.{extension}")
                drafts[file] = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
                _write_durably(drafts[file], content)
            written = {file.suffix[1:]: draft for file, draft in drafts.items()}
            keep_sound(path.parent / _KEPT, sound, written)
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


def _staged_in(folder: Path) -> Iterator[Path]:
    """The files that lie ready, complete or not: ``welcome.HASH.wav``."""
    staged = folder / _STAGED
    return staged.iterdir() if staged.is_dir() else iter(())


def _exported(file: Path) -> bytes:
    try:
        return wav_of(file.read_bytes())
    except FileNotFoundError:
        return b""
    except OSError as failure:
        raise SoundFilesError(f"{file} cannot be read: {failure.strerror}") from failure


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
