"""A tenant's voicemail for one live call: see `stasis_apps.call.Mailboxes`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, assert_never

import structlog

from ari_client.ids import RecordingId, new_recording_id
from models.delivery import MailFormat
from models.errors import DatabaseError
from models.message_files import MessageFilesError, make_message_id
from models.voicemail import MessageFacts
from stasis_apps.call import CallEnded, CallFacts
from stasis_apps.call_mailboxes import LeftMessage, MailboxRefused, Message, MessageLimits
from stasis_apps.decisions.ending import Reason
from stasis_apps.journal import CallJournal, What
from stasis_apps.live_call import prompts
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.recording import record
from stasis_apps.plan import NumberPlan, PlannedMailbox, PlannedSound
from stasis_apps.services.messages import (
    Finished,
    MessageRefused,
    NewMessage,
    NotStored,
    Stored,
    TooShort,
    Why,
)

FINISH_LIMIT_S = 30.0
"""How long a recording may take to become a message; then it does so without its call."""

BEEP = PlannedSound(media="sound:beep", duration_s=1.0)

DATABASE_AWAY = "the database is away"

log = structlog.get_logger(__name__)


class Keeper(Protocol):
    """Takes a message from before the beep until it lies in its mailbox."""

    async def begin(self, message: NewMessage) -> None:
        """Note a message durably; recording may start when this returns."""

    async def finish(self, message_id: str) -> Finished:
        """The recording has ended: put the message into its mailbox."""

    async def forget(self, message_id: str) -> None:
        """The recording will never begin."""


class Store(Protocol):
    """What lies in mailboxes."""

    async def messages(self, tenant_id: int, box: str) -> Sequence[MessageFacts]:
        """New messages first, each part from old to new."""

    def sound_of(self, tenant_id: int, message_id: str) -> Path:
        """The file of a message, without its extension."""

    async def mark_heard(self, tenant_id: int, box: str, message_id: str) -> None:
        """The owner has listened to a message."""

    async def delete(self, tenant_id: int, box: str, message_id: str) -> None:
        """Throw a message away."""

    async def opens(self, tenant_id: int, box: str, pin: str) -> bool:
        """Whether this is the mailbox's PIN."""


class LiveMailboxes:
    """Takes messages from the caller of one call, or plays to them what they were left."""

    def __init__(
        self,
        line: Line,
        facts: CallFacts,
        plan: NumberPlan,
        keeper: Keeper,
        store: Store,
    ) -> None:
        self._line = line
        self._facts = facts
        self._plan = plan
        self._keeper = keeper
        self._store = store
        self._sounds: dict[str, PlannedSound] = {}

    def owners(self, box: str) -> Sequence[str]:
        """The users whose mailbox it is."""
        mailbox = self._plan.mailboxes.get(box)
        return mailbox.lamps if mailbox else ()

    def sound(self, message_id: str) -> PlannedSound | None:
        """What is played for a message; only messages that this call was shown have a sound."""
        return self._sounds.get(message_id)

    async def record(self, box: str, limits: MessageLimits) -> LeftMessage | None:
        """Record the caller after the beep, and commit what they said, whether or not they stay."""
        mailbox = self._plan.mailboxes.get(box)
        if mailbox is None:
            message = f"there is no mailbox {box}"
            raise MailboxRefused(message)
        new = self._new_message(mailbox, limits)
        await self._begin(new)
        await self._beep(new)
        try:
            self._line.journal.write(
                What.RECORDING, box=box, message=new.id, recording=new.recording
            )
            await record(self._line, RecordingId(new.recording), limits)
        except CallEnded as ended:
            if await self._finish_quietly(new):
                raise CallEnded(replace(ended.end, reason=Reason.MESSAGE_LEFT)) from ended
            raise
        except Exception:
            await self._finish_quietly(new)
            raise
        return self._tell(new, await self._finish(new))

    async def messages(self, box: str) -> Sequence[Message]:
        """What lies in the mailbox; a message whose sound is gone does not count."""
        async with _database():
            found = await self._store.messages(self._plan.tenant.id, box)
        return [self._shown(facts) for facts in found if facts.file]

    async def mark_heard(self, box: str, message_id: str) -> None:
        """The owner has listened to it."""
        async with _database():
            await self._store.mark_heard(self._plan.tenant.id, box, message_id)

    async def delete(self, box: str, message_id: str) -> None:
        """Throw a message away; a sound that cannot be removed now goes later."""
        try:
            async with _database():
                await self._store.delete(self._plan.tenant.id, box, message_id)
        except MessageFilesError as fault:
            log.warning("sound_not_removed", message=message_id, fault=str(fault))

    def has_pin(self, number: str) -> bool:
        """Whether a PIN is set."""
        return number in self._plan.pins

    async def opens(self, box: str, pin: str) -> bool:
        """Whether this is the mailbox's PIN."""
        async with _database():
            return await self._store.opens(self._plan.tenant.id, box, pin)

    def _new_message(self, mailbox: PlannedMailbox, limits: MessageLimits) -> NewMessage:
        tenant, caller = self._plan.tenant, self._facts.caller
        return NewMessage(
            id=make_message_id(),
            tenant_id=tenant.id,
            domain=tenant.domain,
            box=mailbox.number,
            caller_number=caller.number,
            caller_name=caller.name,
            call_id=self._line.call_id,
            recording=new_recording_id(self._line.call_id),
            received_at=datetime.now(UTC),
            recipients=mailbox.emails,
            format=MailFormat(mailbox.attach),
            language=tenant.language,
            shortest_s=limits.shortest_s,
            max_messages=mailbox.max_messages,
            delete_after_mail=mailbox.delete_after_mail,
        )

    async def _begin(self, new: NewMessage) -> None:
        try:
            await self._keeper.begin(new)
        except MessageRefused as refused:
            is_full = refused.why is Why.MAILBOX_FULL
            raise MailboxRefused(refused.why.value, is_full=is_full) from refused

    async def _beep(self, new: NewMessage) -> None:
        """Whoever hangs up before they could speak leaves nothing, and nothing is amiss."""
        try:
            await prompts.play_to_end(self._line, [BEEP])
        except Exception:
            await self._keeper.forget(new.id)
            note_finished(self._line.journal, new.box, new.id, NotStored(Why.NOTHING_RECORDED))
            raise
        self._line.keys.clear()

    async def _finish(self, new: NewMessage) -> Finished:
        """Commit it; goes on to its end even when this call's task is being cancelled."""
        finishing = asyncio.wait_for(self._keeper.finish(new.id), FINISH_LIMIT_S)
        try:
            return await asyncio.shield(finishing)
        except TimeoutError as late:
            raise MailboxRefused("the message is not in its mailbox yet") from late

    async def _finish_quietly(self, new: NewMessage) -> LeftMessage | None:
        """The caller has gone, or Asterisk failed: what was said until then is a message too."""
        try:
            return self._tell(new, await self._finish(new))
        except MailboxRefused as refused:
            log.warning("message_not_kept", message=new.id, fault=str(refused))
            return None

    def _tell(self, new: NewMessage, finished: Finished) -> LeftMessage | None:
        note_finished(self._line.journal, new.box, new.id, finished)
        match finished:
            case Stored(duration_s=duration_s):
                return LeftMessage(id=new.id, duration_s=duration_s)
            case TooShort():
                return None
            case NotStored(why=why):
                raise MailboxRefused(why.value)
            case _:
                assert_never(finished)

    def _shown(self, facts: MessageFacts) -> Message:
        self._sounds[facts.id] = PlannedSound(
            media=f"sound:{self._store.sound_of(facts.tenant_id, facts.id)}",
            duration_s=facts.duration_s,
        )
        return Message(
            id=facts.id,
            caller_number=facts.caller_number,
            received_at=facts.received_at.astimezone(self._plan.tenant.timezone),
            duration_s=facts.duration_s,
            is_heard=facts.is_heard,
        )


def note_finished(journal: CallJournal, box: str, message_id: str, finished: Finished) -> None:
    """Write into the journal what became of a recording."""
    match finished:
        case Stored(duration_s=duration_s):
            journal.write(What.MESSAGE_KEPT, box=box, message=message_id, duration_s=duration_s)
        case TooShort(duration_s=duration_s):
            journal.write(What.MESSAGE_DROPPED, reason="too short", box=box, duration_s=duration_s)
        case NotStored(why=why) if why.is_tried_again:
            reason = f"{why.value}; the recording is kept and tried again"
            journal.write(What.MESSAGE_WAITS, reason=reason, box=box, message=message_id)
        case NotStored(why=why):
            journal.write(What.MESSAGE_DROPPED, reason=why.value, box=box)
        case _:
            assert_never(finished)


@asynccontextmanager
async def _database() -> AsyncIterator[None]:
    try:
        yield
    except DatabaseError as fault:
        raise MailboxRefused(DATABASE_AWAY) from fault
