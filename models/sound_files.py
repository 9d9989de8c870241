"""Sounds on disk, ``FOLDER/tenant/sound.extension``, where Asterisk plays them; no tables.

All that was ever put is kept in ``FOLDER/tenant/.kept``, too, until the tenant goes.
"""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from models import rules
from models.errors import ModelsError, refuse_if_any
from models.imported_sound import EXTENSIONS, ImportedSound
from models.kept_sounds import keep_sound, read_kept, restore_kept
from models.sound_export import wav_of

_KEPT: Final = ".kept"

EXPORTED: Final = "sln16"
"""The format that an export is made of."""

_STAGED: Final = ".staged"
_GONE: Final = "gone"
_DOTS: Final = 2
_UNFINISHED: Final = ".unfinished"


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

    async def kept(self, tenant: str, sha256: str) -> ImportedSound | None:
        """Read a sound that was put some time ago; None when it was not, or is kept no more.

        Args:
            tenant: Whose.
            sha256: Of its upload.
        """
        refuse_if_any(rules.tenant_name_faults(tenant))
        return await asyncio.to_thread(read_kept, self._folder / tenant / _KEPT, sha256)

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

    async def stage_removal(self, tenant: str, name: str) -> None:
        """Note that a sound may have gone; `settle` deletes it where it has.

        Raises:
            SoundFilesError: The disk is full, or the folder cannot be written.
        """
        await asyncio.to_thread(self._stage_removal, self.path(tenant, name))

    async def settle(
        self, tenant: str, current: Mapping[str, str], *, drops_others: bool = False
    ) -> None:
        """Put sounds that lie ready in their places; those that are there already stay.

        A process that died between the change of the rows and this leaves them ready; whoever
        changes the tenant's sounds next comes here first.

        Args:
            tenant: Whose.
            current: The hash of the upload that each sound is made of, by name.
            drops_others: Go by it in everything: delete what lies ready for no sound and what has
                gone, and bring back what is missing. Only while nobody else changes anything.

        Raises:
            SoundFilesError: The folder cannot be written.
        """
        refuse_if_any(rules.tenant_name_faults(tenant))
        await asyncio.to_thread(self._settle, self._folder / tenant, current, drops_others)

    async def is_settled(self, tenant: str, names: Collection[str]) -> bool:
        """Whether nothing of a tenant lies ready, and these sounds are in their places."""
        paths = [self.path(tenant, name) for name in names]
        return await asyncio.to_thread(_is_settled, self._folder / tenant, paths)

    async def unsettled(self) -> list[str]:
        """Name the tenants of whom something lies ready."""
        return await asyncio.to_thread(_unsettled, self._folder)

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
        drafts = {one: folder / f"{path.name}.{sound.sha256}.{one}" for one in sound.files}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for extension, content in sound.files.items():
                _write_durably(drafts[extension], content)
            keep_sound(path.parent / _KEPT, sound, drafts)
        except OSError as failure:
            raise SoundFilesError(
                f"The sound cannot be stored in {folder}: {failure.strerror}"
            ) from failure

    def _stage_removal(self, path: Path) -> None:
        if not path.parent.is_dir():
            return
        try:
            (path.parent / _STAGED).mkdir(exist_ok=True)
            (path.parent / _STAGED / f"{path.name}..{_GONE}").touch()
        except OSError as failure:
            raise SoundFilesError(
                f"The sound cannot be removed from {path.parent}: {failure.strerror}"
            ) from failure

    def _settle(self, folder: Path, current: Mapping[str, str], drops_others: bool) -> None:
        try:
            for draft in list(_staged_in(folder)):
                _settle_one(draft, folder, current, drops_others)
            if drops_others:
                for torn in (folder / _STAGED).glob(f"*{_UNFINISHED}"):
                    torn.unlink(missing_ok=True)
                for name, sha256 in current.items():
                    for file in _missing([folder / name]):
                        restore_kept(folder / _KEPT, sha256, file)
        except OSError as failure:
            raise SoundFilesError(
                f"The sounds in {folder} cannot be put in their places or removed yet: "
                f"{failure.strerror}"
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
    """What lies ready: files (``welcome.HASH.wav``) and notes of removals (``welcome..gone``)."""
    staged = folder / _STAGED
    there = staged.iterdir() if staged.is_dir() else ()
    return (one for one in there if one.name.count(".") == _DOTS)


def _settle_one(draft: Path, folder: Path, current: Mapping[str, str], drops_others: bool) -> None:
    name, sha256, extension = draft.name.split(".")
    if extension != _GONE and current.get(name) == sha256:
        with suppress(FileNotFoundError):  # another process was faster
            draft.replace(folder / f"{name}.{extension}")
    elif drops_others:
        if extension == _GONE and name not in current:
            for file in _files_of(folder / name):
                file.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)


def _is_settled(folder: Path, paths: Iterable[Path]) -> bool:
    return not any(_staged_in(folder)) and not any(_missing(paths))


def _unsettled(sounds: Path) -> list[str]:
    owners = (one.parent for one in sounds.glob(f"*/{_STAGED}"))
    named = (one for one in owners if not rules.tenant_name_faults(one.name))
    return sorted(one.name for one in named if any(_staged_in(one)))


def _missing(paths: Iterable[Path]) -> Iterator[Path]:
    return (file for path in paths for file in _files_of(path) if not file.exists())


def _files_of(path: Path) -> Iterator[Path]:
    return (path.with_name(f"{path.name}.{extension}") for extension in EXTENSIONS)


def _exported(file: Path) -> bytes:
    try:
        return wav_of(file.read_bytes())
    except FileNotFoundError:
        return b""
    except OSError as failure:
        raise SoundFilesError(f"{file} cannot be read: {failure.strerror}") from failure


def _write_durably(path: Path, content: bytes) -> None:
    """Write a file that has its name when it is complete."""
    unfinished = path.with_name(path.name + _UNFINISHED)
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
