"""Voicemail messages on their way from Asterisk into a mailbox; none is lost, none comes twice.

A message begins with a draft that is on disk before recording starts. After the recording its sound
is put in place, then its row and its mails are committed, then Asterisk's own copy goes and at last
the draft. Whatever ends in between (the caller, this process, the database, the machine, the room
on the disk), the draft says that something is left to be done; doing it again changes nothing.

A message is safe, and its caller hears "saved", when sound and draft are durable on disk. The row
and the mails follow at once, or by themselves when the database is back.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Protocol
from weakref import WeakValueDictionary

import structlog

from models import voicemail
from models.delivery import CARRY_THE_SOUND
from models.errors import DatabaseError
from models.mail_outbox import QueuedMail
from models.message_files import MessageFilesError, MessageFolder
from stasis_apps.services.message_drafts import DraftMissing, MessageDrafts, NewMessage
from stasis_apps.services.message_sound import MeasuredSound, SoundBroken, measured
from stasis_apps.services.patience import while_a_caller_waits

__all__ = [
    "Finished",
    "MessageKeeper",
    "MessageRefused",
    "NewMessage",
    "NotStored",
    "RecordingGone",
    "Recordings",
    "RecordingsAway",
    "Stored",
    "TooShort",
    "Why",
]

RETRY_S: Final = 5.0
"""How often the database, Asterisk and the disk are tried while messages wait for them."""

SWEEP_S: Final = 60.0
"""How often is looked for messages that nobody has finished."""

LEAST_FREE_BYTES: Final = 32 * 1024 * 1024
"""With less on the disk no message is begun: a long one is there twice for a moment."""

log = structlog.get_logger(__name__)


class RecordingGone(Exception):
    """Asterisk has no recording of this name."""


class RecordingsAway(Exception):
    """Asterisk does not answer; whether it has the recording is not known."""


class Recordings(Protocol):
    """The recordings that Asterisk has stored."""

    async def fetch(self, name: str) -> bytes:
        """The sound, as a WAV file.

        Raises:
            RecordingGone: There is none.
            RecordingsAway: Asterisk does not answer.
        """

    async def delete(self, name: str) -> None:
        """Throw a recording away; a missing one is no fault.

        Raises:
            RecordingsAway: Asterisk does not answer.
        """


class Why(StrEnum):
    """Why a message cannot be taken; the journal's reason."""

    MAILBOX_FULL = "the mailbox is full"
    DISK = "the message cannot be written to disk"
    NOTHING_RECORDED = "nothing was recorded"
    BROKEN = "the recording cannot be read"
    TENANT_GONE = "the tenant has been removed"
    ASTERISK_AWAY = "Asterisk does not hand out the recording yet"
    """It is fetched when Asterisk answers again; the message is not lost."""

    @property
    def is_tried_again(self) -> bool:
        """Whether a recorded message waits for better times, and comes into its mailbox then."""
        return self in (Why.DISK, Why.ASTERISK_AWAY)


class MessageRefused(Exception):
    """No message can be recorded now; the caller has to be told so before the beep.

    Attributes:
        why: The reason, for the journal.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Stored:
    """The message is safe.

    Attributes:
        duration_s: How long it is.
        is_in_box: Whether it lies in its mailbox already; False while the database is away, when it
            lies on disk and comes into the mailbox by itself.
    """

    duration_s: float
    is_in_box: bool = True


@dataclass(frozen=True, slots=True)
class TooShort:
    """The caller said nothing worth keeping; it is dropped."""

    duration_s: float


@dataclass(frozen=True, slots=True)
class NotStored:
    """There is no message, or none yet; the caller hears a refusal.

    Attributes:
        why: The reason; it says, too, whether the recording is kept and tried again.
    """

    why: Why


Finished = Stored | TooShort | NotStored


class MessageKeeper:
    """Takes care of each message from before the beep until it lies in its mailbox."""

    def __init__(
        self,
        files: MessageFolder,
        recordings: Recordings,
        *,
        has_new: Callable[[int, str], None] = lambda _tenant_id, _box: None,
    ) -> None:
        """Work on the messages of one home.

        Args:
            files: Where sounds lie, ``HOME/voicemail``.
            recordings: Asterisk's.
            has_new: Told the tenant's id and the box at once when a message lies in a mailbox:
                lights the lamp, wakes the mail.
        """
        self._files = files
        self._drafts = MessageDrafts(files.folder / "pending")
        self._recordings = recordings
        self._has_new = has_new
        self._begun: set[str] = set()
        self._waiting: set[str] = set()
        self._something_waits = asyncio.Event()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def begin(self, message: NewMessage) -> None:
        """Note a message durably; recording may start when this returns.

        Raises:
            MessageRefused: The mailbox or the disk is full; the caller is told before the beep.
        """
        await self._refuse_full_box(message)
        try:
            await asyncio.to_thread(_refuse_full_disk, self._files)
            await self._drafts.put(message)
        except MessageFilesError as fault:
            log.error("message_refused", fault=str(fault), box=message.box)  # noqa: TRY400 - the operator needs the fault, not our stack
            raise MessageRefused(Why.DISK) from fault
        self._begun.add(message.id)

    async def finish(self, message_id: str) -> Finished:
        """The recording has ended: put the message into its mailbox; may be repeated.

        A task that is cancelled in here leaves nothing undone that `recover` does not do.
        """
        turn = self._turns.setdefault(message_id, asyncio.Lock())
        async with turn:
            try:
                draft = await self._drafts.get(message_id)
            except DraftMissing:
                return await self._finished_before(message_id)
            finished = await self._finish(draft)
            if await self._drafts.has(message_id):
                self._waiting.add(message_id)
                self._something_waits.set()
            else:
                self._waiting.discard(message_id)
                self._begun.discard(message_id)
            return finished

    async def forget(self, message_id: str) -> None:
        """The recording of a message will never begin; what stays of it `recover` takes away."""
        try:
            await self._drafts.forget(message_id)
        except OSError as fault:
            log.warning("message_draft_not_removed", message=message_id, fault=str(fault))
        self._begun.discard(message_id)

    async def recover(self, calls_up: Collection[str]) -> None:
        """Finish what nobody else will finish: messages of calls that are over, or that wait.

        At the start, and after each reconnect to Asterisk. A recording that still runs is left
        alone, whoever began it.

        Args:
            calls_up: The ids of the calls that run; what they have begun is theirs to finish.
        """
        for draft in await self._drafts.all():
            is_theirs = draft.id in self._begun and draft.call_id in calls_up
            if draft.id in self._waiting or not is_theirs:
                await self._recover(draft)
        try:
            await voicemail.clear_away(self._files)
        except (DatabaseError, MessageFilesError) as fault:
            log.warning("sounds_not_cleared_away", fault=str(fault))

    async def _recover(self, draft: NewMessage) -> None:
        """Finish one; whatever is wrong with it, the others come to their turn."""
        try:
            finished = await self.finish(draft.id)
        except Exception:
            log.exception("message_not_recovered", message=draft.id, box=draft.box)
        else:
            log.info("message_recovered", message=draft.id, came_to=str(finished))

    async def serve(self, calls_up: Callable[[], Collection[str]]) -> None:
        """Recover now and from time to time, soon when something waits; only a cancel ends it.

        Args:
            calls_up: Says which calls run.
        """
        while True:
            self._something_waits.clear()
            try:
                await self.recover(calls_up())
                is_done = True
            except OSError as fault:
                is_done = False
                log.warning("messages_not_recovered", fault=str(fault))
            except Exception:
                is_done = False
                log.exception("messages_not_recovered")
            if self._waiting or not is_done:
                await asyncio.sleep(RETRY_S)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._something_waits.wait(), SWEEP_S)

    async def _finish(self, draft: NewMessage) -> Finished:
        try:
            return await self._keep(draft, await self._sound(draft))
        except RecordingsAway as fault:
            log.warning("recording_not_fetched", message=draft.id, fault=str(fault))
            return NotStored(Why.ASTERISK_AWAY)
        except SoundBroken as fault:
            return await self._give_up(draft, Why.BROKEN, str(fault))
        except RecordingGone:
            return await self._give_up(draft, Why.NOTHING_RECORDED)
        except MessageFilesError as fault:
            self._say_that_the_disk_fails(draft, str(fault))
            return NotStored(Why.DISK)

    async def _keep(self, draft: NewMessage, sound: MeasuredSound) -> Finished:
        if sound.duration_s < draft.shortest_s:
            await self._forget(draft)
            return TooShort(sound.duration_s)
        await self._files.put(draft.tenant_id, draft.id, sound.wav)
        try:
            is_in_box = await self._put_into_box(draft, sound.duration_s)
        except DatabaseError as fault:
            log.warning("message_waits_for_database", message=draft.id, fault=str(fault))
            return Stored(sound.duration_s, is_in_box=False)
        if not is_in_box:
            return await self._give_up(draft, Why.TENANT_GONE)
        await self._forget(draft)
        self._has_new(draft.tenant_id, draft.box)
        return Stored(sound.duration_s)

    async def _sound(self, draft: NewMessage) -> MeasuredSound:
        """Take the sound from where an earlier attempt has put it, else from Asterisk."""
        if await self._files.has(draft.tenant_id, draft.id):
            wav = await self._files.read(draft.tenant_id, draft.id)
        else:
            wav = await self._recordings.fetch(draft.recording)
        return await asyncio.to_thread(measured, wav)

    async def _put_into_box(self, draft: NewMessage, duration_s: float) -> bool:
        mails = [
            QueuedMail(
                recipient=recipient,
                mail_id=f"<{draft.id}.{place}@{draft.domain}>",
                format=draft.format,
            )
            for place, recipient in enumerate(draft.recipients, start=1)
        ]
        message = voicemail.ReceivedMessage(
            id=draft.id,
            tenant_id=draft.tenant_id,
            box=draft.box,
            caller_number=draft.caller_number,
            caller_name=draft.caller_name,
            call_id=draft.call_id,
            received_at=draft.received_at,
            duration_s=duration_s,
            language=draft.language,
            is_deleted_after_mail=draft.delete_after_mail and draft.format in CARRY_THE_SOUND,
            home=await self._files.home_id(),
            file=self._files.path(draft.tenant_id, draft.id).name,
            mails=mails,
        )
        keeping = voicemail.keep_message(message, at=datetime.now(UTC))
        return await while_a_caller_waits(keeping)

    async def _finished_before(self, message_id: str) -> Finished:
        duration_s = None
        try:
            asking = voicemail.duration_of(message_id=message_id)
            duration_s = await while_a_caller_waits(asking)
        except DatabaseError as fault:
            log.warning("message_not_looked_up", message=message_id, fault=str(fault))
        return NotStored(Why.NOTHING_RECORDED) if duration_s is None else Stored(duration_s)

    def _say_that_the_disk_fails(self, draft: NewMessage, fault: str) -> None:
        """Loudly once; Asterisk's recording and the draft stay until there is room."""
        tell = log.warning if draft.id in self._waiting else log.error
        tell("message_waits_for_the_disk", message=draft.id, box=draft.box, fault=fault)

    async def _give_up(self, draft: NewMessage, why: Why, fault: str = "") -> NotStored:
        """There will be no message; nothing of it stays behind."""
        log.error("message_not_stored", message=draft.id, box=draft.box, why=why.value, fault=fault)
        with contextlib.suppress(MessageFilesError):  # the log says already what the disk has
            await self._files.remove(draft.tenant_id, draft.id)
        await self._forget(draft)
        return NotStored(why)

    async def _forget(self, draft: NewMessage) -> None:
        """Remove Asterisk's copy, then the draft; what cannot go now is removed another time."""
        try:
            await self._recordings.delete(draft.recording)
            await self._drafts.forget(draft.id)
        except (RecordingsAway, OSError) as fault:
            log.warning("recording_not_deleted", message=draft.id, fault=str(fault))

    async def _refuse_full_box(self, message: NewMessage) -> None:
        if not message.max_messages:
            return
        try:
            counting = voicemail.counts(tenant_id=message.tenant_id, box=message.box)
            found = await while_a_caller_waits(counting)
        except DatabaseError as fault:
            log.warning("mailbox_not_counted", box=message.box, fault=str(fault))
            return
        if found.new + found.old >= message.max_messages:
            raise MessageRefused(Why.MAILBOX_FULL)


def _refuse_full_disk(files: MessageFolder) -> None:
    try:
        files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(files.folder).free
    except OSError as fault:
        raise MessageFilesError(f"{files.folder} cannot be used: {fault.strerror}") from fault
    if free < LEAST_FREE_BYTES:
        raise MessageFilesError(f"{files.folder} has only {free} bytes left")
