"""Mailboxes in memory: takes and gives messages as the real ones do, without disk or database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from ari_client import AriClient
from models.errors import DatabaseError
from models.voicemail import MessageFacts
from stasis_apps.services.asterisk_recordings import AsteriskRecordings
from stasis_apps.services.message_sound import measured
from stasis_apps.services.messages import (
    Finished,
    MessageRefused,
    NewMessage,
    NotStored,
    RecordingGone,
    Stored,
    TooShort,
    Why,
)


@dataclass
class Pigeonholes:
    """All mailboxes of one tenant.

    Attributes:
        messages_in: What lies in each.
        begun: The messages whose recording may run.
        is_away: While true, it is as if the database were away.
        is_disk_full: While true, what was recorded finds no room.
        takes_s: How long it takes to put a message into its mailbox.
    """

    ari: AriClient
    messages_in: dict[str, list[MessageFacts]] = field(default_factory=dict)
    begun: dict[str, NewMessage] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    is_away: bool = False
    is_disk_full: bool = False
    takes_s: float = 0.0

    async def begin(self, message: NewMessage) -> None:
        """Refuse a message when the box is full."""
        if len(self.messages_in.get(message.box, ())) >= message.max_messages:
            raise MessageRefused(Why.MAILBOX_FULL)
        self.begun[message.id] = message

    async def finish(self, message_id: str) -> Finished:
        """Take the recording out of Asterisk."""
        if self.is_disk_full:
            return NotStored(Why.DISK)
        message = self.begun.pop(message_id)
        recordings = AsteriskRecordings(self.ari)
        await asyncio.sleep(self.takes_s)
        try:
            duration_s = measured(await recordings.fetch(message.recording)).duration_s
        except RecordingGone:
            return NotStored(Why.NOTHING_RECORDED)
        await recordings.delete(message.recording)
        if duration_s < message.shortest_s:
            return TooShort(duration_s)
        self.messages_in.setdefault(message.box, []).append(_facts(message, duration_s))
        return Stored(duration_s)

    async def forget(self, message_id: str) -> None:
        """Its recording never began."""
        del self.begun[message_id]

    async def messages(self, tenant_id: int, box: str) -> Sequence[MessageFacts]:
        """What lies in a box of this tenant."""
        self._be_there()
        found = self.messages_in.get(box, ())
        return sorted((one for one in found if one.tenant_id == tenant_id), key=_new_first)

    def sound_of(self, tenant_id: int, message_id: str) -> Path:
        """Where its sound would lie."""
        return Path(f"/voicemail/{tenant_id}/{message_id}")

    async def mark_heard(self, tenant_id: int, box: str, message_id: str) -> None:
        """A message is new no more."""
        self._be_there()
        found = await self.messages(tenant_id, box)
        self.messages_in[box] = [
            replace(one, is_heard=True) if one.id == message_id else one for one in found
        ]

    async def delete(self, tenant_id: int, box: str, message_id: str) -> None:
        """A message is gone."""
        self._be_there()
        found = await self.messages(tenant_id, box)
        self.messages_in[box] = [one for one in found if one.id != message_id]

    async def opens(self, _tenant_id: int, box: str, pin: str) -> bool:
        """Whether this is its PIN."""
        self._be_there()
        return self.pins.get(box) == pin

    def _be_there(self) -> None:
        if self.is_away:
            raise DatabaseError("The database is away")


def a_new_message(box: str = "5120", **changes: object) -> NewMessage:
    """A message that somebody is about to leave."""
    facts: dict[str, object] = {
        "id": "1f2e3d4c5b6a",
        "tenant_id": 7,
        "domain": "acme.test",
        "box": box,
        "caller_number": "+79161234567",
        "caller_name": "",
        "call_id": "earlier",
        "recording": "earlier~rec~1",
        "received_at": datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    }
    return NewMessage(**{**facts, **changes})  # type: ignore[arg-type] # the names are checked


def a_kept_message(
    box: str = "5120", *, duration_s: float = 10.0, **changes: object
) -> MessageFacts:
    """A message that lies in a box."""
    return _facts(a_new_message(box, **changes), duration_s)


def _facts(message: NewMessage, duration_s: float) -> MessageFacts:
    return MessageFacts(
        id=message.id,
        tenant="acme",
        tenant_id=message.tenant_id,
        box=message.box,
        caller_number=message.caller_number,
        caller_name=message.caller_name,
        call_id=message.call_id,
        received_at=message.received_at,
        duration_s=duration_s,
        is_heard=False,
        heard_at=None,
        state="kept",
        home="here",
        file=f"{message.id}.wav",
    )


def _new_first(message: MessageFacts) -> tuple[bool, datetime]:
    return message.is_heard, message.received_at
