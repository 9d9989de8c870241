"""What a live call has around it in tests without a database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ari_client import AriClient
from models.message_files import MessageFolder
from stasis_apps.call import Position
from stasis_apps.live_call.room import CallRoom
from stasis_apps.services.asterisk_recordings import AsteriskRecordings
from stasis_apps.services.journal_writer import JournalWriter
from stasis_apps.services.mailbox_store import MailboxStore
from stasis_apps.services.messages import MessageKeeper
from stasis_apps.services.spool import Spool
from stasis_apps.services.web_questions import NoAnswer, Question

NO_HOME = Path("/nonexistent")
"""The home of an exchange that keeps nothing."""


class NoSwitches:
    """There is nothing to be thrown here."""

    async def throw(
        self,
        tenant: str,
        number: str,
        position: Position | None,
        by: str,
        until_at: datetime | None,
    ) -> None:
        """Nobody asks for it."""
        message = f"no switch {number} of {tenant} is thrown to {position} by {by} until {until_at}"
        raise AssertionError(message)


class NoServers:
    """There is nobody to be asked here."""

    async def ask(self, question: Question) -> NoAnswer:
        """Nobody asks."""
        message = f"no server is asked at {question.element}"
        raise AssertionError(message)


def a_room(
    ari: AriClient, home: Path = NO_HOME, *, writer: JournalWriter | None = None
) -> CallRoom:
    """A room whose files, if there are any, lie in this home."""
    files = MessageFolder(home / "voicemail")
    return CallRoom(
        ari=ari,
        writer=writer or JournalWriter(Spool(home / "spool")),
        messages=MessageKeeper(files, AsteriskRecordings(ari)),
        mailboxes=MailboxStore(files),
        switches=NoSwitches(),
        servers=NoServers(),
    )
