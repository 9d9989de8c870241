"""The postman: takes mails out of the outbox, hands them to the mail server, and notes the answer.

Each mail is sent once. An attempt is committed before it begins (counted, and the mail taken away
from any other sender); what a process had in hand when it died is repeated by the only one of its
home that comes after it, or after a while. When the server has taken a mail, a mark is written to
disk before anything else, then the outbox is told: a database that is away, or a process that ends
there, does not send it again. What remains is the instant between the server's answer and the mark
on disk, and an answer that is lost on the network; after those the mail goes out a second time,
with the same Message-ID, by which mailboxes drop it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Final

import structlog

from models import mail_outbox, voicemail
from models.delivery import CARRY_THE_SOUND, MailFormat
from models.errors import ModelsError
from models.mail_outbox import NOT_REACHED, NOT_WRITTEN, ClaimedMail
from models.message_files import MessageFilesError, MessageFolder, write_durably
from stasis_apps.services.links import LINK_LIFE, Links
from stasis_apps.services.mail_text import AttachedSound, Link, write_mail
from stasis_apps.services.message_sound import SoundBroken, as_mp3
from stasis_apps.services.smtp import Answer, Never, NotNow, NotReached, Taken, hand_over
from stasis_apps.settings import MailServer

WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long after each of the first attempts the next one comes."""

LONGEST_WAIT: Final = timedelta(hours=6)
LONGEST_UNREACHED_WAIT: Final = timedelta(minutes=15)
"""Asking our own mail server whether it is back is cheap."""

GIVE_UP_AFTER: Final = timedelta(days=4)
LEASE: Final = timedelta(minutes=15)
"""After this long an attempt counts as that of a process that died; longer than any attempt.

The process that comes after it does not wait so long when it is the only one of its home.
"""

AT_ONCE: Final = 4
"""How many mails are handed over at the same time."""

POLL_S: Final = 5.0
"""How often the outbox is looked into when nobody says that there is something new."""

UNREACHED_PAUSE_S: Final = 20.0

END_LIMIT_S: Final = 3.0
"""How long the end of the process waits for mails that are just being handed over."""

_TAKEN_BEFORE: Final = 250

log = structlog.get_logger(__name__)


class MailSender:
    """Sends the mails of one home's messages."""

    def __init__(
        self,
        server: MailServer,
        files: MessageFolder,
        links: Links,
        *,
        has_gone: Callable[[int, str], None] = lambda _tenant_id, _box: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Send by a mail server.

        Args:
            server: Which.
            files: Where sounds lie.
            links: Makes links to them.
            has_gone: Told the tenant's id and the box when a message has left its mailbox because
                its mails are sent: the lamp may go out.
            now: What time it is.
        """
        self._server = server
        self._files = files
        self._links = links
        self._has_gone = has_gone
        self._now = now
        self._marks = _SentMarks(files)
        self._wanted = asyncio.Event()
        self._is_back_to_be_told = True
        self._is_anything_left_behind = True

    def wake(self) -> None:
        """There is a new mail: send it now."""
        self._wanted.set()

    async def serve(self) -> None:
        """Send what is due, as it becomes due, until cancelled; nothing ends this."""
        with contextlib.suppress(ModelsError):  # the next round says what is wrong
            await mail_outbox.hurry_unreached(home=await self._files.home_id(), at=self._now())
        async with only_sender(self._files.folder) as is_only:
            while True:
                self._wanted.clear()
                pause_s = await self._round(is_only=is_only)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wanted.wait(), pause_s)

    async def send_due(self) -> bool:
        """Try every mail that is due now, until none is or the mail server cannot be reached.

        Returns:
            Whether the mail server was there.

        Raises:
            ModelsError: The database is away, or the home cannot be used.
        """
        home = await self._files.home_id()
        while ids := await mail_outbox.due(home=home, at=self._now(), limit=AT_ONCE):
            for first in range(0, len(ids), AT_ONCE):
                if not await self._try(home, ids[first : first + AT_ONCE]):
                    return False
        return True

    async def _try(self, home: str, ids: Sequence[int]) -> bool:
        """Try some mails; whether the mail server was there."""
        tried = await self._attempts(ids)
        if any(isinstance(one, NotReached) for one in tried):
            self._is_back_to_be_told = True
            return False
        if self._is_back_to_be_told and any(tried):
            self._is_back_to_be_told = False
            await mail_outbox.hurry_unreached(home=home, at=self._now())
        return True

    async def _round(self, *, is_only: bool) -> float:
        try:
            if is_only and self._is_anything_left_behind:
                await mail_outbox.release_claimed(home=await self._files.home_id(), at=self._now())
                self._is_anything_left_behind = False
            return POLL_S if await self.send_due() else UNREACHED_PAUSE_S
        except ModelsError as fault:
            log.warning("outbox_not_read", fault=str(fault))
        except Exception:
            log.exception("mail_round_failed")
        self._is_anything_left_behind = True
        return UNREACHED_PAUSE_S

    async def _attempts(self, delivery_ids: Sequence[int]) -> list[Answer | None]:
        """Try some mails at once.

        When this process is told to end, what a mail server is just taking is brought to its end:
        nobody would know whether it was taken.
        """
        attempts = [asyncio.create_task(self._attempt(one)) for one in delivery_ids]
        try:
            await asyncio.wait(attempts)
        except asyncio.CancelledError:
            _, late = await asyncio.wait(attempts, timeout=END_LIMIT_S)
            for attempt in late:
                attempt.cancel()
            await asyncio.gather(*attempts, return_exceptions=True)
            raise
        faults = [fault for one in attempts if (fault := one.exception()) is not None]
        for fault in faults:
            raise fault
        return [attempt.result() for attempt in attempts]

    async def _attempt(self, delivery_id: int) -> Answer | None:
        mail = await mail_outbox.claim(delivery_id, at=self._now(), lease=LEASE)
        if mail is None:
            return None
        if await self._marks.has(mail):
            answer: Answer = Taken(_TAKEN_BEFORE)
        else:
            answer = await self._send(mail)
        await self._note(mail, answer)
        return answer

    async def _send(self, mail: ClaimedMail) -> Answer:
        sender = self._server.sender or _own_address(self._server) or f"voicemail@{mail.domain}"
        try:
            sound, link = await self._sound_of(mail)
            compose = partial(write_mail, sender=sender, now=self._now(), sound=sound, link=link)
            written = await asyncio.to_thread(compose, mail)
        except MessageFilesError as fault:
            log.error("mail_without_sound", message=mail.message_id, fault=str(fault))  # noqa: TRY400 - the operator needs the fault, not our stack
            return NotNow(NOT_WRITTEN, str(fault))
        except Exception as fault:
            log.exception("mail_not_written", message=mail.message_id)
            return NotNow(NOT_WRITTEN, f"the mail cannot be written: {fault}")
        return await hand_over(self._server, written, sender=sender, recipient=mail.recipient)

    async def _sound_of(self, mail: ClaimedMail) -> tuple[AttachedSound | None, Link | None]:
        if mail.format is MailFormat.LINK:
            now = self._now()
            url = self._links.url(mail.tenant_id, mail.message_id, now=now)
            return None, Link(url, now + LINK_LIFE)
        if mail.format not in CARRY_THE_SOUND:
            return None, None
        wav = await self._files.read(mail.tenant_id, mail.message_id)
        if mail.format is MailFormat.MP3:
            try:
                return AttachedSound(await asyncio.to_thread(as_mp3, wav), "mp3"), None
            except SoundBroken as fault:
                log.warning("mail_not_in_mp3", message=mail.message_id, fault=str(fault))
        return AttachedSound(wav, "wav"), None

    async def _note(self, mail: ClaimedMail, answer: Answer) -> None:
        match answer:
            case Taken(status):
                await self._note_sent(mail, status)
            case NotNow(status, error):
                await self._try_again(mail, status, error, LONGEST_WAIT)
            case NotReached(error):
                await self._try_again(mail, NOT_REACHED, error, LONGEST_UNREACHED_WAIT)
            case Never(status, error):
                await self._bounce(mail, status, error)

    async def _note_sent(self, mail: ClaimedMail, status: int) -> None:
        await self._marks.put(mail)
        has_gone = await mail_outbox.mark_sent(mail.id, at=self._now(), status=status)
        await self._marks.forget(mail)
        log.info("mail_sent", message=mail.message_id, attempts=mail.attempts)
        try:
            await voicemail.clear_away(self._files, message_id=mail.message_id)
        except MessageFilesError as fault:
            log.warning("sound_not_cleared_away", fault=str(fault))
        if has_gone:
            self._has_gone(mail.tenant_id, mail.box)

    async def _try_again(
        self, mail: ClaimedMail, status: int, error: str, longest: timedelta
    ) -> None:
        until = self._now() + wait_after(mail.attempts, longest)
        if until > mail.queued_at + GIVE_UP_AFTER and mail.attempts > len(WAITS):
            await self._bounce(mail, status, f"given up after {GIVE_UP_AFTER.days} days: {error}")
            return
        await mail_outbox.mark_deferred(mail.id, until=until, status=status, error=error)
        log.warning("mail_deferred", message=mail.message_id, until=until.isoformat(), fault=error)

    async def _bounce(self, mail: ClaimedMail, status: int, error: str) -> None:
        await mail_outbox.mark_bounced(mail.id, at=self._now(), status=status, error=error)
        log.error("mail_bounced", message=mail.message_id, attempts=mail.attempts, fault=error)
        with contextlib.suppress(MessageFilesError):  # looked at again by the message keeper
            await voicemail.clear_away(self._files, message_id=mail.message_id)


class _SentMarks:
    """Which mails the server has taken while the outbox does not know it yet; survives a crash."""

    def __init__(self, files: MessageFolder) -> None:
        self._folder = files.folder / "sent"

    async def put(self, mail: ClaimedMail) -> None:
        try:
            await asyncio.to_thread(write_durably, self._path(mail), mail.mail_id.encode())
        except MessageFilesError as fault:
            log.warning("mail_not_marked_sent", message=mail.message_id, fault=str(fault))

    async def has(self, mail: ClaimedMail) -> bool:
        return await asyncio.to_thread(self._is_there, mail)

    async def forget(self, mail: ClaimedMail) -> None:
        with contextlib.suppress(OSError):  # a mark too many is of one Message-ID: it does no harm
            await asyncio.to_thread(self._path(mail).unlink, missing_ok=True)

    def _is_there(self, mail: ClaimedMail) -> bool:
        try:
            return self._path(mail).read_bytes() == mail.mail_id.encode()
        except OSError:
            return False

    def _path(self, mail: ClaimedMail) -> Path:
        return self._folder / f"{mail.message_id}.{mail.id}"


def wait_after(attempts: int, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """How long a mail waits after so many attempts, the one that has just failed included."""
    return min(longest, WAITS[attempts - 1] if attempts <= len(WAITS) else LONGEST_WAIT)


@contextlib.asynccontextmanager
async def only_sender(folder: Path) -> AsyncIterator[bool]:
    """Be the process that sends this home's mails, until the block or the process ends.

    Yields:
        Whether there is no other one; then what was being handed over is nobody's any more.
    """
    lock = None
    try:
        lock = await asyncio.to_thread(_locked, folder)
    except OSError as fault:
        log.warning("mail_sender_not_alone", fault=str(fault))
    with contextlib.closing(lock) if lock is not None else contextlib.nullcontext():
        yield lock is not None


def _locked(folder: Path) -> IO[bytes]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (folder / "sender.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise
    return lock


def _own_address(server: MailServer) -> str:
    return server.username if "@" in server.username else ""
