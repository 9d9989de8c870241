"""What lies in mailboxes, for calls: reads it, marks it heard, throws it away, tells the lamps.

Not here: how a message gets in (see messages).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from models import voicemail
from models.message_files import MessageFolder
from stasis_apps.services.patience import while_a_caller_waits


class MailboxStore:
    """The mailboxes of all tenants of this home."""

    def __init__(
        self,
        files: MessageFolder,
        *,
        has_changed: Callable[[int, str], None] = lambda _tenant_id, _box: None,
    ) -> None:
        """Open the mailboxes.

        Args:
            files: Where sounds lie.
            has_changed: Told the tenant's id and the box when a message was heard or deleted.
        """
        self._files = files
        self._has_changed = has_changed

    async def messages(self, tenant_id: int, box: str) -> Sequence[voicemail.MessageFacts]:
        """What lies in a mailbox, new messages first, each part from old to new.

        Raises:
            DatabaseError: The database is away, or too slow for a caller; so with all below.
        """
        return await while_a_caller_waits(voicemail.messages_in(tenant_id=tenant_id, box=box))

    def sound_of(self, tenant_id: int, message_id: str) -> Path:
        """What Asterisk is told to play for a message: its file, without the extension."""
        return self._files.path(tenant_id, message_id).with_suffix("")

    async def mark_heard(self, tenant_id: int, box: str, message_id: str) -> None:
        """The owner has listened to a message."""
        await while_a_caller_waits(self._mark_heard(tenant_id, box, message_id))

    async def delete(self, tenant_id: int, box: str, message_id: str) -> None:
        """Throw a message away.

        Raises:
            MessageFilesError: It is out of the mailbox, but its sound is still on disk.
        """
        await while_a_caller_waits(self._delete(tenant_id, box, message_id))

    async def opens(self, tenant_id: int, box: str, pin: str) -> bool:
        """Whether this is the mailbox's PIN."""
        opens = voicemail.opens(tenant_id=tenant_id, box=box, pin=pin, at=datetime.now(UTC))
        return await while_a_caller_waits(opens)

    async def _mark_heard(self, tenant_id: int, box: str, message_id: str) -> None:
        if await voicemail.mark_heard(
            tenant_id=tenant_id, message_id=message_id, at=datetime.now(UTC)
        ):
            self._has_changed(tenant_id, box)

    async def _delete(self, tenant_id: int, box: str, message_id: str) -> None:
        try:
            await voicemail.delete_message(
                tenant_id=tenant_id, message_id=message_id, files=self._files
            )
        finally:
            self._has_changed(tenant_id, box)
