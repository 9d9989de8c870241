"""The sounds of voicemail messages on disk, ``FOLDER/tenant id/message id.wav``; no tables."""

import asyncio
import os
import re
import secrets
import shutil
from pathlib import Path

from models.errors import ModelsError

_MESSAGE_ID = re.compile(r"[a-z0-9]{6,32}")
_HOME_FILE = "home.id"


class MessageFilesError(ModelsError):
    """The sound of a message cannot be written, read or removed."""


class MessageFolder:
    """A folder with one folder per tenant.

    Attributes:
        folder: Where.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._home_id = ""

    async def home_id(self) -> str:
        """The name of this folder in the database, drawn once.

        Several machines may share a database; each sends, plays and removes what it has recorded.

        Raises:
            MessageFilesError: It can be neither read nor made.
        """
        if not self._home_id:
            try:
                self._home_id = await asyncio.to_thread(_drawn_once, self.folder / _HOME_FILE)
            except OSError as failure:
                raise _fault(failure, "used", self.folder) from failure
        return self._home_id

    def path(self, tenant_id: int, message_id: str) -> Path:
        """Where the sound of a message lies.

        Raises:
            MessageFilesError: An id that is none, and could lead out of the folder.
        """
        if not _MESSAGE_ID.fullmatch(message_id):
            raise MessageFilesError(f"{message_id!r} is no id of a voicemail message")
        return self.folder / str(int(tenant_id)) / f"{message_id}.wav"

    async def put(self, tenant_id: int, message_id: str, sound: bytes) -> Path:
        """Store a sound: whole and for good, or not at all.

        Raises:
            MessageFilesError: The disk is full, or the folder cannot be written.
        """
        path = self.path(tenant_id, message_id)
        await asyncio.to_thread(write_durably, path, sound)
        return path

    async def has(self, tenant_id: int, message_id: str) -> bool:
        """Whether the sound of a message is in its place."""
        return await asyncio.to_thread(self.path(tenant_id, message_id).exists)

    async def read(self, tenant_id: int, message_id: str) -> bytes:
        """Read a sound.

        Raises:
            MessageFilesError: It is not there or cannot be read.
        """
        path = self.path(tenant_id, message_id)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError as failure:
            raise _fault(failure, "read", path) from failure

    async def remove(self, tenant_id: int, message_id: str) -> None:
        """Delete a sound; a missing one is no fault.

        Raises:
            MessageFilesError: The folder cannot be written.
        """
        path = self.path(tenant_id, message_id)
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as failure:
            raise _fault(failure, "removed", path) from failure

    async def remove_all(self, tenant_id: int) -> None:
        """Delete all sounds of a tenant.

        Raises:
            MessageFilesError: The folder cannot be written.
        """
        folder = self.folder / str(int(tenant_id))
        try:
            if await asyncio.to_thread(folder.exists):
                await asyncio.to_thread(shutil.rmtree, folder)
        except OSError as failure:
            raise _fault(failure, "removed", folder) from failure


def make_message_id() -> str:
    """Choose the id of a message, before it is recorded."""
    return secrets.token_hex(8)


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that it survives a power cut, name included; whole or not at all.

    Raises:
        MessageFilesError: The disk is full, or the folder cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as failure:
        raise _fault(failure, "written", path) from failure


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _drawn_once(file: Path) -> str:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        draft.write_text(secrets.token_hex(8), encoding="ascii")
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            pass  # another process was faster: its name is the name
        finally:
            draft.unlink()
    return file.read_text(encoding="ascii").strip()


def _fault(failure: OSError, what: str, path: Path) -> MessageFilesError:
    reason = failure.strerror or str(failure)
    return MessageFilesError(f"{path} cannot be {what}: {reason}")
