"""Messages that are being recorded or wait for the database: one small file each, durable."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import structlog

from models.delivery import MailFormat
from models.message_files import write_durably

log = structlog.get_logger(__name__)


class DraftMissing(Exception):
    """No message of this id has begun, or it is finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message that is about to be recorded; all that is needed to finish it without the call.

    Attributes:
        id: From `models.message_files.make_message_id`.
        tenant_id: Whose mailbox.
        domain: The tenant's SIP domain; Message-IDs end with it.
        box: The number of the mailbox.
        caller_number: Who calls, or empty.
        caller_name: What phones show beside it; may be empty.
        call_id: The call.
        recording: How Asterisk's recording will be called.
        received_at: The moment of the beep, with a zone.
        recipients: Who gets a mail.
        format: How a mail carries the sound.
        language: ``en`` or ``ru``, of the mails.
        shortest_s: What is shorter is no message and is dropped.
        max_messages: The mailbox is full with so many; 0 for no limit.
        delete_after_mail: Whether the message leaves the mailbox when all its mails are sent.
    """

    id: str
    tenant_id: int
    domain: str
    box: str
    caller_number: str
    caller_name: str
    call_id: str
    recording: str
    received_at: Annotated[datetime, msgspec.Meta(tz=True)]
    recipients: tuple[str, ...] = ()
    format: MailFormat = MailFormat.WAV
    language: str = "en"
    shortest_s: float = 1.0
    max_messages: int = 0
    delete_after_mail: bool = False


class MessageDrafts:
    """A folder of drafts, ``FOLDER/message id.json``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, message: NewMessage) -> None:
        """Note a message so that it survives a power cut.

        Raises:
            MessageFilesError: The disk is full, or the folder cannot be written.
        """
        document = msgspec.json.encode(message)
        await asyncio.to_thread(write_durably, self._path(message.id), document)

    async def get(self, message_id: str) -> NewMessage:
        """Read one.

        Raises:
            DraftMissing: There is none, or it cannot be read.
        """
        draft = await asyncio.to_thread(self._read, self._path(message_id))
        if draft is None:
            raise DraftMissing(message_id)
        return draft

    async def has(self, message_id: str) -> bool:
        """Whether a message has begun and is not finished."""
        return await asyncio.to_thread(self._path(message_id).exists)

    async def forget(self, message_id: str) -> None:
        """The message is finished."""
        await asyncio.to_thread(self._path(message_id).unlink, missing_ok=True)

    async def all(self) -> list[NewMessage]:
        """What waits, the oldest first; what cannot be read is reported and keeps up no other."""
        return await asyncio.to_thread(self._all)

    def _path(self, message_id: str) -> Path:
        return self._folder / f"{message_id}.json"

    def _all(self) -> list[NewMessage]:
        found = []
        for path in sorted(self._folder.glob("[!.]*.json")):
            try:
                found.append(self._read(path))
            except OSError as fault:
                log.warning("message_draft_unreadable", fault=str(fault), path=str(path))
        return sorted(filter(None, found), key=lambda draft: draft.received_at)

    def _read(self, path: Path) -> NewMessage | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=NewMessage)
        except FileNotFoundError:
            return None
        except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
            log.warning("message_draft_unreadable", fault=str(fault), path=str(path))
            path.replace(path.with_suffix(".refused"))
            return None
